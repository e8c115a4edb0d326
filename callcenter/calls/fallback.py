"""Asterisk's own queue, where callers wait while the service is not there.

Its members are the seats' phones. One is paused exactly while nobody on duty sits at it, so the
members that Asterisk rings equal the seats on duty, whatever becomes of the service. Asterisk keeps
members, with pause and reason, over its own restart (AstDB), and so over the service's: who rested
before a restart is read back from here.

What app_queue has no word for is kept as far as it can be: a seat that distribution would choose
later has a higher penalty. The order of callers is the dialplan's part (QUEUE_PRIO).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import structlog

from acd import events
from acd.model import FloorSettings, SeatSettings, SeatState, SeatView
from callcenter.asterisk.actions import (
    Action,
    ListQueueMembers,
    QueueMemberAdd,
    QueueMemberPause,
    QueueMemberPenalty,
    QueueMemberRemove,
    SetVariable,
)
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import AmiError, NotConnected
from callcenter.asterisk.render import FALLBACK_MOST_PENALTY, head_start_s
from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.notices import Notices
from callcenter.calls.phones import PHONE_IN_USE

log = structlog.get_logger(__name__)

QUEUE: Final = "fallback"
COMPARE_EVERY_S: Final = 10.0
"""Members are compared with the seats on duty so often."""
PER_QUEUE: Final = 10
"""Penalty for each step down in the priority of the queues that a seat serves."""
NO_LINE: Final = FALLBACK_MOST_PENALTY
"""Penalty of a seat that serves no queue which a line leads to, or no queue at all. The dialplan
takes all seats for equal by raising the others to it."""
REASON_CHARACTERS: Final = 80
_NOT_IN_A_REASON: Final = re.compile(r"[;|,\x00-\x1f]")
"""Asterisk keeps members as text with these between its fields."""


@dataclass(frozen=True, slots=True)
class Member:
    """A phone in the queue; ``reason`` says why it is paused."""

    penalty: int
    paused: bool
    reason: str = ""


def penalties(floor: FloorSettings, line_queues: Collection[str]) -> dict[str, int]:
    """By seat: how much later than others it is rung.

    0 for a seat that serves the most urgent queue that a line leads to and has every skill that
    this queue's calls need; more for a less urgent queue, and for each skill that it lacks.
    """
    entered = [queue for queue in floor.queues if queue.id in line_queues]
    steps = sorted({queue.priority for queue in entered}, reverse=True)
    needs = {queue.id: [need for need in queue.needs if need.required] for queue in entered}
    rank = {queue.id: steps.index(queue.priority) for queue in entered}

    def of(seat: SeatSettings) -> int:
        levels = dict(seat.skills)
        ways = [
            rank[queue] * PER_QUEUE
            + min(
                PER_QUEUE - 1, sum(levels.get(need.skill, 0) < need.level for need in needs[queue])
            )
            for queue in seat.queues
            if queue in rank
        ]
        return min([*ways, NO_LINE])

    return {seat.id: of(seat) for seat in floor.seats}


class FallbackQueue:
    """Keeps the queue's members equal to the seats on duty."""

    def __init__(
        self,
        *,
        link: AmiLink,
        errands: Errands,
        notices: Notices,
        seat: Callable[[str], SeatView | None],
        floor: FloorSettings,
        line_queues: Collection[str],
    ) -> None:
        """``line_queues``: the queues that lines lead to."""
        self._link = link
        self._errands = errands
        self._notices = notices
        self._seat = seat
        self._floor = floor
        self.line_queues = frozenset(line_queues)
        """May be replaced; in force with the next settings."""
        self._resting: dict[str, str] = {}
        """Seats whose operators take no calls, with why, also while a phone is away or in use."""
        self._rests: dict[str, str | None] = {}
        """By seat: why it rests, None while on duty, as last looked at."""
        self._told: dict[str, Member] = {}
        """Members as Asterisk has them, as far as we know."""
        self._open = False
        self._matching = False
        self._compared = False

    def apply(self, floor: FloorSettings) -> None:
        """Seats, queues and skills are these from now on."""
        self._floor = floor
        self.match()

    def prefer(self, call: Call, priority: int) -> None:
        """Let the dialplan know how urgent this call is, should it have to wait without us."""
        of_queue = next((q.priority for q in self._floor.queues if q.id == call.queue), 0)
        worth_s = head_start_s(priority + of_queue, self._floor.ageing_per_s)

        async def tell() -> None:
            try:
                await self._link.send(SetVariable(call.channel, "HEAD_START_S", str(worth_s)))
            except AmiError as error:
                log.warning("fallback.not_preferred", call_id=call.id, why=str(error))

        # Beside the call's own errands: it must not stand before an offer.
        self._errands.run(f"fallback-{call.id}", "priority in fallback", tell)

    def follow(self, event: events.Event) -> None:
        """Hear what an operator said, which the seat's state may not show before a call is over."""
        match event:
            case events.SeatReady(seat_id):
                self._resting.pop(seat_id, None)
            case events.SeatNotReady(seat_id, reason) if reason != PHONE_IN_USE:
                self._resting[seat_id] = reason
            case _:
                return
        self.match()

    def seat_changed(self, seat_id: str) -> None:
        """Follow a seat's state; most changes, such as those of every call, are none of duty."""
        rests = self._why_resting(seat_id, self._seat(seat_id))
        if seat_id not in self._rests or self._rests[seat_id] != rests:
            self.match()

    def wanted(self) -> dict[str, Member]:
        """Every phone as it should be a member."""
        penalty = penalties(self._floor, self.line_queues)
        at_phone: dict[str, list[str]] = {}
        for seat in self._floor.seats:
            at_phone.setdefault(seat.phone or seat.id, []).append(seat.id)
        members: dict[str, Member] = {}
        for phone, seats in at_phone.items():
            why = {seat: self._why_resting(seat, self._seat(seat)) for seat in seats}
            self._rests.update(why)
            on_duty = [seat for seat in seats if why[seat] is None]
            if on_duty:
                members[phone] = Member(min(penalty[seat] for seat in on_duty), paused=False)
            else:
                least = min(penalty[seat] for seat in seats)
                members[phone] = Member(least, paused=True, reason=_plain(why[seats[0]] or ""))
        return members

    def _why_resting(self, seat_id: str, view: SeatView | None) -> str | None:
        """Why a seat takes no calls until a person says otherwise; None while it is on duty."""
        if view and view.state is SeatState.NOT_READY:
            # A pause that ends by itself is no rest: without us nobody would end it.
            passing = view.until is not None or view.reason == PHONE_IN_USE
            return self._resting.get(seat_id) if passing else view.reason
        if view and view.state in {SeatState.READY, SeatState.OFFERED}:
            return None
        return self._resting.get(seat_id)

    def match(self) -> None:
        """Make members what they should be, as soon as it can be done."""
        if not self._open or self._matching:
            return
        self._matching = True
        self._errands.run(QUEUE, "match the fallback queue", self._match)

    async def _match(self) -> None:
        self._matching = False
        wanted = self.wanted()
        for phone in sorted(self._told.keys() | wanted.keys()):
            try:
                for action in _steps(phone, self._told.get(phone), wanted.get(phone)):
                    await self._link.send(action)
            except NotConnected:
                return  # it is compared again when the link is there again
            except AmiError as error:
                # Whether it is so now will be seen at the next comparison.
                self._told.pop(phone, None)
                self._rests.clear()
                log.warning("fallback.unmatched", phone=phone, why=str(error))
            else:
                if phone in wanted:
                    self._told[phone] = wanted[phone]
                else:
                    self._told.pop(phone, None)

    def compare(self) -> None:
        """Look whether Asterisk's members are what we believe, and put right what is not."""
        self._errands.run(QUEUE, "compare the fallback queue", self._compare)

    async def _compare(self) -> None:
        try:
            found = await self._members()
        except AmiError as error:
            log.warning("fallback.unseen", why=str(error))
            return
        different = sorted(
            phone
            for phone in found.keys() | self._told.keys()
            if found.get(phone) != self._told.get(phone)
        )
        self._told = found
        if different and self._compared:
            log.warning("fallback.different", phones=different)
            self._notices.tell(
                "fallback.different",
                ",".join(different),
                "Asterisk's own queue had other seats on duty than the floor; it is put right. "
                "If this comes again, look who else changes Asterisk's queues.",
            )
        self._compared = True
        if self._open:
            await self._match()

    async def recall(self) -> dict[str, str]:
        """Seats that rested before the service came, with why; as Asterisk remembers.

        Raises:
            AmiError: Asterisk did not tell.
        """
        members = await self._members()
        return {
            seat.id: member.reason
            for seat in self._floor.seats
            if (member := members.get(seat.phone or seat.id)) and member.paused
        }

    def open(self) -> None:
        """From now on the floor says who is on duty, no longer Asterisk."""
        self._open = True
        self.compare()

    async def _members(self) -> dict[str, Member]:
        items = (await self._link.send(ListQueueMembers(QUEUE))).items
        return {
            item["location"].removeprefix("PJSIP/"): Member(
                int(item["penalty"] or 0),
                paused=item["paused"] == "1",
                reason=item["pausedreason"] if item["paused"] == "1" else "",
            )
            for item in items
            if item["location"]
        }


def _steps(phone: str, is_so: Member | None, wanted: Member | None) -> list[Action]:
    """What leads from one to the other."""
    interface = f"PJSIP/{phone}"
    if wanted is None:
        return [QueueMemberRemove(QUEUE, interface)] if is_so else []
    steps: list[Action] = []
    if is_so is None:
        added = QueueMemberAdd(
            QUEUE, interface, phone, paused=wanted.paused, penalty=wanted.penalty
        )
        steps.append(added)
    elif is_so.penalty != wanted.penalty:
        steps.append(QueueMemberPenalty(QUEUE, interface, wanted.penalty))
    if is_so is None and not wanted.reason:
        return steps
    if steps or is_so != wanted:
        # Also after a new penalty, which Asterisk would else forget at its restart.
        steps.append(QueueMemberPause(QUEUE, interface, paused=wanted.paused, reason=wanted.reason))
    return steps


def _plain(reason: str) -> str:
    return _NOT_IN_A_REASON.sub(" ", reason).strip()[:REASON_CHARACTERS]
