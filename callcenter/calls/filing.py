"""Filing: what consoles see is also kept, without a call ever waiting for it.

Changes only mark a call. One task writes what is marked; when the store refuses it tries again
with growing pauses, and meanwhile newer states of a call replace older ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.ladder import Rung
from callcenter.store.calls import CallRow, Calls
from callcenter.store.errors import StoreError
from callcenter.store.incidents import Incidents
from callcenter.store.transcripts import Transcripts

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
GATHER_S = 0.05
"""Changes that come in quick succession are written once."""


class Filing:
    """Writes calls, transcripts and records to the store behind the calls' backs."""

    def __init__(
        self,
        calls: Calls,
        transcripts: Transcripts,
        incidents: Incidents,
        typed: Callable[[str], dict[str, dict[str, Any]]],
        speech: Callable[[], dict[str, Any]],
        may_file: Callable[[Call], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._transcripts = transcripts
        self._incidents = incidents
        self._typed = typed
        self._speech = speech
        self._may_file = may_file
        self._clock = clock
        self._marked: dict[str, Call] = {}
        self._filed_segments: dict[str, set[str]] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def mark(self, call: Call) -> None:
        """Have this call written soon."""
        self._marked[call.id] = call
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Write what is marked, for as long as the service lives."""
        pause_s = FIRST_PAUSE_S
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            while self._marked:
                call_id, call = next(iter(self._marked.items()))
                del self._marked[call_id]
                if await self._written(call):
                    pause_s = FIRST_PAUSE_S
                    continue
                self._marked.setdefault(call_id, call)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            self._idle.set()

    async def _written(self, call: Call) -> bool:
        if not self._may_file(call):
            return False
        try:
            await self._write(call)
        except StoreError as error:
            log.warning("filing.refused", call_id=call.id, why=str(error))
            return False
        except Exception:
            # A row that no database takes must not keep the others from being written.
            log.exception("filing.failed", call_id=call.id)
        return True

    async def flush(self, within_s: float) -> bool:
        """Wait until nothing is marked; False when the store did not take it in that time."""
        try:
            await asyncio.wait_for(self._idle.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def _write(self, call: Call) -> None:
        now = self._clock()
        await self._calls.upsert(_row(call, view.detail(call, now, self._speech())))
        filed = self._filed_segments.setdefault(call.id, set())
        said = [
            {"call_id": call.id, **segment}
            for segment in view.transcript(call)
            if segment["final"] and segment["id"] not in filed
        ]
        await self._transcripts.add(*said)
        filed.update(segment["id"] for segment in said)
        if call.record or self._typed(call.id):
            await self._incidents.save(call.id, call.record, self._typed(call.id))
        if call.closed and call.id not in self._marked:
            self._filed_segments.pop(call.id, None)


def _row(call: Call, detail: dict[str, Any]) -> CallRow:
    def moment(rung: Rung) -> datetime | None:
        ms = call.ladder.reached_ms.get(rung)
        return None if ms is None else call.arrived_at + timedelta(milliseconds=ms)

    return CallRow(
        id=call.id,
        line=call.line,
        caller_number=call.caller_number,
        queue=call.queue,
        state=call.state.value,
        arrived_at=call.arrived_at.astimezone(UTC),
        answered_at=moment(Rung.ANSWERED),
        closed_at=moment(Rung.CLOSED),
        wait_ms=detail["wait_ms"],
        seat=call.seat,
        officer=call.officer,
        officer_state=call.officer_state,
        language=call.language,
        category=detail["category"],
        level=detail["level"],
        place_text=detail["place_text"],
        precinct=detail["precinct"],
        detail=detail,
    )
