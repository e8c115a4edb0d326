"""What people do with a task: call back from a seat, close with a result."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.asterisk.actions import OriginateExtension
from callcenter.asterisk.errors import ActionFailed
from callcenter.settings import Outbound
from callcenter.store.errors import StoreUnavailable
from callcenter.tasks.desk import TaskDesk
from callcenter.tasks.errors import TaskRefused, UnknownTask
from tests.unit.calls.floor import TestFloor
from tests.unit.tasks.conftest import NOON, READER, ended

OUTBOUND = Outbound(host="192.0.2.1")


@pytest.fixture
def floor():
    floor = TestFloor()
    floor.phone("s01", "NOT_INUSE")
    floor.phone("s02", "NOT_INUSE")
    return floor


@pytest.fixture
def desk_of(floor, tasks):
    def make(outbound: Outbound = OUTBOUND, on_line=lambda number: None) -> TaskDesk:
        return TaskDesk(
            tasks,
            floor.conductor.call_backs,
            outbound,
            floor.bus,
            floor.note,
            on_line,
            wall=lambda: NOON,
        )

    return make


@pytest.fixture
async def task_id(tasks):
    known = {"line": "110", "queue": "emergency", "language": "en", "place_text": "Broadway"}
    (made,) = await tasks.record(READER, 1, [ended(known=known)], NOON)
    return made


def rung(floor) -> list[str]:
    return [action.exten for action in floor.actor.of(OriginateExtension)]


async def test_calling_back_rings_the_seat_and_says_who_does_it(floor, desk_of, task_id):
    shown = await desk_of().call(task_id, "s01", "ann")
    await floor.settle()
    (originate,) = floor.actor.of(OriginateExtension)
    assert (originate.endpoint, originate.context) == ("PJSIP/s01", "call-back")
    assert originate.exten == "5550100"
    assert originate.variables["__CALL_BACK_TASK"] == str(task_id)
    assert shown["calling"]["by"] == "ann" and shown["calling"]["seat"] == "s01"
    assert floor.bus.told[-1] == {"type": "task", "task": shown}
    assert ("task.call", {"task": task_id, "seat": "s01", "by": "ann"}) in [
        (kind, payload) for _, kind, payload in floor.journal
    ]


async def test_two_operators_call_back_at_once_and_one_phone_rings(floor, desk_of, task_id):
    desk = desk_of()
    results = await asyncio.gather(
        desk.call(task_id, "s01", "ann"), desk.call(task_id, "s02", "bob"), return_exceptions=True
    )
    await floor.settle()
    refused = [one for one in results if isinstance(one, TaskRefused)]
    assert len(refused) == 1 and "is calling this number back" in str(refused[0])
    assert len(rung(floor)) == 1
    free = {seat.id: seat.state.value for seat in floor.engine.seats()}
    assert sorted(free.values()) == ["ready", "talking"]


async def test_seat_that_was_given_a_caller_meanwhile_calls_nobody_back(floor, desk_of, task_id):
    desk = desk_of()
    calling = asyncio.create_task(desk.call(task_id, "s01", "ann"))
    await asyncio.sleep(0)  # the store is asked; the seat is free until then
    floor.phone("s02", "UNAVAILABLE")
    floor.arrives("1.1")
    with pytest.raises(TaskRefused, match="s01 cannot call back: a caller is being put through"):
        await calling
    assert rung(floor) == []
    assert (await desk.tasks("open"))[0]["calling"] is None


@pytest.mark.parametrize(
    ("seat", "state", "why"),
    [
        ("s01", "UNAVAILABLE", "phone is not registered"),
        ("s99", "", "there is no seat s99"),
    ],
)
async def test_seat_that_cannot_call_is_refused_with_what_to_do(
    floor, desk_of, task_id, seat, state, why
):
    if state:
        floor.phone(seat, state)
    with pytest.raises(TaskRefused, match=why) as refused:
        await desk_of().call(task_id, seat, "ann")
    assert refused.value.next_step
    assert rung(floor) == []


async def test_without_a_trunk_it_is_said_what_to_set(floor, desk_of, task_id):
    desk = desk_of(Outbound())
    with pytest.raises(TaskRefused, match="no outbound trunk") as refused:
        await desk.call(task_id, "s01", "ann")
    assert "sip.outbound" in str(refused.value.next_step)
    (shown,) = await desk.tasks("open")
    assert not shown["can_call"] and "no outbound trunk" in shown["why_not"]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "anonymous",
        "5550100@evil.example",
        "<b>5550100</b>",
        "5550100,5,rU(x)",
        "9" * 64,
        "5550100Action: Originate",
    ],
)
async def test_number_that_is_none_is_shown_and_never_dialled(floor, desk_of, tasks, number):
    (made,) = await tasks.record(READER, 1, [ended(number=number)], NOON)
    desk = desk_of()
    (shown,) = await desk.tasks("open")
    assert shown["number"] == number and not shown["can_call"] and shown["why_not"]
    with pytest.raises(TaskRefused):
        await desk.call(made, "s01", "ann")
    assert floor.actor.sent == []


async def test_caller_who_is_on_the_line_is_not_called_back(floor, desk_of, task_id):
    desk = desk_of(on_line=lambda number: "1.9" if number == "5550100" else None)
    with pytest.raises(TaskRefused, match=r"on the line right now, in call 1\.9"):
        await desk.call(task_id, "s01", "ann")
    assert floor.actor.sent == []


async def test_locked_database_rings_nobody(floor, desk_of, task_id, locked):
    with locked(), pytest.raises(StoreUnavailable):
        await desk_of().call(task_id, "s01", "ann")
    assert floor.actor.sent == []
    assert floor.distribution.seat("s01")["state"] == "ready"


async def test_task_is_closed_with_a_result_by_somebody_and_journalled(floor, desk_of, task_id):
    shown = await desk_of().close(task_id, "handed_on", "patrol sent", "ann")
    assert (shown["state"], shown["result"], shown["closed_by"]) == ("closed", "handed_on", "ann")
    assert floor.journal[-1] == (
        None,
        "task.closed",
        {
            "task": task_id,
            "result": "handed_on",
            "note": "patrol sent",
            "by": "ann",
            "calls": ["1.1"],
        },
    )
    assert floor.bus.told[-1]["task"]["state"] == "closed"


async def test_task_is_closed_once_and_the_second_is_told_by_whom(floor, desk_of, task_id):
    desk = desk_of()
    results = await asyncio.gather(
        *(desk.close(task_id, "reached", "", name) for name in ("ann", "bob")),
        return_exceptions=True,
    )
    (refused,) = [one for one in results if isinstance(one, TaskRefused)]
    assert "has closed this task already" in str(refused)
    assert [kind for _, kind, _ in floor.journal].count("task.closed") == 1
    with pytest.raises(TaskRefused, match="has closed"):
        await desk.call(task_id, "s01", "ann")


async def test_locked_database_leaves_the_task_open(floor, desk_of, task_id, locked):
    with locked(), pytest.raises(StoreUnavailable):
        await desk_of().close(task_id, "reached", "", "ann")
    assert "task.closed" not in floor.kinds()
    assert (await desk_of().tasks("open"))[0]["state"] == "open"


async def test_task_that_is_not_there_is_said(desk_of):
    with pytest.raises(UnknownTask):
        await desk_of().close(999_999_999_999_999, "reached", "", "ann")
    with pytest.raises(UnknownTask):
        await desk_of().call(1, "s01", "ann")


async def test_phone_that_asterisk_refuses_frees_seat_and_task(floor, desk_of, task_id):
    floor.actor.error = ActionFailed("no")
    await desk_of().call(task_id, "s01", "ann")
    await floor.settle()
    assert floor.distribution.seat("s01")["state"] == "ready"
    assert len(floor.called_back) == 1
    await desk_of().over(floor.called_back[0])
    assert (await desk_of().tasks("open"))[0]["calling"] is None


async def test_call_back_of_an_earlier_run_that_nobody_has_is_let_go(desk_of, tasks, task_id):
    await tasks.take(task_id, "cb1.old", "ann", "s01", NOON)
    desk = desk_of()
    await desk.let_go(lambda call_id: call_id == "cb1.old")
    assert (await desk.tasks("open"))[0]["calling"]["by"] == "ann"
    await desk.let_go(lambda call_id: False)
    assert (await desk.tasks("open"))[0]["calling"] is None


async def test_what_is_known_is_gathered_from_all_calls(desk_of, tasks, task_id):
    later = ended(
        "1.2", known={"line": "911", "category": "fire", "place_text": None}, wait_ms=90_000
    )
    await tasks.record(READER, 2, [later, ended("1.3", "answered")], NOON)
    (shown,) = await desk_of().tasks("open")
    assert shown["known"]["category"] == "fire" and shown["known"]["place_text"] == "Broadway"
    assert (shown["tries"], shown["waited_ms"], shown["answered_later"]) == (2, 90_000, True)
