"""One call, one seat, one conversation, however often the seat's side says that it answers."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.lab.phone_errors import PhoneTimeout
from tests.integration.service.raw_seat import RawSeat
from tests.integration.service.test_seats_and_callers import CALLER, waits

pytestmark = pytest.mark.asterisk

SETTLES_S = 1.0


def raw_seat(hotline, seat_id: str) -> RawSeat:
    sip = hotline.description["sip"]
    return RawSeat(seat_id, hotline.password(seat_id) or "", sip["host"], sip["port"])


async def in_one_conversation(hotline, call_id: str, seat_id: str) -> None:
    """Caller and one operator's leg are on one bridge, and there is nothing else."""
    call = await hotline.call_is(call_id, state="talking", seat=seat_id)
    legs = sorted((leg["role"], leg["party"]) for leg in call["legs"])
    assert legs == [("caller", CALLER), ("operator", seat_id)]
    bridges = await asyncio.to_thread(hotline.cli, "confbridge list")
    found = [row.split()[:2] for row in bridges.splitlines() if row[:1].isdigit()]
    assert found == [[call_id, "2"]]
    assert len([one for one in await hotline.channels() if one.startswith("PJSIP/")]) == 2
    assert [one["id"] for one in await hotline.calls()] == [call_id]


@pytest.mark.parametrize("second_tag", ["first", "second"], ids=["same dialog", "other dialog"])
async def test_seat_that_sends_200_ok_twice_is_in_one_conversation(hotline, phone, second_tag):
    async with raw_seat(hotline, "s01") as seat:
        await hotline.seat_is_registered("s01")
        caller = await phone(CALLER)
        await caller.dial("110")
        await seat.wait_ringing()
        call = await hotline.call_from(CALLER)
        seat.answer("first")
        seat.answer(second_tag)
        await seat.wait_acknowledged("first")
        await in_one_conversation(hotline, call["id"], "s01")
        seat.answer(second_tag)
        await asyncio.sleep(SETTLES_S)
        await in_one_conversation(hotline, call["id"], "s01")
        assert seat.rung == 1
        assert "first" not in seat.ended
        await caller.hang_up()
        await seat.wait_ended("first")
        await hotline.call_is(call["id"], state="closed")
        await hotline.seat_is("s01", "ready")


async def test_seat_that_answers_again_after_the_caller_left_holds_nobody(hotline, phone):
    async with raw_seat(hotline, "s01") as seat:
        await hotline.seat_is_registered("s01")
        caller = await phone(CALLER)
        await caller.dial("110")
        await seat.wait_ringing()
        call = await hotline.call_from(CALLER)
        seat.answer("first")
        await seat.wait_acknowledged("first")
        await hotline.call_is(call["id"], state="talking")
        await caller.hang_up()
        await seat.wait_ended("first")
        seat.answer("first")
        seat.answer("second")
        await asyncio.sleep(SETTLES_S)
        await hotline.is_quiet()
        await hotline.seat_is("s01", "ready")


async def test_second_phone_of_a_seat_takes_the_place_of_the_first(hotline, phone, hear_each_other):
    old, new = await phone("s01"), await phone("s01")
    caller, call_id = await waits(hotline, phone, CALLER, state="offered")
    await new.wait_ringing()
    with pytest.raises(PhoneTimeout):
        await old.wait_ringing(SETTLES_S)
    await new.answer()
    await in_one_conversation(hotline, call_id, "s01")
    await hear_each_other(new, caller)
    assert not old.calls
    await caller.hang_up()
    await new.wait_closed()
