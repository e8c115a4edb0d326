"""Figures from a journal in a database: a page at a time, and live only what is new."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.figures import DEFINITIONS
from callcenter.figures.period import PeriodError
from callcenter.figures.reading import FiguresDesk
from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    journal = Journal(database)
    await journal.start()
    yield journal
    await journal.stop(0.5)


class Clock:
    def __init__(self) -> None:
        self.moment = NOON + timedelta(hours=1)
        self.monotonic = 0.0

    def wall(self) -> datetime:
        return self.moment

    def __call__(self) -> float:
        self.monotonic += 10  # every question comes long after the one before
        return self.monotonic


def calls(journal: Journal, first: int, count: int, at: datetime, *, wait_s: float = 2.0) -> None:
    """So many calls a second apart, every third abandoned."""
    for number in range(first, first + count):
        call_id, began = f"1.{number}", at + timedelta(seconds=number - first)
        base = {"line": "110" if number % 2 else "911", "queue": "emergency"}
        journal.note(call_id, "call.arrived", base | {"from": f"55{number}", "ms": 0}, began)
        later, ms = began + timedelta(seconds=wait_s), wait_s * 1000
        if number % 3:
            leg = {"leg": "a", "role": "operator", "party": "s01", "ms": ms}
            journal.note(call_id, "leg.joined", leg, later)
            journal.note(call_id, "ladder.answered", {"ms": ms}, later)
            journal.note(call_id, "call.conversed", {"seat": "s01", "ms": ms}, later)
        journal.note(call_id, "call.ended", {"why": "cause 16", "ms": ms + 1000} | base, later)


def desk(database: Database, page_rows: int = 7) -> tuple[FiguresDesk, Clock]:
    clock = Clock()
    pages = JournalPages(database, page_rows)
    return FiguresDesk(pages, ZONE, wall=clock.wall, clock=clock), clock


async def test_period_is_read_whole_however_small_the_pages(database, journal):
    calls(journal, 0, 90, NOON)
    await journal.flush()
    for page_rows in (1, 7, 1000):
        figures, _ = desk(database, page_rows)
        answer = await figures.of("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", "line")
        assert answer["figures"]["arrived"] == 90
        assert (answer["figures"]["answered"], answer["figures"]["abandoned"]) == (60, 30)
        assert answer["figures"]["service_level_answered"]["3"] == 1.0
        assert [group["key"] for group in answer["groups"]] == ["110", "911"]
        assert sum(group["figures"]["arrived"] for group in answer["groups"]) == 90
    assert answer["definitions"] == dict(DEFINITIONS)


async def test_only_calls_that_arrived_in_the_period_count_with_their_later_end(database, journal):
    calls(journal, 0, 10, NOON - timedelta(hours=3))
    calls(journal, 100, 4, NOON, wait_s=900)
    calls(journal, 200, 5, NOON + timedelta(minutes=20))
    await journal.flush()
    figures, _ = desk(database)
    answer = await figures.of("2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z", None)
    assert answer["figures"]["arrived"] == 4
    assert answer["figures"]["wait_longest_ms"] >= 900_000, "although that is after the period"


async def test_contact_of_the_day_before_makes_a_recontact(database, journal):
    for call_id, at in (("1.1", NOON - timedelta(hours=23)), ("1.2", NOON)):
        journal.note(call_id, "call.arrived", {"line": "110", "from": "5550", "ms": 0}, at)
    await journal.flush()
    figures, _ = desk(database)
    answer = await figures.of("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", "line")
    assert answer["figures"]["recontacts"] == 1
    assert answer["groups"][0]["figures"]["recontacts"] == 1


async def test_live_figures_read_only_what_is_new(database, journal, monkeypatch):
    calls(journal, 0, 30, NOON)
    await journal.flush()
    figures, clock = desk(database)
    first = await figures.live()
    assert first["figures"]["arrived"] == 30
    read_after: list[int] = []
    pages = JournalPages.pages

    def watched(self, after, *rest):
        read_after.append(after)
        return pages(self, after, *rest)

    monkeypatch.setattr(JournalPages, "pages", watched)
    newest = await JournalPages(database).newest()
    calls(journal, 500, 3, clock.moment - timedelta(minutes=1))
    await journal.flush()
    answer = await figures.live("queue")
    assert (answer["figures"]["arrived"], answer["hour"]["figures"]["arrived"]) == (33, 33)
    assert read_after == [newest]


async def test_live_figures_forget_yesterday(database, journal):
    calls(journal, 0, 6, NOON)
    await journal.flush()
    figures, clock = desk(database)
    assert (await figures.live())["figures"]["arrived"] == 6
    clock.moment += timedelta(days=1)
    answer = await figures.live()
    assert answer["figures"]["arrived"] == 0 and answer["from"].startswith("2026-03-02T00:00:00")
    clock.moment += timedelta(days=2)
    await figures.live()
    assert len(figures._live) == 0


async def test_zone_that_is_changed_while_running_moves_midnight(database, journal):
    calls(journal, 0, 6, NOON - timedelta(hours=34))
    again = {"line": "110", "from": "550", "ms": 0}
    journal.note("2.1", "call.arrived", again, NOON - timedelta(hours=20))
    await journal.flush()
    figures, _ = desk(database)
    assert (await figures.live())["figures"]["arrived"] == 0
    figures.zone = ZoneInfo("Etc/GMT+12")  # it is an hour past midnight there
    assert (await figures.live())["from"].startswith("2026-03-01T00:00:00-12:00")
    figures.zone = ZoneInfo("Asia/Tokyo")
    answer = await figures.live()
    assert answer["from"].startswith("2026-03-01T00:00:00+09:00")
    counted = answer["figures"]
    assert (counted["arrived"], counted["recontacts"]) == (1, 1), "the day before is known too"


async def test_live_is_the_same_as_the_period_read_anew(database, journal):
    figures, _ = desk(database)
    for round_ in range(4):
        calls(journal, round_ * 100, 20, NOON + timedelta(minutes=round_ * 10))
        await journal.flush()
        live = await figures.live("half_hour")
    anew = await figures.of("", "", "half_hour")
    assert live["figures"] == anew["figures"] and live["groups"] == anew["groups"]


async def test_wrong_period_reads_nothing(database):
    figures, _ = desk(database)
    with pytest.raises(PeriodError, match="from"):
        await figures.of("soon", "", None)


async def test_database_that_is_gone_is_said(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/none/x.db", read_only=True)
    figures, _ = desk(database)
    with pytest.raises(StoreUnavailable):
        await figures.live()
    await database.close()
    # The thread of a connection that failed has a last word to say to the loop.
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and "_connection_worker" in thread.name:
            await asyncio.to_thread(thread.join, 5)


async def test_search_for_the_beginning_of_a_period_overlooks_no_entry(database, journal):
    for number in range(200):
        journal.note(None, "x", {}, NOON + timedelta(minutes=number))
    await journal.flush()
    pages = JournalPages(database)
    for minute in (0, 1, 57, 120, 199, 500):
        moment = NOON + timedelta(minutes=minute)
        below = await pages.before(moment)
        read = [row async for page in pages.pages(below) for row in page]
        assert len([row for row in read if row.at >= moment]) == max(0, 200 - minute)
        assert len(read) <= max(0, 200 - minute) + 11, "and not much more is read"


async def test_empty_journal_has_figures_of_nothing(database):
    figures, _ = desk(database)
    answer = await figures.live("seat")
    assert answer["figures"]["arrived"] == 0 and answer["figures"]["abandoned_share"] is None
