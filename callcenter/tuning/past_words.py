"""Reads what was said in past calls, a page at a time, once with each set of own words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from callcenter.calls.write_up import turns_of
from callcenter.store.calls import CallRow, Calls
from callcenter.store.transcripts import Transcripts
from callcenter.tuning import apply
from callcenter.tuning.document import Document
from callcenter.tuning.reread import PastTalk, Reread


class PastWords:
    """The transcripts of one service's calls."""

    def __init__(self, calls: Calls, transcripts: Transcripts) -> None:
        self._calls = calls
        self._transcripts = transcripts

    async def read_again(
        self, current: Document, proposed: Document, since: datetime, until: datetime
    ) -> dict[str, Any] | None:
        """What other words would have read in the calls between two moments.

        None when the words are the same. Raises `StoreUnavailable`.
        """
        before, after = apply.own_words(current), apply.own_words(proposed)
        if before == after:
            return None
        reread = await asyncio.to_thread(Reread, before, after)
        async for page in self._calls.between(since, until):
            said = await self._transcripts.of_calls([row.id for row in page])
            await asyncio.to_thread(reread.add, _talks(page, said))
        return reread.to_json()


def _talks(
    rows: Sequence[CallRow], said: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[PastTalk]:
    return [
        PastTalk(row.id, row.arrived_at, row.language, tuple(turns_of(said[row.id])))
        for row in rows
        if said.get(row.id)
    ]
