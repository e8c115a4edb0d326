"""What seats and callers do at awkward moments, on the real Asterisk, ends with nothing left."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.lab.phone import Phone

pytestmark = pytest.mark.asterisk

CALLER = "2125550100"
LATER = "2125550101"


async def talking(hotline, phone):
    """One call with seat s01."""
    seat, caller = await phone("s01"), await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    await caller.wait_established()
    call = await hotline.call_from(CALLER)
    await hotline.call_is(call["id"], state="talking")
    return seat, caller, call["id"]


async def waits(hotline, phone, number, state="waiting"):
    """A caller on the line whose call is in that state; its phone and the call's id."""
    caller = await phone(number)
    await caller.dial("110")
    call = await hotline.call_from(number)
    await hotline.call_is(call["id"], state=state)
    await caller.wait_established()
    return caller, call["id"]


async def with_officer_ringing(hotline, phone):
    seat, caller, call_id = await talking(hotline, phone)
    officer = await phone("o14a")
    await hotline.api(f"calls/{call_id}/officer", {"officer": "o14a"})
    await officer.wait_ringing()
    return seat, caller, officer, call_id


async def test_caller_and_operator_hear_each_other_and_hanging_up_ends_the_call(
    hotline, phone, hear_each_other
):
    seat, caller, call_id = await talking(hotline, phone)
    await hear_each_other(seat, caller)
    await seat.hang_up()
    await caller.wait_closed()
    call = await hotline.call_is(call_id, state="closed")
    assert all(leg["heard"] for leg in call["legs"])
    await hotline.seat_is("s01", "ready")


@pytest.mark.parametrize(
    # Whoever leaves while waiting has that place again when they call again: two other callers.
    ("end", "number"),
    [(Phone.reject, "2125550111"), (Phone.stop, "2125550112")],
    ids=["rejects", "goes"],
)
async def test_seat_that_hangs_up_while_ringing_keeps_the_callers_place(
    hotline, phone, end, number
):
    seat = await phone("s01")
    caller, call_id = await waits(hotline, phone, CALLER, state="offered")
    await seat.wait_ringing()
    later, later_id = await waits(hotline, phone, number)
    await end(seat)
    other = await phone("s02")
    assert (await other.wait_ringing()).peer == CALLER
    await other.answer()
    await hotline.call_is(call_id, state="talking", seat="s02")
    assert (await hotline.call_is(later_id))["seat"] is None
    await later.hang_up()
    await caller.hang_up()


async def test_seat_that_unregisters_while_ringing_gives_the_call_to_the_next(hotline, phone):
    seat, caller = await phone("s01"), await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing()
    other = await phone("s02")
    await seat.stop()
    await other.wait_ringing()
    await other.answer()
    call = await hotline.call_from(CALLER)
    await hotline.call_is(call["id"], seat="s02")
    await caller.hang_up()


async def test_seat_that_never_answers_is_set_not_ready_and_the_next_one_rings(hotline, phone):
    seat, caller = await phone("s01"), await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing()
    other = await phone("s02")
    await other.wait_ringing(timeout_s=20)
    await other.answer()
    call = await hotline.call_from(CALLER)
    await hotline.call_is(call["id"], seat="s02", state="talking")
    await caller.hang_up()


async def test_seat_that_talks_is_offered_no_second_call(hotline, phone):
    _, caller, call_id = await talking(hotline, phone)
    second = await phone(LATER)
    await second.dial("110")
    waiting = await hotline.call_from(LATER)
    await asyncio.sleep(1)
    assert (await hotline.api(f"calls/{waiting['id']}"))["seat"] is None
    assert (await hotline.seat("s01"))["call_id"] == call_id
    await second.hang_up()
    await caller.hang_up()


async def test_longest_waiting_caller_gets_the_next_free_seat(hotline, phone):
    seat, caller, _ = await talking(hotline, phone)
    talked = seat.call
    first, second = await phone(LATER), await phone("2125550102")
    await first.dial("110")
    await hotline.call_from(LATER)
    await second.dial("110")
    await hotline.call_from("2125550102")
    await caller.hang_up()
    await seat.wait_closed(call=talked)
    await seat.wait_ringing()
    await seat.answer()
    call = await hotline.call_from(LATER)
    await hotline.call_is(call["id"], state="talking", seat="s01")
    assert (await hotline.call_from("2125550102"))["state"] == "waiting"
    await second.hang_up()
    await first.hang_up()


async def test_caller_leaves_while_waiting(hotline, phone):
    caller = await phone(CALLER)
    await caller.dial("110")
    call = await hotline.call_from(CALLER)
    await caller.wait_established()
    await caller.hang_up()
    await hotline.call_is(call["id"], state="closed")


async def test_caller_leaves_while_the_seat_rings(hotline, phone):
    seat, caller = await phone("s01"), await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing()
    await caller.hang_up()
    await seat.wait_closed()
    await hotline.seat_is("s01", "ready")


async def test_caller_leaves_the_moment_the_seat_answers(hotline, phone):
    seat, caller = await phone("s01"), await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing()
    await asyncio.gather(seat.answer(), caller.hang_up(), return_exceptions=True)
    await seat.wait_closed()
    await hotline.seat_is("s01", "ready")


async def test_caller_leaves_during_the_officers_brief(hotline, phone):
    seat, caller, officer, call_id = await with_officer_ringing(hotline, phone)
    await officer.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await caller.hang_up()
    await seat.wait_closed()
    await officer.wait_closed()
    await hotline.call_is(call_id, state="closed")


async def test_caller_leaves_while_the_officers_phone_rings(hotline, phone):
    _, caller, officer, call_id = await with_officer_ringing(hotline, phone)
    await caller.hang_up()
    await officer.wait_closed()
    await hotline.call_is(call_id, state="closed")


async def test_officer_takes_the_call_and_goes_on_after_the_operator_left(
    hotline, phone, hear_each_other
):
    seat, caller, officer, call_id = await with_officer_ringing(hotline, phone)
    await officer.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await officer.press("1")
    await hotline.call_is(call_id, state="with_officer", officer="o14a")
    await hear_each_other(officer, caller)
    await hotline.call_is(call_id, officer_state="heard")
    await seat.hang_up()
    await hotline.seat_is("s01", "ready")
    await hear_each_other(officer, caller)
    await officer.hang_up()
    await caller.wait_closed()
    call = await hotline.call_is(call_id, state="closed")
    steps = [step["step"] for step in call["timeline"]]
    assert steps == [
        "ringing",
        "answered",
        "officer_ringing",
        "officer_took",
        "both_heard",
        "operator_left",
        "closed",
    ]


async def test_operator_who_leaves_before_the_officer_took_it_does_not_lose_the_caller(
    hotline, phone, hear_each_other
):
    seat, caller, officer, call_id = await with_officer_ringing(hotline, phone)
    await seat.hang_up()
    await officer.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await officer.press("1")
    await hotline.call_is(call_id, state="with_officer")
    await hear_each_other(officer, caller)
    await caller.hang_up()
    await officer.wait_closed()


async def test_operators_phone_that_vanishes_sends_the_caller_back_first_in_line(hotline, phone):
    seats = {"s01": await phone("s01"), "s02": await phone("s02")}
    waiting, waiting_id = await waits(hotline, phone, LATER, state="offered")
    ringing = await rings(seats)
    seat = seats[next(one for one in seats if one != ringing)]
    caller, call_id = await waits(hotline, phone, CALLER, state="offered")
    await seat.wait_ringing()
    await seat.answer()
    await hotline.call_is(call_id, state="talking", seat=seat.name)
    # Whoever has waited longer, waits again.
    await seats[ringing].stop()
    await hotline.call_is(waiting_id, state="waiting")
    await seat.vanish()
    await hotline.call_is(call_id, timeout_s=20, state="waiting")
    other = await phone("s03")
    assert (await other.wait_ringing()).peer == CALLER
    await other.answer()
    await hotline.call_is(call_id, state="talking", seat="s03")
    # Perhaps offered to the phone that vanished: its registration outlives it.
    assert (await hotline.call_is(waiting_id))["state"] in {"waiting", "offered"}
    await waiting.hang_up()
    await caller.hang_up()
    await other.wait_closed()


async def rings(seats: dict[str, Phone]) -> str:
    """The seat whose phone rings."""
    pending = [asyncio.create_task(seat.wait_ringing(), name=name) for name, seat in seats.items()]
    done, late = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return done.pop().get_name()
