"""The officer hunt, without clocks or phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.precincts.errors import IllegalHuntMove
from callcenter.precincts.hunt import (
    AttemptAnswered,
    AttemptDeclined,
    AttemptFailed,
    AttemptState,
    AttemptTook,
    Cancelled,
    Command,
    Event,
    Exhausted,
    Hunt,
    HuntState,
    Ring,
    StopRinging,
    Tick,
)


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


def test_next_phone_rings_before_the_first_gives_up() -> None:
    hunt = Hunt("h", ["a", "b"], ring_s=12, overlap_s=4, total_s=30)
    assert hunt.start(100.0) == [Ring("h-1", "a", 12)]
    assert hunt.next_wakeup() == pytest.approx(108.0)
    assert hunt.handle(Tick(), 107.9) == []
    assert hunt.handle(Tick(), 108.0) == [Ring("h-2", "b", 12)]
    assert hunt.handle(Tick(), 112.0) == [StopRinging("h-1")]
    assert hunt.handle(Tick(), 120.0) == [StopRinging("h-2"), Exhausted()]
    assert hunt.state is HuntState.EXHAUSTED


def test_next_phone_rings_at_once_when_an_officer_declines() -> None:
    hunt = Hunt("h", ["a", "b"], 12, 4, 30)
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 2.0)
    assert hunt.handle(AttemptDeclined("h-1"), 5.0) == [Ring("h-2", "b", 12)]


def test_first_officer_to_press_one_stops_all_others() -> None:
    hunt = Hunt("h", ["a", "b"], 12, 4, 30)
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    assert hunt.handle(AttemptTook("h-2"), 9.0) == [StopRinging("h-1")]
    assert (hunt.state, hunt.taken_by) == (HuntState.TAKEN, "b")
    assert hunt.handle(AttemptTook("h-1"), 9.1) == [StopRinging("h-1")]
    assert hunt.taken_by == "b"
    assert hunt.next_wakeup() is None


def test_officer_who_listens_to_the_brief_is_not_cut_off_when_ringing_ends() -> None:
    hunt = Hunt("h", ["a"], 12, 4, 30)
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 11.0)
    assert hunt.handle(Tick(), 20.0) == []
    assert hunt.handle(AttemptTook("h-1"), 21.0) == []
    assert hunt.taken_by == "a"


def test_voicemail_that_never_presses_one_is_hung_up() -> None:
    hunt = Hunt("h", ["a"], 12, 4, 30, brief_s=20)
    hunt.start(0.0)
    hunt.handle(AttemptAnswered("h-1"), 1.0)
    assert run_out(hunt, 1.0) == [(21.0, StopRinging("h-1")), (21.0, Exhausted())]


def test_cancelled_hunt_stops_every_phone_and_lets_nobody_in() -> None:
    hunt = Hunt("h", ["a", "b"], 12, 4, 30)
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    assert hunt.handle(Cancelled(), 9.0) == [StopRinging("h-1"), StopRinging("h-2")]
    assert hunt.handle(AttemptTook("h-1"), 9.1) == [StopRinging("h-1")]
    assert hunt.state is HuntState.CANCELLED
    assert hunt.taken_by is None


def test_nobody_on_duty_is_said_at_once() -> None:
    assert Hunt("h", [], 12, 4, 30).start(0.0) == [Exhausted()]


def test_officer_named_twice_is_rung_once() -> None:
    assert Hunt("h", ["a", "b", "a"], 12, 4, 30).officers == ("a", "b")


def test_hunt_used_against_its_states_raises_and_changes_nothing() -> None:
    hunt = Hunt("h", ["a"], 12, 4, 30)
    with pytest.raises(IllegalHuntMove):
        hunt.handle(Tick(), 0.0)
    hunt.start(0.0)
    with pytest.raises(IllegalHuntMove):
        hunt.start(1.0)
    assert (hunt.state, hunt.tried) == (HuntState.HUNTING, ("a",))


def test_unknown_attempt_is_ignored() -> None:
    hunt = Hunt("h", ["a"], 12, 4, 30)
    hunt.start(0.0)
    assert hunt.handle(AttemptTook("other-1"), 1.0) == []
    assert hunt.state is HuntState.HUNTING


@pytest.mark.parametrize("bad", [{"ring_s": 0}, {"total_s": -1}, {"overlap_s": -1}])
def test_durations_that_make_no_sense_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(IllegalHuntMove):
        Hunt("h", ["a"], **{"ring_s": 12, "overlap_s": 4, "total_s": 30, **bad})


officers_strategy = st.lists(st.sampled_from("abcdefgh"), max_size=8)
seconds = st.floats(0.5, 60)


@given(officers_strategy, seconds, st.floats(0, 30), seconds)
def test_ladder_always_fits_into_its_total(
    officers: list[str], ring_s: float, overlap_s: float, total_s: float
) -> None:
    hunt = Hunt("h", officers, ring_s, overlap_s, total_s)
    commands = [(0.0, command) for command in hunt.start(0.0)] + run_out(hunt, 0.0)
    rung = [(at, c) for at, c in commands if isinstance(c, Ring)]
    assert [c.officer_id for _, c in rung] == list(dict.fromkeys(officers))
    assert all(at + c.ring_s <= total_s + 1e-3 for at, c in rung)
    assert sum(isinstance(c, Exhausted) for _, c in commands) == 1
    assert all(at <= total_s + 1e-3 for at, _ in commands)


def events_strategy() -> st.SearchStrategy[list[tuple[float, Event]]]:
    attempt_ids = st.sampled_from([f"h-{n}" for n in range(1, 7)] + ["x-1"])
    events = st.one_of(
        st.builds(AttemptAnswered, attempt_ids),
        st.builds(AttemptTook, attempt_ids),
        st.builds(AttemptDeclined, attempt_ids),
        st.builds(AttemptFailed, attempt_ids),
        st.just(Tick()),
        st.just(Cancelled()),
    )
    return st.lists(st.tuples(st.floats(0, 10), events), max_size=40)


@given(st.lists(st.sampled_from("abcde"), max_size=6), events_strategy())
def test_no_sequence_of_events_lets_two_officers_in_or_leaves_a_phone_ringing(
    officers: list[str], events: list[tuple[float, Event]]
) -> None:
    hunt = Hunt("h", officers, 12, 4, 30)
    now = 0.0
    live: dict[str, str] = {}
    let_in: set[str] = set()

    def obey(commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Ring):
                assert command.attempt_id not in live
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


def test_third_phone_rings_at_once_when_the_second_fails_while_the_first_still_rings() -> None:
    hunt = Hunt("h", ["a", "b", "c"], 12, 4, 30)
    hunt.start(0.0)
    hunt.handle(Tick(), 8.0)
    assert hunt.handle(AttemptFailed("h-2"), 8.5) == [Ring("h-3", "c", 12)]
