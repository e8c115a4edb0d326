"""Which seats people had set not ready, and why: read back from the journal at the start."""

from __future__ import annotations

from .journal_pages import JournalPages

LOOK_BACK_ENTRIES = 200_000
"""Some days of a busy floor; who set a seat longer ago than that is not at it any more."""
SET = "seat.set"


async def seats_set_not_ready(pages: JournalPages) -> dict[str, str]:
    """Seats that were last set not ready, with the reasons.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    wishes: dict[str, str] = {}
    newest = await pages.newest()
    async for page in pages.pages(max(0, newest - LOOK_BACK_ENTRIES), kinds=(SET,)):
        for row in page:
            seat, reason = row.payload.get("seat"), row.payload.get("reason")
            if not isinstance(seat, str):
                continue
            if row.payload.get("state") == "not_ready" and isinstance(reason, str) and reason:
                wishes[seat] = reason
            else:
                wishes.pop(seat, None)
    return wishes
