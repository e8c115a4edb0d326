"""Reads what past calls were about, a page at a time, and whose they would have been."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from callcenter.calls.responsibility import matter_of
from callcenter.precincts.territories import Territories
from callcenter.store.calls import CallRow, Calls
from callcenter.tuning import apply
from callcenter.tuning.document import Document
from callcenter.tuning.moved import REMARK, Moved, PastMatter


class PastMatters:
    """The records of one service's calls."""

    def __init__(
        self,
        calls: Calls,
        territories: Callable[[], Territories],
        partners: Mapping[str, str],
    ) -> None:
        """``partners``: names by id."""
        self._calls = calls
        self._territories = territories
        self._partners = partners

    async def moved(
        self, current: Document, proposed: Document, since: datetime, until: datetime
    ) -> dict[str, Any] | None:
        """What other rules would have changed for the calls between two moments.

        None when the rules are the same. Raises `StoreUnavailable`.
        """
        before, after = apply.responsibility(current), apply.responsibility(proposed)
        if before == after:
            return None
        moved = Moved(before, after, self._territories(), self._partners)
        async for page in self._calls.between(since, until):
            await asyncio.to_thread(moved.add, _matters(page))
        return moved.to_json() | {"remark": REMARK}


def _matters(rows: Sequence[CallRow]) -> list[PastMatter]:
    return [
        PastMatter(row.id, row.arrived_at, matter_of(row.detail.get("incident") or {}))
        for row in rows
    ]
