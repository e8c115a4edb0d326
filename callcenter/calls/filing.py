"""Filing: what consoles see is also kept, without a call ever waiting for it.

Changes only mark a call. One task writes what is marked, many calls in one transaction; when the
store refuses it tries again with growing pauses, and meanwhile newer states of a call replace
older ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import structlog

from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.ladder import Rung
from callcenter.calls.register import KEEP_CLOSED_CALLS
from callcenter.store.calls import CallRow
from callcenter.store.errors import StoreError
from callcenter.store.filed import FiledCalls, Sheet
from callcenter.store.incidents import StoredIncident

log = structlog.get_logger(__name__)

GATHER_S = 0.2
"""Changes that come in quick succession are written once, and those of all calls together: each
transaction costs about as much as ten rows. What a crash loses of this, the journal has."""
LONGEST_PAUSE_S = 5.0
CALLS_AT_ONCE = 50


@dataclass(slots=True)
class _Filed:
    """What the store has of a call, which need not be written again."""

    segments: dict[str, dict[str, Any]] = field(default_factory=dict)
    record: dict[str, Any] | None = None
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)


class Filing:
    """Writes calls, transcripts and records to the store behind the calls' backs."""

    def __init__(
        self,
        files: FiledCalls,
        typed: Callable[[str], dict[str, dict[str, Any]]],
        speech: Callable[[], dict[str, Any]],
        may_file: Callable[[Call], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._typed = typed
        self._speech = speech
        self._may_file = may_file
        self._clock = clock
        self._marked: dict[str, Call] = {}
        self._at_once = CALLS_AT_ONCE
        self._filed: dict[str, _Filed] = {}
        self._closed: dict[str, None] = {}
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
        pause_s = GATHER_S
        while True:
            await self._wake.wait()
            await asyncio.sleep(pause_s)
            written = await self._write_some()
            pause_s = GATHER_S if written else min(pause_s * 2, LONGEST_PAUSE_S)

    async def flush(self, within_s: float) -> bool:
        """Wait until nothing is marked; False when the store did not take it in that time."""
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def finish(self, within_s: float) -> bool:
        """Write what is marked now that `run` has ended; False when the store did not take it."""
        try:
            async with asyncio.timeout(within_s):
                while self._marked:
                    if not await self._write_some():
                        return False
        except TimeoutError:
            return False
        return True

    async def _write_some(self) -> bool:
        """Write calls that are marked, the longest marked first; False when none may be now."""
        ready = (call for call in self._marked.values() if self._may_file(call))
        calls = list(islice(ready, self._at_once))
        for call in calls:
            del self._marked[call.id]
        written = bool(calls) and await self._written(calls)
        if not self._marked:
            self._wake.clear()
            self._idle.set()
        return written

    async def _written(self, calls: Sequence[Call]) -> bool:
        try:
            await self._write(calls)
        except StoreError as error:
            log.warning("filing.refused", calls=len(calls), why=str(error))
            self._put_back(calls)
            # Should one of them be what it refuses, the others get past it.
            self._at_once = max(1, len(calls) // 2)
            return False
        except asyncio.CancelledError:
            self._put_back(calls)
            raise
        except Exception:
            if len(calls) == 1:
                log.exception("filing.failed", call_id=calls[0].id)
                return True
            # A row that no database takes must not keep the others from being written.
            self._put_back(calls)
            alone = [await self._written([call]) for call in calls if self._taken(call)]
            return all(alone)
        self._at_once = min(self._at_once * 2, CALLS_AT_ONCE)
        return True

    def _put_back(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self._marked.setdefault(call.id, call)

    def _taken(self, call: Call) -> bool:
        return self._marked.pop(call.id, None) is not None

    async def _write(self, calls: Sequence[Call]) -> None:
        described = []
        for call in calls:
            # What phones wait for comes in between; a change from now on marks its call again.
            await asyncio.sleep(0)
            described.append(self._describe(call))
        await self._files.write([sheet for sheet, _ in described])
        for call, (_, filed) in zip(calls, described, strict=True):
            self._remember(call, filed)

    def _describe(self, call: Call) -> tuple[Sheet, _Filed]:
        before = self._filed.get(call.id) or _Filed()
        segments = [segment for segment in view.transcript(call) if segment["final"]]
        now = _Filed({each["id"]: each for each in segments}, call.record, self._typed(call.id))
        # A segment or a record that changes becomes another object.
        said = [
            {"call_id": call.id, **segment}
            for segment in segments
            if before.segments.get(segment["id"]) is not segment
        ]
        incident = None
        if (now.record or now.typed) and (
            now.record is not before.record or now.typed != before.typed
        ):
            incident = StoredIncident(call.id, now.record or {}, now.typed, datetime.now(UTC))
        detail = view.detail(call, self._clock(), self._speech())
        return Sheet(_row(call, detail), said, incident), now

    def _remember(self, call: Call, filed: _Filed) -> None:
        self._filed[call.id] = filed
        if call.closed:
            self._closed.setdefault(call.id)
        while len(self._closed) > KEEP_CLOSED_CALLS:
            oldest = next(iter(self._closed))
            del self._closed[oldest]
            self._filed.pop(oldest, None)


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
