"""The hunt for an officer, with real phones that do not answer, hand on, or ring on alone."""

from __future__ import annotations

import signal

import pytest

from tests.integration.service.test_seats_and_callers import talking

pytestmark = pytest.mark.asterisk


async def hunting(hotline, phone):
    """A call from Times Square; the phone of its precinct's duty officer rings."""
    first, second = await phone("o14a"), await phone("o18a")
    seat, caller, call_id = await talking(hotline, phone)
    await hotline.api(
        f"incidents/{call_id}", {"field": "place", "value": "Times Square"}, method="PATCH"
    )
    await hotline.call_is(call_id, precinct="14")
    answer = await hotline.api(f"calls/{call_id}/officer", {})
    assert answer["officers"] == ["o14a", "o18a"]
    await first.wait_ringing()
    return seat, caller, first, second, call_id


async def test_officer_who_hands_on_lets_the_next_phone_ring_at_once(
    hotline, phone, hear_each_other
):
    _, caller, first, second, call_id = await hunting(hotline, phone)
    await first.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await first.press("2")
    await second.wait_ringing(2)
    await second.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await second.press("1")
    await hotline.call_is(call_id, state="with_officer", officer="o18a")
    await hear_each_other(second, caller)
    await first.wait_closed()
    await caller.hang_up()
    assert (await hotline.journalled(call_id, "officer.result"))["outcome"] == "handed_on"


@pytest.fixture
async def long_ringing(hotline):
    """A phone must not stop by itself before a service on a busy machine has started again."""
    before = await hotline.api("tuning")
    deadlines = before["document"]["deadlines"] | {"officer_ring_s": 60.0}
    change = {"document": before["document"] | {"deadlines": deadlines}, "why": "test"}
    await hotline.api("tuning", change | {"based_on": before["version"]}, method="PUT")
    yield
    back = {"why": "the test is over"}
    await hotline.api(f"tuning/versions/{before['version']}/restore", back)


@pytest.mark.usefixtures("long_ringing")
async def test_hunt_goes_on_when_the_service_dies_in_its_middle(hotline, phone, hear_each_other):
    _, caller, first, second, call_id = await hunting(hotline, phone)
    ringing = first.call
    hotline.signal_service(signal.SIGKILL)
    await hotline.restart_service()
    await hotline.call_is(call_id, adopted=True, officer_state="ringing")
    assert ringing.open, "the phone that rang was stopped"
    await second.wait_ringing()
    await second.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await second.press("1")
    await hotline.call_is(call_id, state="with_officer", officer="o18a")
    await first.wait_closed()
    assert first.call is ringing, "the first officer was rung twice"
    await hear_each_other(second, caller)
    await caller.hang_up()
    adopted = await hotline.journalled(call_id, "officer.hunt_adopted")
    assert (adopted["ringing"], adopted["left"]) == (["o14a"], ["o18a"])


async def test_place_that_is_corrected_while_a_phone_rings_lets_the_right_one_ring(hotline, phone):
    _, caller, first, second, call_id = await hunting(hotline, phone)
    place = {"field": "place", "value": "Columbus Circle"}
    await hotline.api(f"incidents/{call_id}", place, method="PATCH")
    await hotline.call_is(call_id, precinct="18")
    await second.wait_ringing(3)
    changed = await hotline.until(
        lambda: hotline.journalled(call_id, "officer.ladder_changed"), "the entry"
    )
    assert (changed["from"], changed["to"]) == ("14", "18")
    # The neighbour, whose phone rang before, is on the new ladder, too.
    assert (await hotline.call_is(call_id))["officers_rung"] == ["o14a", "o18a"]
    await hotline.api(f"calls/{call_id}/officer/stop", {})
    await first.wait_closed()
    await second.wait_closed()
    await caller.hang_up()


async def test_phone_position_that_comes_late_lets_the_right_officer_ring(hotline, phone):
    """And what the service knew of it outlives the service."""
    first, second = await phone("o14a"), await phone("o18a")
    _, caller, call_id = await talking(hotline, phone)
    times_square = {"latitude": 40.7575, "longitude": -73.9860, "accuracy_m": 900}
    await hotline.api(f"calls/{call_id}/position", times_square)
    await hotline.call_is(call_id, precinct="14")
    await hotline.api(f"calls/{call_id}/officer", {})
    await first.wait_ringing()
    columbus_circle = {"latitude": 40.7690, "longitude": -73.9830, "accuracy_m": 20}
    kept = await hotline.api(f"calls/{call_id}/position", columbus_circle)
    await hotline.call_is(call_id, precinct="18", position=kept)
    await second.wait_ringing(3)
    changed = await hotline.until(
        lambda: hotline.journalled(call_id, "officer.ladder_changed"), "the entry"
    )
    assert (changed["from"], changed["to"]) == ("14", "18")
    assert (await hotline.journalled(call_id, "call.position"))["datum"] == "WGS-84"
    await hotline.api(f"calls/{call_id}/officer/stop", {})
    await second.wait_closed()
    hotline.signal_service(signal.SIGKILL)
    await hotline.restart_service()
    await hotline.call_is(call_id, adopted=True, position=kept)
    await caller.hang_up()


async def test_two_officers_ring_at_once_and_the_first_to_press_1_has_it(
    hotline, phone, hear_each_other
):
    one, other = await phone("o14a"), await phone("o18a")
    _, caller, call_id = await talking(hotline, phone)
    await hotline.api(f"calls/{call_id}/officer", {"officers": ["o14a", "o18a"]})
    await one.wait_ringing()
    await other.wait_ringing()
    await other.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await other.press("1")
    await hotline.call_is(call_id, state="with_officer", officer="o18a", officers_rung=[])
    await one.wait_closed()
    await hear_each_other(other, caller)
    await caller.hang_up()
