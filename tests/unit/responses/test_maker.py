"""Responses follow the journal: none is lost or doubled, whenever the service dies."""

from __future__ import annotations

from datetime import timedelta

from callcenter.store.errors import StoreUnavailable
from tests.unit.responses.conftest import NOON


def took(journal, call_id="1.1", officer="o19a", at=NOON):
    journal.note(call_id, "officer.took", {"officer": officer}, at)


async def open_ones(desk):
    return [(each["call_id"], each["officer"]) for each in await desk.list("open", None)]


async def test_an_officer_who_takes_a_call_has_a_response(maker, journal, desk, heard):
    took(journal)
    await maker.look()
    (response,) = await desk.list("open", "o19a")
    assert (response["step"], response["taken_at"]) == ("taken", "2026-03-01T12:00:00.000Z")
    assert ("responses", {"type": "response", "response": response}) in heard.published


async def test_read_again_it_is_the_same_response(maker, journal, desk, responses):
    took(journal)
    await maker.look()
    await maker.look()
    took(journal, at=NOON + timedelta(seconds=30))  # rung again after the phone dropped
    await maker.look()
    assert await open_ones(desk) == [("1.1", "o19a")]


async def test_each_officer_of_a_call_has_one(maker, journal, desk):
    took(journal)
    took(journal, officer="o5", at=NOON + timedelta(seconds=1))
    await maker.look()
    assert await open_ones(desk) == [("1.1", "o5"), ("1.1", "o19a")]
    assert [each["officer"] for each in await desk.list("open", "o5")] == ["o5"]


async def test_what_was_taken_while_the_database_was_gone_is_made_up_for(
    maker, journal, desk, responses, monkeypatch
):
    took(journal)
    begin = responses.begin

    async def gone(*_):
        raise StoreUnavailable("locked")

    monkeypatch.setattr(responses, "begin", gone)
    try:
        await maker.look()
        raise AssertionError("it was gone")
    except StoreUnavailable:
        pass
    monkeypatch.setattr(responses, "begin", begin)
    await maker.look()
    assert await open_ones(desk) == [("1.1", "o19a")]


async def test_an_entry_without_an_officer_is_passed_over(maker, journal, desk):
    journal.note("1.1", "officer.took", {"officer": None}, NOON)
    journal.note(None, "officer.took", {"officer": "o19a"}, NOON)
    took(journal, "1.2")
    await maker.look()
    assert await open_ones(desk) == [("1.2", "o19a")]
