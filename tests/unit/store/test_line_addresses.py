"""Registered lines in the database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select

from callcenter.precincts.line_files import RegisteredLine
from callcenter.store.line_addresses import LineAddressBook, line_addresses

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_import_puts_its_lines_in_place_of_all(database):
    book = LineAddressBook(database)
    assert await book.find("2125550100") is None
    await book.replace([RegisteredLine("2125550100", "1433 3 Avenue", 40.773, -73.958)], NOW)
    found = await book.find("2125550100")
    assert found is not None
    assert (found.source, found.text, found.lat) == ("line", "1433 3 Avenue", 40.773)
    other = [RegisteredLine("2125550101", "somewhere", 40.7, -73.9)]
    await book.replace(other, NOW + timedelta(seconds=1))
    assert await book.find("2125550100") is None
    assert await book.count() == 1


async def test_import_leaves_the_rows_of_a_later_one_that_is_under_way(database):
    book = LineAddressBook(database)
    later = NOW + timedelta(seconds=1)
    under_way = {"number": "2125550109", "address": "x", "lat": 40.7, "lon": -73.9}
    async with database.writing() as connection:
        await connection.execute(insert(line_addresses), [under_way | {"imported_at": later}])
    await book.replace([RegisteredLine("2125550100", "1433 3 Avenue", 40.773, -73.958)], NOW)
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(line_addresses)) == 2
    assert await book.count() == 1
