"""CSV and iCalendar files: taken over whole, once, or refused by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.rosters.errors import FileRefused

SHIFTS = """officer,from,to,role
o14a,2026-10-31 22:00,2026-11-01 06:00,duty

o14b,2026-11-01 06:00,2026-11-01 14:00,
"""


def calendar(*events: str) -> str:
    inner = "".join(f"BEGIN:VEVENT\r\n{event}END:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{inner}END:VCALENDAR\r\n"


def event(uid="night", summary="o14a", begin="20261030T220000", end="20261031T060000", more=""):
    zone = ";TZID=America/New_York" if not begin.endswith("Z") else ""
    lines = [f"UID:{uid}", f"SUMMARY:{summary}", f"DTSTART{zone}:{begin}", f"DTEND{zone}:{end}"]
    return "\r\n".join([*lines, *([more] if more else [])]) + "\r\n"


async def shifts(desk, officer="o14a"):
    since = datetime(2026, 10, 1, tzinfo=UTC)
    week = await desk._store.read(since, since + timedelta(days=400))
    return [(each.start, each.end) for each in week.shifts if each.officer == officer]


async def test_csv_file_is_taken_over_once(desk):
    assert (await desk.take_file(SHIFTS, "boss"))["added"] == 2
    assert await desk.take_file(SHIFTS, "boss") == {
        "added": 0,
        "changed": 0,
        "removed": 0,
        "unchanged": 2,
    }
    # The clock goes back that night: from ten to six are nine hours.
    assert await shifts(desk) == [
        (datetime(2026, 11, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC))
    ]


async def test_trying_a_file_changes_nothing(desk):
    assert (await desk.take_file(SHIFTS, "boss", try_only=True))["added"] == 2
    assert await shifts(desk) == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            SHIFTS + "o99z,2026-11-02 06:00,2026-11-02 14:00,\n",
            [(5, "no officer 'o99z'")],
        ),
        (
            SHIFTS + "o14a,2026-11-02 06:00,2026-11-02 05:00,\n",
            [(5, "ends before it begins")],
        ),
        (
            SHIFTS + "o14a,2026-11-01 05:00,2026-11-01 09:00,\no18a,tomorrow,2026-11-02 05:00,\n",
            [(6, "'tomorrow' is no moment")],
        ),
        (
            SHIFTS + "o14a,2026-11-01 05:00,2026-11-01 09:00,\n",
            [(5, "overlaps another one of officer o14a")],
        ),
        (
            SHIFTS + "o14b,2026-11-01 06:00,2026-11-01 14:00,deputy\n",
            [(5, "the same as in line 4")],
        ),
        ("officer,from,to\no14a,2026-11-01 05:00\n", [(2, "2 columns; expected 3")]),
        ("officer,from,to,salary\n", [(1, "column 'salary' is unknown")]),
        ("name,age\n", [(1, "expected a header")]),
        (
            "officer,from,to,time_zone\no14a,2026-11-01 05:00,2026-11-01 06:00,Mars\n",
            [(2, "time zone 'Mars'")],
        ),
        (
            "officer,name,precinct,numbers\n"
            "o14c,Di,14,12125550100\no14d,Ed,99,desk14\no14e,,14,19175550111\n",
            [(2, "outside the allow-list")],
        ),
        (
            "officer,name,precinct,numbers\no14d,Ed,99,desk14\no14e,,14,19175550111\n",
            [(2, "no precinct '99'"), (3, "no name")],
        ),
        (
            "officer,from,to,absence\no14a,2026-11-01 05:00,2026-11-01 04:00,ill\n",
            [(2, "the absence ends before")],
        ),
        (calendar(event(summary="o99z")), [(4, "no officer 'o99z'")]),
        (calendar(event(summary="o14a chief")), [(4, "role 'chief'")]),
        (calendar(event(summary="")), [(4, "expected the officer's id first")]),
        (calendar(event(), event("b", end="20261030T210000")), [(10, "ends before it begins")]),
        (
            calendar(event(), event("b", begin="20261031T000000", end="20261031T080000")),
            [(10, "overlaps another one")],
        ),
        (calendar(event(more="RRULE:FREQ=SECONDLY")), [(4, "FREQ 'SECONDLY'")]),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", [(0, "no event")]),
    ],
)
async def test_file_with_a_wrong_line_is_refused_by_line_and_nothing_of_it_applied(
    desk, text, faults
):
    before = await desk.history()
    with pytest.raises(FileRefused) as refused:
        await desk.take_file(text, "boss")
    found = refused.value.faults
    assert [fault.line for fault in found] == [line for line, _ in faults]
    for fault, (_, why) in zip(found, faults, strict=True):
        assert why in fault.why
    assert await desk.history() == before


async def test_officers_and_absences_come_in_files_too(desk):
    await desk.take_file(
        "officer,name,precinct,role,language,numbers\no14c,Di,14,desk,ko,desk14; +1917-555-0100\n",
        "boss",
    )
    assert desk.officer("o14c").numbers == ("desk14", "0019175550100")
    await desk.take_file("officer,from,to,absence\no14a,2026-10-30,2026-11-01,holiday\n", "boss")
    assert desk.state_of("o14a") is None


async def test_rule_of_a_calendar_keeps_its_local_hours_when_the_clock_changes(desk):
    weekly = event(more="RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;TZID=America/New_York:20261101T220000")
    assert (await desk.take_file(calendar(weekly), "boss"))["added"] == 2
    assert await shifts(desk) == [
        (datetime(2026, 10, 31, 2, tzinfo=UTC), datetime(2026, 10, 31, 10, tzinfo=UTC)),
        (datetime(2026, 11, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC)),
    ]


async def test_rule_until_a_moment_in_utc_ends_there(desk):
    daily = event(more="RRULE:FREQ=DAILY;UNTIL=20261102T030000Z")
    assert (await desk.take_file(calendar(daily), "boss"))["added"] == 3


async def test_rule_until_a_day_has_that_day_too(desk):
    daily = event(more="RRULE:FREQ=DAILY;UNTIL=20261101")
    assert (await desk.take_file(calendar(daily), "boss"))["added"] == 3


@pytest.mark.parametrize(
    ("rule", "begin", "why"),
    [
        ("FREQ=YEARLY", "19990101T000000", "year 1999"),
        (
            "FREQ=YEARLY;BYHOUR=1,2,3,4,5,6;BYMINUTE=1,2,3,4,5;BYMONTHDAY=1,2,3,4,5,6,7",
            "20000101T010000",
            "more than",
        ),
    ],
)
async def test_rule_that_would_be_counted_for_ever_is_refused(desk, rule, begin, why):
    wild = event(begin=begin, end=begin.replace("0000", "0001"), more=f"RRULE:{rule}")
    with pytest.raises(FileRefused, match=why):
        await desk.take_file(calendar(wild), "boss")


async def test_rule_that_no_day_fits_has_no_shift_but_its_first(desk):
    never = event(more="RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3")
    assert (await desk.take_file(calendar(never), "boss"))["added"] == 1


async def test_rule_without_an_end_is_counted_out_for_some_months_only(desk):
    counted = (await desk.take_file(calendar(event(more="RRULE:FREQ=DAILY")), "boss"))["added"]
    assert 90 <= counted <= 93


async def test_changed_calendar_moves_its_shift_and_a_cancelled_one_takes_it_out(desk):
    await desk.take_file(calendar(event()), "boss")
    later = event(begin="20261030T230000", end="20261031T070000")
    # Another key: the occurrence is told apart by when it began, as calendars do.
    moved = event(more="RECURRENCE-ID;TZID=America/New_York:20261030T220000").replace(
        "060000", "070000"
    )
    assert (await desk.take_file(calendar(moved), "boss"))["changed"] == 1
    assert [end.hour for _, end in await shifts(desk)] == [11]
    assert (await desk.take_file(calendar(event(more="STATUS:CANCELLED")), "boss"))["removed"] == 1
    assert await shifts(desk) == []
    assert (await desk.take_file(calendar(later), "boss"))["added"] == 1


async def test_absence_in_a_calendar_is_one(desk):
    away = "UID:x\r\nSUMMARY:o14a absent holiday in Rome\r\nDTSTART;VALUE=DATE:20261030\r\n"
    await desk.take_file(calendar(away), "boss")
    week = await desk.week(datetime(2026, 10, 29, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))
    assert [(each["why"], each["from"]) for each in week["absences"]] == [
        ("holiday in Rome", "2026-10-30T04:00:00+00:00")
    ]
