"""What a file wants in a roster, line by line; whether it can stand; what is new of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from callcenter.rosters import rules
from callcenter.rosters.errors import Fault, FileRefused
from callcenter.rosters.model import Absence, Officer, Shift

MOST_FAULTS = 100
Entry = Officer | Shift | Absence


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry of a file, and the line that it begins at. ``cancelled``: it is to be gone."""

    line: int
    entry: Entry
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: ``before`` gives way to ``entry``; None: nothing was, or is to be."""

    before: Entry | None
    entry: Entry | None


@dataclass(slots=True)
class Settled:
    """What a file comes to."""

    steps: list[Step] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def counts(self) -> dict[str, int]:
        """How much of the file is new."""
        return {name: getattr(self, name) for name in ("added", "changed", "removed", "unchanged")}


def settle(
    wanted: Sequence[Wanted],
    officers: Mapping[str, Officer],
    shifts: Sequence[Shift],
    absences: Sequence[Absence],
    precincts: frozenset[str] | None,
) -> Settled:
    """What is to be done so that everything of a file stands, beside what stands already.

    Raises:
        FileRefused: with every line that cannot stand.
    """
    faults: list[Fault] = []
    done = Settled()
    known = dict(officers)
    # Whoever is new in the file can have shifts in it.
    for each in wanted:
        if isinstance(each.entry, Officer):
            wrong = rules.officer(each.entry, precincts)
            if wrong:
                faults.append(Fault(each.line, wrong))
            _count(done, known.get(each.entry.id), each.entry)
            known[each.entry.id] = each.entry
    present = _Present([*shifts, *absences])
    left = {each.id: each for each in shifts}
    # What a changed entry was must not stand in the way of what another one becomes.
    for each in wanted:
        if isinstance(each.entry, Officer):
            continue
        old = present.same_as(each.entry)
        if isinstance(old, Shift):
            left.pop(old.id, None)
        if old is None:
            if not each.cancelled:
                done.steps.append(Step(None, each.entry))
                done.added += 1
        elif each.cancelled:
            done.steps.append(Step(old, None))
            done.removed += 1
        elif _value(old) != _value(each.entry):
            done.steps.append(Step(old, replace(each.entry, id=old.id)))
            done.changed += 1
        else:
            done.unchanged += 1
    beside: dict[str, list[Shift]] = {}
    for shift in left.values():
        beside.setdefault(shift.officer, []).append(shift)
    named: dict[tuple[object, ...], int] = {}
    for each in wanted:
        entry = each.entry
        if isinstance(entry, Officer) or each.cancelled:
            continue
        identity = ("key", entry.key) if entry.key is not None else _value(entry)
        twice = named.setdefault(identity, each.line)
        if twice != each.line:
            faults.append(Fault(each.line, f"the same as in line {twice}"))
            continue
        if isinstance(entry, Absence):
            wrong = rules.absence(entry, known)
        else:
            own = beside.setdefault(entry.officer, [])
            wrong = rules.shift(entry, own, known, precincts)
            own.append(entry)
        if wrong:
            faults.append(Fault(each.line, wrong))
    if faults:
        raise FileRefused(sorted(faults, key=lambda fault: fault.line)[:MOST_FAULTS])
    return done


class _Present:
    """What stands already, found by a calendar's key or, without one, by all that it says."""

    def __init__(self, entries: Sequence[Shift | Absence]) -> None:
        self._by_key = {each.key: each for each in entries if each.key is not None}
        self._by_value = {_value(each): each for each in entries}

    def same_as(self, entry: Shift | Absence) -> Shift | Absence | None:
        old = self._by_key.get(entry.key) if entry.key is not None else None
        if old is not None and type(old) is type(entry):
            return old
        alike = self._by_value.get(_value(entry))
        # One of another calendar entry is not this one.
        return alike if alike is None or None in (alike.key, entry.key) else None


def _count(done: Settled, before: Officer | None, after: Officer) -> None:
    if before == after:
        done.unchanged += 1
        return
    done.steps.append(Step(before, after))
    if before is None:
        done.added += 1
    else:
        done.changed += 1


def _value(entry: Shift | Absence) -> tuple[object, ...]:
    if isinstance(entry, Shift):
        return (Shift, entry.officer, entry.precinct, entry.role, entry.start, entry.end)
    return (Absence, entry.officer, entry.why, entry.start, entry.end)
