"""What is marked to be transcribed later, until the store has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from callcenter.recognition.stretches import Stretch, joined
from callcenter.store.late_work import LateItem, LateWork

MOST_UNWRITTEN = 10_000
"""Marks that are kept while the store does not answer."""


class Marks:
    """Stretches by leg; neighbouring ones become one."""

    def __init__(self, work: LateWork, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._work = work
        self._now = now
        self._latest: dict[tuple[str, str], LateItem] = {}
        self._unwritten: dict[str, LateItem] = {}
        self.any_written = True
        """Whether the store may have work that waits; at first that is not known."""

    def add(
        self,
        call_id: str,
        leg: Mapping[str, str],
        from_ms: int,
        to_ms: int,
        *,
        language: str,
        why: str,
        segments: Sequence[Mapping[str, Any]],
    ) -> LateItem:
        """Mark part of a leg (``id``, ``role``, ``party``). ``segments``: what is known so far."""
        stretch = Stretch(leg["id"], from_ms, to_ms)
        item = self._latest.get((call_id, leg["id"]))
        if item is not None and item.language == language:
            both = joined(Stretch(item.leg, item.from_ms, item.to_ms), stretch, segments)
            if both is not None:
                return self._keep(replace(item, to_ms=both.to_ms))
        return self._keep(
            LateItem(
                id=uuid4().hex,
                call_id=call_id,
                language=language,
                why=why,
                asked_at=self._now(),
                leg=leg["id"],
                role=leg["role"],
                party=leg["party"],
                from_ms=from_ms,
                to_ms=to_ms,
            )
        )

    def _keep(self, item: LateItem) -> LateItem:
        self._latest[item.call_id, item.leg] = item
        if len(self._unwritten) < MOST_UNWRITTEN or item.id in self._unwritten:
            self._unwritten[item.id] = item
        return item

    def call_over(self, call_id: str) -> None:
        """Nothing more is added to this call's marks."""
        for key in [key for key in self._latest if key[0] == call_id]:
            del self._latest[key]

    async def write(self) -> None:
        """Bring what is marked to the store. Raises `StoreUnavailable`: it is kept."""
        items = dict(self._unwritten)
        if not items:
            return
        await self._work.put(items.values())
        self.any_written = True
        for item_id, item in items.items():
            # What has grown meanwhile is written again.
            if self._unwritten.get(item_id) is item:
                del self._unwritten[item_id]
