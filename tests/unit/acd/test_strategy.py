import pytest

from acd.events import DayBegan
from acd.model import FloorSettings, QueueSettings, SeatSettings, SkillNeed, Strategy


def queue(strategy: Strategy, **more) -> QueueSettings:
    return QueueSettings("q", strategy=strategy, **more)


def seats(*seat_ids: str, **more) -> list[SeatSettings]:
    return [SeatSettings(seat_id, ("q",), **more) for seat_id in seat_ids]


def test_fewest_calls_rings_the_seat_that_took_the_fewest_today(make_floor):
    floor = make_floor(queue(Strategy.FEWEST_CALLS))
    floor.seats_ready("a")
    for call_id in ("c1", "c2"):
        floor.arrives(call_id)
        floor.takes("a", call_id)
    floor.seats_ready("b")
    floor.arrives("c3")
    floor.takes("b", "c3")
    floor.arrives("c4")
    assert floor.seat_of("c4") == "b", "though a is idle longer"


def test_calls_are_counted_anew_when_a_day_begins(make_floor):
    floor = make_floor(queue(Strategy.FEWEST_CALLS))
    floor.seats_ready("a")
    for call_id in ("c1", "c2"):
        floor.arrives(call_id)
        floor.takes("a", call_id)
    floor.seats_ready("b")
    floor.tell(DayBegan())
    floor.arrives("c3")
    assert floor.seat_of("c3") == "a"


def test_round_robin_goes_round_in_the_order_of_the_settings(make_floor):
    floor = make_floor(queue(Strategy.ROUND_ROBIN), seats=seats("a", "b", "c"))
    floor.seats_ready("c", "b", "a")
    rung = []
    for number in range(5):
        floor.arrives(f"c{number}")
        rung.append(floor.seat_of(f"c{number}"))
        floor.takes(rung[-1], f"c{number}")
    assert rung == ["a", "b", "c", "a", "b"]


def test_round_robin_takes_turns_in_each_queue_by_itself(make_floor):
    floor = make_floor(queue(Strategy.ROUND_ROBIN), QueueSettings("r"))
    floor.seats_ready("a", "b")
    floor.arrives("c1", queue="r")
    floor.takes("a", "c1")
    floor.arrives("c2")
    assert floor.seat_of("c2") == "a"


def test_a_seat_that_did_not_answer_had_its_turn(make_floor):
    floor = make_floor(queue(Strategy.ROUND_ROBIN))
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.fails("a")
    assert floor.seat_of("c1") == "b"


def test_most_skilled_rings_the_seat_with_the_highest_levels_in_what_is_needed(make_floor):
    floor = make_floor(
        queue(Strategy.MOST_SKILLED),
        seats=[
            SeatSettings("a", ("q",), skills=(("zh", 1), ("ko", 9))),
            SeatSettings("b", ("q",), skills=(("zh", 3),)),
        ],
    )
    floor.seats_ready("a", "b")
    floor.arrives("c1", needs=(SkillNeed("zh"),))
    assert floor.seat_of("c1") == "b"


def test_last_seat_rings_the_seat_that_talked_with_this_caller_last(make_floor):
    floor = make_floor(queue(Strategy.LAST_SEAT))
    floor.seats_ready("a")
    floor.arrives("c1", caller="x")
    floor.takes("a", "c1")
    floor.seats_ready("b")
    floor.seat_not_ready("a")
    floor.seats_ready("a")
    floor.arrives("c2", caller="x")
    assert floor.seat_of("c2") == "a", "though b is idle longer"


def test_last_seat_lets_nobody_wait_for_a_seat_that_is_not_free(make_floor):
    floor = make_floor(queue(Strategy.LAST_SEAT))
    floor.seats_ready("a", "b")
    floor.arrives("c1", caller="x")
    floor.takes("a", "c1")
    floor.seat_not_ready("a")
    floor.arrives("c2", caller="x")
    assert floor.seat_of("c2") == "b"


@pytest.mark.parametrize("ago_s", [50, 150])
def test_a_last_seat_is_remembered_for_as_long_as_the_settings_say(make_floor, ago_s):
    floor = make_floor(queue(Strategy.LAST_SEAT), last_seat_s=100.0)
    floor.seats_ready("a", "b")
    floor.arrives("c1", caller="x")
    floor.takes("a", "c1")
    floor.passes(ago_s)
    floor.arrives("c2", caller="x")
    assert floor.seat_of("c2") == ("a" if ago_s < 100 else "b")


def test_a_limit_of_calls_an_hour_spares_a_seat(make_floor):
    floor = make_floor(
        seats=[SeatSettings("a", ("q",), calls_per_hour=1), SeatSettings("b", ("q",))]
    )
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.takes("a", "c1")
    floor.seat_not_ready("b")
    floor.seats_ready("b")
    floor.arrives("c2")
    assert floor.seat_of("c2") == "b"


def test_a_limit_counts_among_seats_of_whatever_skills(make_floor):
    floor = make_floor(
        seats=[
            SeatSettings("a", ("q",), skills=(("zh", 1),), calls_per_hour=1),
            SeatSettings("b", ("q",)),
        ]
    )
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.takes("a", "c1")
    floor.seat_not_ready("b")
    floor.seats_ready("b")
    floor.arrives("c2")
    assert floor.seat_of("c2") == "b"
    floor.arrives("c3", needs=(SkillNeed("zh", required=False),))
    assert floor.seat_of("c3") == "a"


def test_a_limit_of_calls_an_hour_lets_no_caller_wait(make_floor):
    floor = make_floor(seats=seats("a", calls_per_hour=1))
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.takes("a", "c1")
    floor.arrives("c2")
    assert floor.seat_of("c2") == "a"


def test_a_seat_over_its_limit_is_as_good_as_others_when_the_hour_is_over(make_floor):
    floor = make_floor(
        seats=[SeatSettings("a", ("q",), calls_per_hour=1), SeatSettings("b", ("q",))]
    )
    floor.seats_ready("a", "b")
    floor.arrives("c1")
    floor.takes("a", "c1")
    floor.seat_not_ready("b")
    floor.seats_ready("b")
    floor.passes(3600)
    floor.arrives("c2")
    assert floor.seat_of("c2") == "a"


def test_another_strategy_is_in_force_at_the_next_call(make_floor):
    floor = make_floor(seats=seats("a", "b"))
    floor.seats_ready("b", "a")
    floor.settings(FloorSettings((queue(Strategy.ROUND_ROBIN),), tuple(seats("a", "b"))))
    floor.arrives("c1")
    assert floor.seat_of("c1") == "a"
