"""How long seats were on duty and busy."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from callcenter.figures.lives import Lives
from callcenter.figures.period import Period
from callcenter.figures.report import measured
from tests.unit.figures.notes import BEGAN, row

ZONE = ZoneInfo("UTC")


def day(*changes, until_s=3600.0):
    """Lives of one seat: (second, state) after (second, state)."""
    lives = Lives()
    for number, (after_s, state) in enumerate(changes):
        lives.feed(row(number, after_s, "seat.changed", None, seat="s01", state=state))
    lives.seats.seen(BEGAN.timestamp() + until_s)
    return lives


def of(lives, since_s=0.0, until_s=3600.0):
    return lives.seats.totals(BEGAN.timestamp() + since_s, BEGAN.timestamp() + until_s)["s01"]


def test_duty_is_ready_offered_talking_and_wrap_up_and_busy_the_last_two():
    lives = day((0, "ready"), (100, "offered"), (110, "talking"), (170, "wrap_up"), (200, "ready"))
    time = of(lives)
    assert (time.on_duty_ms, time.busy_ms) == (3_600_000, 90_000)


def test_rest_and_absence_are_no_duty():
    lives = day(
        (0, "offline"), (100, "ready"), (400, "not_ready"), (500, "ready"), (600, "offline")
    )
    time = of(lives)
    assert (time.on_duty_ms, time.busy_ms) == (400_000, 0)


def test_only_what_lies_in_the_period_counts():
    lives = day((0, "ready"), (1000, "talking"), (2000, "ready"))
    time = of(lives, 1500, 2500)
    assert (time.on_duty_ms, time.busy_ms) == (1_000_000, 500_000)


def test_what_goes_on_counts_until_the_journals_last_entry():
    assert of(day((0, "ready"), until_s=600)).on_duty_ms == 600_000


def test_time_while_the_service_was_dead_is_nobodys_duty():
    lives = day((0, "ready"), (100, "talking"), until_s=160)
    lives.feed(row(9, 1000, "service.started"))
    lives.feed(row(10, 1001, "seat.changed", None, seat="s01", state="ready"))
    lives.seats.seen(BEGAN.timestamp() + 1101)
    time = of(lives)
    assert (time.on_duty_ms, time.busy_ms) == (260_000, 60_000)


def test_half_hours_share_a_stretch_that_crosses_them():
    lives = day((1000, "talking"), (2600, "offline"))
    period = Period(BEGAN, BEGAN + timedelta(hours=1))
    found = measured(lives, period, "half_hour", ZONE)
    assert {key: group.occupancy for key, group in found.groups.items()} == {
        "2026-03-01T12:00+00:00": 1.0,
        "2026-03-01T12:30+00:00": 1.0,
    }
    assert found.whole.occupancy == 1.0
