"""A hunt as it is written on the caller's channel, so that it outlives the service.

``OFFICER_COMING`` is what the dialplan looks at when a caller is alone: anything but nothing means
that an officer's phone rings. A restarted service reads there whom the one before had rung and
whom it had not yet: ``HUNT*ASKED*ASKED*…``, each ``RUNG:OFFICER:PHONE``, with ``+`` in front of a
phone that rang.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.precincts.hunt import HUNT_ID, Candidate, Hunt, Rung

VARIABLE: Final = "OFFICER_COMING"
_ASKED: Final = re.compile(r"(\+?)([a-z]+):([A-Za-z0-9_.-]{1,64}):([A-Za-z0-9_.+-]{1,64})")


@dataclass(frozen=True, slots=True)
class Coming:
    """What is known of a hunt that another process ran."""

    hunt_id: str
    rang: Mapping[str, Candidate]
    """By phone."""
    left: tuple[Candidate, ...]
    """Who has not been rung; a candidate for each phone."""


def written(hunt: Hunt) -> str:
    """A hunt as `read` takes it."""
    rang = [f"+{_asked(attempt.candidate, attempt.phone)}" for attempt in hunt.rang]
    return "*".join([hunt.hunt_id, *rang, *(_asked(*each) for each in hunt.left)])


def read(text: str) -> Coming | None:
    """What was written; None when it is no hunt."""
    hunt_id, *parts = text.split("*")
    if not parts or not HUNT_ID.fullmatch(hunt_id):
        return None
    rang: dict[str, Candidate] = {}
    left: list[Candidate] = []
    for part in parts:
        found = _ASKED.fullmatch(part)
        if found is None or found[2] not in set(Rung):
            return None
        candidate = Candidate(found[3], Rung(found[2]), (found[4],))
        if found[1]:
            rang[found[4]] = candidate
        else:
            left.append(candidate)
    return Coming(hunt_id, rang, tuple(left))


def _asked(candidate: Candidate, phone: str) -> str:
    return f"{candidate.rung.value}:{candidate.officer_id}:{phone}"
