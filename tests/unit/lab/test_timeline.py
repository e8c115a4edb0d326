"""The service's timeline held against the phones' own measurements."""

from __future__ import annotations

from typing import Any

from callcenter.lab.timeline import expected_steps, faults, rows

TOLD: list[dict[str, Any]] = [
    {"step": "ringing", "ms": 120, "budget_ms": None, "late": False},
    {"step": "answered", "ms": 500, "budget_ms": 3000, "late": False},
    {"step": "first_words", "ms": 2400, "budget_ms": None, "late": False},
    {"step": "closed", "ms": 9000, "budget_ms": None, "late": False},
]
MEASURED = {"ringing": 110, "answered": 480, "closed": 8990}
STEPS = expected_steps(officer=False, speech=True, place=False)


def told(**ms: int) -> list[dict[str, Any]]:
    return [{**entry, "ms": ms.get(entry["step"], entry["ms"])} for entry in TOLD]


def test_both_clocks_stand_side_by_side():
    merged = {row.step: row for row in rows(TOLD, {**MEASURED, "both_heard": 700})}
    assert (merged["answered"].service_ms, merged["answered"].phones_ms) == (500, 480)
    assert merged["both_heard"].service_ms is None
    assert merged["first_words"].phones_ms is None
    assert list(merged) == ["ringing", "answered", "first_words", "both_heard", "closed"]


def test_a_timeline_that_agrees_has_no_fault():
    assert faults(rows(TOLD, MEASURED), STEPS) == []


def test_a_step_that_the_service_does_not_tell_is_a_fault():
    found = faults(rows(TOLD[:3], MEASURED), STEPS)
    assert found == ["closed: the service's timeline does not have it"]


def test_a_time_that_the_phones_do_not_bear_out_is_a_fault():
    found = faults(rows(told(answered=2000), MEASURED), STEPS)
    assert found == ["answered: the service says 2000 ms, the phones measured 480 ms"]


def test_steps_out_of_order_are_a_fault_but_words_may_come_when_they_come():
    assert faults(rows(told(ringing=600), {}), STEPS) == [
        "answered at 500 ms is before ringing at 600 ms"
    ]
    assert faults(rows(told(first_words=100), {}), STEPS) == []


def test_what_is_expected_depends_on_the_call():
    assert expected_steps(officer=False, speech=False, place=True) == (
        "ringing",
        "answered",
        "closed",
    )
    assert "place_known" in expected_steps(officer=True, speech=True, place=True)
    assert "both_heard" in expected_steps(officer=True, speech=False, place=False)
