"""What became of a call is read from what the real conductor notes of it."""

from __future__ import annotations

import pytest

from callcenter.asterisk import events as ami
from callcenter.figures.lives import KINDS, UNSEEN, Lives
from tests.unit.figures.notes import BEGAN, NotedFloor, row


@pytest.fixture
def floor():
    floor = NotedFloor()
    floor.phone("s01", "NOT_INUSE")
    return floor


async def test_call_that_was_heard_both_ways_is_answered_when_the_agent_came(floor):
    call = floor.arrives("1.1")
    await floor.settle()
    floor.after(4)
    floor.rings("1.1", "s01")
    floor.answers("1.1", "s01", "1.2")
    floor.after(2)
    floor.says(call, call.legs["1.2"])
    floor.says(call, call.caller_leg)
    floor.after(60)
    floor.hangs_up("1.1")
    outcome = floor.outcome("1.1")
    assert outcome.answered and not outcome.abandoned
    assert (outcome.wait_ms, outcome.answered_ms) == (4000, 4000)
    assert (outcome.line, outcome.queue, outcome.seat) == ("110", "emergency", "s01")
    assert outcome.talk_ms == 62_000


async def test_call_in_which_nobody_was_heard_is_neither_answered_nor_abandoned(floor):
    floor.arrives("1.1")
    floor.rings("1.1", "s01")
    floor.after(3)
    floor.answers("1.1", "s01", "1.2")
    floor.after(10)
    floor.hangs_up("1.1")
    outcome = floor.outcome("1.1")
    assert not outcome.answered and not outcome.abandoned
    assert outcome.answered_ms == 3000 and outcome.wait_ms is None


async def test_one_side_alone_is_no_conversation(floor):
    call = floor.arrives("1.1")
    floor.rings("1.1", "s01")
    floor.says(call, call.caller_leg)
    call.caller_leg.speaking = False
    floor.after(3)
    floor.answers("1.1", "s01", "1.2")
    floor.says(call, call.legs["1.2"])
    floor.hangs_up("1.1")
    assert not floor.outcome("1.1").answered


async def test_caller_who_leaves_before_any_agent_is_abandoned_with_the_wait(floor):
    floor.arrives("1.1")
    floor.rings("1.1", "s01")
    floor.after(7.5)
    floor.hangs_up("1.1")
    outcome = floor.outcome("1.1")
    assert outcome.abandoned and outcome.wait_ms == 7500 and outcome.talk_ms is None
    assert outcome.arrived_s == BEGAN.timestamp()


async def test_offers_that_no_phone_took_are_counted(floor):
    floor.arrives("1.1")
    await floor.settle()
    offer = floor.offer_of("1.1")
    floor.rings("1.1", "s01")
    floor.after(15)
    floor.tell(ami.OfferEnded("1.1", ("s01",), offer, "NOANSWER"))
    floor.hangs_up("1.1")
    assert floor.outcome("1.1").ring_no_answers == 1


async def test_end_that_nobody_saw_is_neither_answered_nor_abandoned(floor):
    call = floor.arrives("1.1")
    floor.after(5)
    for why in UNSEEN:
        assert why in {"gone from Asterisk", "ended while the service was away"}
    floor.conductor.close(call, "gone from Asterisk", floor.clock.now)
    outcome = floor.outcome("1.1")
    assert not outcome.abandoned and not outcome.answered


def test_officer_is_timed_from_the_first_invite_until_both_were_heard():
    lives = fed(
        row(1, 1, "call.arrived", "1.1", line="110", queue="q", ms=1000, **{"from": "5"}),
        row(2, 3, "ladder.answered", "1.1", ms=3000),
        row(3, 28, "ladder.both_heard", "1.1", ms=28_000),
    )
    outcome = lives.of("1.1").outcome()
    assert outcome.to_officer_ms == 28_000 and outcome.caller == "5"
    assert outcome.arrived_s == BEGAN.timestamp(), "the INVITE came a second before the note"


def test_time_with_two_operators_counts_once():
    lives = fed(
        row(1, 0, "call.arrived", "1.1", ms=0),
        row(2, 1, "leg.joined", "1.1", leg="a", role="operator", party="s01", ms=1000),
        row(3, 5, "leg.joined", "1.1", leg="b", role="operator", party="s02", ms=5000),
        row(4, 8, "leg.left", "1.1", leg="a", role="operator", party="s01", ms=8000),
        row(5, 9, "leg.left", "1.1", leg="b", role="operator", party="s02", ms=9000),
    )
    assert lives.of("1.1").outcome().talk_ms == 8000


def test_talk_ends_with_the_call_although_the_operators_leg_is_told_of_later():
    lives = fed(
        row(1, 0, "call.arrived", "1.1", ms=0),
        row(2, 1, "leg.joined", "1.1", leg="a", role="operator", party="s01", ms=1000),
        row(3, 6, "call.ended", "1.1", why="cause 16", ms=6000),
        row(4, 9, "leg.left", "1.1", leg="a", role="operator", party="s01", ms=9000),
    )
    assert lives.of("1.1").outcome().talk_ms == 5000


def test_wrap_up_belongs_to_the_call_that_the_seat_had():
    lives = fed(
        row(1, 0, "call.arrived", "1.1", ms=0),
        row(2, 1, "leg.joined", "1.1", leg="a", role="operator", party="s01", ms=1000),
        row(3, 6, "call.ended", "1.1", ms=6000, why="cause 16"),
        row(4, 6, "seat.changed", "1.1", seat="s01", state="wrap_up", reason=""),
        row(5, 26, "seat.changed", None, seat="s01", state="ready", reason=""),
    )
    assert lives.of("1.1").outcome().wrap_up_ms == 20_000


def test_call_that_the_house_made_is_in_no_figure():
    lives = fed(
        row(1, 0, "call.called_back", "cb1.a", task=1, seat="s01", line="110", ms=0),
        row(2, 5, "call.ended", "cb1.a", why="cause 16", ms=5000),
        row(3, 6, "call.arrived", "1.1", ms=0),
    )
    outcomes = lives.outcomes(BEGAN.timestamp() - 1, BEGAN.timestamp() + 100)
    assert [outcome.call_id for outcome in outcomes] == ["1.1"]


def test_call_that_another_site_took_is_not_abandoned():
    lives = fed(
        row(1, 0, "call.arrived", "1.1", ms=0),
        row(2, 5, "call.divert_taken", "1.1", ms=5000),
        row(3, 9, "call.ended", "1.1", why="cause 16", ms=9000),
    )
    assert not lives.of("1.1").outcome().abandoned


def test_adopted_call_keeps_what_was_known_before_the_service_died():
    lives = fed(
        row(1, 0, "call.arrived", "1.1", ms=0, line="110", queue="q"),
        row(2, 4, "ladder.answered", "1.1", ms=4000),
        row(3, 9, "service.started"),
        row(4, 10, "call.adopted", "1.1", ms=10_000, line="", queue="", where="bridged"),
        row(5, 20, "call.conversed", "1.1", seat="s01", ms=20_000),
    )
    outcome = lives.of("1.1").outcome()
    assert (outcome.line, outcome.wait_ms, outcome.answered) == ("110", 4000, True)


@pytest.mark.parametrize(
    "payload",
    [{}, {"ms": "many"}, {"ms": None, "line": 5, "from": ["x"]}, {"ms": -5, "seat": {"a": 1}}],
)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_entries_of_any_content_are_survived(kind, payload):
    lives = fed(row(1, 0, "call.arrived", "1.1", ms=0), row(2, 1, kind, "1.1", **payload))
    lives.feed(row(3, 2, kind, None, **payload))
    lives.feed(row(4, 3, kind, "9.9", **payload))
    assert lives.of("1.1").outcome()


def test_places_some_metres_apart_are_one_place():
    lives = fed(
        row(1, 0, "call.arrived", "1.1", ms=0),
        row(2, 1, "call.ended", "1.1", ms=1, lat=40.750504, lon=-73.993401, place="x"),
        row(3, 2, "call.arrived", "1.2", ms=0),
        row(4, 3, "call.ended", "1.2", ms=1, lat=40.750496, lon=-73.993399, place="y"),
        row(5, 4, "call.arrived", "1.3", ms=0),
        row(6, 5, "call.ended", "1.3", ms=1, place="  Fifth  AVENUE "),
    )
    places = [lives.of(call_id).outcome().place for call_id in ("1.1", "1.2", "1.3")]
    assert places[0] == places[1] and places[2] == "fifth avenue"


def test_old_calls_can_be_let_go():
    lives = fed(row(1, 0, "call.arrived", "1.1", ms=0), row(2, 50, "call.arrived", "1.2", ms=0))
    lives.forget_before(BEGAN.timestamp() + 10)
    assert len(lives) == 1


def fed(*rows):
    lives = Lives()
    for one in rows:
        lives.feed(one)
    return lives
