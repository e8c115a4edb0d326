"""What counts as growth of memory."""

from __future__ import annotations

import pytest

from callcenter.bench.speech_memory import Growth


def test_growth_is_from_after_the_warm_up_to_the_end() -> None:
    assert Growth([100.0, 101.0, 102.0, 103.0]).percent == pytest.approx(3.0)


def test_hill_early_on_is_no_growth_but_one_in_the_second_half_is() -> None:
    assert Growth([100.0, 120.0, 101.0, 101.0]).percent == pytest.approx(1.0)
    assert Growth([100.0, 101.0, 101.0, 130.0, 101.0]).percent == pytest.approx(30.0)


def test_memory_that_shrinks_did_not_grow() -> None:
    assert Growth([100.0, 90.0]).percent == pytest.approx(-10.0)
