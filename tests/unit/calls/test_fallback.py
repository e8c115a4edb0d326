"""Asterisk's own queue has the seats on duty as its members, whatever happened meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from acd.commands import SeatChanged
from acd.engine import Engine
from acd.events import (
    Event,
    SeatNotReady,
    SeatReady,
    SeatRegistered,
    SeatUnregistered,
    SettingsChanged,
)
from acd.model import FloorSettings, QueueSettings, SeatSettings, SeatState, SeatView, SkillNeed
from callcenter.asterisk.actions import (
    Action,
    ListQueueMembers,
    QueueMemberAdd,
    QueueMemberPause,
    QueueMemberPenalty,
    QueueMemberRemove,
    Reply,
)
from callcenter.asterisk.errors import ActionRefused, AmiError, NotConnected
from callcenter.asterisk.headers import Headers
from callcenter.calls.errands import Errands
from callcenter.calls.fallback import NO_LINE, FallbackQueue, Member, penalties
from callcenter.calls.notices import Notices
from callcenter.calls.phones import PHONE_IN_USE

ON_DUTY = Member(0, paused=False)
EMERGENCY = QueueSettings(id="emergency", priority=5)
ENQUIRIES = QueueSettings(id="enquiries")
FLOOR = FloorSettings(
    queues=(EMERGENCY, ENQUIRIES),
    seats=(
        SeatSettings("s01", ("emergency",)),
        SeatSettings("s02", ("emergency", "enquiries")),
        SeatSettings("s03", ("enquiries",)),
    ),
)
LINES = ("emergency", "enquiries")


@dataclass
class AsteriskQueue:
    """What app_queue does with these actions."""

    members: dict[str, Member] = field(default_factory=dict)
    away: AmiError | None = None
    done: list[Action] = field(default_factory=list)

    async def send(self, action: Action, timeout_s: float = 5.0) -> Reply:
        if self.away:
            raise self.away
        if isinstance(action, ListQueueMembers):
            return Reply(Headers([]), tuple(self._listed()))
        self.done.append(action)
        match action:
            case QueueMemberAdd():
                known = action.interface in self.members
                self._refuse(known, "Unable to add interface: Already there")
                member = Member(action.penalty, paused=action.paused)
                self.members[action.interface] = member
            case QueueMemberRemove():
                self._refuse(action.interface not in self.members, "Not there")
                del self.members[action.interface]
            case QueueMemberPenalty():
                self._change(action.interface, penalty=action.penalty)
            case QueueMemberPause():
                self._change(action.interface, paused=action.paused, reason=action.reason)
        return Reply(Headers([("response", "Success")]))

    def _change(self, interface: str, **values: Any) -> None:
        self._refuse(interface not in self.members, "Interface not found")
        self.members[interface] = replace(self.members[interface], **values)

    def _refuse(self, wrong: bool, why: str) -> None:
        if wrong:
            raise ActionRefused("Queue", why)

    def _listed(self) -> list[Headers]:
        members = [
            Headers(
                [
                    ("Event", "QueueMember"),
                    ("Name", interface),
                    ("Location", interface),
                    ("Penalty", str(member.penalty)),
                    ("Paused", str(int(member.paused))),
                    ("PausedReason", member.reason),
                ]
            )
            for interface, member in self.members.items()
        ]
        return [Headers([("Event", "QueueParams"), ("Queue", "fallback")]), *members]


class Seats:
    """An engine's seats beside the queue, as `Distribution` has them."""

    def __init__(
        self,
        asterisk: AsteriskQueue | None = None,
        floor: FloorSettings = FLOOR,
        *,
        registered: bool = True,
    ) -> None:
        self.asterisk = asterisk or AsteriskQueue()
        self.engine = Engine(floor)
        self.errands = Errands()
        self.told: list[dict[str, Any]] = []
        self.queue = FallbackQueue(
            link=self.asterisk,  # type: ignore[arg-type]  # stands for the link
            errands=self.errands,
            notices=Notices(self, lambda call_id, kind, payload: None),
            seat=self.view,
            floor=floor,
            line_queues=LINES,
        )
        self.shown: dict[str, SeatView] = {}
        for seat in floor.seats:
            self.say(SeatReady(seat.id))
            if registered:
                self.say(SeatRegistered(seat.id))

    def view(self, seat_id: str) -> SeatView | None:
        return self.shown.get(seat_id) or self.engine.seat(seat_id)

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        self.told.append(message)

    def say(self, *events: Event) -> None:
        for event in events:
            decided = self.engine.handle(event, 0.0)
            if isinstance(event, SettingsChanged):
                self.queue.apply(event.settings)
            self.queue.follow(event)
            for command in decided:
                if isinstance(command, SeatChanged):
                    self.queue.seat_changed(command.seat_id)

    async def members(self) -> dict[str, Member]:
        await self.errands.drain(1)
        return {name.removeprefix("PJSIP/"): m for name, m in self.asterisk.members.items()}


async def opened(*args: Any, **kwargs: Any) -> Seats:
    seats = Seats(*args, **kwargs)
    seats.queue.open()
    await seats.members()
    return seats


async def test_every_seat_on_duty_is_a_member() -> None:
    seats = await opened()
    members = await seats.members()
    assert {phone: member.paused for phone, member in members.items()} == {
        "s01": False,
        "s02": False,
        "s03": False,
    }


async def test_a_seat_that_rests_is_paused_with_its_reason_and_back_with_none() -> None:
    seats = await opened()
    seats.say(SeatNotReady("s01", "lunch; back|soon"))
    assert (await seats.members())["s01"] == Member(0, paused=True, reason="lunch  back soon")
    seats.say(SeatReady("s01"))
    assert (await seats.members())["s01"] == ON_DUTY


async def test_a_seat_rests_in_the_queue_while_its_phone_is_away() -> None:
    seats = await opened()
    seats.say(SeatNotReady("s01", "break"), SeatUnregistered("s01"))
    assert (await seats.members())["s01"].paused


async def test_a_seat_set_not_ready_while_it_talks_rests_at_once() -> None:
    seats = await opened()
    seats.shown["s01"] = SeatView("s01", SeatState.TALKING, "", "1.1", 0.0)
    seats.say(SeatNotReady("s01", "break"))
    assert (await seats.members())["s01"].paused


@pytest.mark.parametrize(
    "view",
    [
        SeatView("s01", SeatState.NOT_READY, "rejected", None, 0.0, until=3.0),
        SeatView("s01", SeatState.NOT_READY, PHONE_IN_USE, None, 0.0),
        SeatView("s01", SeatState.TALKING, "", "1.1", 0.0),
        SeatView("s01", SeatState.WRAP_UP, "", None, 0.0, until=9.0),
        SeatView("s01", SeatState.OFFLINE, "", None, 0.0),
    ],
    ids=["paused for a moment", "phone in use", "talks", "wraps up", "phone away"],
)
async def test_a_seat_that_will_be_back_by_itself_stays_on_duty(view: SeatView) -> None:
    seats = await opened()
    seats.shown["s01"] = view
    seats.queue.match()
    assert (await seats.members())["s01"] == ON_DUTY


async def test_a_seat_that_missed_calls_rests() -> None:
    seats = await opened()
    seats.shown["s01"] = SeatView("s01", SeatState.NOT_READY, "missed_calls", None, 0.0)
    seats.queue.match()
    assert (await seats.members())["s01"] == Member(0, paused=True, reason="missed_calls")


async def test_seats_that_are_added_and_removed_are_at_once_in_the_queue_and_out_of_it() -> None:
    seats = await opened()
    changed = replace(FLOOR, seats=(*FLOOR.seats[1:], SeatSettings("s04", ("emergency",))))
    seats.say(SettingsChanged(changed), SeatReady("s04"))
    assert (await seats.members()).keys() == {"s02", "s03", "s04"}


async def test_a_phone_of_several_seats_is_on_duty_as_long_as_one_of_them_is() -> None:
    shared = replace(
        FLOOR,
        seats=(
            SeatSettings("s01", ("enquiries",), phone="desk"),
            SeatSettings("s02", ("emergency",), phone="desk"),
        ),
    )
    seats = await opened(floor=shared)
    assert await seats.members() == {"desk": ON_DUTY}
    seats.say(SeatNotReady("s02", "break"))
    assert await seats.members() == {"desk": Member(10, paused=False)}
    seats.say(SeatNotReady("s01", "break"))
    assert (await seats.members())["desk"].paused


def test_seats_that_are_chosen_later_have_a_higher_penalty() -> None:
    korean = SkillNeed("ko", 2)
    floor = FloorSettings(
        queues=(
            replace(EMERGENCY, needs=(korean, SkillNeed("video", required=False))),
            ENQUIRIES,
            QueueSettings(id="inside", priority=9),
        ),
        seats=(
            SeatSettings("speaks", ("emergency",), skills=(("ko", 2),)),
            SeatSettings("learns", ("emergency", "enquiries"), skills=(("ko", 1),)),
            SeatSettings("enquiries", ("enquiries",)),
            SeatSettings("inside", ("inside",)),
            SeatSettings("supervisor", ()),
        ),
    )
    assert penalties(floor, LINES) == {
        "speaks": 0,
        "learns": 1,
        "enquiries": 10,
        "inside": NO_LINE,
        "supervisor": NO_LINE,
    }


async def test_a_new_penalty_is_followed_by_what_makes_asterisk_keep_it() -> None:
    seats = await opened()
    seats.asterisk.done.clear()
    promoted = replace(FLOOR, seats=(*FLOOR.seats[:2], SeatSettings("s03", ("emergency",))))
    seats.say(SettingsChanged(promoted))
    assert (await seats.members())["s03"] == ON_DUTY
    assert [type(action) for action in seats.asterisk.done] == [
        QueueMemberPenalty,
        QueueMemberPause,
    ]


async def test_who_rested_is_read_back_after_a_restart_and_the_floor_decides_only_then() -> None:
    before = await opened()
    before.say(SeatNotReady("s02", "training"))
    await before.members()
    after = Seats(before.asterisk, registered=False)
    before.asterisk.done.clear()
    after.queue.match()
    assert await after.members() and not before.asterisk.done
    assert await after.queue.recall() == {"s02": "training"}
    after.say(SeatNotReady("s02", "training"))
    after.queue.open()
    await after.members()
    assert before.asterisk.done == []


async def test_what_somebody_else_changed_is_put_right_and_told() -> None:
    seats = await opened()
    seats.say(SeatNotReady("s02", "break"))
    right = await seats.members()
    seats.queue.compare()
    await seats.members()
    assert seats.told == []
    members = seats.asterisk.members
    members["PJSIP/s02"] = ON_DUTY
    members["PJSIP/stranger"] = ON_DUTY
    del members["PJSIP/s01"]
    seats.queue.compare()
    assert await seats.members() == right
    assert [told["subject"] for told in seats.told] == ["s01,s02,stranger"]


async def test_what_changed_while_asterisk_was_away_is_made_up_for() -> None:
    seats = await opened()
    seats.asterisk.away = NotConnected("no link")
    seats.say(SeatNotReady("s01", "break"), SeatReady("s02"))
    assert not (await seats.members())["s01"].paused
    seats.asterisk.away = None
    seats.queue.open()
    assert (await seats.members())["s01"].paused
    assert seats.told == []


async def test_a_fresh_asterisk_gets_all_members_again() -> None:
    seats = await opened()
    right = await seats.members()
    seats.asterisk.members.clear()
    seats.queue.open()
    assert await seats.members() == right


async def test_what_asterisk_refuses_costs_no_other_seat() -> None:
    static = AsteriskQueue()
    seats = await opened(static)
    static.members.clear()
    seats.say(SeatNotReady("s01", "break"), SeatNotReady("s03", "break"))
    await seats.members()
    seats.queue.compare()
    members = await seats.members()
    assert {phone: member.paused for phone, member in members.items()} == {
        "s01": True,
        "s02": False,
        "s03": True,
    }
