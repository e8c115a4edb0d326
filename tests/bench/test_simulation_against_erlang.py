"""A million simulated calls meet what Erlang's formulas say, within 99 % intervals.

The seed is 1 for each case, and was the first tried. The calls before the queue has settled
(the first 10,000) are left out. What was seen is printed.
"""

from __future__ import annotations

import random
import time
from array import array

import pytest

from acd.confidence import interval_99
from acd.erlang import waiting
from acd.figures import CallOutcome
from acd.lots import FOREVER, Exponential
from acd.model import FloorSettings, QueueSettings, SeatSettings
from acd.scenario import PoissonArrivals, Scenario
from acd.simulate import simulate

SEED = 1
CALLS = 1_000_000
SETTLING = 10_000
WITHIN_S = 20.0


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("seats", "per_hour", "handling_s", "patience_s"),
    [(10, 160.0, 180.0, None), (10, 200.0, 180.0, 120.0), (50, 2880.0, 60.0, 120.0)],
    ids=["C: 10 seats, 8 erlang", "A: 10 seats, 10 erlang", "A: 50 seats, 48 erlang"],
)
def test_means_of_a_million_calls_lie_within_the_99_percent_interval(
    seats, per_hour, handling_s, patience_s
):
    count = CALLS + SETTLING
    wait_s = array("d", bytes(8 * count))
    left = array("b", bytes(count))
    queue = QueueSettings("q", redial_s=0)
    scenario = Scenario(
        FloorSettings((queue,), tuple(SeatSettings(f"s{n}", ("q",)) for n in range(seats))),
        (
            PoissonArrivals(
                "q",
                (per_hour,),
                Exponential(handling_s),
                Exponential(patience_s) if patience_s else FOREVER,
            ),
        ),
        end_s=(count * 1.01) / per_hour * 3600,
    )

    def take(call: CallOutcome) -> None:
        number = int(call.call_id) - 1
        if number < count:
            assert call.wait_ms is not None
            wait_s[number] = call.wait_ms / 1000
            left[number] = call.abandoned

    began_s = time.perf_counter()
    simulated = simulate(
        scenario,
        lambda purpose: random.Random(f"{SEED} {purpose}"),  # noqa: S311 # same calls each time
        take,
    )
    took_s = time.perf_counter() - began_s
    assert simulated.calls >= count
    wait_s, left = wait_s[SETTLING:], left[SETTLING:]

    exact = waiting(seats, per_hour, handling_s, WITHIN_S, patience_s)
    within = [wait <= WITHIN_S and not gone for wait, gone in zip(wait_s, left, strict=True)]
    seen = {
        "mean wait, s": (interval_99(wait_s), exact.mean_wait_s),
        "share that waits": (interval_99([wait > 0 for wait in wait_s]), exact.waits_share),
        "share that leaves": (interval_99(left), exact.abandoned_share),
        f"answered within {WITHIN_S:g} s": (interval_99(within), exact.answered_within),
    }
    print(f"\n{simulated.calls} calls, {simulated.events} events in {took_s:.1f} s")
    for name, (found, expected) in seen.items():
        print(f"{name:24} {found.mean:.6f} ± {found.half_width:.6f}, exactly {expected:.6f}")
    for name, (found, expected) in seen.items():
        assert expected in found, name
