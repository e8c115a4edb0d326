"""The officer hunt, without clocks or phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.precincts.errors import IllegalHuntMove
from callcenter.precincts.hunt import (
    AlsoWanted,
    AttemptAnswered,
    AttemptDeclined,
    AttemptFailed,
    AttemptState,
    AttemptTook,
    Cancelled,
    Candidate,
    Command,
    Event,
    Exhausted,
    Hunt,
    HuntState,
    LadderChanged,
    Outcome,
    Ring,
    Ringing,
    Rung,
    StopRinging,
    Tick,
    Timing,
)

TIMING = Timing(ring_s=12, overlap_s=4, speak_s=10, brief_s=20)
PLENTY_S = 120.0


def ladder(*names: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(name, Rung.DUTY) for name in names)


def hunt_of(*names: str, heard_by: float = PLENTY_S, timing: Timing = TIMING) -> Hunt:
    return Hunt("h", ladder(*names), timing, heard_by)


def ring(number: int, name: str, ring_s: float = 12) -> Ring:
    return Ring(f"h-{number}", name, name, Rung.DUTY, ring_s)


def rings(commands: list[Command]) -> list[str]:
    return [c.officer_id for c in commands if isinstance(c, Ring)]


def run_out(hunt: Hunt, now: float) -> list[tuple[float, Command]]:
    """Let time pass until the hunt needs no more of it."""
    seen: list[tuple[float, Command]] = []
    for _ in range(200):
        wakeup = hunt.next_wakeup()
        if wakeup is None:
            return seen
        now = max(now, wakeup)
        seen += [(now, command) for command in hunt.handle(Tick(), now)]
    raise AssertionError("the hunt never ends")


def outcomes(hunt: Hunt) -> dict[str, Outcome]:
    return {result.attempt_id: result.outcome for result in hunt.results}


def test_next_phone_rings_before_the_first_gives_up() -> None:
    hunt = hunt_of("a", "b")
    assert hunt.start(0.0) == [ring(1, "a")]
    assert hunt.next_wakeup() == pytest.approx(8.0)
    assert hunt.handle(Tick(), 7.9) == []
    assert hunt.handle(Tick(), 8.0) == [ring(2, "b")]
    assert hunt.handle(Tick(), 12.0) == [StopRinging("h-1")]
    assert hunt.handle(Tick(), 20.0) == [StopRinging("h-2"), Exhausted()]
    assert hunt.state is HuntState.EXHAUSTED
    assert outcomes(hunt) == {"h-1": Outcome.NO_ANSWER, "h-2": Outcome.NO_ANSWER}


def test_phones_ring_closer_together_when_somebody_must_be_heard_soon() -> None:
    hunt = hunt_of("a", "b", "c", "d", heard_by=25.0)
    commands = [(0.0, c) for c in hunt.start(0.0)] + run_out(hunt, 0.0)
    began = [at for at, command in commands if isinstance(command, Ring)]
    # The last of them has the ten seconds that an officer needs to be heard.
    assert began == [0.0, pytest.approx(5.0), pytest.approx(10.0), pytest.approx(15.0)]


def test_phones_ring_two_seconds_apart_when_it_is_too_late_already() -> None:
    hunt = hunt_of("a", "b", "c", heard_by=5.0)
    commands = [(0.0, c) for c in hunt.start(0.0)] + run_out(hunt, 0.0)
    assert [at for at, c in commands if isinstance(c, Ring)] == [0.0, 2.0, 4.0]


def test_time_that_a_quick_refusal_saves_goes_to_those_who_follow() -> None:
    hunt = hunt_of("a", "b", "c", heard_by=22.0)
    hunt.start(0.0)
    assert hunt.next_wakeup() == pytest.approx(6.0)
    assert rings(hunt.handle(AttemptFailed("h-1"), 1.0)) == ["b"]
    assert hunt.next_wakeup() == pytest.approx(9.0)


def test_next_phone_rings_at_once_when_an_officer_hands_on() -> None:
    hunt = hunt_of("a", "b")
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 2.0)
    assert hunt.handle(AttemptDeclined("h-1"), 5.0) == [ring(2, "b")]
    assert outcomes(hunt) == {"h-1": Outcome.HANDED_ON}


def test_third_phone_rings_at_once_when_the_second_fails_while_the_first_still_rings() -> None:
    hunt = hunt_of("a", "b", "c")
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    assert hunt.handle(AttemptFailed("h-2"), 8.5) == [ring(3, "c")]


def test_first_officer_to_press_one_stops_all_others() -> None:
    hunt = hunt_of("a", "b")
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    assert hunt.handle(AttemptTook("h-2"), 9.0) == [StopRinging("h-1")]
    assert (hunt.state, hunt.taken_by) == (HuntState.TAKEN, "b")
    assert hunt.handle(AttemptTook("h-1"), 9.1) == [StopRinging("h-1")]
    assert hunt.taken_by == "b"
    assert hunt.next_wakeup() is None
    assert outcomes(hunt) == {"h-2": Outcome.TOOK, "h-1": Outcome.NOT_NEEDED}


def test_officer_who_listens_to_the_brief_is_not_cut_off_when_ringing_ends() -> None:
    hunt = hunt_of("a")
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 11.0)
    assert hunt.handle(Tick(), 20.0) == []
    assert hunt.handle(AttemptTook("h-1"), 21.0) == []
    assert hunt.taken_by == "a"


def test_voicemail_that_never_presses_a_key_is_hung_up_and_counts_as_silent() -> None:
    hunt = hunt_of("a")
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 1.0)
    assert run_out(hunt, 1.0) == [(21.0, StopRinging("h-1")), (21.0, Exhausted())]
    assert outcomes(hunt) == {"h-1": Outcome.SILENT}


def test_voicemail_does_not_keep_the_next_phone_from_ringing() -> None:
    hunt = hunt_of("voicemail", "b")
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 1.0)
    assert rings(hunt.handle(Tick(), 8.0)) == ["b"]


def test_cancelled_hunt_stops_every_phone_and_lets_nobody_in() -> None:
    hunt = hunt_of("a", "b")
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    assert hunt.handle(Cancelled(), 9.0) == [StopRinging("h-1"), StopRinging("h-2")]
    assert hunt.handle(AttemptTook("h-1"), 9.1) == [StopRinging("h-1")]
    assert hunt.state is HuntState.CANCELLED
    assert hunt.taken_by is None


def test_officers_second_phone_rings_after_the_first_and_before_the_next_officer() -> None:
    asked = (Candidate("a", Rung.DUTY, ("a-desk", "a-mobile")), Candidate("b", Rung.DEPUTY))
    hunt = Hunt("h", asked, TIMING, PLENTY_S)
    commands = [(0.0, c) for c in hunt.start(0.0)] + run_out(hunt, 0.0)
    assert [(c.officer_id, c.phone) for _, c in commands if isinstance(c, Ring)] == [
        ("a", "a-desk"),
        ("a", "a-mobile"),
        ("b", "b"),
    ]


def test_one_phone_rings_once_whoever_it_belongs_to() -> None:
    asked = (Candidate("a", Rung.DUTY, ("desk",)), Candidate("b", Rung.DESK, ("desk",)))
    hunt = Hunt("h", asked, TIMING, PLENTY_S)
    hunt.start(0.0)
    assert hunt.left == ()


def test_another_place_stops_those_who_are_not_responsible_and_rings_those_who_are() -> None:
    hunt = hunt_of("a", "b", "c")
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    commands = hunt.handle(LadderChanged(ladder("b", "x", "y")), 9.0)
    assert commands == [StopRinging("h-1"), ring(3, "x")]
    assert hunt.tried == ("a", "b", "x")
    assert [candidate.officer_id for candidate, _ in hunt.left] == ["y"]
    assert outcomes(hunt) == {"h-1": Outcome.NOT_NEEDED}


def test_the_same_ladder_again_changes_nothing() -> None:
    hunt = hunt_of("a", "b")
    hunt.start(0.0)
    assert hunt.handle(LadderChanged(ladder("a", "b")), 3.0) == []
    assert hunt.next_wakeup() == pytest.approx(8.0)


def test_the_first_of_a_new_ladder_rings_at_once_beside_one_who_is_further_down_on_it() -> None:
    hunt = hunt_of("a", "b")
    hunt.start(0.0)
    assert hunt.handle(LadderChanged(ladder("c", "a")), 1.0) == [ring(2, "c")]
    assert hunt.handle(LadderChanged(ladder("c", "a", "d")), 1.5) == []


def test_an_officer_who_is_also_wanted_rings_at_once_beside_the_others() -> None:
    hunt = hunt_of("a", "b")
    hunt.start(0.0)
    assert hunt.handle(AlsoWanted(ladder("b", "a", "z")), 1.0) == [ring(2, "b"), ring(3, "z")]
    assert hunt.left == ()


def test_adopted_hunt_rings_nobody_again_and_goes_on_with_the_next() -> None:
    a, b, c = ladder("a", "b", "c")
    under_way = [Ringing("h-2", a, "a", answered=False, began=0.0)]
    hunt = Hunt.adopted("h", (a, b, c), TIMING, PLENTY_S, under_way, now=5.0, rang_before=2)
    assert hunt.handle(Tick(), 5.0) == []
    assert hunt.handle(Tick(), 8.0) == [ring(3, "b")]
    assert hunt.handle(AttemptTook("h-2"), 9.0) == [StopRinging("h-3")]
    assert hunt.taken_by == "a"


def test_adopted_hunt_of_which_no_phone_rings_goes_on_at_once() -> None:
    hunt = Hunt.adopted("h", ladder("b"), TIMING, PLENTY_S, [], now=5.0, rang_before=1)
    assert hunt.handle(Tick(), 5.0) == [ring(2, "b")]


def test_nobody_on_duty_is_said_at_once() -> None:
    assert hunt_of().start(0.0) == [Exhausted()]


def test_hunt_used_against_its_states_raises_and_changes_nothing() -> None:
    hunt = hunt_of("a")
    with pytest.raises(IllegalHuntMove):
        hunt.handle(Tick(), 0.0)
    hunt.start(0.0)
    with pytest.raises(IllegalHuntMove):
        hunt.start(1.0)
    assert (hunt.state, hunt.tried) == (HuntState.HUNTING, ("a",))


def test_unknown_attempt_is_ignored() -> None:
    hunt = hunt_of("a")
    hunt.start(0.0)
    assert hunt.handle(AttemptTook("other-1"), 1.0) == []
    assert hunt.state is HuntState.HUNTING


@pytest.mark.parametrize("bad", [{"ring_s": 0}, {"brief_s": -1}, {"overlap_s": -1}])
def test_durations_that_make_no_sense_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(IllegalHuntMove):
        Timing(**{"ring_s": 12, "overlap_s": 4, "speak_s": 10, "brief_s": 20, **bad})


officers_strategy = st.lists(st.sampled_from("abcdefgh"), max_size=8)
seconds = st.floats(0.5, 60)


@given(officers_strategy, seconds, st.floats(0, 30), seconds, st.floats(-30, 90))
def test_every_phone_starts_in_time_to_be_heard_unless_it_is_too_late_for_people(
    officers: list[str], ring_s: float, overlap_s: float, speak_s: float, heard_by: float
) -> None:
    timing = Timing(ring_s, overlap_s, speak_s, brief_s=20)
    hunt = hunt_of(*officers, heard_by=heard_by, timing=timing)
    commands = [(0.0, command) for command in hunt.start(0.0)] + run_out(hunt, 0.0)
    began = [(at, c.officer_id) for at, c in commands if isinstance(c, Ring)]
    assert [name for _, name in began] == list(dict.fromkeys(officers))
    least = timing.least_step_s * (len(began) - 1)
    assert all(at <= max(heard_by - speak_s, least) + 1e-3 for at, _ in began[1:])
    assert sum(isinstance(c, Exhausted) for _, c in commands) == 1
    assert len(hunt.results) == len(began)


def events_strategy() -> st.SearchStrategy[list[tuple[float, Event]]]:
    attempt_ids = st.sampled_from([f"h-{n}" for n in range(1, 7)] + ["x-1"])
    ladders = st.lists(st.sampled_from("abcxyz"), max_size=4).map(lambda names: ladder(*names))
    events = st.one_of(
        st.builds(AttemptAnswered, attempt_ids),
        st.builds(AttemptTook, attempt_ids),
        st.builds(AttemptDeclined, attempt_ids, st.booleans()),
        st.builds(AttemptFailed, attempt_ids),
        st.builds(LadderChanged, ladders),
        st.builds(AlsoWanted, ladders),
        st.just(Tick()),
        st.just(Cancelled()),
    )
    return st.lists(st.tuples(st.floats(0, 10), events), max_size=40)


@given(st.lists(st.sampled_from("abcde"), max_size=6), events_strategy())
def test_no_sequence_of_events_lets_two_officers_in_or_leaves_a_phone_ringing(
    officers: list[str], events: list[tuple[float, Event]]
) -> None:
    hunt = hunt_of(*officers, heard_by=30.0)
    now = 0.0
    live: dict[str, str] = {}
    let_in: set[str] = set()
    rung: list[str] = []

    def obey(commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Ring):
                assert command.attempt_id not in live
                assert command.phone not in rung
                rung.append(command.phone)
                live[command.attempt_id] = command.officer_id
            elif isinstance(command, StopRinging):
                live.pop(command.attempt_id, None)
                assert command.attempt_id not in let_in

    obey(hunt.start(now))
    for pause, event in events:
        now += pause
        was_hunting = hunt.state is HuntState.HUNTING
        commands = hunt.handle(event, now)
        if isinstance(event, AttemptDeclined | AttemptFailed):
            live.pop(event.attempt_id, None)
        if (
            isinstance(event, AttemptTook)
            and hunt.attempt_state(event.attempt_id) is AttemptState.TOOK
            and was_hunting
        ):
            let_in.add(event.attempt_id)
            live.pop(event.attempt_id, None)
        obey(commands)
        assert len(let_in) <= 1
        if hunt.state is not HuntState.HUNTING:
            assert live == {}
            assert rings(commands) == []
            assert hunt.next_wakeup() is None
    for _, command in run_out(hunt, now):
        obey([command])
    assert live == {}
    assert (hunt.taken_by is not None) == (hunt.state is HuntState.TAKEN) == (len(let_in) == 1)
    # What came of every phone is told, once.
    assert sorted(result.attempt_id for result in hunt.results) == sorted(
        f"h-{number + 1}" for number in range(len(rung))
    )
