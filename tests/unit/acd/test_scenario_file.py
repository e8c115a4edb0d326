"""A scenario is checked whole before it is played, and every field that is wrong is named."""

from __future__ import annotations

import copy
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.lots import Always, Exponential, Lognormal, Recorded
from acd.model import OfferCause, OverflowRule, OverflowTo, OverflowWhen, RelaxStep, SkillNeed
from acd.scenario import (
    DAY_S,
    OffersFail,
    PhonesVanish,
    PoissonArrivals,
    RecordedArrivals,
    RecordedCall,
    SettingsChange,
    Shift,
)
from acd.scenario_file import ScenarioError, scenario_from

GOOD: dict[str, Any] = {
    "queues": [{"id": "110", "ring_s": 12}],
    "seats": [{"id": "a", "count": 2, "skills": {"en": 2}}, {"id": "b", "queues": ["110"]}],
    "arrivals": [{"queue": "110", "per_hour": 60, "handling": {"mean_s": 90}}],
}


def no_file(name: str) -> list[RecordedCall]:
    raise AssertionError(f"{name} is read though no arrivals name it")


def changed(path: str, value: object) -> dict[str, Any]:
    """The good scenario with one field set, as in ``seats.0.count``."""
    plain = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    here: Any = plain
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    if isinstance(here, list):
        here[int(last)] = value
    else:
        here[last] = value
    return plain


def test_a_scenario_is_put_together():
    scenario, seed = scenario_from(GOOD | {"seed": 7, "begins": "06:00", "hours": 2}, no_file)
    assert seed == 7
    assert (scenario.begin_s, scenario.end_s) == (6 * 3600, 8 * 3600)
    assert [seat.id for seat in scenario.floor.seats] == ["a-1", "a-2", "b"]
    assert scenario.floor.seats[0].queues == ("110",)
    assert scenario.floor.seats[0].skills == (("en", 2),)
    assert scenario.floor.queues[0].ring_s == 12
    assert scenario.arrivals == (PoissonArrivals("110", (60.0,), Exponential(90.0)),)
    assert scenario.shifts == {}


def test_settings_of_a_queue_may_be_nested():
    plain = changed("queues.0.overflow", [{"when": "waited_s", "to": "everybody", "threshold": 10}])
    need = {"skill": "en", "relax": [{"after_s": 20}]}
    plain["arrivals"][0]["needs"] = [need]
    scenario, _ = scenario_from(plain, no_file)
    assert scenario.floor.queues[0].overflow == (
        OverflowRule(OverflowWhen.WAITED_S, OverflowTo.EVERYBODY, 10.0),
    )
    (arrivals,) = scenario.arrivals
    assert isinstance(arrivals, PoissonArrivals)
    assert arrivals.needs == (SkillNeed("en", relax=(RelaxStep(20.0),)),)


@pytest.mark.parametrize(
    ("plain", "duration"),
    [
        ({"mean_s": 3, "distribution": "constant"}, Always(3.0)),
        ({"mean_s": 3}, Exponential(3.0)),
        ({"mean_s": 3, "distribution": "lognormal", "variation": 2}, Lognormal(3.0, 2.0)),
        ({"values_s": [1, 2.5], "distribution": "recorded"}, Recorded((1.0, 2.5))),
    ],
)
def test_durations_are_named(plain, duration):
    scenario, _ = scenario_from(changed("answering", plain), no_file)
    assert scenario.answering == duration


def test_a_lognormal_has_the_mean_and_variation_that_it_is_given():
    lots = random.Random(1)  # noqa: S311 # same draws each time
    draws = [Lognormal(100.0, 0.5).draw_s(lots) for _ in range(20_000)]
    mean = sum(draws) / len(draws)
    deviation = math.sqrt(sum((draw - mean) ** 2 for draw in draws) / len(draws))
    assert mean == pytest.approx(100, rel=0.02)
    assert deviation / mean == pytest.approx(0.5, rel=0.05)


def test_shifts_are_daily_and_may_go_past_midnight():
    scenario, _ = scenario_from(
        changed("seats.1.on_duty", ["22:00-06:00"]) | {"begins": "20:00", "hours": 12}, no_file
    )
    assert Shift(22 * 3600, DAY_S + 6 * 3600) in scenario.shifts["b"]
    assert Shift(22 * 3600 - DAY_S, 6 * 3600) in scenario.shifts["b"]
    assert set(scenario.shifts) == {"b"}


def test_calls_of_a_half_hour_are_twice_as_many_an_hour():
    plain = changed("arrivals.0.per_half_hour", [3] * 48)
    del plain["arrivals"][0]["per_hour"]
    (arrivals,) = scenario_from(plain, no_file)[0].arrivals
    assert isinstance(arrivals, PoissonArrivals)
    assert arrivals.per_hour == (6.0,) * 48


def test_faults_are_put_on_the_clock():
    faults = [
        {"kind": "phones_vanish", "at": "08:00", "for_s": 30, "seats": ["b"]},
        {"kind": "offers_fail", "at": "09:00", "share": 0.5, "cause": "busy"},
        {"kind": "settings", "at": "10:00", "queue": "110", "set": {"wrap_up_s": 20}},
        {"kind": "settings", "at": "11:00", "queue": "110", "set": {"priority": 2}},
    ]
    vanish, fail, first, second = scenario_from(GOOD | {"faults": faults}, no_file)[0].faults
    assert vanish == PhonesVanish(8 * 3600, 30.0, ("b",))
    assert fail == OffersFail(9 * 3600, 60.0, OfferCause.BUSY, (), 0.5)
    assert isinstance(first, SettingsChange)
    assert isinstance(second, SettingsChange)
    queue = second.floor.queues[0]
    assert first.floor.queues[0].priority == 0
    assert (queue.wrap_up_s, queue.priority, queue.ring_s) == (20.0, 2, 12.0)


def test_what_a_file_of_calls_tells_need_not_be_said():
    calls = [
        RecordedCall(5 * DAY_S + 100, "PS", 10.0, True, 50.0, "ANAT"),
        RecordedCall(6 * DAY_S + 100, "NW", 5.0, False),
    ]
    scenario, _ = scenario_from({"arrivals": [{"file": "calls.csv"}]}, lambda name: calls)
    assert (scenario.begin_s, scenario.end_s) == (5 * DAY_S, 7 * DAY_S)
    assert [queue.id for queue in scenario.floor.queues] == ["NW", "PS"]
    assert [(seat.id, seat.queues) for seat in scenario.floor.seats] == [("ANAT", ("PS",))]
    assert scenario.shifts == {"ANAT": (Shift(5 * DAY_S + 110, 5 * DAY_S + 160),)}
    assert scenario.arrivals == (RecordedArrivals(tuple(calls), Recorded((50.0,))),)


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("hours", 0, "", "hours is 0, expected more than 0"),
        ("hours", 1e9, "", "hours is 1e+09, expected more than 0 and at most"),
        ("hours", "two", "hours", "is 'two', expected a number"),
        ("hours", math.inf, "hours", "expected a finite number"),
        ("seed", True, "seed", "expected a whole number"),
        ("begins", "25:00", "begins", "a time such as 08:30"),
        ("colour", 1, "colour", "is not known; known are arrivals"),
        ("overtime", 1, "overtime", "expected true or false"),
        ("arrivals", [], "", "expected at least one"),
        ("arrivals", "calls.csv", "arrivals", "expected a list"),
        ("arrivals.0", 3, "arrivals[0]", "expected a table, not 3"),
        ("arrivals.0.queue", "911", "arrivals[0].queue", "queue 911 is not defined"),
        ("arrivals.0.per_hour", -1, "arrivals[0]", "a rate is below 0"),
        ("arrivals.0.per_half_hour", [1, 2], "arrivals[0]", "one of per_hour"),
        ("arrivals.0.handling", {}, "arrivals[0].handling", "mean_s is 0"),
        ("arrivals.0.handling.mean_s", "long", "arrivals[0].handling.mean_s", "a number"),
        ("arrivals.0.handling.distribution", "gamma", "arrivals[0].handling.dist", "lognormal"),
        ("arrivals.0.patience", {"values_s": [], "distribution": "recorded"}, "", "at least one"),
        ("arrivals.0.needs", [{"level": 1}], "arrivals[0].needs[0].skill", "is missing"),
        ("queues", [], "queues", "expected at least one"),
        ("queues.0.ring_s", 0, "queues[0]", "ring_s"),
        ("queues.0.strategy", "luck", "queues[0].strategy", "longest_idle"),
        ("queues.0.surge", {"calls": 3.5}, "queues[0].surge.calls", "a whole number"),
        ("seats", [], "seats", "expected at least one"),
        ("seats.0.count", 0, "seats[0]", "count is 0"),
        ("seats.1.id", "a-1", "seats", "a-1 is named twice"),
        ("seats.1.queues", ["911"], "seats", "queue 911 is not defined"),
        ("seats.0.skills", {"en": "much"}, "seats[0].skills.en", "a whole number"),
        ("seats.0.on_duty", ["early"], "seats[0].on_duty[0]", "a time such as"),
        ("faults", [{"kind": "flood", "at": "08:00"}], "faults[0].kind", "phones_vanish"),
        ("faults", [{"kind": "phones_vanish", "at": "08:00"}], "faults[0]", "seats: is missing"),
        ("faults", [{"kind": "settings", "at": "08:00"}], "faults[0]", "a queue and what to set"),
        (
            "faults",
            [{"kind": "offers_fail", "at": "08:00", "seats": ["z"]}],
            "faults[0].seats",
            "seat z is not defined",
        ),
        (
            "faults",
            [{"kind": "settings", "at": "08:00", "queue": "110", "set": {"ring_s": "x"}}],
            "faults[0].set.ring_s",
            "a number",
        ),
    ],
)
def test_what_is_wrong_is_named_by_field_and_reason(path, value, field, reason):
    with pytest.raises(ScenarioError) as refused:
        scenario_from(changed(path, value), no_file)
    assert any(
        problem.path.startswith(field) and reason in problem.reason
        for problem in refused.value.problems
    ), refused.value


def test_everything_that_is_wrong_is_said_at_once():
    plain = changed("seats.0.count", "many") | {"hours": "two", "colour": 1}
    with pytest.raises(ScenarioError) as refused:
        scenario_from(plain, no_file)
    assert {problem.path for problem in refused.value.problems} == {
        "seats[0].count",
        "hours",
        "colour",
    }


def test_calls_that_are_ages_apart_are_refused():
    calls = [RecordedCall(at_s, "110", 0.0, True, 1.0, "a") for at_s in (0.0, 1e15)]
    with pytest.raises(ScenarioError, match="span more than 3660 days"):
        scenario_from({"arrivals": [{"file": "calls.csv"}]}, lambda name: calls)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "110", "a-1", "recorded", "settings", "08:00-07:00", "24:30", "\x00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "at", "kind", "mean_s", "count", "queue", "set", "ring_s", "odd"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)
FIELDS = [
    *("hours", "begins", "seed", "queues", "seats", "arrivals", "faults", "answering", "wrap_up"),
    *("queues.0.ring_s", "queues.0.needs", "queues.0.overflow", "queues.0.surge", "queues.0"),
    *("seats.0.count", "seats.0.on_duty", "seats.0.skills", "seats.1.queues", "seats.1"),
    *("arrivals.0.per_hour", "arrivals.0.handling", "arrivals.0.needs", "arrivals.0"),
]


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(FIELDS), junk=JUNK)
def test_whatever_stands_in_a_field_is_played_or_refused_by_name(path, junk):
    try:
        scenario_from(changed(path, junk), no_file)
    except ScenarioError as refused:
        assert refused.problems
        assert all(problem.reason for problem in refused.problems)


@pytest.mark.parametrize("plain", [None, [], "text", 3])
def test_what_is_no_table_is_no_scenario(plain):
    with pytest.raises(ScenarioError, match="expected a table"):
        scenario_from(plain, no_file)
