"""From journal entries to what became of each hunt for an officer. Pure.

Entries are fed in the order of the journal, once each:

- ``call.arrived`` (or ``call.adopted``) begins a call; ``call.called_back`` marks one that the
  house made, which is in no figure.
- ``officer.hunt`` is the moment when somebody asked for an officer, ``officer.ring`` a phone that
  is rung, with its rung of the ladder, ``officer.took`` the key 1.
- ``officer.result`` is what came of a phone; a phone without one was still ringing when the
  service died, and nobody knows.
- ``ladder.both_heard`` is the moment when caller and officer had both been heard.
- ``tripwire.called`` calls an operator back onto a line.
- ``call.ended`` says what the call was about, and where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from callcenter.store.journal_pages import JournalRow

KINDS: Final = frozenset(
    {
        "call.arrived",
        "call.adopted",
        "call.called_back",
        "call.ended",
        "ladder.both_heard",
        "officer.hunt",
        "officer.result",
        "officer.ring",
        "officer.took",
        "tripwire.called",
    }
)
"""Kinds of entries that matter here."""


@dataclass(slots=True)
class Phone:
    """One ringing of one officer's phone."""

    officer: str
    rung: str
    outcome: str = ""
    """As `callcenter.precincts.hunt.Outcome`; empty: not known, or not yet."""
    distance_m: float | None = None
    """From the officer to the place, when both were known."""
    nearest_m: float | None = None
    """The same of the nearest officer on duty."""


@dataclass(slots=True)
class HuntLife:
    """What is known of the hunts of one call; times in ms from its first INVITE."""

    call_id: str
    arrived_s: float
    line: str
    asked_ms: float | None = None
    """When an officer was first asked for."""
    phones: dict[str, Phone] = field(default_factory=dict)
    """By attempt, in the order in which they rang."""
    taken_by: Phone | None = None
    heard_ms: float | None = None
    tripwires: int = 0
    ended: bool = False
    outgoing: bool = False
    category: str = ""
    level: str = ""
    precinct: str = ""


class OfficerLives:
    """Hunts by what the journal says. Feed it, then ask."""

    def __init__(self) -> None:
        self._calls: dict[str, HuntLife] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def feed(self, row: JournalRow) -> None:
        """Take one entry; what does not fit is passed over, since figures must go on."""
        if row.call_id is None:
            return
        if row.kind in {"call.arrived", "call.adopted", "call.called_back"}:
            self._began(row, row.call_id)
        elif life := self._calls.get(row.call_id):
            _went_on(life, row)

    def hunts(self, since_s: float, until_s: float) -> list[HuntLife]:
        """Calls that arrived in [since, until) for which a phone rang, oldest first."""
        lives = [
            life
            for life in self._calls.values()
            if since_s <= life.arrived_s < until_s and life.phones and not life.outgoing
        ]
        return sorted(lives, key=lambda life: life.arrived_s)

    def _began(self, row: JournalRow, call_id: str) -> None:
        life = self._calls.get(call_id)
        if life is None:
            arrived_s = row.at.timestamp() - (_number(row.payload, "ms") or 0.0) / 1000
            life = HuntLife(call_id, arrived_s, _text(row.payload, "line"))
            self._calls[call_id] = life
        life.outgoing = life.outgoing or row.kind == "call.called_back"


def _went_on(life: HuntLife, row: JournalRow) -> None:
    payload = row.payload
    match row.kind:
        case "officer.hunt" if life.asked_ms is None:
            life.asked_ms = (row.at.timestamp() - life.arrived_s) * 1000
        case "officer.ring":
            phone = Phone(_text(payload, "officer"), _text(payload, "rung"))
            life.phones[_text(payload, "attempt")] = phone
        case "officer.took":
            officer = _text(payload, "officer")
            rung = [phone for phone in life.phones.values() if phone.officer == officer]
            if rung and life.heard_ms is None:
                life.taken_by = rung[-1]
        case "officer.result":
            phone_known = life.phones.get(_text(payload, "attempt"))
            if phone_known is not None:
                phone_known.outcome = _text(payload, "outcome")
                phone_known.distance_m = _number(payload, "distance_m")
                phone_known.nearest_m = _number(payload, "nearest_m")
        case "ladder.both_heard":
            life.heard_ms = _number(payload, "ms")
        case "tripwire.called":
            life.tripwires += 1
        case "call.ended":
            life.ended = True
            life.category = _text(payload, "category")
            life.level = _text(payload, "level")
            life.precinct = _text(payload, "precinct")


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def _number(payload: dict[str, Any], name: str) -> float | None:
    value = payload.get(name)
    return float(value) if isinstance(value, int | float) else None
