"""From journal entries to what became of each call and what each seat did. Pure.

Entries are fed in the order of the journal, once each. What `CallOutcome` asks for is in them:

- ``call.arrived`` (or ``call.adopted``, when an arrival was missed) begins a call; ``ms`` in every
  payload counts from its first INVITE.
- ``ladder.answered`` is the moment when caller and agent were on the bridge, ``call.conversed``
  that both were heard there, ``ladder.both_heard`` the same for an officer.
- ``call.divert_taken``: somebody at another site took it.
- ``leg.joined`` and ``leg.left`` of operators are the time they talked.
- ``call.ended`` ends it. An end that nobody saw (`UNSEEN`) makes a call neither answered nor
  abandoned, unless it was answered before.
- ``call.called_back`` marks a call that the house made: such calls are in no figure.
- ``seat.changed`` is what a seat does from then on, ``service.started`` that nothing is known of
  the time before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from acd.figures import CallOutcome
from callcenter.figures.seats import SeatTimes
from callcenter.store.journal_pages import JournalRow

UNSEEN: Final = frozenset({"gone from Asterisk", "ended while the service was away"})
"""Why a call is over whose end nobody saw: it may have been answered meanwhile."""

KINDS: Final = frozenset(
    {
        "call.arrived",
        "call.adopted",
        "call.called_back",
        "call.conversed",
        "call.divert_taken",
        "call.ended",
        "call.offer_ended",
        "ladder.answered",
        "ladder.both_heard",
        "leg.joined",
        "leg.left",
        "seat.changed",
        "service.started",
        "service.stopped",
    }
)
"""Kinds of entries that matter here; the rest need not be read."""

NOT_MISSED: Final = frozenset({"", "ANSWER", "CANCEL"})
"""Ends of an offer that are not the phone's fault: answered, or the caller has left."""

PLACE_DIGITS: Final = 4
"""Of a degree: places so equal, some 10 m, are one place."""


@dataclass(slots=True)
class Life:
    """What is known so far of one call; times in ms from its first INVITE."""

    call_id: str
    arrived_s: float
    line: str
    queue: str
    caller: str
    origin: str = ""
    """Where the network says that they called from; empty: it does not say."""
    outgoing: bool = False
    adopted: bool = False
    seat: str = ""
    agent_seen: bool = False
    answered_ms: float | None = None
    conversed: bool = False
    to_officer_ms: float | None = None
    talking: dict[str, float] = field(default_factory=dict)
    """Operators' legs on the bridge, with when each joined."""
    talk_since_ms: float | None = None
    talk_ms: float = 0.0
    wrap_up_ms: float | None = None
    ring_no_answers: int = 0
    ended_ms: float | None = None
    unseen_end: bool = False
    place: str = ""

    @property
    def answered(self) -> bool:
        """Whether the caller and an agent, or an officer, were heard: being connected is not it."""
        return self.agent_seen and (self.conversed or self.to_officer_ms is not None)

    def outcome(self) -> CallOutcome:
        """What became of it, as far as that is known by now."""
        abandoned = self.ended_ms is not None and not self.unseen_end and not self.agent_seen
        answered = self.answered
        wait_ms = self.ended_ms if abandoned else None
        if answered:
            # An officer may have come while no seat was there.
            wait_ms = self.to_officer_ms if self.answered_ms is None else self.answered_ms
        return CallOutcome(
            call_id=self.call_id,
            arrived_s=self.arrived_s,
            answered=answered,
            abandoned=abandoned,
            wait_ms=wait_ms,
            answered_ms=self.answered_ms,
            to_officer_ms=self.to_officer_ms,
            talk_ms=self.talk_ms if self.talk_ms > 0 else None,
            wrap_up_ms=self.wrap_up_ms,
            ring_no_answers=self.ring_no_answers,
            line=self.line,
            queue=self.queue,
            seat=self.seat,
            caller=self.caller,
            place=self.place,
        )


class Lives:
    """Calls and seats by what the journal says. Feed it, then ask."""

    def __init__(self) -> None:
        self._calls: dict[str, Life] = {}
        self._last_call_of: dict[str, Life] = {}
        """By seat: the call that its wrap-up belongs to."""
        self._wrap_up_since: dict[str, float] = {}
        self.seats = SeatTimes()

    def __len__(self) -> int:
        return len(self._calls)

    def feed(self, row: JournalRow) -> None:
        """Take one entry; what does not fit is passed over, since figures must go on."""
        at_s = row.at.timestamp()
        if row.kind == "service.started":
            # Whatever was going on when the service died, it is known until its last entry only.
            self.seats.unknown()
        self.seats.seen(at_s)
        match row.kind:
            case "seat.changed":
                self._seat_changed(row.payload, at_s)
            case "service.started" | "service.stopped":
                self.seats.unknown()
                self._wrap_up_since.clear()
            case _ if row.call_id is None:
                pass
            case "call.arrived" | "call.adopted" | "call.called_back":
                self._began(row, row.call_id, at_s)
            case _:
                life = self._calls.get(row.call_id)
                if life is not None:
                    self._went_on(life, row)

    def outcomes(self, since_s: float, until_s: float) -> list[CallOutcome]:
        """The calls that arrived in [since, until), oldest first; seconds of the Unix epoch."""
        lives = [
            life
            for life in self._calls.values()
            if since_s <= life.arrived_s < until_s and not life.outgoing
        ]
        return [life.outcome() for life in sorted(lives, key=lambda life: life.arrived_s)]

    def arrived(self, since_s: float, until_s: float) -> int:
        """How many calls arrived in [since, until); seconds of the Unix epoch."""
        return sum(
            since_s <= life.arrived_s < until_s and not life.outgoing
            for life in self._calls.values()
        )

    def of(self, call_id: str) -> Life | None:
        """One call."""
        return self._calls.get(call_id)

    def forget_before(self, moment_s: float) -> None:
        """Let go of calls that arrived before, and of what seats did before."""
        for call_id, life in list(self._calls.items()):
            if life.arrived_s < moment_s:
                del self._calls[call_id]
        self.seats.forget_before(moment_s)

    def _began(self, row: JournalRow, call_id: str, at_s: float) -> None:
        payload = row.payload
        life = self._calls.get(call_id)
        if life is None:
            life = self._calls[call_id] = Life(
                call_id,
                arrived_s=at_s - _number(payload, "ms") / 1000,
                line=_text(payload, "line"),
                queue=_text(payload, "queue"),
                caller=_text(payload, "from"),
                origin=_text(payload, "origin"),
                adopted=row.kind == "call.adopted",
            )
        life.outgoing = life.outgoing or row.kind == "call.called_back"

    def _went_on(self, life: Life, row: JournalRow) -> None:
        payload = row.payload
        match row.kind:
            case "ladder.answered":
                life.agent_seen = True
                life.answered_ms = _number(payload, "ms")
            case "ladder.both_heard":
                life.agent_seen = True
                life.to_officer_ms = _number(payload, "ms")
            case "call.conversed":
                life.agent_seen = life.conversed = True
                life.seat = life.seat or _text(payload, "seat")
            case "call.divert_taken":
                life.agent_seen = True
            case "call.offer_ended":
                life.ring_no_answers += _text(payload, "why") not in NOT_MISSED
            case "leg.joined":
                self._joined(life, payload)
            case "leg.left":
                _left(life, _text(payload, "leg"), _number(payload, "ms"))
            case "call.ended":
                _ended(life, payload)

    def _joined(self, life: Life, payload: dict[str, Any]) -> None:
        role, party = _text(payload, "role"), _text(payload, "party")
        if role == "caller":
            return
        life.agent_seen = True
        if role == "operator":
            ms = _number(payload, "ms")
            life.seat = life.seat or party
            life.talking.setdefault(_text(payload, "leg"), ms)
            if life.talk_since_ms is None:
                life.talk_since_ms = ms
            self._last_call_of[party] = life

    def _seat_changed(self, payload: dict[str, Any], at_s: float) -> None:
        seat, state = _text(payload, "seat"), _text(payload, "state")
        self.seats.changed(seat, state, at_s)
        since_s = self._wrap_up_since.pop(seat, None)
        life = self._last_call_of.get(seat)
        if since_s is not None and life is not None:
            life.wrap_up_ms = (life.wrap_up_ms or 0) + max(0.0, at_s - since_s) * 1000
        if state == "wrap_up":
            self._wrap_up_since[seat] = at_s


def _left(life: Life, leg: str, ms: float) -> None:
    if life.talking.pop(leg, None) is not None and not life.talking:
        until_ms = ms if life.ended_ms is None else min(ms, life.ended_ms)
        life.talk_ms += max(0.0, until_ms - (life.talk_since_ms or 0))
        life.talk_since_ms = None


def _ended(life: Life, payload: dict[str, Any]) -> None:
    ms = _number(payload, "ms")
    for leg in list(life.talking):
        _left(life, leg, ms)
    life.ended_ms = ms
    life.unseen_end = _text(payload, "why") in UNSEEN
    life.queue = _text(payload, "queue") or life.queue
    life.place = _place(payload)


def _place(payload: dict[str, Any]) -> str:
    lat, lon = payload.get("lat"), payload.get("lon")
    if isinstance(lat, int | float) and isinstance(lon, int | float):
        return f"{lat:.{PLACE_DIGITS}f},{lon:.{PLACE_DIGITS}f}"
    return " ".join(_text(payload, "place").casefold().split())


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def _number(payload: dict[str, Any], name: str) -> float:
    value = payload.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
