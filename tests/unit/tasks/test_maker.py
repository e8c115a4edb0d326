"""Tasks follow the journal: nothing is lost or doubled, whenever the service dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from callcenter.store import following
from callcenter.store.errors import StoreUnavailable
from callcenter.store.following import Follower
from callcenter.store.journal_pages import JournalPages
from callcenter.store.tasks import Tasks
from callcenter.tasks import maker as makers
from callcenter.tasks.maker import TaskMaker
from tests.unit.tasks.conftest import NOON


@pytest.fixture
def touched():
    return []


@pytest.fixture
def make(database, touched):
    """A maker of a service that has just started."""

    def new(page_rows: int = 3) -> TaskMaker:
        async def nothing() -> None:
            return None

        async def changed(task_ids: list[int]) -> None:
            touched.extend(task_ids)

        return TaskMaker(
            JournalPages(database, page_rows),
            Tasks(database),
            settled=nothing,
            changed=changed,
            tidy=nothing,
            wall=lambda: NOON + timedelta(hours=1),
        )

    return new


def abandoned(journal, call_id: str, number: str, at=NOON) -> None:
    journal.note(call_id, "call.arrived", {"line": "110", "from": number, "ms": 0}, at)
    later = at + timedelta(seconds=9)
    journal.note(call_id, "call.ended", {"why": "cause 16", "ms": 9000, "was": "waiting"}, later)


async def test_every_abandoned_call_becomes_a_task_and_is_told(make, journal, tasks, touched):
    for number in range(10):
        abandoned(journal, f"1.{number}", f"555010{number}")
    await journal.flush()
    await make().catch_up()
    assert len(await tasks.open()) == len(touched) == 10


async def test_service_that_starts_again_finds_what_it_had_not_dealt_with(make, journal, tasks):
    abandoned(journal, "1.1", "1111")
    await journal.flush()
    await make().catch_up()
    abandoned(journal, "1.2", "2222")
    await journal.flush()
    for _ in range(2):
        await make().catch_up()
    assert sorted(task.number for task in await tasks.open()) == ["1111", "2222"]


async def test_crash_between_journal_and_task_loses_no_task(make, journal, tasks, monkeypatch):
    abandoned(journal, "1.1", "1111")
    await journal.flush()

    async def dies(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Tasks, "record", dies)
        with pytest.raises(KeyboardInterrupt):
            await make().catch_up()
    assert await tasks.open() == []
    await make().catch_up()
    assert [task.number for task in await tasks.open()] == ["1111"]


async def test_locked_database_makes_the_task_later(make, journal, tasks, locked):
    abandoned(journal, "1.1", "1111")
    await journal.flush()
    maker = make()
    with locked(), pytest.raises(StoreUnavailable):
        await maker.catch_up()
    await maker.catch_up()
    assert len(await tasks.open()) == 1


async def test_new_installation_on_an_old_journal_begins_a_day_back(make, journal, tasks):
    abandoned(journal, "1.1", "1111", NOON - timedelta(days=3))
    abandoned(journal, "1.2", "2222", NOON)
    await journal.flush()
    await make().catch_up()
    assert [task.number for task in await tasks.open()] == ["2222"]


async def test_call_whose_entries_cannot_be_read_is_a_task_all_the_same(
    make, journal, tasks, monkeypatch
):
    def fails(_rows):
        raise ValueError("5550100")

    monkeypatch.setattr(makers, "verdict", fails)
    abandoned(journal, "1.1", "1111")
    await journal.flush()
    await make().catch_up()
    (task,) = await tasks.open()
    assert [call.what for call in task.calls] == ["unseen"]


async def test_call_that_a_crash_cut_out_of_every_list_is_ended_and_a_task(make, journal, tasks):
    payload = {"line": "110", "queue": "q", "from": "1111", "ms": 0}
    journal.note("1.1", "call.arrived", payload, NOON)
    journal.note("1.2", "call.arrived", payload | {"from": "2222"}, NOON)
    await journal.flush()
    maker = make()
    await maker.end_forgotten(lambda call_id: call_id == "1.2", journal.note)
    await journal.flush()
    await maker.catch_up()
    (task,) = await tasks.open()
    assert (task.number, task.calls[0].what) == ("1111", "unseen")
    await maker.end_forgotten(lambda call_id: call_id == "1.2", journal.note)
    await journal.flush()
    await maker.catch_up()
    assert len((await tasks.open())[0].calls) == 1


async def test_calls_of_one_number_that_end_together_are_one_task(make, journal, tasks, touched):
    for number in range(3):
        abandoned(journal, f"1.{number}", "1111", NOON + timedelta(seconds=number))
    await journal.flush()
    await make(page_rows=10).catch_up()
    (task,) = await tasks.open()
    assert [call.call_id for call in task.calls] == ["1.0", "1.1", "1.2"]
    assert touched == [task.id]


async def test_calls_that_end_in_quick_succession_are_looked_at_together(
    make, journal, tasks, monkeypatch
):
    looks: list[int] = []
    once = JournalPages.of_calls

    async def counted(self, call_ids):
        looks.append(len(call_ids))
        return await once(self, call_ids)

    monkeypatch.setattr(JournalPages, "of_calls", counted)
    monkeypatch.setattr(following, "GATHER_S", 30.0)
    maker = make(page_rows=100)
    follower = Follower("tasks", maker.look)
    running = asyncio.create_task(follower.run())
    await asyncio.sleep(0.05)
    for number in range(30):
        abandoned(journal, f"1.{number}", f"555{number}")
        await journal.flush()
        follower.wake()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await maker.catch_up()
    assert len(await tasks.open()) == 30
    assert len(looks) < 15


def answered(journal, call_id: str, number: str = "5550100") -> None:
    journal.note(call_id, "call.arrived", {"line": "110", "from": number, "ms": 0}, NOON)
    operator = {"role": "operator", "party": "s01"}
    journal.note(call_id, "leg.joined", operator | {"ms": 2000}, NOON + timedelta(seconds=2))
    journal.note(call_id, "ladder.both_heard", {"ms": 20_000}, NOON + timedelta(seconds=20))


def ends(journal, call_id: str, after_s: float = 60) -> None:
    journal.note(
        call_id, "call.ended", {"why": "cause 16", "ms": 60_000}, NOON + timedelta(seconds=after_s)
    )


def is_done(journal, call_id: str, **said) -> None:
    later = NOON + timedelta(minutes=30)
    journal.note(call_id, "response.done", {"officer": "o1", "result": "settled"} | said, later)


async def test_caller_whom_the_officer_wants_called_is_a_task_with_the_question(
    make, journal, tasks
):
    answered(journal, "1.1")
    ends(journal, "1.1")
    await journal.flush()
    await make().catch_up()
    assert await tasks.open() == []
    is_done(journal, "1.1", call_back="Is the door mended?")
    await journal.flush()
    await make().catch_up()
    (task,) = await tasks.open()
    assert (task.kind, task.number) == ("follow_up", "5550100")
    assert task.calls[0].known["question"] == "Is the door mended?"


async def test_officer_who_is_done_before_the_call_ended_is_heard_at_its_end(make, journal, tasks):
    answered(journal, "1.1")
    is_done(journal, "1.1", call_back="")
    await journal.flush()
    await make().catch_up()
    assert await tasks.open() == []
    ends(journal, "1.1", 3600)
    await journal.flush()
    await make().catch_up()
    assert [task.kind for task in await tasks.open()] == ["follow_up"]


async def test_nobody_is_called_whom_the_officer_does_not_want_called_or_without_a_number(
    make, journal, tasks
):
    answered(journal, "1.1")
    answered(journal, "1.2", "")
    for call_id in ("1.1", "1.2"):
        ends(journal, call_id)
    is_done(journal, "1.1")
    is_done(journal, "1.2", call_back="")
    await journal.flush()
    await make(page_rows=10).catch_up()
    assert await tasks.open() == []
