"""The played floor: what callers, phones and people do, and what the engine makes of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from acd.confidence import interval_99
from acd.erlang import waiting
from acd.figures import CallOutcome, figures
from acd.lots import FOREVER, Always, Exponential, Lots
from acd.model import (
    AfterCall,
    FloorSettings,
    OfferCause,
    OverflowRule,
    OverflowTo,
    OverflowWhen,
    QueueSettings,
    SeatSettings,
    Strategy,
)
from acd.scenario import (
    DAY_S,
    Fault,
    OffersFail,
    PhonesVanish,
    PoissonArrivals,
    RecordedArrivals,
    RecordedCall,
    Scenario,
    SettingsChange,
    Shift,
    recorded_shifts,
)
from acd.simulate import Simulated, simulate

HOUR_S = 3600.0


def lots(seed: int = 1) -> Callable[[str], Lots]:
    return lambda purpose: random.Random(f"{seed} {purpose}")  # noqa: S311 # same calls each time


def floor(*seat_ids: str, **queue: object) -> FloorSettings:
    settings = QueueSettings("q", **{"redial_s": 0.0, **queue})  # type: ignore[arg-type]
    return FloorSettings((settings,), tuple(SeatSettings(seat_id, ("q",)) for seat_id in seat_ids))


def caller(at_s: float, talks_s: float = 60.0, leaves_after_s: float | None = None) -> RecordedCall:
    """One who talks so long once answered, and leaves if told so."""
    return RecordedCall(
        at_s, "q", leaves_after_s or 0.0, answered=leaves_after_s is None, handling_s=talks_s
    )


def play(
    settings: FloorSettings, *calls: RecordedCall, faults: tuple[Fault, ...] = (), **more: object
) -> tuple[list[CallOutcome], Simulated]:
    scenario = Scenario(
        settings,
        (RecordedArrivals(calls, Always(60.0)),),
        end_s=HOUR_S,
        faults=faults,
        **more,  # type: ignore[arg-type]
    )
    outcomes: list[CallOutcome] = []
    simulated = simulate(scenario, lots(), outcomes.append)
    return sorted(outcomes, key=lambda call: int(call.call_id)), simulated


def test_a_caller_gets_the_free_seat_at_once_and_the_next_waits_for_it():
    (first, second), simulated = play(floor("a"), caller(10), caller(30))
    assert (first.wait_ms, second.wait_ms) == (0, 40_000)
    assert (first.talk_ms, first.seat) == (60_000, "a")
    assert (simulated.calls, simulated.still_waiting) == (2, 0)


def test_a_caller_leaves_when_patience_is_over():
    (_, second, third), _ = play(
        floor("a"), caller(10), caller(30, leaves_after_s=39.0), caller(31, leaves_after_s=40.0)
    )
    assert (second.abandoned, second.answered, second.wait_ms) == (True, False, 39_000)
    assert (third.abandoned, third.wait_ms) == (False, 39_000)


def test_who_hangs_up_on_arrival_is_answered_by_nobody_though_a_seat_is_free():
    hung_up = RecordedCall(10.0, "q", 0.0, answered=False)
    (call,), _ = play(floor("a"), hung_up)
    assert (call.abandoned, call.wait_ms, call.answered) == (True, 0, False)


def test_a_phone_rings_until_it_is_taken():
    (call,), _ = play(floor("a"), caller(10), answering=Always(4.0))
    assert (call.wait_ms, call.ring_no_answers) == (4000, 0)


def test_a_caller_leaves_while_a_phone_rings():
    (call,), simulated = play(floor("a"), caller(10, leaves_after_s=3.0), answering=Always(4.0))
    assert (call.abandoned, call.wait_ms, simulated.offers) == (True, 3000, 1)


def test_a_phone_that_rings_out_gives_the_call_to_the_next_seat():
    silent = OffersFail(0.0, HOUR_S, OfferCause.NO_ANSWER, ("a",))
    (call,), _ = play(floor("a", "b", ring_s=12.0), caller(10), faults=(silent,))
    assert (call.wait_ms, call.seat, call.ring_no_answers) == (12_000, "b", 1)


def test_a_phone_that_rejects_does_so_at_once():
    refusing = OffersFail(0.0, HOUR_S, OfferCause.REJECTED, ("a",))
    (call,), _ = play(floor("a", "b"), caller(10), faults=(refusing,))
    assert call.wait_ms == pytest.approx(100)


def test_a_seat_that_missed_too_many_comes_back_after_a_while():
    silent = OffersFail(0.0, 50.0, OfferCause.NO_ANSWER)
    (call,), _ = play(
        floor("a", ring_s=10.0, misses_before_not_ready=2),
        caller(10),
        faults=(silent,),
        back_after_misses_s=30.0,
    )
    assert (call.wait_ms, call.ring_no_answers) == (50_000, 2)


def test_a_caller_whose_seat_vanishes_goes_on_with_another_and_says_the_rest():
    gone = PhonesVanish(30.0, 300.0, ("a",))
    (call,), simulated = play(floor("a", "b"), caller(10, talks_s=100), faults=(gone,))
    assert (call.wait_ms, call.seat, call.talk_ms) == (0, "a", 100_000)
    assert simulated.seat_times["b"].busy_ms == 80_000
    assert simulated.offers == 2


def test_a_caller_who_was_cut_off_and_waited_still_says_all():
    gone = PhonesVanish(30.0, 50.0, ("a",))
    (call,), simulated = play(floor("a"), caller(10, talks_s=100), faults=(gone,))
    assert call.talk_ms == 100_000
    assert simulated.seat_times["a"].busy_ms == 100_000


def test_a_phone_that_vanishes_while_it_rings_answers_nobody():
    gone = PhonesVanish(12.0, 300.0, ("a",))
    (call,), simulated = play(floor("a", "b"), caller(10), faults=(gone,), answering=Always(4.0))
    assert (call.seat, call.wait_ms, simulated.offers) == ("b", 6000, 2)


def test_settings_change_while_calls_are_played():
    slow, quick = floor("a", "b", ring_s=40.0), floor("a", "b", ring_s=5.0)
    silent = OffersFail(0.0, HOUR_S, OfferCause.NO_ANSWER, ("a",))
    calls = caller(10), caller(500)
    (first, second), _ = play(slow, *calls, faults=(silent, SettingsChange(400.0, quick)))
    assert (first.wait_ms, second.wait_ms) == (40_000, 5000)


def test_a_shift_ends_after_the_call_that_goes_on():
    shifts = {"a": (Shift(0.0, 20.0), Shift(200.0, 400.0))}
    (first, second), simulated = play(floor("a"), caller(10), caller(15), shifts=shifts)
    assert (first.talk_ms, second.wait_ms) == (60_000, 185_000)
    assert simulated.seat_times["a"].on_duty_ms == 70_000 + 200_000


def test_the_last_seat_stays_as_long_as_somebody_waits():
    shifts = {"a": (Shift(0.0, 20.0),)}
    (_, second), simulated = play(floor("a"), caller(10), caller(15), shifts=shifts, overtime=True)
    assert second.wait_ms == 55_000
    assert simulated.still_waiting == 0


def test_a_caller_for_whom_nobody_ever_comes_is_told_of_as_waiting():
    (call,), simulated = play(floor("a"), caller(10), shifts={"a": ()})
    assert (call.answered, call.abandoned, call.wait_ms) == (False, False, None)
    assert simulated.still_waiting == 1


def test_wrap_up_keeps_the_seat_and_counts_as_busy():
    (first, second), simulated = play(floor("a", wrap_up_s=25.0), caller(10), caller(11))
    assert first.wrap_up_ms == second.wrap_up_ms == 25_000
    assert second.wait_ms == 60_000 + 25_000 - 1000
    assert simulated.seat_times["a"].busy_ms == 170_000
    of = figures([first, second], seat_time=simulated.seat_time)
    assert of.occupancy == pytest.approx(170 / 3600)


def test_the_next_caller_waits_until_the_record_is_saved():
    settings = floor("a", after_call=AfterCall.UNTIL_SAVED)
    (first, second), _ = play(settings, caller(10), caller(11), wrap_up=Always(33.0))
    assert (first.wrap_up_ms, second.wait_ms) == (33_000, 60_000 + 33_000 - 1000)


def test_a_record_that_is_saved_late_ends_no_later_wrap_up():
    settings = floor("a", after_call=AfterCall.UNTIL_SAVED, wrap_up_s=10.0)
    (_, second), _ = play(settings, caller(10), caller(11, talks_s=20), wrap_up=Always(33.0))
    assert second.wrap_up_ms == 10_000


def test_of_phones_that_ring_at_once_the_quickest_takes_the_call():
    settings = floor("a", "b", "c", strategy=Strategy.RING_ALL)
    scenario_calls = [caller(at_s, talks_s=1.0) for at_s in range(10, 3000, 30)]
    one, _ = play(floor("a"), *scenario_calls, answering=Exponential(6.0))
    all_, simulated = play(settings, *scenario_calls, answering=Exponential(6.0))
    mean_one, mean_all = (figures(calls).wait_mean_ms or 0 for calls in (one, all_))
    assert mean_all < mean_one / 2
    assert simulated.offers == len(scenario_calls)


def test_a_caller_who_is_announced_a_call_back_may_take_it():
    rule = OverflowRule(OverflowWhen.WAITED_S, OverflowTo.ANNOUNCEMENT, 20.0, "call-back")
    settings = floor("a", overflow=(rule,))
    calls = caller(10, talks_s=300), caller(11)
    (_, called_back), simulated = play(settings, *calls, call_back_share=1.0)
    assert simulated.to_call_back == 1
    assert (called_back.answered, called_back.abandoned) == (False, False)
    (_, stays), _ = play(settings, *calls, call_back_share=0.0)
    assert stays.answered


def test_a_call_that_is_diverted_is_taken_elsewhere():
    rule = OverflowRule(OverflowWhen.WAITED_S, OverflowTo.NUMBER, 20.0, "5550199")
    calls = caller(10, talks_s=300), caller(11)
    (_, second), simulated = play(floor("a", overflow=(rule,)), *calls)
    assert (simulated.diverted, second.answered) == (1, False)


def scenario(**more: object) -> Scenario:
    arrivals = PoissonArrivals("q", (120.0,), Exponential(90.0), Exponential(60.0))
    return Scenario(floor("a", "b", "c"), (arrivals,), end_s=4 * HOUR_S, **more)  # type: ignore[arg-type]


def outcomes_of(played: Scenario, seed: int = 1) -> list[CallOutcome]:
    outcomes: list[CallOutcome] = []
    simulate(played, lots(seed), outcomes.append)
    return outcomes


def test_the_same_seed_gives_the_same_calls_and_another_gives_others():
    assert outcomes_of(scenario()) == outcomes_of(scenario())
    assert outcomes_of(scenario()) != outcomes_of(scenario(), seed=2)


def test_callers_are_the_same_whatever_the_floor_does():
    """So that two settings are compared on the same calls."""
    more_seats = replace(scenario(), floor=floor("a", "b", "c", "d"), answering=Exponential(3.0))
    few, many = (
        sorted(call.arrived_s for call in outcomes_of(each)) for each in (scenario(), more_seats)
    )
    assert few == many


def test_rates_of_half_hours_are_kept():
    per_hour = tuple(600.0 if slot == 20 else 0.0 for slot in range(48))
    callers = PoissonArrivals("q", per_hour, Always(1.0), FOREVER).callers(
        random.Random(1),  # noqa: S311 # same calls each time
        0.0,
        10 * DAY_S,
    )
    times = [each.at_s for each in callers]
    assert {int(at_s % DAY_S // 1800) for at_s in times} == {20}
    assert len(times) == pytest.approx(3000, abs=3.3 * 3000**0.5)


def test_who_left_leaves_again_and_who_was_answered_waits_on():
    recorded = (
        RecordedCall(1.0, "q", 20.0, answered=False),
        RecordedCall(2.0, "q", 30.0, answered=True, handling_s=45.0),
    )
    arrivals = RecordedArrivals(recorded, handling=Always(70.0), patience=Always(15.0))
    left, answered = arrivals.callers(random.Random(1), 0.0, 100.0)  # noqa: S311 # nothing drawn
    assert (left.patience_s, left.handling_s) == (20.0, 70.0)
    assert (answered.patience_s, answered.handling_s) == (45.0, 45.0)


def test_recorded_shifts_are_from_a_days_first_conversation_to_its_last():
    calls = [
        RecordedCall(100.0, "q", 10.0, True, 50.0, "a"),
        RecordedCall(500.0, "q", 0.0, True, 60.0, "a"),
        RecordedCall(DAY_S + 7.0, "q", 0.0, True, 5.0, "a"),
        RecordedCall(9.0, "q", 5.0, False),
    ]
    assert recorded_shifts(calls) == {"a": (Shift(110.0, 560.0), Shift(DAY_S + 7, DAY_S + 12))}


def test_an_engine_that_wants_to_be_woken_without_end_is_found_out(monkeypatch):
    monkeypatch.setattr("acd.simulate.Engine.next_wakeup", lambda engine: 5.0)
    with pytest.raises(RuntimeError, match="without end"):
        play(floor("a"), caller(10))


@pytest.mark.parametrize(
    ("seats", "per_hour", "patience_s", "calls"),
    [(10, 160.0, None, 60_000), (10, 200.0, 120.0, 40_000)],
    ids=["Erlang C", "Erlang A"],
)
def test_simulated_means_lie_in_the_99_percent_interval_of_the_formula(
    seats, per_hour, patience_s, calls
):
    """100,000 calls, seed 1, the first tried; `tests/bench` does it with a million each."""
    wait_s: dict[int, float] = {}
    left: dict[int, bool] = {}

    def take(call: CallOutcome) -> None:
        wait_s[int(call.call_id)] = (call.wait_ms or 0.0) / 1000
        left[int(call.call_id)] = call.abandoned

    arrivals = PoissonArrivals(
        "q",
        (per_hour,),
        Exponential(180.0),
        Exponential(patience_s) if patience_s else FOREVER,
    )
    settings = floor(*(f"s{number}" for number in range(seats)))
    simulate(Scenario(settings, (arrivals,), end_s=calls / per_hour * 3600), lots(), take)
    settled = sorted(wait_s)[2000:]
    exact = waiting(seats, per_hour, 180.0, 20.0, patience_s)
    assert exact.mean_wait_s in interval_99([wait_s[number] for number in settled])
    assert exact.waits_share in interval_99([wait_s[number] > 0 for number in settled])
    assert exact.abandoned_share in interval_99([left[number] for number in settled])
