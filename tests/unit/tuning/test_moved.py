"""Past calls that other rules of responsibility would have sent elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import shapely

from callcenter.precincts.boundaries import Boundaries, Precinct
from callcenter.precincts.responsibility import Matter, Rule
from callcenter.precincts.territories import Territories, Territory
from callcenter.store.calls import CallRow, Calls
from callcenter.store.database import Database
from callcenter.tuning.document import read
from callcenter.tuning.moved import EXAMPLES, Moved, PastMatter
from callcenter.tuning.past_matters import PastMatters
from tests.unit.tuning.documents import valid

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BOX = shapely.box(-74.0, 40.7, -73.9, 40.8)
CITY = Territories(
    [
        Territory("precinct", "precinct", 0, None, Boundaries([Precinct("14", BOX)])),
        Territory("anti_fraud", "fraud desk", 1, None, Boundaries([Precinct("city", BOX)])),
    ]
)
FRAUD = Rule("fraud", "areas", "anti_fraud", frozenset({"fraud"}))
REST = Rule("rest", "partner", "municipal", frozenset({"enquiry"}))
PARTNERS = {"municipal": "Line 12345"}


def past(number: int, category: str, precinct: str | None = "14") -> PastMatter:
    lat, lon = (40.75, -73.95) if precinct else (None, None)
    return PastMatter(f"1.{number}", AT, Matter(category, "yellow", precinct, lat, lon))


def test_calls_are_counted_from_where_to_where() -> None:
    moved = Moved((), (FRAUD, REST), CITY, PARTNERS)
    moved.add([past(1, "fraud"), past(2, "theft"), past(3, "fraud")])
    moved.add([past(4, "enquiry", precinct=None), past(5, "medical")])
    told = moved.to_json()
    assert (told["calls"], told["moved"]) == (5, 3)
    assert told["ways"] == [
        {"from": "precinct 14", "to": "fraud desk city", "calls": 2},
        {"from": "nobody yet", "to": "Line 12345", "calls": 1},
    ]
    assert told["examples"][0] == {
        "call_id": "1.1",
        "arrived_at": AT.isoformat(),
        "from": "precinct 14",
        "to": "fraud desk city",
        "because": "category fraud",
    }


def test_same_rules_move_nothing_and_examples_are_few() -> None:
    moved = Moved((FRAUD,), (replace(FRAUD, id="other"),), CITY, PARTNERS)
    moved.add([past(n, "fraud") for n in range(20)])
    assert moved.to_json()["moved"] == 0
    many = Moved((FRAUD,), (), CITY, PARTNERS)
    many.add([past(n, "fraud") for n in range(EXAMPLES + 9)])
    assert (many.to_json()["moved"], len(many.to_json()["examples"])) == (EXAMPLES + 9, EXAMPLES)


async def test_records_of_a_period_are_read_in_pages(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("callcenter.store.calls.PAGE_ROWS", 2)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    calls = Calls(database)
    place = {"text": "x", "precinct": "14", "lat": 40.75, "lon": -73.95}
    record = {"fields": {"category": "fraud", "level": "yellow", "place": place}}
    rows = [
        CallRow(
            id=f"1.{n}",
            line="110",
            caller_number="5",
            queue="emergency",
            state="closed",
            arrived_at=AT + timedelta(hours=n // 2),
            language="en",
            detail={"incident": record},
        )
        for n in range(7)
    ]
    await calls.upsert(*rows)
    before = valid() | {"responsibility": []}
    after = valid() | {
        "responsibility": [{"id": "f", "categories": ["fraud"], "target": "anti_fraud"}]
    }
    matters = PastMatters(calls, lambda: CITY, PARTNERS)
    day = AT, AT + timedelta(hours=3)
    told = await matters.moved(read(before), read(after), *day)
    assert told is not None
    assert (told["calls"], told["moved"]) == (6, 6)
    assert [each["call_id"] for each in told["examples"]] == [f"1.{n}" for n in range(6)]
    assert await matters.moved(read(before), read(before), *day) is None
    await database.close()
