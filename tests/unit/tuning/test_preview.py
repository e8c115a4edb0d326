"""What a change would have done to past calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcenter.figures.period import PeriodError
from callcenter.store.database import Database
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages, JournalRow
from callcenter.tuning import preview as preview_module
from callcenter.tuning.document import Document, read
from callcenter.tuning.errors import PreviewFailed
from callcenter.tuning.past import Past, PastCall
from callcenter.tuning.preview import Preview, answer
from callcenter.tuning.replay import compare
from callcenter.tuning.replay import replay as replay_past

DAY = datetime(2026, 3, 2, tzinfo=UTC)
BEGIN_S = DAY.timestamp()
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))


def document(**queue: Any) -> Document:
    return read(
        {
            "queues": [{"id": "emergency", **queue}, {"id": "second"}],
            "lines": [
                {"number": "110", "queue": "emergency"},
                {"number": "911", "queue": "second"},
            ],
            "seats": [
                {"id": "s1", "queues": ["emergency"]},
                {"id": "s2", "queues": ["second"]},
            ],
        }
    )


def call(number: int, at_s: float, line: str = "110", **more: Any) -> PastCall:
    values: dict[str, Any] = {"patience_s": None, "talk_s": 60.0} | more
    return PastCall(f"1.{number}", BEGIN_S + at_s, line, "emergency", "555012345", **values)


def past(*calls: PastCall) -> Past:
    return Past(
        since_s=BEGIN_S,
        until_s=BEGIN_S + 86400,
        midnight_s=BEGIN_S,
        calls=calls,
        duty={"s1": ((BEGIN_S, BEGIN_S + 86400),), "s2": ((BEGIN_S, BEGIN_S + 86400),)},
        answering_s=2.0,
        wrap_up_s=10.0,
        usual_talk_s=60.0,
    )


THREE = past(call(1, 3600), call(2, 3610), call(3, 3620, patience_s=70.0, talk_s=None))


def test_calls_are_replayed_with_the_seats_that_were_on_duty() -> None:
    waits = [outcome.wait_ms for outcome in replay_past(THREE, document()).outcomes]
    assert [round(wait or 0) for wait in waits] == [2000, 54000, 70000]
    absent = Past.from_json(THREE.to_json() | {"duty": {"s2": [[BEGIN_S, BEGIN_S + 86400]]}})
    assert replay_past(absent, document()).figures.answered == 0


def test_a_replay_gives_the_same_each_time() -> None:
    assert replay_past(THREE, document()) == replay_past(THREE, document())


def test_what_differs_is_told_call_by_call() -> None:
    everybody = [{"when": "waited_s", "to": "everybody", "threshold": 5.0}]
    current, proposed = (
        replay_past(THREE, document()),
        replay_past(THREE, document(overflow=everybody)),
    )
    found = compare(THREE, current, proposed)
    assert (found["shorter"], found["longer"], found["same"]) == (2, 0, 1)
    assert (found["other_seat"], found["answered_now"]) == (2, 1)
    assert {entry["call_id"] for entry in found["calls"]} == {"1.2", "1.3"}
    second = next(entry for entry in found["calls"] if entry["call_id"] == "1.2")
    assert (second["current"]["seat"], second["proposed"]["seat"]) == ("s1", "s2")
    assert second["proposed"]["wait_ms"] == 7000


def test_the_same_document_differs_in_nothing() -> None:
    found = compare(THREE, replay_past(THREE, document()), replay_past(THREE, document()))
    assert found["same"] == 3
    assert found["calls"] == []


def test_calendars_open_and_close_within_the_period() -> None:
    closed = {
        "overflow": [
            {"when": "no_seat", "to": "everybody"},
            {"when": "waited_s", "to": "everybody"},
        ]
    }
    by_hours = document(hours="office", closed=closed).to_json()
    by_hours["calendars"] = [{"id": "office", "opening": [{"from": "08:00", "to": "18:00"}]}]
    hours = past(
        call(1, 7 * 3600),
        call(2, 7 * 3600 + 10),
        call(3, 12 * 3600),
        call(4, 12 * 3600 + 10),
    )
    waits = [
        round((outcome.wait_ms or 0) / 1000)
        for outcome in replay_past(hours, read(by_hours)).outcomes
    ]
    assert waits == [2, 2, 2, 54], "before eight the second call is everybody's"


def test_the_order_follows_the_priorities_that_are_proposed() -> None:
    third = replace(call(3, 120), caller="5550777")
    calls = past(call(1, 100), call(2, 110), third)
    urgent = document().to_json()
    urgent["callers"] = [{"number": "5550777", "priority": 500, "reason": "embassy"}]

    def waits(proposed: Document) -> list[float]:
        return [outcome.wait_ms or 0 for outcome in replay_past(calls, proposed).outcomes]

    assert waits(document())[1] < waits(document())[2]
    assert waits(read(urgent))[2] < waits(read(urgent))[1]


def test_surges_are_played_again_by_where_callers_came_from() -> None:
    """The third caller hears the message first, although a seat gets free meanwhile."""
    first = [
        call(1, 3580, origin="cell-7", talk_s=5.0),
        call(2, 3600, origin="cell-7", talk_s=20.0),
    ]
    surge = document(surge={"calls": 2, "announcement_s": 15.0})

    def wait_ms(origin: str, with_document: Document) -> float:
        calls = past(*first, call(3, 3618, origin=origin))
        return replay_past(calls, with_document).outcomes[2].wait_ms or 0

    assert wait_ms("cell-8", surge) == wait_ms("cell-7", document())
    assert wait_ms("cell-7", surge) > wait_ms("cell-7", document()) + 5000


async def test_where_callers_came_from_is_taken_from_the_journal(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Past] = []

    async def no_worker(past: Past, *_: Document) -> dict[str, Any]:
        jobs.append(past)
        return {}

    monkeypatch.setattr(preview_module, "_in_worker", no_worker)
    yesterday(journal)
    await journal.flush()
    await Preview(JournalPages(database), wall=lambda: DAY + timedelta(days=1))(
        document(), document()
    )
    assert [call.origin for call in jobs[0].calls] == ["cell-7", "cell-7", ""]


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    await database.open()
    journal = Journal(database)
    await journal.start()
    yield journal
    await journal.stop()


def yesterday(journal: Journal) -> None:
    """Two calls: one answered after 40 s, since the only seat was busy; one that left."""
    noon = DAY + timedelta(hours=12)

    def note(after_s: float, call_id: str | None, kind: str, **payload: Any) -> None:
        journal.note(call_id, kind, payload, noon + timedelta(seconds=after_s))

    note(-3600, None, "seat.changed", seat="s1", state="ready", reason="")
    for call_id, at_s, wait_s, talk_s in (("1.1", 0, 3, 60), ("1.2", 20, 45, 30)):
        come = {"line": "110", "queue": "emergency", "from": "5550", "origin": "cell-7", "ms": 0}
        note(at_s, call_id, "call.arrived", **come)
        note(at_s + wait_s, None, "seat.changed", seat="s1", state="talking", reason="")
        leg = {"leg": f"{call_id}o", "role": "operator", "party": "s1"}
        note(at_s + wait_s, call_id, "leg.joined", **leg, ms=wait_s * 1000)
        note(at_s + wait_s, call_id, "ladder.answered", ms=wait_s * 1000)
        note(at_s + wait_s, call_id, "call.conversed", seat="s1", ms=wait_s * 1000)
        end_s = wait_s + talk_s
        note(at_s + end_s, call_id, "leg.left", **leg, ms=end_s * 1000)
        note(at_s + end_s, None, "seat.changed", seat="s1", state="ready", reason="")
        note(at_s + end_s, call_id, "call.ended", why="cause 16", ms=end_s * 1000)
    note(30, "1.3", "call.arrived", line="110", queue="emergency", ms=0, **{"from": "5551"})
    note(50, "1.3", "call.ended", why="cause 16", ms=20000)


async def test_yesterday_is_taken_from_the_journal_and_replayed_in_a_process(
    database: Database, journal: Journal
) -> None:
    yesterday(journal)
    await journal.flush()
    wall = DAY + timedelta(days=1, hours=9)
    found = await Preview(JournalPages(database), wall=lambda: wall)(
        document(), document(overflow=[{"when": "waited_s", "to": "everybody", "threshold": 5.0}])
    )
    assert found["calls"] == 3
    assert found["period"]["from"].startswith("2026-03-02T00:00:00")
    assert found["period"]["to"].startswith("2026-03-03T00:00:00")
    assert found["current"]["answered"] == 2
    assert found["current"]["abandoned"] == 1
    assert found["definitions"]["answered"]
    assert found["differences"]["longer"] == 0


async def test_a_replay_that_takes_too_long_is_ended(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def sleeper(*_: Any, **pipes: Any) -> asyncio.subprocess.Process:
        started.append(await start("sleep", "60", **pipes))
        return started[-1]

    monkeypatch.setattr(preview_module.asyncio, "create_subprocess_exec", sleeper)
    with pytest.raises(PreviewFailed, match="not done within"):
        await Preview(JournalPages(database), within_s=0.2)(document(), document())
    assert [process.returncode for process in started] == [-9]


async def test_a_replay_that_breaks_off_is_said(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = asyncio.create_subprocess_exec

    async def broken(*_: Any, **pipes: Any) -> asyncio.subprocess.Process:
        return await start("false", **pipes)

    monkeypatch.setattr(preview_module.asyncio, "create_subprocess_exec", broken)
    with pytest.raises(PreviewFailed, match="broke off"):
        await Preview(JournalPages(database))(document(), document())


@pytest.mark.parametrize(
    ("begin", "end", "why"),
    [
        (DAY, DAY, "to: expected a moment after from"),
        (DAY, DAY - timedelta(days=1), "to: expected a moment after from"),
        (DAY, DAY + timedelta(days=32), "to: expected at most 31 days"),
        (FIRST, None, "from: expected a moment of these times"),
        (None, FIRST, "to: expected a moment of these times"),
        (LAST, None, "from: expected a moment of these times"),
        (DAY, LAST, "to: expected a moment of these times"),
    ],
)
async def test_periods_that_cannot_be_are_refused(
    database: Database, begin: datetime | None, end: datetime | None, why: str
) -> None:
    with pytest.raises(PeriodError, match=why):
        await Preview(JournalPages(database))(document(), document(), begin, end)


async def test_too_many_calls_are_refused_before_all_are_read(
    database: Database, journal: Journal
) -> None:
    yesterday(journal)
    await journal.flush()
    read: list[str] = []

    class Watched(JournalPages):
        async def pages(self, *wanted: Any, **more: Any) -> AsyncIterator[list[JournalRow]]:
            async for page in super().pages(*wanted, **more):
                read.extend(f"{row.call_id} {row.kind}" for row in page)
                yield page

    pages = Watched(database, page_rows=1)
    preview = Preview(pages, wall=lambda: DAY + timedelta(days=1), most_calls=1)
    with pytest.raises(PreviewFailed, match="more than 1 calls"):
        await preview(document(), document())
    assert read[-1] == "1.2 call.arrived"


async def test_yesterday_is_a_local_day_however_long_it_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_worker(*_: Any) -> dict[str, Any]:
        return {}

    monkeypatch.setattr(preview_module, "_in_worker", no_worker)
    paris = read(document().to_json() | {"time_zone": "Europe/Paris"})
    morning = datetime(2026, 3, 30, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
    preview = Preview(JournalPages(database), wall=lambda: morning)
    period = (await preview(paris, paris))["period"]
    assert period["from"] == "2026-03-29T00:00:00+01:00"
    assert period["to"] == "2026-03-30T00:00:00+02:00"


def test_what_the_worker_answers_is_plain_json() -> None:
    job = {
        "past": THREE.to_json(),
        "current": document().to_json(),
        "proposed": document(ring_s=9.0).to_json(),
    }
    found = answer(job)
    assert found["calls"] == 3
    assert found["differences"]["same"] == 3


def test_what_is_not_replayed_is_said_with_the_figures() -> None:
    job = {name: document().to_json() for name in ("current", "proposed")}
    said = " ".join(answer({"past": THREE.to_json(), **job})["remarks"])
    for left_out in ("began or ended", "category", "call-backs", "diverts that failed"):
        assert left_out in said
