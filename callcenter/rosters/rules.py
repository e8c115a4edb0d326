"""What a shift, an absence and an officer must be to stand in a roster. Pure.

Every rule returns what is wrong, or None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from callcenter.rosters.model import ROLES, Absence, Officer, Shift

LONGEST_SHIFT = timedelta(days=31)
LONGEST_ABSENCE = timedelta(days=400)
LANGUAGES = ("en", "ko", "zh")


def stretch(start: datetime, end: datetime, longest: timedelta, what: str) -> str | None:
    """Whether a stretch of time can be a shift or an absence."""
    if end <= start:
        return f"the {what} ends before it begins ({_told(start)} to {_told(end)})"
    if end - start > longest:
        return f"the {what} is longer than {longest.days} days"
    return None


def shift(
    new: Shift,
    others: Iterable[Shift],
    officers: Mapping[str, Officer],
    precincts: frozenset[str] | None,
) -> str | None:
    """Whether a shift can stand beside the others of its officer."""
    if new.officer not in officers:
        return unknown_officer(new.officer, officers)
    if new.role not in ROLES:
        return f"role {new.role[:32]!r}: expected one of {', '.join(ROLES)}"
    if precincts is not None and new.precinct not in precincts:
        return f"no precinct {new.precinct[:64]!r} in the boundaries"
    wrong = stretch(new.start, new.end, LONGEST_SHIFT, "shift")
    if wrong:
        return wrong
    for other in others:
        if other.officer == new.officer and other.overlaps(new.start, new.end):
            return (
                f"the shift overlaps another one of officer {new.officer} "
                f"({_told(other.start)} to {_told(other.end)}, precinct {other.precinct})"
            )
    return None


def absence(new: Absence, officers: Mapping[str, Officer]) -> str | None:
    """Whether an absence can stand."""
    if new.officer not in officers:
        return unknown_officer(new.officer, officers)
    if not new.why:
        return "the absence has no reason"
    return stretch(new.start, new.end, LONGEST_ABSENCE, "absence")


def officer(new: Officer, precincts: frozenset[str] | None) -> str | None:
    """Whether an officer can stand, numbers apart."""
    if not new.name.strip():
        return f"officer {new.id}: no name"
    if new.role not in ROLES:
        return f"role {new.role[:32]!r}: expected one of {', '.join(ROLES)}"
    if new.language is not None and new.language not in LANGUAGES:
        return f"language {new.language[:32]!r}: expected one of {', '.join(LANGUAGES)}"
    if precincts is not None and new.precinct not in precincts:
        return f"no precinct {new.precinct[:64]!r} in the boundaries"
    if not new.numbers:
        return f"officer {new.id} has no number"
    return None


def unknown_officer(officer_id: str, officers: Mapping[str, Officer]) -> str:
    """What is said of an officer who is not there."""
    some = ", ".join(sorted(officers)[:8]) or "(none)"
    more = f" and {len(officers) - 8} more" if len(officers) > 8 else ""
    return f"no officer {officer_id[:64]!r}; there are {some}{more}"


def _told(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")
