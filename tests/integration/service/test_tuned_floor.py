"""What floor managers tune and do, seen on real phones: a change holds from the next decision."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from callcenter.heartbeat import VARIABLE as HEARTBEAT
from tests.integration.service.hotline import Refused

pytestmark = pytest.mark.asterisk

CALLER = "2125550100"
LATER = "2125550101"
PROMISED = "2125550155"

Tune = Callable[[Callable[[dict[str, Any]], None]], Awaitable[None]]


@pytest.fixture
async def tune(hotline) -> AsyncIterator[Tune]:
    """Changes the document, and goes back to what was before when the test is over."""
    before = (await hotline.api("tuning"))["version"]

    async def change(how: Callable[[dict[str, Any]], None]) -> None:
        now = await hotline.api("tuning")
        how(now["document"])
        body = {"document": now["document"], "why": "a test", "based_on": now["version"]}
        await hotline.api("tuning", body, method="PUT")

    yield change
    await hotline.api(f"tuning/versions/{before}/restore", {"why": "the test is over"})


async def waits(hotline, phone, number):
    caller = await phone(number)
    await caller.dial("110")
    call = await hotline.call_from(number)
    return caller, call["id"]


async def test_all_seats_ring_one_answers_and_the_other_is_offered_the_next_call_at_once(
    hotline, phone, tune, hear_each_other
):
    await tune(lambda doc: doc["queues"][0].update(strategy="ring_all"))
    one, two = await phone("s01"), await phone("s02")
    caller, call_id = await waits(hotline, phone, CALLER)
    await asyncio.gather(one.wait_ringing(), two.wait_ringing())
    assert (await hotline.api(f"calls/{call_id}"))["offered_to"] == ["s01", "s02"]
    await two.answer()
    await one.wait_closed(2)
    await hotline.call_is(call_id, state="talking", seat="s02")
    later, later_id = await waits(hotline, phone, LATER)
    await one.wait_ringing(3)
    await one.answer()
    await hotline.call_is(later_id, state="talking", seat="s01")
    await hear_each_other(caller, two)
    await two.hang_up()
    await later.hang_up()


async def test_a_supervisor_picks_the_second_caller_for_a_seat_and_moves_nobody_else(
    hotline, phone
):
    await hotline.api("seats/s01/state", {"state": "not_ready", "reason": "training"})
    seat = await phone("s01", wait=False)
    await hotline.seat_is("s01", "not_ready")
    first, first_id = await waits(hotline, phone, CALLER)
    second, second_id = await waits(hotline, phone, LATER)
    for call_id in (first_id, second_id):
        await hotline.call_is(call_id, state="waiting")
    await hotline.api(f"calls/{second_id}/pick", {"seat": "s01"})
    assert (await seat.wait_ringing()).peer == LATER
    with pytest.raises(Refused, match="does not wait"):
        await hotline.api(f"calls/{second_id}/pick", {"seat": "s01"})
    await seat.answer()
    await hotline.call_is(second_id, state="talking", seat="s01")
    (queue,) = (await hotline.api("queues"))["queues"]
    assert [call["call_id"] for call in queue["waiting"]] == [first_id]
    await second.hang_up()
    await seat.wait_closed()
    await hotline.seat_is("s01", "not_ready")
    assert (await hotline.seat("s01"))["reason"] == "training"
    await hotline.api("seats/s01/state", {"state": "ready"})
    await seat.wait_ringing()
    await first.hang_up()


async def test_two_seats_at_one_phone_take_calls_one_after_the_other(hotline, phone, tune):
    def share(doc: dict[str, Any]) -> None:
        next(seat for seat in doc["seats"] if seat["id"] == "s02")["phone"] = "s01"

    await tune(share)
    desk = await phone("s01")
    await hotline.seat_is("s02", "ready")
    caller, call_id = await waits(hotline, phone, CALLER)
    await desk.wait_ringing()
    later, later_id = await waits(hotline, phone, LATER)
    await desk.answer()
    talking = await hotline.call_is(call_id, state="talking")
    await hotline.call_is(later_id, state="waiting")
    channels = [name for name in await hotline.channels() if name.startswith("PJSIP/s01-")]
    assert len(channels) == 1
    talked = desk.call
    await caller.hang_up()
    await desk.wait_closed(call=talked)
    await desk.wait_ringing()
    await desk.answer()
    after = await hotline.call_is(later_id, state="talking")
    assert {talking["seat"], after["seat"]} == {"s01", "s02"}
    await later.hang_up()


async def test_a_caller_who_overflows_hears_an_announcement_first_and_then_gets_a_seat(
    hotline, phone, tune
):
    rule = {"when": "no_seat", "to": "announcement", "target": "call_back"}
    await tune(lambda doc: doc["queues"][0].update(overflow=[rule]))
    caller, call_id = await waits(hotline, phone, CALLER)

    async def is_announced() -> bool:
        rows = await asyncio.to_thread(hotline.cli, "core show channels concise")
        return "!announce!" in rows

    await hotline.until(is_announced, "an announcement")
    seat = await phone("s01")
    await seat.wait_ringing()
    await seat.answer()
    await hotline.call_is(call_id, state="talking", seat="s01")
    await caller.hang_up()


async def test_a_call_back_that_was_promised_as_the_service_died_is_a_task_when_it_is_back(
    hotline, phone, tune
):
    rule = {"when": "no_seat", "to": "announcement", "target": "call_back"}
    await tune(lambda doc: doc["queues"][0].update(overflow=[rule]))
    caller, _ = await waits(hotline, phone, PROMISED)

    async def is_announced() -> bool:
        rows = await asyncio.to_thread(hotline.cli, "core show channels concise")
        return "!announce!" in rows

    await hotline.until(is_announced, "an announcement")
    hotline.signal_service(signal.SIGKILL)
    # As if it had beaten in that very moment, and the machine were slow.
    hotline.cli(f"dialplan set global {HEARTBEAT} {round(1000 * (time.time() + 2))}")
    await caller.press("1")
    await caller.wait_closed()
    await hotline.restart_service()

    async def is_wanted() -> bool:
        tasks = (await hotline.api("tasks"))["tasks"]
        return [task["kind"] for task in tasks if task["number"] == PROMISED] == ["call_back"]

    await hotline.until(is_wanted, "a task to call back")


async def test_an_operators_hang_up_returns_the_caller_on_a_line_tuned_so(hotline, phone, tune):
    await tune(
        lambda doc: next(line for line in doc["lines"] if line["number"] == "110").update(
            operator_hang_up="return"
        )
    )
    seat = await phone("s01")
    caller, call_id = await waits(hotline, phone, CALLER)
    await seat.wait_ringing()
    await seat.answer()
    await hotline.call_is(call_id, state="talking")
    await seat.hang_up()
    await seat.wait_ringing()
    assert (await hotline.api(f"calls/{call_id}"))["closed_at"] is None
    await caller.hang_up()
