"""Registered lines in the database."""

from datetime import UTC, datetime, timedelta

from callcenter.store.line_addresses import LineAddress, LineAddressBook

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_import_puts_its_lines_in_place_of_all(database):
    book = LineAddressBook(database)
    assert await book.find("2125550100") is None
    await book.replace([LineAddress("2125550100", "1433 3 Avenue", 40.773, -73.958)], NOW)
    found = await book.find("2125550100")
    assert found is not None
    assert (found.source, found.text, found.lat) == ("line", "1433 3 Avenue", 40.773)
    other = [LineAddress("2125550101", "somewhere", 40.7, -73.9)]
    await book.replace(other, NOW + timedelta(seconds=1))
    assert await book.find("2125550100") is None
    assert await book.count() == 1
