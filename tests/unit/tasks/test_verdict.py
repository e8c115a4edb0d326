"""Which calls leave a task, from what the real conductor notes of them."""

from __future__ import annotations

import pytest

from callcenter.asterisk import events as ami
from callcenter.figures.lives import Lives
from callcenter.tasks.verdict import verdict
from tests.unit.figures.notes import BEGAN, NotedFloor, row


@pytest.fixture
def floor():
    floor = NotedFloor()
    floor.phone("s01", "NOT_INUSE")
    return floor


async def test_caller_who_left_while_waiting_is_abandoned(floor):
    floor.arrives("1.1")
    floor.after(12)
    floor.hangs_up("1.1")
    found = verdict(floor.of("1.1"))
    assert (found.what, found.number, found.wait_ms) == ("abandoned", "5", 12_000)
    assert found.arrived_at == BEGAN
    assert found.known == {"line": "110", "queue": "emergency", "language": "en"}


async def test_caller_who_left_while_a_phone_rang_is_abandoned(floor):
    floor.arrives("1.1")
    floor.rings("1.1", "s01")
    floor.hangs_up("1.1")
    assert verdict(floor.of("1.1")).what == "abandoned"


async def test_caller_who_wants_to_be_called_back_is_a_call_back(floor):
    floor.arrives("1.1")
    floor.tell(ami.CallbackWanted("1.1", "PJSIP/line-1.1", "1.1"))
    floor.hangs_up("1.1")
    assert verdict(floor.of("1.1")).what == "call_back"


async def test_call_that_a_seat_took_is_answered_with_who_and_whether_it_was_heard(floor):
    floor.arrives("1.1")
    floor.after(3)
    floor.talk("1.1", "s01", "1.2")
    floor.after(60)
    floor.hangs_up("1.1")
    found = verdict(floor.of("1.1"))
    assert (found.what, found.wait_ms) == ("answered", 3000)
    assert (found.known["seat"], found.known["heard"]) == ("s01", True)


async def test_caller_who_was_connected_but_never_heard_leaves_a_task_as_the_figures_say(floor):
    floor.arrives("1.1")
    floor.after(3)
    floor.rings("1.1", "s01")
    floor.answers("1.1", "s01", "1.2")
    call = floor.register.get("1.1")
    floor.says(call, call.legs["1.2"])
    floor.after(60)
    floor.hangs_up("1.1")
    found = verdict(floor.of("1.1"))
    assert (found.what, found.wait_ms) == ("unheard", 63_000)
    assert (found.known["seat"], found.known["heard"]) == ("s01", False)
    assert not floor.outcome("1.1").answered


def test_caller_whom_an_officer_heard_was_answered_though_no_seat_was():
    rows = [
        row(1, 0, "call.arrived", "1.1", line="110", queue="emergency", ms=0),
        row(2, 20, "ladder.both_heard", "1.1", ms=20_000),
        row(3, 90, "call.ended", "1.1", why="cause 16", ms=90_000),
    ]
    lives = Lives()
    for one in rows:
        lives.feed(one)
    outcome = lives.of("1.1").outcome()
    assert verdict(rows).what == "answered"
    assert (outcome.answered, outcome.wait_ms) == (True, 20_000)


def test_call_that_ended_unseen_before_anybody_was_heard_is_unseen():
    found = verdict(
        [
            row(1, 0, "call.arrived", "1.1", line="110", queue="emergency", ms=0),
            row(2, 4, "ladder.answered", "1.1", ms=4000),
            row(3, 90, "call.ended", "1.1", why="gone from Asterisk", ms=90_000),
        ]
    )
    assert found.what == "unseen"


async def test_caller_who_left_after_the_operators_phone_vanished_was_cut_off(floor):
    floor.arrives("1.1")
    floor.talk("1.1", "s01", "1.2")
    floor.tell(ami.CallerReturned("1.1", "vanished", "PJSIP/line-1.1", "1.1"))
    floor.after(20)
    floor.hangs_up("1.1")
    assert verdict(floor.of("1.1")).what == "cut_off"


async def test_caller_who_came_back_to_a_seat_was_not_cut_off(floor):
    floor.phone("s02", "NOT_INUSE")
    floor.arrives("1.1")
    floor.talk("1.1", "s01", "1.2")
    floor.tell(ami.CallerReturned("1.1", "vanished", "PJSIP/line-1.1", "1.1"))
    floor.talk("1.1", "s02", "1.3")
    floor.hangs_up("1.1")
    assert verdict(floor.of("1.1")).what == "answered"


async def test_call_that_ended_while_nobody_looked_may_not_have_been_answered(floor):
    call = floor.arrives("1.1")
    floor.conductor.close(call, "ended while the service was away", floor.clock.now)
    assert verdict(floor.of("1.1")).what == "unseen"


async def test_call_that_another_site_took_leaves_no_task(floor):
    floor.arrives("1.1")
    floor.tell(ami.DivertTaken("1.1", "PJSIP/line-1.1", "1.1"))
    floor.hangs_up("1.1")
    assert verdict(floor.of("1.1")).what == "answered"


async def test_call_that_goes_on_has_no_verdict(floor):
    floor.arrives("1.1")
    assert verdict(floor.of("1.1")) is None


def test_end_without_an_arrival_says_what_it_knows():
    payload = {"why": "cause 16", "ms": 4000, "line": "110", "from": "555\r\n", "place": "5th"}
    found = verdict([row(1, 60, "call.ended", "1.1", **payload)])
    assert (found.what, found.number, found.wait_ms) == ("abandoned", "555", 4000)
    assert found.known == {"line": "110", "place_text": "5th"}


def test_call_back_is_its_tasks_and_no_new_one():
    found = verdict(
        [
            row(1, 0, "call.called_back", "cb1.a", task=7, seat="s01", ms=0, **{"from": "555"}),
            row(2, 9, "call.ended", "cb1.a", why="cause 17", ms=9000),
        ]
    )
    assert (found.what, found.task_id) == ("called_back", 7)
