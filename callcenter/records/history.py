"""What people typed into the fields of records, and what it replaced: read from the journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from callcenter.calls.view import stamp
from callcenter.calls.write_up import TYPED
from callcenter.store.journal_pages import JournalPages


class FieldHistory:
    """The edits of fields. ``settle`` waits until what was noted so far can be read."""

    def __init__(self, pages: JournalPages, settle: Callable[[], Awaitable[object]]) -> None:
        self._pages = pages
        self._settle = settle

    async def of(self, call_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """By field, the oldest edit first: value (null: taken back), by, at, before, before_by.

        Edits of versions that did not note what they replaced lack ``before``.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        await self._settle()
        entries = await self._pages.of_calls(call_ids, [TYPED])
        found: dict[str, list[dict[str, Any]]] = {}
        for row in sorted((row for rows in entries.values() for row in rows), key=lambda x: x.id):
            edit = {"call_id": row.call_id, "at": stamp(row.at), **row.payload}
            field = edit.pop("field", None)
            if isinstance(field, str):
                found.setdefault(field, []).append(edit)
        return found
