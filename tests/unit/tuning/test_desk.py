"""Versions: who, when, why; changes at the same time; going back; a database that is locked."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.settings import Seat
from callcenter.store.database import Database
from callcenter.store.errors import StoreUnavailable
from callcenter.tuning.document import read
from callcenter.tuning.errors import BadDocument, ChangedMeanwhile, UnknownVersion
from callcenter.tuning.first import first_document
from tests.unit.tuning.conftest import SETTINGS, Office, opened
from tests.unit.tuning.documents import KNOWN, valid


async def test_the_first_version_is_the_settings_files(office: Office) -> None:
    assert office.desk.in_force.version == 1
    document = office.desk.in_force.document
    assert (document.queues[0].ring_s, document.queues[0].wrap_up_s) == (20, 5)
    assert [seat.phone for seat in document.seats] == [None, "p1", None]
    assert [line.operator_hang_up for line in document.lines] == ["end", "return"]
    row = await office.versions.get(1)
    assert row is not None
    assert (row.who, row.why) == ("callcenter", "taken over from the settings file")


async def test_a_change_is_a_version_with_who_when_and_why(office: Office) -> None:
    entered = await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    assert (entered.version, entered.who, entered.why) == (2, "ann", "winter")
    assert office.desk.in_force is entered
    assert office.entered[-1] is entered
    kept = await office.desk.version(2)
    assert kept.document == entered.document == read(valid(3))
    assert kept.at == entered.at


async def test_a_change_is_noted_by_its_fields_and_not_by_callers_numbers(office: Office) -> None:
    await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    kind, payload = office.noted[-1]
    assert kind == "tuning.changed"
    assert (payload["version"], payload["who"], payload["why"]) == (2, "ann", "winter")
    assert "queues.emergency.ring_s" in payload["paths"]
    first = office.desk.in_force.document.to_json()
    first["callers"] = []
    await office.desk.change(first, who="ann", why="no callers", based_on=2)
    assert "15550123" not in str(office.noted)


async def test_after_a_restart_the_database_is_the_truth(
    office: Office, database: Database
) -> None:
    await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    again = await opened(database)
    assert again.desk.in_force.document == read(valid(3))
    assert again.desk.in_force.version == 2
    assert len(again.entered) == 1


async def test_of_two_changes_made_on_one_version_the_second_is_told_of_the_first(
    office: Office,
) -> None:
    await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    with pytest.raises(ChangedMeanwhile, match=r"ann made version 2 on 2026-03-02 at 09:.*winter"):
        await office.desk.change(valid(4), who="bob", why="summer", based_on=1)
    assert office.desk.in_force.document == read(valid(3))


async def test_of_many_changes_at_once_one_wins_and_the_rest_are_told(office: Office) -> None:
    results = await asyncio.gather(
        *(
            office.desk.change(valid(seed), who=f"p{seed}", why="now", based_on=1)
            for seed in range(8)
        ),
        return_exceptions=True,
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert all(isinstance(result, ChangedMeanwhile) for result in results if result not in won)
    assert [row.version for row in await office.versions.list()] == [2, 1]
    assert office.desk.in_force is won[0]


async def test_two_services_on_one_database_never_make_the_same_version(
    office: Office, database: Database
) -> None:
    other = await opened(database)
    results = await asyncio.gather(
        office.desk.change(valid(3), who="ann", why="here", based_on=1),
        other.desk.change(valid(4), who="bob", why="there", based_on=1),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ChangedMeanwhile) for result in results) == 1
    assert [row.version for row in await office.versions.list()] == [2, 1]
    await office.desk.load()
    await other.desk.load()
    assert office.desk.in_force.document == other.desk.in_force.document
    assert office.desk.in_force.version == other.desk.in_force.version == 2


async def test_going_back_is_a_new_version_equal_to_the_old_one(office: Office) -> None:
    first = office.desk.in_force.document
    await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    back = await office.desk.restore(1, who="bob", why="too many misses", based_on=2)
    assert back.document == first
    assert back.version == 3
    row = (await office.versions.list(1))[0]
    assert (row.restored, row.who, row.why) == (1, "bob", "too many misses")
    assert office.noted[-1][1]["restored"] == 1
    forward = await office.desk.restore(2, who="bob", why="it was not that")
    assert forward.document == read(valid(3))


async def test_one_goes_back_to_no_version_that_never_was(office: Office) -> None:
    with pytest.raises(UnknownVersion, match="no version 9"):
        await office.desk.restore(9, who="ann", why="?")
    assert office.desk.in_force.version == 1


async def test_going_back_keeps_the_seats_that_asterisk_has_now(
    office: Office, database: Database
) -> None:
    await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    grown = SETTINGS.model_copy(
        update={"seats": (*SETTINGS.seats[:2], Seat(id="s4", queues=("emergency",)))}
    )
    known = replace(KNOWN, seats=frozenset({"s1", "s2", "s4"}))
    later = await opened(database, grown, known)
    assert later.desk.in_force.version == 3, "the settings file has another seat"
    assert later.desk.in_force.who == "callcenter"
    assert [seat.id for seat in later.desk.in_force.document.seats] == ["s1", "s2", "s4"]
    assert later.desk.in_force.document.queues == read(valid(3)).queues
    back = await later.desk.restore(2, who="ann", why="as it was")
    assert back.document == later.entered[0].document
    assert [seat.id for seat in back.document.seats] == ["s1", "s2", "s4"]


async def test_what_cannot_be_stored_is_not_in_force(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.store.database.BUSY_TIMEOUT_MS", 20)
    before, entered = office.desk.in_force, len(office.entered)
    other = sqlite3.connect(tmp_path / "callcenter.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreUnavailable):
            await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert office.desk.in_force is before
    assert len(office.entered) == entered
    assert "tuning.changed" not in [kind for kind, _ in office.noted[1:]]
    after = await office.desk.change(valid(3), who="ann", why="winter", based_on=1)
    assert after.version == 2


async def test_a_version_that_somebody_else_made_is_loaded(
    office: Office, database: Database
) -> None:
    other = await opened(database)
    await other.desk.change(valid(5), who="shell", why="by file", based_on=1)
    await office.desk.load()
    assert office.desk.in_force.document == read(valid(5))
    assert office.entered[-1].version == 2
    await office.desk.load()
    assert [version.version for version in office.entered] == [1, 2], "once is enough"


async def test_a_document_of_a_later_version_of_the_service_changes_nothing(
    office: Office, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "callcenter.db") as raw:
        raw.execute("INSERT INTO tuning_versions VALUES (2, '2026-03-02', 'x', 'y', NULL, 3, '{}')")
    before = office.desk.in_force
    await office.desk.load()
    assert office.desk.in_force is before
    with pytest.raises(ChangedMeanwhile):
        await office.desk.change(valid(3), who="ann", why="winter", based_on=1)


async def test_warnings_are_told_and_do_not_refuse(office: Office) -> None:
    document = valid(3)
    document["lines"][1]["queue"] = "night"
    document["seats"][0]["queues"] = ["emergency"]
    document["queues"][0]["needs"] = [{"skill": "klingon"}]
    entered = await office.desk.change(document, who="ann", why="winter", based_on=1)
    reasons = {flaw.path: flaw.reason for flaw in entered.warnings}
    assert "no seat serves queue night" in reasons["lines.1.queue"]
    assert "klingon" in reasons["queues.0.needs.0"]


async def test_a_settings_file_that_tuning_would_refuse_is_taken_as_it_is(
    database: Database,
) -> None:
    upside_down = SETTINGS.deadlines.model_copy(update={"officer_ringing_s": 1.0})
    office = await opened(database, SETTINGS.model_copy(update={"deadlines": upside_down}))
    assert office.desk.in_force.version == 1
    assert [flaw.path for flaw in office.desk.in_force.warnings] == ["deadlines.officer_ringing_s"]
    with pytest.raises(BadDocument):
        await office.desk.change(
            office.desk.in_force.document.to_json(), who="ann", why="same", based_on=1
        )


async def test_the_roster_of_the_settings_file_is_taken_over(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "roster.toml"
    file.write_text(
        """
        time_zone = "America/New_York"
        [precincts.14]
        command = ["o3"]
        [[precincts.14.shifts]]
        from = "07:00"
        to = 15:00:00
        days = ["mon"]
        duty = ["o1"]
        """,
        "utf-8",
    )
    precincts = SETTINGS.precincts.model_copy(update={"roster": file})
    office = await opened(database, SETTINGS.model_copy(update={"precincts": precincts}))
    document = office.desk.in_force.document
    assert document.time_zone == "America/New_York"
    assert (document.roster[0].precinct, document.roster[0].command) == ("14", ("o3",))
    shift = document.roster[0].shifts[0]
    assert (shift.from_, shift.to, shift.days, shift.duty) == ("07:00", "15:00", ("mon",), ("o1",))


def test_a_settings_file_beyond_the_bounds_is_named_by_its_field(database: Database) -> None:
    queues = (SETTINGS.queues[0].model_copy(update={"wrap_up_s": 1e9}),)
    with pytest.raises(BadDocument, match=r"queues.0.wrap_up_s"):
        first_document(SETTINGS.model_copy(update={"queues": queues}))
