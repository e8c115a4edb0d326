import pytest

from acd.commands import Announce
from acd.errors import InvalidSettings
from acd.events import AnnouncementEnded, SurgeSet
from acd.model import FloorSettings, NoticeKind, QueueSettings, SeatSettings, Surge
from acd.surge import Surges

SURGE = Surge(calls=3, within_s=60.0, announcement="accident", announcement_s=10.0)
Q = QueueSettings("q", surge=SURGE)
FIRST = Announce("c4", "accident", first=True, call_back=False)


@pytest.fixture
def floor(make_floor):
    return make_floor(Q)


def rush(floor):
    """Three callers from the bridge: a surge."""
    floor.arrives("c1", "c2", "c3", origin="bridge")


def test_a_surge_begins_with_many_calls_from_one_place(floor):
    floor.arrives("c1", "c2", origin="bridge")
    assert floor.notices == []
    floor.arrives("c3", origin="bridge")
    assert floor.notices == [(NoticeKind.SURGE_BEGAN, "bridge")]
    assert floor.announced == [], "later callers hear it, not those who made it one"
    assert floor.engine.surges() == ("bridge",)


def test_calls_from_many_places_are_no_surge(floor):
    for number in range(9):
        floor.arrives(f"c{number}", origin=f"cell{number}")
    floor.arrives("c10", "c11", "c12", "c13")
    assert floor.engine.surges() == ()


def test_calls_spread_over_time_are_no_surge(floor):
    for number in range(9):
        floor.arrives(f"c{number}", origin="bridge")
        floor.passes(31)
    assert floor.engine.surges() == ()


def test_later_callers_hear_the_message_before_anybody_is_rung(floor):
    rush(floor)
    floor.arrives("c4", origin="bridge")
    assert floor.announced == [FIRST]
    for call_id in ("c1", "c2", "c3"):
        floor.leaves(call_id)
    floor.seats_ready("a")
    assert floor.offered == []
    floor.tell(AnnouncementEnded("c4"))
    assert floor.offered == [("c4", "a")]


def test_a_caller_in_a_surge_whom_a_free_seat_can_take_is_offered_at_once_and_hears_nothing(
    make_floor,
):
    seats = [SeatSettings("a", ("q",)), SeatSettings("b", ("other",))]
    floor = make_floor(Q, QueueSettings("other"), seats=seats)
    rush(floor)
    for call_id in ("c1", "c2", "c3"):
        floor.leaves(call_id)
    floor.seats_ready("a", "b")
    floor.arrives("c4", origin="bridge")
    assert (floor.announced, floor.offered) == ([], [("c4", "a")])
    floor.arrives("c5", origin="bridge")
    assert [heard.call_id for heard in floor.announced] == ["c5"], "seat b is free for others only"


def test_callers_from_elsewhere_hear_nothing(floor):
    rush(floor)
    floor.arrives("c4", origin="town")
    floor.arrives("c5")
    assert floor.announced == []


def test_who_hears_a_message_first_keeps_the_place(floor):
    rush(floor)
    floor.arrives("c4", origin="bridge")
    floor.arrives("c5")
    assert floor.waiting == ["c1", "c2", "c3", "c4", "c5"]
    floor.tell(AnnouncementEnded("c4"))
    assert floor.waiting == ["c1", "c2", "c3", "c4", "c5"]


def test_a_message_whose_end_is_not_heard_holds_nobody_back_longer_than_it_may(floor):
    rush(floor)
    floor.arrives("c4", origin="bridge")
    for call_id in ("c1", "c2", "c3"):
        floor.leaves(call_id)
    floor.seats_ready("a")
    floor.passes(9.9)
    assert floor.offered == []
    floor.passes(0.2)
    assert floor.offered == [("c4", "a")]


def test_settings_that_change_within_the_message_do_not_cut_it(floor):
    rush(floor)
    floor.arrives("c4", origin="bridge")
    for call_id in ("c1", "c2", "c3"):
        floor.leaves(call_id)
    floor.seats_ready("a")
    floor.settings(FloorSettings((Q,), (SeatSettings("a", ("q",)),)))
    assert floor.offered == []
    floor.passes(10)
    assert floor.offered == [("c4", "a")]


def test_a_surge_is_over_when_fewer_than_half_as_many_come(floor):
    rush(floor)
    floor.passes(30)
    floor.arrives("c4", origin="bridge")
    floor.passes(29.9)
    assert floor.engine.surges() == ("bridge",), "two of the last minute are half of three"
    floor.passes(0.2)
    assert floor.notices == [(NoticeKind.SURGE_ENDED, "bridge")]
    floor.arrives("c5", origin="bridge")
    assert floor.announced == []


def test_a_person_begins_a_surge_and_ends_it(floor):
    floor.tell(SurgeSet("bridge", True))
    assert floor.notices == [(NoticeKind.SURGE_BEGAN, "bridge")]
    floor.passes(3600)
    floor.arrives("c4", origin="bridge")
    assert floor.announced == [FIRST]
    floor.tell(SurgeSet("bridge", False))
    assert floor.notices == [(NoticeKind.SURGE_ENDED, "bridge")]
    floor.arrives("c5", origin="bridge")
    assert floor.announced == []


def test_a_surge_that_a_person_ended_does_not_begin_again_in_the_same_rush(floor):
    rush(floor)
    floor.tell(SurgeSet("bridge", False))
    floor.arrives("c4", "c5", "c6", origin="bridge")
    assert floor.engine.surges() == ()
    floor.passes(120)
    floor.arrives("c7", "c8", "c9", origin="bridge")
    assert floor.engine.surges() == ("bridge",)


def test_a_surge_by_hand_works_in_a_queue_without_one(make_floor):
    floor = make_floor()
    floor.tell(SurgeSet("bridge", True))
    floor.arrives("c1", origin="bridge")
    assert floor.announced == [Announce("c1", "surge", first=True, call_back=False)]


def test_a_surge_ends_with_the_setting_that_made_it_and_drops_nobody(floor):
    rush(floor)
    floor.arrives("c4", origin="bridge")
    floor.settings(FloorSettings((QueueSettings("q"),), (SeatSettings("a", ("q",)),)))
    assert floor.engine.surges() == ()
    assert floor.waiting == ["c1", "c2", "c3", "c4"]
    floor.passes(60)


def test_a_caller_who_leaves_within_the_message_is_gone(floor):
    rush(floor)
    floor.arrives("c4", origin="bridge")
    floor.leaves("c4")
    floor.passes(20)
    assert "c4" not in floor.waiting


def test_a_message_that_ends_twice_changes_nothing(floor):
    floor.arrives("c1")
    floor.tell(AnnouncementEnded("c1"))
    assert floor.commands == []


def test_origins_are_bounded_and_a_surge_is_not_forgotten():
    surges = Surges(origins_kept=3)
    surges.set("bridge", True, 0.0)
    for number in range(9):
        surges.arrived(f"cell{number}", "q", SURGE, 1.0)
    assert len(surges) == 3
    assert surges.on() == ("bridge",)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Surge(calls=0), "surge: calls is 0, expected at least 1"),
        (lambda: Surge(calls=5, within_s=0), "within_s is 0, expected more than 0"),
        (lambda: Surge(calls=5, announcement=""), "announcement is empty"),
    ],
)
def test_surges_that_cannot_be_are_refused(build, message):
    with pytest.raises(InvalidSettings, match=message):
        build()
