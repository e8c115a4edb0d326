"""What officers and the hotline can do with a response, and who is told of a late one."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.calls.errors import UnknownCall
from callcenter.responses.errors import ResponseRefused, UnknownResponse
from callcenter.responses.steps import Result, Step
from callcenter.store.responses import Taken
from tests.unit.responses.conftest import NOON


@pytest.fixture
async def taken(responses) -> int:
    (made,) = await responses.begin("test", 1, [Taken("1.1", "o19a", NOON)])
    return made


def done(desk, response, **more):
    given = {
        "result": Result.SETTLED,
        "category": "theft",
        "report": "All quiet.",
        "call_back": None,
        "officer": "o19a",
        "by": "ann",
    }
    return desk.done(response, **(given | more))


async def test_steps_keep_their_moments_and_are_journalled(desk, taken, clock, heard):
    clock.after(minutes=1)
    await desk.step(taken, Step.ON_THE_WAY, "o19a", "ann")
    clock.after(minutes=3)
    shown = await desk.step(taken, Step.THERE, "o19a", "ann")
    assert shown["on_the_way_at"] == "2026-03-01T12:01:00.000Z"
    assert shown["there_at"] == "2026-03-01T12:04:00.000Z"
    said = {"response": taken, "officer": "o19a", "by": "ann"}
    assert heard.noted == [
        ("1.1", "response.on_the_way", said),
        ("1.1", "response.there", said),
    ]


async def test_a_step_back_is_refused_with_where_it_stands(desk, taken):
    await desk.step(taken, Step.THERE, "o19a", "ann")
    with pytest.raises(ResponseRefused, match="there already; on the way cannot follow"):
        await desk.step(taken, Step.ON_THE_WAY, "o19a", "ann")
    assert (await desk.get(taken, None))["on_the_way_at"] is None


async def test_of_two_who_move_it_at_once_one_is_refused(desk, taken, responses, heard):
    moves = [desk.step(taken, Step.THERE, "o19a", by) for by in ("ann", "bob")]
    ends = await asyncio.gather(*moves, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["ResponseRefused", "dict"]
    assert [kind for _, kind, _ in heard.noted] == ["response.there"]


async def test_another_officers_response_is_not_known(desk, taken):
    for attempt in (
        desk.get(taken, "o5"),
        desk.step(taken, Step.THERE, "o5", "eve"),
        done(desk, taken, officer="o5"),
        desk.add_note(taken, "x", "typed", "o5", "eve"),
        desk.language(taken, "o5"),
        desk.dictated(taken, "o5", 1000, "eve"),
    ):
        with pytest.raises(UnknownResponse):
            await attempt
    assert await desk.list("open", "o5") == []
    assert (await desk.get(taken, "o19a"))["step"] == "taken"


async def test_done_puts_the_confirmed_category_into_the_record(desk, taken, floor, heard):
    shown = await done(desk, taken, call_back="Is the door mended?")
    assert floor.edits == [("1.1", "category", "theft", "ann")]
    assert (shown["step"], shown["result"], shown["category"]) == ("done", "settled", "theft")
    _, kind, said = heard.noted[-1]
    assert (kind, said["call_back"], said["report"]) == (
        "response.done",
        "Is the door mended?",
        "All quiet.",
    )
    assert [each["id"] for each in await desk.list("reported", None)] == [taken]


async def test_nobody_is_to_be_called_unless_the_officer_says_so(desk, taken, heard):
    await done(desk, taken)
    assert "call_back" not in heard.noted[-1][2]


async def test_a_record_that_cannot_be_written_leaves_the_response_open(desk, responses, heard):
    (made,) = await responses.begin("test", 1, [Taken("gone", "o19a", NOON)])
    with pytest.raises(UnknownCall):
        await done(desk, made)
    assert (await desk.get(made, None))["step"] == "taken"
    assert heard.noted == []


async def test_a_report_comes_back_with_a_question_and_is_accepted_the_second_time(desk, taken):
    await done(desk, taken)
    with pytest.raises(ResponseRefused, match="done already; there cannot follow"):
        await desk.step(taken, Step.THERE, "o19a", "ann")
    shown = await desk.give_back(taken, "Which door?", "boss")
    assert (shown["step"], shown["question"]) == ("returned", "Which door?")
    assert [each["id"] for each in await desk.list("open", "o19a")] == [taken]
    with pytest.raises(ResponseRefused, match="returned already; accepted cannot follow"):
        await desk.accept(taken, "boss")
    shown = await done(desk, taken, report="The back door.")
    assert (shown["question"], shown["report"]) == ("", "The back door.")
    shown = await desk.accept(taken, "boss")
    assert (shown["step"], shown["decided_by"]) == ("accepted", "boss")
    assert [each["id"] for each in await desk.list("closed", "o19a")] == [taken]


async def test_notes_are_kept_in_order_whoever_writes_at_the_same_time(desk, taken):
    notes = [desk.add_note(taken, f"note {n}", "dictated", "o19a", "ann") for n in range(5)]
    await asyncio.gather(*notes)
    shown = await desk.get(taken, "o19a")
    assert sorted(each["text"] for each in shown["notes"]) == [f"note {n}" for n in range(5)]
    assert {each["how"] for each in shown["notes"]} == {"dictated"}


async def test_the_draft_has_the_record_the_officers_own_words_and_the_notes(
    desk, taken, floor, clock
):
    place = {"text": "Madison Avenue and East 79th Street"}
    fields = {"place": place, "injured": 0, "weapons": ["box_cutter"], "when": None}
    floor.calls["1.1"] = {"incident": {"fields": fields}, "language": "en"}

    def words(role, party, text, final=True):
        return {"role": role, "party": party, "text": text, "final": final}

    floor.said["1.1"] = [
        words("caller", None, "He has a knife."),
        words("officer", "o19a", "I am at the corner."),
        words("officer", "o5", "Not me."),
        words("officer", "o19a", "I see", final=False),
        words("officer", "o19a", "He ran."),
    ]
    await desk.add_note(taken, "Lock broken.", "typed", "o19a", "ann")
    text = (await desk.get(taken, "o19a"))["draft"]
    assert text.splitlines() == [
        "Place: Madison Avenue and East 79th Street",
        "Injured: 0",
        "Weapons: box cutter",
        "Taken: 2026-03-01 12:00",
        "",
        "The officer on the line: I am at the corner. He ran.",
        "",
        "Notes:",
        "- Lock broken.",
    ]


async def test_the_draft_is_in_the_officers_language_else_the_calls(desk, responses, floor):
    made = await responses.begin("test", 1, [Taken("1.1", "o5", NOON), Taken("1.2", "other", NOON)])
    floor.calls["1.2"] = {"language": "zh", "incident": None}
    assert (await desk.get(made[0], None))["draft"] == "접수: 2026-03-01 12:00"
    assert (await desk.get(made[1], None))["draft"] == "接警: 2026-03-01 12:00"
    assert await desk.language(made[0], None) == "ko"
    assert await desk.language(made[1], None) == "zh"


async def test_the_floor_is_told_once_of_an_officer_who_is_not_there_in_time(
    desk, taken, clock, heard, file_call
):
    await file_call("1.1", "red")
    clock.after(seconds=299)
    await desk.tell_late()
    assert heard.notices == []
    clock.after(seconds=1)
    await desk.tell_late()
    await desk.tell_late()
    (notice,) = heard.notices
    assert (notice["kind"], notice["subject"]) == ("response.late", "1.1")
    assert "5 min ago" in notice["text"] and "nor on the way" in notice["text"]
    assert (await desk.list("open", None))[0]["late"] is True


async def test_who_is_there_or_has_more_time_is_not_late(
    desk, taken, clock, heard, file_call, responses
):
    await file_call("1.1", "red")
    await desk.step(taken, Step.THERE, "o19a", "ann")
    await responses.begin("test", 1, [Taken("1.2", "o19a", NOON)])
    await file_call("1.2", "yellow")
    clock.after(minutes=10)
    await desk.tell_late()
    assert heard.notices == []
    clock.after(hours=2)
    await desk.tell_late()
    assert [notice["subject"] for notice in heard.notices] == ["1.2"]
