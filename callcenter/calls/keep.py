"""What stays of a call: its two recorded legs become one kept, hashed recording."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog

from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.register import CallRegister, Note
from callcenter.store.errors import StoreError
from callcenter.store.recordings import RecordingsTable
from recordings.errors import NoRecording, RecordingError
from recordings.legs import Legs, discard, find, left_over
from recordings.mixdown import two_channel
from recordings.vault import GENESIS, Stored, Vault

log = structlog.get_logger(__name__)

SETTLE_S = 0.5
"""MixMonitor writes its last samples after the channel is gone."""
ATTEMPTS = 5
STARTS_WITH_ITS_CALL_MS = 150
"""A recording that seems to begin no further from its call's start than this begins with it: when
a file was written to last is known no better."""
LEFT_OVER_S = 10.0
"""Legs that were written to so lately may be of a call that is not known yet."""


class Keeper:
    """Finishes recordings one after another, so that each continues the chain of hashes."""

    def __init__(
        self, raw: Path, kept: Path, table: RecordingsTable, register: CallRegister, note: Note
    ) -> None:
        self._raw = raw
        self._vault = Vault(kept)
        self._table = table
        self._register = register
        self._note = note
        self._turn = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def keep(self, call_id: str) -> None:
        """Finish the recording of a closed call, in the background."""
        if call_id not in self._tasks:
            task = asyncio.create_task(self._keep(call_id), name=f"keep-{call_id}")
            self._tasks[call_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(call_id, None))

    def keep_left_over(self) -> None:
        """Finish what an earlier run did not: legs of calls that are not open any more."""
        open_calls = {call.id for call in self._register.open()}
        for call_id, at in left_over(self._raw).items():
            still_s = time.time() - at
            if call_id not in open_calls and still_s > LEFT_OVER_S:
                self.keep(call_id)

    async def _keep(self, call_id: str) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            await asyncio.sleep(SETTLE_S * attempt)
            try:
                async with self._turn:
                    await self._keep_now(call_id)
                return
            except NoRecording:
                self._note(call_id, "recording.none", {})
                return
            except RecordingError as error:
                log.warning("recording.unfinished", call_id=call_id, why=str(error))
            except StoreError as error:
                log.warning("recording.unfiled", call_id=call_id, why=str(error))
            except Exception:
                log.exception("recording.failed", call_id=call_id)
        self._note(call_id, "recording.missing", {"attempts": ATTEMPTS})

    async def _keep_now(self, call_id: str) -> None:
        call = self._register.find(call_id)
        if call and not call.closed:
            return  # adopted meanwhile; its end will bring it here again
        previous = await self._table.last_hash() or GENESIS
        legs, stored = await asyncio.to_thread(self._finish, call_id, previous)
        starts_ms = _starts_ms(legs, call) if call else 0
        await self._file(stored, starts_ms)
        # Only now: until the row is there, the legs are what a restart begins again from.
        await asyncio.to_thread(discard, legs)
        entry = view.recording(stored, starts_ms)
        repairs = [str(repair) for repair in legs.repairs]
        self._note(call_id, "recording.kept", entry | {"repairs": repairs})
        if call:
            call.recordings.append(entry)
            self._register.changed(call)

    async def _file(self, stored: Stored, starts_ms: int) -> None:
        await self._table.add(
            stored.call_id,
            path=str(stored.path),
            sha256=stored.sha256,
            bytes=stored.bytes,
            duration_ms=stored.duration_ms,
            chained_hash=stored.chained_hash,
            starts_ms=starts_ms,
        )

    def _finish(self, call_id: str, previous: str) -> tuple[Legs, Stored]:
        legs = find(self._raw, call_id)
        mixed = two_channel(legs, self._raw / f"{call_id}.wav")
        return legs, self._vault.store(call_id, mixed.path, previous)

    async def stop(self, within_s: float) -> None:
        """Let what is being finished finish, but not longer than that."""
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks.values()), timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _starts_ms(legs: Legs, call: Call) -> int:
    """When the recording's first sample was heard, from the call's start.

    A call that is made by us is recorded when the called party is there, later than it began.
    """
    apart_ms = round((legs.began_at - call.arrived_at.timestamp()) * 1000)
    return 0 if abs(apart_ms) <= STARTS_WITH_ITS_CALL_MS else max(0, apart_ms)
