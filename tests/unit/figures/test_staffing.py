"""Seats from the calls that the journal knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from acd.figures import CallOutcome
from acd.staffing import Target, seats_needed
from callcenter.figures.period import Period
from callcenter.figures.staffing import NothingToGoBy, StaffingDesk, Wanted, answer, demand
from callcenter.store.database import Database
from callcenter.store.journal_pages import JournalPages

SEOUL = ZoneInfo("Asia/Seoul")
PERIOD = Period(datetime(2026, 3, 2, tzinfo=SEOUL), datetime(2026, 3, 4, tzinfo=SEOUL))


def call(at: datetime, number: int, **more: object) -> CallOutcome:
    return CallOutcome(call_id=str(number), arrived_s=at.timestamp(), **more)  # type: ignore[arg-type]


def two_days() -> list[CallOutcome]:
    """Forty calls at nine on one day, twenty on the next; each takes two minutes and a half."""
    begin = datetime(2026, 3, 2, 9, tzinfo=SEOUL)
    return [
        call(
            begin + timedelta(days=day, seconds=number),
            100 * day + number,
            answered=True,
            wait_ms=2000.0,
            talk_ms=120_000.0,
            wrap_up_ms=30_000.0,
        )
        for day, count in ((0, 40), (1, 20))
        for number in range(count)
    ]


def test_half_hours_are_those_of_the_hotlines_clock():
    known = demand(two_days(), SEOUL)
    busy = [slot for slot in known.half_hours if slot.calls_mean]
    assert [(slot.start_s, slot.calls_mean, slot.calls_busy) for slot in busy] == [
        (9 * 3600, 30.0, 40.0)
    ]
    assert (known.days, known.calls_per_day, known.handling_s) == (2, 30.0, 150.0)


def test_seats_are_for_the_busy_day_and_the_rule_stands_beside():
    table = answer(demand(two_days(), SEOUL), Wanted(), PERIOD, SEOUL)
    nine = next(row for row in table["half_hours"] if row["from"] == "09:00")
    assert nine["seats"] == seats_needed(80, 150.0, Target())
    assert nine["seats_by_rule"] == 1
    assert nine["expected"]["answered_within"] >= 0.95
    assert nine["expected_by_rule"]["mean_wait_s"] is None
    assert nine["seats_with_patience"] is None
    assert set(nine) - {"from", "start_s"} == set(table["definitions"])


def test_callers_who_left_say_how_patient_callers_are():
    left = [call(PERIOD.since, 900 + n, abandoned=True, wait_ms=10_000.0) for n in range(6)]
    known = demand([*two_days(), *left], SEOUL)
    assert known.patience_s == pytest.approx((60 * 2 + 6 * 10) / 6)
    table = answer(known, Wanted(), PERIOD, SEOUL)
    assert all(row["seats_with_patience"] is not None for row in table["half_hours"])


def test_callers_who_all_left_at_once_say_nothing_of_patience():
    known = demand([call(PERIOD.since, 1, abandoned=True, wait_ms=0.0)], UTC)
    assert known.patience_s is None


def test_without_calls_the_table_is_empty_rather_than_invented():
    table = answer(demand([], UTC), Wanted(), PERIOD, SEOUL)
    assert (table["half_hours"], table["days"], table["handling_s"]) == ([], 0, None)


def test_handling_that_nobody_knows_must_be_said():
    known = demand([call(PERIOD.since, 1, abandoned=True, wait_ms=9000.0)], SEOUL)
    with pytest.raises(NothingToGoBy, match="say how long a call takes"):
        answer(known, Wanted(), PERIOD, SEOUL)
    table = answer(known, Wanted(handling_s=60.0, patience_s=30.0), PERIOD, SEOUL)
    assert (table["handling_s"], table["patience_s"]) == (60.0, 30.0)
    assert len(table["half_hours"]) == 48


async def test_desk_reads_four_weeks_of_the_journal_by_default(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    await database.open()
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    desk = StaffingDesk(JournalPages(database), lambda: SEOUL, wall=lambda: now)
    table = await desk.of(Wanted(queue="fire"))
    assert (table["from"], table["to"]) == (
        "2026-02-04T00:00:00+09:00",
        "2026-03-04T21:00:00+09:00",
    )
    assert (table["queue"], table["half_hours"]) == ("fire", [])
    await database.close()
