"""What a run's packets tell: how soon a freed seat rings again, how soon a caller's seat rings.

All functions take the messages that passed Asterisk's SIP port, in the order of their times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callcenter.bench.sip import Seen, user_of

OK = 200


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation at a seat, from its answer to its end (None: not ended yet)."""

    seat: str
    began: float
    ended: float | None


def turnarounds(messages: Iterable[Seen], asterisk_port: int, seats: frozenset[str]) -> list[float]:
    """Seconds from each end of a seat's conversation to the next INVITE to that seat.

    The end is the BYE, whoever sends it; the last one of each seat has no next.
    """
    seat_of: dict[str, str] = {}
    answered: set[str] = set()
    freed_at: dict[str, float] = {}
    found: list[float] = []
    for one in messages:
        call_id, method = one.message.call_id, one.message.method
        if seat := _rung(one, asterisk_port, seats):
            if call_id not in seat_of and seat in freed_at:
                found.append(one.at - freed_at.pop(seat))
            seat_of[call_id] = seat
        elif call_id in seat_of:
            if method == "INVITE" and one.message.status == OK:
                answered.add(call_id)
            elif method == "BYE" and not one.message.status and call_id in answered:
                answered.discard(call_id)  # sent again, it ends nothing more
                freed_at[seat_of[call_id]] = one.at
    return found


def talks(messages: Iterable[Seen], asterisk_port: int, seats: frozenset[str]) -> list[Talk]:
    """Every conversation at a seat, in the order in which they began."""
    seat_of: dict[str, str] = {}
    found: dict[str, Talk] = {}
    for one in messages:
        call_id, method = one.message.call_id, one.message.method
        if seat := _rung(one, asterisk_port, seats):
            seat_of[call_id] = seat
        elif call_id in seat_of:
            if method == "INVITE" and one.message.status == OK:
                found.setdefault(call_id, Talk(seat_of[call_id], one.at, None))
            elif method == "BYE" and not one.message.status and call_id in found:
                talk = found[call_id]
                if talk.ended is None:
                    found[call_id] = Talk(talk.seat, talk.began, one.at)
    return list(found.values())


@dataclass(slots=True)
class Journey:
    """What became of one caller; instants are seconds since 1970, None: it did not happen."""

    number: str
    invited: float
    answered: float | None = None
    rung: float | None = None
    """A seat's phone was called for them the first time."""
    at_seat: float | None = None
    """A seat answered."""
    left: float | None = None
    refused: int = 0
    """The status with which the call was refused."""


def journeys(
    messages: Iterable[Seen], asterisk_port: int, seats: frozenset[str]
) -> dict[str, Journey]:
    """Each caller's way, by number. Every call of a run comes from a number of its own."""
    found: dict[str, Journey] = {}
    caller_of: dict[str, str] = {}
    leg_of: dict[str, str] = {}
    for one in messages:
        message, call_id = one.message, one.message.call_id
        number = message.from_user
        if _rung(one, asterisk_port, seats):
            if journey := found.get(number):
                leg_of[call_id] = number
                journey.rung = journey.rung or one.at
        elif message.method == "INVITE" and not message.status and one.to_port == asterisk_port:
            if number not in found:
                found[number] = Journey(number, one.at)
                caller_of[call_id] = number
        elif message.method == "INVITE" and call_id in leg_of and message.status == OK:
            journey = found[leg_of[call_id]]
            journey.at_seat = journey.at_seat or one.at
        elif call_id in caller_of:
            _follow(found[caller_of[call_id]], one)
    return found


def _follow(journey: Journey, one: Seen) -> None:
    """What passes between Asterisk and the caller's own phone."""
    message = one.message
    if message.method == "INVITE" and message.status == OK:
        journey.answered = journey.answered or one.at
    elif message.method == "INVITE" and message.status > OK and journey.left is None:
        journey.refused = message.status
    elif message.method in ("BYE", "CANCEL") and not message.status:
        journey.left = journey.left or one.at


def waits(found: Iterable[Journey]) -> list[float]:
    """Seconds from the caller's INVITE to their seat's, of those for whom a seat rang."""
    return [one.rung - one.invited for one in found if one.rung is not None]


def busy_share(found: Sequence[Talk], seats: int, began: float, ended: float) -> float:
    """Which part of the seats' time between two instants was conversation."""
    talked = sum(
        max(0.0, min(ended, ended if talk.ended is None else talk.ended) - max(began, talk.began))
        for talk in found
    )
    return talked / (seats * (ended - began))


def _rung(one: Seen, asterisk_port: int, seats: frozenset[str]) -> str:
    """The seat that this INVITE of Asterisk's is for; empty for anything else."""
    if one.from_port != asterisk_port or one.message.method != "INVITE" or one.message.status:
        return ""
    user = user_of(one.message.uri)
    return user if user in seats and not one.message.to_tag else ""
