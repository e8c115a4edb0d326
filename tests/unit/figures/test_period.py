"""Periods as people type them, and half hours where the hotline is."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.figures.period import Period, PeriodError, half_hour, half_hours

NOW = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_nothing_typed_is_today_so_far_where_the_hotline_is():
    period = Period.between("", "", NOW, SHANGHAI)
    assert period.since.isoformat() == "2026-03-01T00:00:00+08:00"
    assert period.until == NOW


def test_moments_without_zone_are_the_hotlines():
    period = Period.between("2026-02-28T08:00", "2026-02-28T09:00:00Z", NOW, SHANGHAI)
    assert period.since == datetime(2026, 2, 28, 0, 0, tzinfo=UTC)
    assert period.until == datetime(2026, 2, 28, 9, 0, tzinfo=UTC)


def test_plus_sign_that_a_browser_sent_as_a_space_is_understood():
    period = Period.between("2026-02-28T08:00:00 08:00", "", NOW, NEW_YORK)
    assert period.since == datetime(2026, 2, 28, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "parameter"),
    [
        ("yesterday", "", "from"),
        ("", "soon", "to"),
        ("2026-13-01", "", "from"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", "to"),
        ("2026-03-02", "2026-03-01", "to"),
        ("2020-01-01", "2026-01-01", "to"),
        ("0001-01-01T00:00:00+14:00", "", "from"),
        ("9999-12-31T23:59:59-12:00", "", "from"),
        ("2026-03-01T00:00:00\x00", "", "from"),
        ("<script>", "", "from"),
        ("'; DROP TABLE journal; --", "", "from"),
        ("1" * 500, "", "from"),
        ("٢٠٢٦-٠٣-٠١", "", "from"),
    ],
)
def test_what_is_no_period_is_refused_with_the_parameters_name(since, until, parameter):
    with pytest.raises(PeriodError, match=f"^{parameter}: expected") as refused:
        Period.between(since, until, NOW, NEW_YORK)
    assert refused.value.parameter == parameter


def test_half_hours_are_those_of_the_local_clock():
    nepal = ZoneInfo("Asia/Kathmandu")  # +05:45
    at_s = datetime(2026, 3, 1, 12, 0, tzinfo=UTC).timestamp()
    assert half_hour(at_s, nepal) == "2026-03-01T17:30+05:45"


def test_hour_that_comes_twice_has_four_half_hours():
    since = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)  # 01:00 EDT; an hour later 01:00 EST
    found = list(half_hours(since.timestamp(), since.timestamp() + 7200, NEW_YORK))
    assert [name for name, _ in found] == [
        "2026-11-01T01:00-04:00",
        "2026-11-01T01:30-04:00",
        "2026-11-01T01:00-05:00",
        "2026-11-01T01:30-05:00",
    ]


def test_half_hours_cover_a_stretch_without_gap_or_overlap():
    since_s = NOW.timestamp() + 0.123456
    ends = [end_s for _, end_s in half_hours(since_s, since_s + 10_000, SHANGHAI)]
    assert ends == sorted(ends) and ends[-1] == since_s + 10_000
    assert all(after - before <= 1800 for before, after in itertools.pairwise(ends))


def test_today_begins_at_the_local_midnight_on_the_day_the_clocks_change():
    now = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    period = Period.today(now, NEW_YORK)
    assert period.since.isoformat() == "2026-03-08T00:00:00-05:00"
    assert period.until_s - period.since_s == timedelta(hours=7).total_seconds()
