"""Tasks in the database: one a number, one a call, closed by a person only."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from callcenter.store.calls import CallRow, Calls
from callcenter.store.errors import StoreUnavailable
from callcenter.store.tables import tasks as tasks_table
from callcenter.store.tasks import Tasks
from callcenter.store.transcripts import Transcripts
from tests.unit.tasks.conftest import NOON, READER, ended


async def record(tasks: Tasks, *calls, entry: int = 1):
    return await tasks.record(READER, entry, calls, NOON)


async def test_redials_of_one_number_are_one_task_that_waits_since_the_first(tasks):
    await record(tasks, ended("1.2", after_s=60), ended("1.3", after_s=90, wait_ms=5000))
    await record(tasks, ended("1.1", after_s=0), entry=2)
    (task,) = await tasks.open()
    assert task.waiting_since == NOON
    assert [call.call_id for call in task.calls] == ["1.1", "1.2", "1.3"]


async def test_end_that_is_read_again_changes_nothing(tasks):
    (first,) = await record(tasks, ended())
    assert await record(tasks, ended(), entry=2) == []
    await tasks.close(first, "reached", "", "s01", NOON)
    assert await record(tasks, ended(), entry=3) == [], "nor does it open a new one"
    assert await tasks.open() == [] and await tasks.read_to(READER) == 3


async def test_withheld_numbers_are_tasks_of_their_own(tasks):
    await record(tasks, ended("1.1", number=""), ended("1.2", number=""))
    assert len(await tasks.open()) == 2


async def test_who_wants_to_be_called_back_is_one_although_they_gave_up_before(tasks):
    await record(tasks, ended("1.1"), ended("1.2", "call_back", after_s=10))
    (task,) = await tasks.open()
    assert task.kind == "call_back"
    await record(tasks, ended("1.3"), entry=2)
    assert (await tasks.open())[0].kind == "call_back", "and stays one"


async def test_later_answered_call_is_noted_and_closes_nothing(tasks):
    await record(tasks, ended("1.1"))
    await record(tasks, ended("1.2", "answered", known={"seat": "s02"}, after_s=50), entry=2)
    (task,) = await tasks.open()
    assert [call.what for call in task.calls] == ["abandoned", "answered"]


async def test_answered_call_alone_is_no_task(tasks):
    assert await record(tasks, ended("1.1", "answered")) == []
    assert await tasks.open() == []


async def test_number_that_calls_again_after_its_task_was_closed_is_a_new_task(tasks):
    (first,) = await record(tasks, ended("1.1"))
    await tasks.close(first, "reached", "well", "s01", NOON)
    (second,) = await record(tasks, ended("1.2"), entry=2)
    assert second != first
    assert [task.id for task in await tasks.closed()] == [first]


async def test_longest_waiting_come_first(tasks):
    await record(
        tasks,
        ended("1.3", number="3", after_s=30),
        ended("1.1", number="1", after_s=10),
        ended("1.2", "call_back", number="2", after_s=20),
    )
    assert [task.number for task in await tasks.open()] == ["1", "2", "3"]


async def test_two_operators_take_a_task_and_one_has_it(tasks):
    (task_id,) = await record(tasks, ended())
    took = await asyncio.gather(
        *(tasks.take(task_id, f"cb{n}", f"op{n}", f"s{n:02}", NOON) for n in range(8))
    )
    assert sum(took) == 1
    (task,) = await tasks.open()
    assert task.calling_call == f"cb{took.index(True)}"


async def test_two_people_close_a_task_and_the_first_result_stays(tasks):
    (task_id,) = await record(tasks, ended())
    closed = await asyncio.gather(
        *(tasks.close(task_id, "other", f"note {n}", f"p{n}", NOON) for n in range(8))
    )
    assert sum(closed) == 1
    task = await tasks.get(task_id)
    assert task.note == f"note {closed.index(True)}"


async def test_call_back_that_ended_lets_go_of_its_task(tasks):
    (task_id,) = await record(tasks, ended())
    await tasks.take(task_id, "cb1", "s01", "s01", NOON)
    assert await tasks.calling() == ["cb1"]
    await record(tasks, ended("cb1", "called_back", task_id=task_id), entry=2)
    task = await tasks.get(task_id)
    assert task.calling_call is None and task.state == "open"
    assert [call.what for call in task.calls] == ["abandoned", "called_back"]
    assert await tasks.release("cb1") is None, "once is enough"


async def test_closed_task_cannot_be_taken(tasks):
    (task_id,) = await record(tasks, ended())
    await tasks.close(task_id, "no_need", "", "s01", NOON)
    assert not await tasks.take(task_id, "cb1", "s01", "s01", NOON)


async def test_what_was_learned_after_the_end_is_on_the_task(tasks, database):
    (task_id,) = await record(tasks, ended())
    await Calls(database).upsert(
        CallRow("1.1", "110", "5550100", "emergency", "closed", NOON, "ko", place_text="Broadway")
    )
    said = {"call_id": "1.1", "role": "caller", "start_ms": 2000, "text": "is anybody there"}
    machine = {"call_id": "1.1", "role": "operator", "start_ms": 1000, "text": "not the caller"}
    await Transcripts(database).add(
        said | {"id": "b"}, machine | {"id": "c"}, said | {"id": "a", "start_ms": 500, "text": "hi"}
    )
    task = await tasks.get(task_id)
    assert task.words == "hi is anybody there"
    assert task.calls[0].known["place_text"] == "Broadway"
    assert task.calls[0].known["language"] == "ko"


async def test_database_itself_refuses_a_second_open_task_of_a_number(tasks, database):
    await record(tasks, ended())
    values = {
        "kind": "abandoned",
        "state": "open",
        "number": "5550100",
        "waiting_since": NOON,
        "opened_at": NOON,
    }
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(insert(tasks_table).values(values))


async def test_hostile_number_and_note_come_back_as_they_went_in(tasks):
    number, note = "'; DROP TABLE tasks; --<b>", "<script>alert('x')</script>\n\u202e"
    (task_id,) = await record(tasks, ended(number=number))
    await tasks.close(task_id, "other", note, "'; --", NOON + timedelta(hours=1))
    task = await tasks.get(task_id)
    assert (task.number, task.note, task.closed_by) == (number, note, "'; --")


async def test_locked_database_keeps_reader_and_tasks_in_step(tasks, locked):
    await record(tasks, ended("1.1"), entry=5)
    with locked(), pytest.raises(StoreUnavailable):
        await record(tasks, ended("1.2", number="6"), entry=6)
    assert await tasks.read_to(READER) == 5
    assert len(await tasks.open()) == 1
