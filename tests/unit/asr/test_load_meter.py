"""How much decoding a worker is asked for."""

from __future__ import annotations

import pytest

from asr.load_meter import LoadMeter, Totals


def test_worker_that_keeps_up_is_asked_for_what_it_does() -> None:
    meter = LoadMeter(0.0)
    for second in range(1, 30):
        demand = meter.demand(Totals(0.4 * second, 4_000 * second, 4_000 * second), second)
    assert demand == pytest.approx(0.4, abs=0.01)


def test_worker_that_falls_behind_is_asked_for_more_than_it_can_do() -> None:
    meter = LoadMeter(0.0)
    for second in range(1, 30):
        demand = meter.demand(Totals(1.0 * second, 8_000 * second, 20_000 * second), second)
    assert demand == pytest.approx(2.5, abs=0.01)


def test_working_off_what_waits_is_no_demand() -> None:
    meter = LoadMeter(0.0)
    meter.demand(Totals(1.0, 8_000, 20_000), 1.0)
    assert meter.demand(Totals(2.0, 16_000, 20_000), 2.0) == 0.0


def test_before_enough_sound_was_decoded_the_busy_time_counts() -> None:
    meter = LoadMeter(0.0)
    assert meter.demand(Totals(0.5, 0, 9_000), 1.0) == 0.5
    assert meter.demand(Totals(1.3, 500, 18_000), 2.0) == 0.8
    assert LoadMeter(0.0).demand(Totals(0.0, 0, 0), 0.0) == 0.0
