"""Opening hours on the days on which clocks change, and on all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.tuning import apply, hours
from callcenter.tuning.document import Calendar, Document, read
from tests.unit.tuning.documents import valid

PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def calendar(*openings: tuple[str, str], **more: object) -> Calendar:
    entries = [{"from": begin, "to": end, "days": EVERY_DAY} for begin, end in openings]
    document = valid()
    document["calendars"][0] = {"id": "office", "opening": entries, **more}
    return read(document).calendars[0]


def edges(known: Calendar, zone: ZoneInfo, since: str, until: str) -> list[str]:
    """Every moment within a stretch of time when the calendar opens (+) or closes (-), UTC."""
    at, end = datetime.fromisoformat(since), datetime.fromisoformat(until)
    found = []
    while (change := hours.next_change(known, zone, at)) is not None and change < end:
        sign = "+" if hours.is_open(known, zone, change) else "-"
        assert hours.is_open(known, zone, change - timedelta(microseconds=1)) is (sign == "-")
        found.append(f"{sign}{change:%dT%H:%M}")
        at = change
    return found


def test_hours_follow_the_wall_clock_over_the_spring_change() -> None:
    office = calendar(("08:00", "18:00"))
    found = edges(office, PARIS, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z")
    assert found == ["+28T07:00", "-28T17:00", "+29T06:00", "-29T16:00"]


def test_hours_follow_the_wall_clock_over_the_autumn_change() -> None:
    office = calendar(("08:00", "18:00"))
    found = edges(office, PARIS, "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z")
    assert found == ["+24T06:00", "-24T16:00", "+25T07:00", "-25T17:00"]


def test_what_opens_in_the_skipped_hour_opens_when_it_is_skipped() -> None:
    # New York, 8 March 2026: 02:00 EST is 03:00 EDT, 07:00 UTC.
    night = calendar(("02:30", "05:00"))
    found = edges(night, NEW_YORK, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z")
    assert found == ["+08T07:00", "-08T09:00"]


def test_what_closes_in_the_skipped_hour_closes_when_it_is_skipped() -> None:
    night = calendar(("22:00", "02:30"))
    found = edges(night, NEW_YORK, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z")
    assert found == ["+08T03:00", "-08T07:00"]


def test_what_lies_within_the_skipped_hour_is_no_opening() -> None:
    blink = calendar(("02:15", "02:45"))
    found = edges(blink, NEW_YORK, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z")
    assert found == []


def test_an_hour_that_comes_twice_opens_with_the_first_and_closes_with_the_second() -> None:
    # New York, 1 November 2026: 01:00 to 02:00 comes twice, from 05:00 and from 06:00 UTC.
    for opening, expected in (
        (("01:30", "04:00"), ["+01T05:30", "-01T09:00"]),
        (("22:00", "01:30"), ["+01T02:00", "-01T06:30"]),
        (("01:15", "01:45"), ["+01T05:15", "-01T06:45"]),
    ):
        night = calendar(opening)
        since, until = "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z"
        assert edges(night, NEW_YORK, since, until) == expected


def test_the_whole_day_has_no_edges_on_any_day() -> None:
    always = calendar(("00:00", "00:00"))
    for since in ("2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"):
        assert hours.next_change(always, PARIS, datetime.fromisoformat(since)) is None
        assert hours.is_open(always, PARIS, datetime.fromisoformat(since))


def test_a_holiday_goes_before_the_weekday_and_ends_with_it() -> None:
    office = calendar(
        ("08:00", "18:00"),
        holidays=[
            {"date": "2026-12-25"},
            {"date": "2026-12-31", "opening": [{"from": "08:00", "to": "12:00"}]},
        ],
    )
    found = edges(office, PARIS, "2026-12-24T12:00:00Z", "2026-12-26T12:00:00Z")
    assert found == ["-24T17:00", "+26T07:00"]
    found = edges(office, PARIS, "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z")
    assert found == ["+31T07:00", "-31T11:00"]


def test_a_night_that_began_before_the_holiday_is_worked_to_its_end() -> None:
    night = calendar(("22:00", "06:00"), holidays=[{"date": "2026-12-25"}])
    found = edges(night, PARIS, "2026-12-24T12:00:00Z", "2026-12-26T12:00:00Z")
    assert found == ["+24T21:00", "-25T05:00"]


def test_a_calendar_that_never_opens_never_changes() -> None:
    closed = calendar()
    assert not hours.is_open(closed, PARIS, datetime(2026, 1, 1, tzinfo=UTC))
    assert hours.next_change(closed, PARIS, datetime(2026, 1, 1, tzinfo=UTC)) is None


def shut_at_night(**calendar_changes: object) -> Document:
    document = valid(1)
    queue = document["queues"][1]
    queue |= {"strategy": "longest_idle", "overflow": [], "priority": 1, "hours": "office"}
    queue["closed"] = {
        "strategy": "ring_all",
        "priority": 7,
        "overflow": [{"when": "waited_s", "to": "everybody"}],
    }
    document["time_zone"] = "Asia/Seoul"
    for other in (document["queues"][0], document["queues"][2]):
        other.pop("hours", None)
        other.pop("closed", None)
    document["calendars"][0] |= {"time_zone": "Europe/Paris", **calendar_changes}
    return read(document)


def test_a_closed_queue_has_its_other_rules_and_takes_calls() -> None:
    document = shut_at_night()
    by_day = apply.floor_settings(document, datetime(2026, 3, 2, 9, 0, tzinfo=PARIS)).queues[1]
    by_night = apply.floor_settings(document, datetime(2026, 3, 2, 3, 0, tzinfo=PARIS)).queues[1]
    assert (by_day.strategy, by_day.priority, by_day.overflow) == ("longest_idle", 1, ())
    assert (by_night.strategy, by_night.priority) == ("ring_all", 7)
    assert [rule.to for rule in by_night.overflow] == ["everybody"]
    assert by_night.needs == by_day.needs, "what closed leaves out stays as it is"


def test_the_next_change_is_told_in_utc_and_of_calendars_in_use_only() -> None:
    document = shut_at_night()
    at = datetime(2026, 3, 2, 9, 0, tzinfo=PARIS)
    assert apply.next_change(document, at) == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    unused = read(
        document.to_json()
        | {
            "queues": [
                {name: value for name, value in queue.items() if name not in ("hours", "closed")}
                for queue in document.to_json()["queues"]
            ]
        }
    )
    assert apply.next_change(unused, at) is None


def test_a_calendar_without_zone_is_in_the_documents() -> None:
    document = shut_at_night(time_zone="Asia/Seoul").to_json()
    del document["calendars"][0]["time_zone"]
    at = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Seoul"))
    assert apply.closed_queues(read(document), at) == frozenset()
    assert apply.closed_queues(read(document), at + timedelta(hours=10)) == {"second"}


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        apply.floor_settings(read(valid()), datetime(2026, 3, 2))
