"""A document in force: on an engine full of calls, on running rooms, at every calendar's hour."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from acd.commands import Command, Offer
from acd.engine import Engine
from acd.events import (
    CallAdopted,
    CallArrived,
    CallNeeds,
    OfferAnswered,
    SeatNotReady,
    SeatReady,
    SeatRegistered,
    SettingsChanged,
    Tick,
)
from acd.model import CallState
from callcenter.settings import Deadlines
from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable
from callcenter.store.tuning import TuningVersions
from callcenter.tuning import apply
from callcenter.tuning.document import read
from callcenter.tuning.rules import TunedRules
from callcenter.tuning.tuner import Tuned, Tuner
from tests.unit.tuning.conftest import SETTINGS, Clock, opened
from tests.unit.tuning.documents import KNOWN, QUEUES, dice, valid

NIGHT = datetime(2026, 3, 4, 3, 0, tzinfo=ZoneInfo("Europe/Paris"))


def busy_engine(rng: random.Random) -> tuple[Engine, float]:
    """Calls in every state: waiting in each queue, offered, talking, handed over."""
    now = 100.0
    engine = Engine(apply.floor_settings(read(valid(rng.randrange(1000))), NIGHT), now=now)
    for seat in ("s1", "s2", "s3"):
        engine.handle(SeatRegistered(seat), now)
        engine.handle(SeatReady(seat), now)
    decided: list[Command] = []
    for number in range(12):
        now += rng.random()
        queue = rng.choice([*QUEUES, "gone"])
        decided += engine.handle(CallArrived(f"c{number}", queue, number % 3), now)
        offers = [command for command in decided if isinstance(command, Offer)]
        if offers and rng.random() < 0.4:
            offer = offers[-1]
            answer = OfferAnswered(offer.call_id, offer.seat_ids[0], offer.offer_id)
            decided += engine.handle(answer, now)
    engine.handle(CallAdopted("c_officer", "emergency", None), now)
    return engine, now


@pytest.mark.parametrize("seed", range(200))
def test_no_document_drops_a_call_whatever_it_is_doing(seed: int) -> None:
    rng = dice(seed)
    engine, now = busy_engine(rng)
    for change in range(3):
        before = {call.call_id: call.state for call in engine.calls()}
        moment = NIGHT + timedelta(hours=rng.randrange(24 * 7))
        document = read(valid(seed * 3 + change))
        now += rng.random()
        engine.handle(SettingsChanged(apply.floor_settings(document, moment)), now)
        after = {call.call_id: call.state for call in engine.calls()}
        assert after.keys() == before.keys()
        for call_id, state in before.items():
            if state in (CallState.TALKING, CallState.HANDED_OVER):
                assert after[call_id] is state, "who talks goes on talking"
        rules = TunedRules(document)
        for call_id in after:
            engine.handle(CallNeeds(call_id, rules.needs("110", "en")), now)
        engine.handle(Tick(), now + 30)
        now += 30
        assert {call.call_id for call in engine.calls()} == before.keys()


@pytest.mark.parametrize("seed", range(30))
def test_every_document_makes_settings_at_every_hour(seed: int) -> None:
    document = read(valid(seed))
    apply.try_all(document, NIGHT)
    for hour in range(0, 24 * 8, 5):
        floor = apply.floor_settings(document, NIGHT + timedelta(hours=hour))
        assert [queue.id for queue in floor.queues] == QUEUES
    assert apply.settings_with(document, SETTINGS).deadlines == Deadlines(
        **document.deadlines.model_dump()
    )


def test_what_the_document_says_of_seats_and_queues_reaches_the_engine() -> None:
    raw = valid(1)
    raw["queues"][0] |= {
        "strategy": "last_seat",
        "after_call": "until_saved",
        "wrap_up_s": 90.0,
        "surge": {"calls": 9, "within_s": 30.0, "announcement": "busy", "announcement_s": 12.0},
        "redial_s": 123.0,
        "called_party_hold_s": 45.0,
        "misses_before_not_ready": 5,
        "rejected_pause_s": 7.0,
    }
    floor = apply.floor_settings(read(raw), NIGHT)
    queue, seats = floor.queues[0], {seat.id: seat for seat in floor.seats}
    assert (queue.strategy, queue.after_call, queue.wrap_up_s) == ("last_seat", "until_saved", 90)
    assert queue.surge is not None
    assert (queue.surge.calls, queue.surge.within_s, queue.surge.announcement) == (9, 30, "busy")
    assert (queue.redial_s, queue.called_party_hold_s) == (123, 45)
    assert (queue.misses_before_not_ready, queue.rejected_pause_s) == (5, 7)
    assert (seats["s2"].phone, seats["s1"].phone) == ("p1", "s1")
    assert seats["s1"].skills == (("en", 5), ("ko", 5))
    assert (floor.ageing_per_s, floor.last_seat_s) == (raw["floor"]["ageing_per_s"], 3600)


def test_lines_callers_and_confirmed_categories_have_priorities() -> None:
    rules = TunedRules(read(valid(1)))
    assert (rules.line_priority("110"), rules.line_priority("911"), rules.line_priority("x")) == (
        10,
        0,
        0,
    )
    assert rules.caller_priority("15550123") == 20, "the plus sign is no digit"
    assert rules.caller_priority("5550000") == 0
    assert (rules.category_priority("violence"), rules.category_priority("fire")) == (10, 0)
    ends = rules.line_ends()["911"]
    assert (ends.hang_up, ends.vanished) == ("end", "end")
    assert [reason.id for reason in rules.reasons()] == ["break", "meal"]


def test_the_callers_language_is_a_skill_as_the_line_wants_it() -> None:
    raw = valid(1)
    raw["lines"][0] |= {"needs": [{"skill": "sign_language"}], "language": "required"}
    raw["lines"][1] |= {"language": "preferred"}
    rules = TunedRules(read(raw))
    sign, language = rules.needs("110", "ko")
    assert (sign.skill, language.skill, language.required) == ("sign_language", "ko", True)
    assert [(step.after_s, step.level) for step in language.relax] == [(12, 0)]
    assert [(need.skill, need.required) for need in rules.needs("911", "zh")] == [("zh", False)]
    raw["lines"][1]["language"] = "ignored"
    assert TunedRules(read(raw)).needs("911", "zh") == ()


def test_officers_are_on_duty_by_the_documents_roster_and_zone() -> None:
    raw = valid(1) | {"time_zone": "Asia/Seoul"}
    roster = apply.roster(read(raw))
    assert roster is not None
    seoul = ZoneInfo("Asia/Seoul")

    def asked(hour: int) -> list[str]:
        at = datetime(2026, 3, 4, hour, 0, tzinfo=seoul)
        return [each.officer_id for each in roster.ladder("14", at)]

    assert asked(8) == ["o1", "o2", "o3"]
    assert asked(20) == ["o2", "o3"]
    assert apply.roster(read(raw | {"roster": []})) is None


class Wall(Clock):
    """Time that only a test moves."""

    def __call__(self) -> datetime:
        return self.now


def tuner(database: Database, wall: Wall) -> tuple[Tuner, list[Tuned]]:
    put: list[Tuned] = []
    notes: list[str] = []
    known = Tuner(
        SETTINGS,
        TuningVersions(database),
        lambda: KNOWN,
        retune=put.append,
        note=lambda call_id, kind, payload: notes.append(kind),
        wall=wall,
    )
    return known, put


def with_hours() -> dict[str, object]:
    raw = valid(1)
    for queue in raw["queues"]:
        queue |= {"strategy": "longest_idle", "hours": "office", "closed": {"strategy": "ring_all"}}
    raw["calendars"][0] |= {"time_zone": "UTC", "holidays": []}
    return raw


async def test_rules_change_with_the_hour_and_only_then(database: Database) -> None:
    wall = Wall(datetime(2026, 3, 4, 17, 0, tzinfo=UTC))
    running, put = tuner(database, wall)
    assert await running.load()
    await running.desk.change(with_hours(), who="ann", why="hours", based_on=1)
    assert [queue.strategy for queue in put[-1].floor.queues] == ["longest_idle"] * 3
    times = len(put)
    running.follow_calendars()
    assert len(put) == times, "nothing has changed"
    wall.now = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)
    running.follow_calendars()
    assert [queue.strategy for queue in put[-1].floor.queues] == ["ring_all"] * 3
    assert put[-1].version == 2, "no new version for it"
    wall.now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    running.follow_calendars()
    assert [queue.strategy for queue in put[-1].floor.queues] == ["longest_idle"] * 3, (
        "a clock that was put back is followed too"
    )


async def test_a_change_elsewhere_is_in_force_here_as_soon_as_it_is_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.tuning.tuner.LOOK_EVERY_S", 0.01)
    running, put = tuner(database, Wall())
    seen = asyncio.Event()
    running._retune = lambda tuned: (put.append(tuned), seen.set())[0]
    following = asyncio.create_task(running.run())
    await seen.wait()
    seen.clear()
    other = await opened(database)
    await other.desk.change(valid(4), who="shell", why="elsewhere", based_on=1)
    await seen.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert put[-1].document == read(valid(4))


async def test_without_a_database_the_settings_file_holds_until_it_answers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await opened(database)
    await other.desk.change(valid(4), who="ann", why="before", based_on=1)
    running, put = tuner(database, Wall())

    async def gone(_: object) -> int:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr("callcenter.store.tuning.TuningVersions.newest_number", gone)
        assert not await running.load()
    assert put == []
    assert running.tuned.floor.queues[0].ring_s == 20, "as the settings file says"
    assert await running.load()
    assert put[-1].document == read(valid(4))


async def test_what_cannot_be_read_in_the_database_ends_nothing(
    database: Database, tmp_path: Path
) -> None:
    running, put = tuner(database, Wall())
    assert await running.load()
    before = running.desk.in_force
    with sqlite3.connect(tmp_path / "callcenter.db") as raw:
        raw.execute("INSERT INTO tuning_versions VALUES (2, '2026-03-02', 'x', 'y', NULL, 2, '{')")
    with capture_logs() as logs:
        assert not await running.load()
    assert [entry["event"] for entry in logs] == ["tuning.not_loaded"]
    assert running.desk.in_force is before
    assert len(put) == 1


async def test_a_database_that_hangs_holds_nobody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, put = tuner(database, Wall())

    async def hangs(_: object) -> int:
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr("callcenter.store.tuning.TuningVersions.newest_number", hangs)
    assert not await running.load(within_s=0.01)
    assert put == []


def test_a_seat_that_is_not_ready_stays_so_over_a_change() -> None:
    engine = Engine(apply.floor_settings(read(valid(1)), NIGHT))
    engine.handle(SeatRegistered("s1"), 1.0)
    engine.handle(SeatNotReady("s1", "meal"), 1.0)
    engine.handle(SettingsChanged(apply.floor_settings(read(valid(2)), NIGHT)), 2.0)
    assert next(seat for seat in engine.seats() if seat.id == "s1").reason == "meal"
