import pytest

from acd.errors import InvalidSettings
from acd.events import CallNeeds
from acd.model import FloorSettings, QueueSettings, RelaxStep, SeatSettings, SeatState, SkillNeed
from acd.skills import Signatures

ZH = SkillNeed("zh")
SEATS = [
    SeatSettings("a", ("q",), skills=(("en", 5),)),
    SeatSettings("b", ("q",), skills=(("en", 1), ("zh", 2))),
]


def test_a_call_goes_to_the_seat_that_has_what_it_needs(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a", "b")
    floor.arrives("c1", needs=(ZH,))
    assert floor.seat_of("c1") == "b"


def test_a_call_waits_rather_than_go_to_a_seat_without_a_required_skill(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a")
    floor.arrives("c1", needs=(ZH,))
    assert floor.offered == []
    floor.seats_ready("b")
    assert floor.offered == [("c1", "b")]


def test_a_level_that_is_too_low_does_not_do(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("b")
    floor.arrives("c1", needs=(SkillNeed("zh", level=3),))
    floor.arrives("c2", needs=(SkillNeed("zh", level=2),))
    assert floor.waiting == ["c1"]
    assert floor.seat_of("c2") == "b"


def test_the_queues_needs_and_the_calls_own_both_count(make_floor):
    floor = make_floor(QueueSettings("q", needs=(SkillNeed("en", level=2),)), seats=SEATS)
    floor.seats_ready("a", "b")
    floor.arrives("c1", needs=(ZH,))
    assert floor.waiting == ["c1"], "a lacks Chinese, b speaks too little English"
    floor.arrives("c2")
    assert floor.seat_of("c2") == "a"


def test_of_two_needs_of_one_skill_the_higher_counts():
    needs, _ = (
        Signatures().timetable((SkillNeed("en", 1), SkillNeed("en", 3))).at(since=0.0, now=0.0)
    )
    known = Signatures()
    assert needs.match(known.skills((("en", 2),))) is None
    assert needs.match(known.skills((("en", 3),))) == (0, 3)


def test_a_later_call_that_the_seat_can_take_goes_before_an_earlier_one_that_it_cannot(make_floor):
    floor = make_floor(seats=SEATS)
    floor.arrives("c1", needs=(ZH,))
    floor.arrives("c2")
    floor.seats_ready("a")
    assert floor.seat_of("c2") == "a"
    floor.seats_ready("b")
    assert floor.seat_of("c1") == "b"


def test_required_skills_are_relaxed_on_their_timetable(make_floor):
    floor = make_floor(
        seats=[
            SeatSettings("low", ("q",), skills=(("zh", 1),)),
            SeatSettings("none", ("q",)),
        ]
    )
    floor.seats_ready("low", "none")
    steps = (RelaxStep(20.0, level=1), RelaxStep(40.0))
    floor.arrives("c1", "c2", needs=(SkillNeed("zh", level=3, relax=steps),))
    floor.passes(19.9)
    assert floor.waiting == ["c1", "c2"]
    floor.passes(0.1)
    assert floor.offered == [("c1", "low")]
    floor.answers("low")
    floor.passes(19.9)
    assert floor.waiting == ["c2"]
    floor.passes(0.1)
    assert floor.offered == [("c2", "none")]


def test_a_waiting_call_wakes_the_engine_for_its_next_step_only(make_floor):
    floor = make_floor(seats=SEATS)
    floor.arrives("c1", needs=(SkillNeed("ko", relax=(RelaxStep(30.0),)),))
    assert floor.engine.next_wakeup() == pytest.approx(floor.now + 30, abs=0.01)
    floor.leaves("c1")
    assert floor.engine.next_wakeup() is None


def test_a_redialled_place_counts_for_the_timetable(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a")
    need = SkillNeed("zh", relax=(RelaxStep(30.0),))
    floor.arrives("c1", caller="x", needs=(need,))
    floor.passes(25)
    floor.leaves("c1")
    floor.arrives("c2", caller="x", needs=(need,))
    floor.passes(5)
    assert floor.offered == [("c2", "a")]


def test_the_seat_with_the_most_preferred_skills_is_rung_first(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a", "b")
    floor.arrives("c1", needs=(SkillNeed("zh", required=False),))
    assert floor.seat_of("c1") == "b", "though a is idle longer"


def test_a_preferred_skill_lets_nobody_wait(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a")
    floor.arrives("c1", needs=(SkillNeed("zh", required=False),))
    assert floor.seat_of("c1") == "a"


def test_a_relaxed_skill_is_still_preferred(make_floor):
    floor = make_floor(seats=SEATS)
    floor.arrives("c1", needs=(SkillNeed("zh", relax=(RelaxStep(10.0),)),))
    floor.passes(20)
    floor.settings(FloorSettings((QueueSettings("q"),), tuple(SEATS)))
    floor.seats_ready("a")
    assert floor.seat_of("c1") == "a"
    floor.fails("a")
    floor.seats_ready("b")
    floor.fails("a")
    assert floor.seat_of("c1") == "b"


def test_what_a_call_turns_out_to_need_counts_from_then_on(make_floor):
    floor = make_floor(seats=SEATS)
    floor.arrives("c1")
    floor.tell(CallNeeds("c1", (ZH,)))
    floor.seats_ready("a")
    assert floor.waiting == ["c1"]
    floor.tell(CallNeeds("c1", ()))
    assert floor.offered == [("c1", "a")]


def test_needs_that_change_while_a_seat_rings_count_when_it_does_not_answer(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a")
    floor.arrives("c1")
    floor.tell(CallNeeds("c1", (ZH,)))
    assert floor.commands == []
    floor.fails("a")
    assert floor.waiting == ["c1"]


def test_a_seat_that_learns_a_skill_takes_who_waits_for_it(make_floor):
    floor = make_floor(seats=SEATS)
    floor.seats_ready("a")
    floor.arrives("c1", needs=(ZH,))
    taught = SeatSettings("a", ("q",), skills=(("zh", 1),))
    floor.settings(FloorSettings((QueueSettings("q"),), (taught,)))
    assert floor.offered == [("c1", "a")]
    assert floor.seat("a") is SeatState.OFFERED


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SkillNeed("zh", level=0), "skill zh: level is 0, expected at least 1"),
        (lambda: SkillNeed(""), "no name"),
        (lambda: SkillNeed("zh", relax=(RelaxStep(5.0, 2),)), "relax level is 2, expected 0 to 1"),
        (
            lambda: SkillNeed("zh", relax=(RelaxStep(9.0), RelaxStep(5.0))),
            "after_s is 5.0, expected at least 9",
        ),
        (lambda: SeatSettings("a", (), skills=(("zh", 0),)), "skill zh: level is 0"),
        (lambda: SeatSettings("a", (), skills=(("zh", 1), ("zh", 2))), "skill zh is named twice"),
    ],
)
def test_skills_that_cannot_be_are_refused(build, message):
    with pytest.raises(InvalidSettings, match=message):
        build()
