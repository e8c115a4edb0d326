from datetime import UTC, datetime, timedelta

import pytest

from callcenter.store.calls import CallRow, Calls
from callcenter.store.incident_pages import IncidentPages, Search
from callcenter.store.joins import IncidentJoins

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = Search(AT - timedelta(hours=1), AT + timedelta(hours=1))


def call(number, **changes):
    values = {
        "id": f"1.{number}",
        "line": "110",
        "caller_number": f"555000{number}",
        "queue": "emergency",
        "state": "closed",
        "arrived_at": AT + timedelta(minutes=number),
        "language": "en",
    }
    return CallRow(**(values | changes))


@pytest.fixture
async def joins(database):
    await Calls(database).upsert(*(call(number) for number in range(5)))
    return IncidentJoins(database)


async def whole(joins):
    ids = [f"1.{number}" for number in range(5)]
    tops = await joins.tops(ids)
    found = await joins.wholes(ids)
    assert {top: sorted(calls) for top, calls in found.items()} == {
        top: sorted(each for each in ids if tops[each] == top) for top in set(tops.values())
    }
    for one in ids:
        assert await joins.wholes([one]) == {tops[one]: found[tops[one]]}
    return sorted(sorted(each) for each in found.values())


async def put(joins, one, into):
    return await joins.join(f"1.{one}", f"1.{into}", "s01", "same robbery", AT)


async def test_calls_are_incidents_of_their_own_until_people_join_them(joins):
    assert await whole(joins) == [["1.0"], ["1.1"], ["1.2"], ["1.3"], ["1.4"]]
    made = await put(joins, 1, 0)
    assert (made.call_id, made.into_call_id, made.by, made.why) == (
        "1.1",
        "1.0",
        "s01",
        "same robbery",
    )
    assert await whole(joins) == [["1.0", "1.1"], ["1.2"], ["1.3"], ["1.4"]]
    assert await joins.of(["1.0"]) == [made] == await joins.of(["1.1"])


async def test_joining_what_is_joined_joins_the_whole_and_twice_is_refused(joins):
    await put(joins, 1, 0)
    await put(joins, 3, 2)
    await put(joins, 3, 1)
    assert await whole(joins) == [["1.0", "1.1", "1.2", "1.3"], ["1.4"]]
    assert await put(joins, 0, 3) is None
    assert await whole(joins) == [["1.0", "1.1", "1.2", "1.3"], ["1.4"]]


async def test_a_join_taken_back_frees_all_that_came_with_it_and_its_row_stays(joins):
    await put(joins, 1, 0)
    await put(joins, 3, 2)
    last = await put(joins, 2, 0)
    undone = await joins.separate(last.id, "boss", "another robbery", AT)
    assert (undone.separated_by, undone.separated_why) == ("boss", "another robbery")
    assert await whole(joins) == [["1.0", "1.1"], ["1.2", "1.3"], ["1.4"]]
    assert undone in await joins.of(["1.2"])
    assert await joins.separate(last.id, "boss", "", AT) is None
    await put(joins, 0, 3)
    assert await whole(joins) == [["1.0", "1.1", "1.2", "1.3"], ["1.4"]]


async def test_an_older_join_can_be_taken_back_under_a_newer_one(joins):
    first = await put(joins, 1, 0)
    await put(joins, 0, 2)
    await joins.separate(first.id, "s01", "", AT)
    assert await whole(joins) == [["1.0", "1.2"], ["1.1"], ["1.3"], ["1.4"]]


async def test_lists_show_an_incident_once_by_the_call_that_began_it(joins, database):
    pages = IncidentPages(database)
    await put(joins, 2, 1)
    found = await pages.page(DAY)
    assert [[row.id for row in calls] for calls in found] == [
        ["1.4"],
        ["1.3"],
        ["1.1", "1.2"],
        ["1.0"],
    ]


async def test_an_incident_is_found_by_what_any_of_its_calls_has(joins, database):
    pages = IncidentPages(database)
    await Calls(database).upsert(
        call(2, category="fire", precinct="19", level="red", place_text="Main_Street 5"),
        call(3, category="fire", precinct="20"),
    )
    await put(joins, 2, 1)

    async def find(**wanted):
        found = await pages.page(Search(DAY.since, DAY.until, **wanted))
        return [calls[0].id for calls in found]

    assert await find(category="fire") == ["1.3", "1.1"]
    assert await find(category="fire", precinct="19") == ["1.1"]
    assert await find(level="red", words="main_street") == ["1.1"]
    assert await find(words="main%street") == []
    assert await find(words="5550004") == ["1.4"]
    assert await find(category="robbery") == []


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
async def test_pages_miss_nothing_and_repeat_nothing(joins, database, rows):
    # Two that came in the same moment.
    await Calls(database).upsert(call(3, arrived_at=AT + timedelta(minutes=4)))
    await put(joins, 1, 0)
    pages = IncidentPages(database, page_rows=rows)
    found = [calls[0].id async for page in pages.all(DAY) for calls in page]
    assert found == ["1.0", "1.2", "1.3", "1.4"]
    after, newest = None, []
    while page := await pages.page(DAY, after=after):
        newest += [calls[0].id for calls in page]
        after = (page[-1][0].arrived_at, page[-1][0].id)
    assert newest == ["1.4", "1.3", "1.2", "1.0"]


async def test_a_period_has_its_beginning_and_not_its_end(joins, database):
    search = Search(AT + timedelta(minutes=1), AT + timedelta(minutes=3))
    found = await IncidentPages(database).page(search)
    assert [calls[0].id for calls in found] == ["1.2", "1.1"]
