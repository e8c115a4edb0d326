"""What people set at their seats outlives the service."""

from __future__ import annotations

from callcenter.store.database import Database
from callcenter.store.journal import Journal
from callcenter.store.journal_pages import JournalPages
from callcenter.store.seat_wishes import seats_set_not_ready


async def test_a_seat_rests_for_the_reason_that_was_set_last(tmp_path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/callcenter.db")
    journal = Journal(database)
    await journal.start()
    for seat, state, reason in (
        ("s01", "not_ready", "break"),
        ("s02", "not_ready", "training"),
        ("s03", "ready", ""),
        ("s01", "not_ready", "meal"),
        ("s02", "ready", ""),
    ):
        journal.note(None, "seat.set", {"seat": seat, "state": state, "reason": reason, "by": "x"})
        journal.note(None, "seat.changed", {"seat": seat, "state": state, "reason": "other"})
    journal.note(None, "seat.set", {"seat": 7, "state": "not_ready", "reason": None})
    await journal.stop()
    assert await seats_set_not_ready(JournalPages(database)) == {"s01": "meal"}
    await database.close()
