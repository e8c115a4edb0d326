"""What stays of a call: its two recorded legs become one kept, hashed recording."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import structlog

from callcenter.calls.call import Call
from callcenter.calls.notices import Note
from callcenter.calls.register import CallRegister
from callcenter.store.errors import StoreError
from callcenter.store.recordings import RecordingsTable
from recordings.errors import RecordingError
from recordings.legs import discard, find
from recordings.mixdown import two_channel
from recordings.vault import GENESIS, Stored, Vault

log = structlog.get_logger(__name__)

SETTLE_S = 0.5
"""MixMonitor writes its last samples after the channel is gone."""
ATTEMPTS = 5


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
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, call: Call) -> None:
        """Finish the recording of a closed call, in the background."""
        task = asyncio.create_task(self._keep(call), name=f"keep-{call.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, call: Call) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            await asyncio.sleep(SETTLE_S * attempt)
            try:
                async with self._turn:
                    await self._keep_now(call)
                return
            except RecordingError as error:
                log.warning("recording.unfinished", call_id=call.id, why=str(error))
            except StoreError as error:
                log.warning("recording.unfiled", call_id=call.id, why=str(error))
            except Exception:
                log.exception("recording.failed", call_id=call.id)
        self._note(call.id, "recording.missing", {"attempts": ATTEMPTS})

    async def _keep_now(self, call: Call) -> None:
        previous = await self._table.last_hash() or GENESIS
        stored, repairs = await asyncio.to_thread(self._finish, call.id, previous)
        await self._table.add(
            call.id,
            path=str(stored.path),
            sha256=stored.sha256,
            bytes=stored.bytes,
            duration_ms=stored.duration_ms,
            chained_hash=stored.chained_hash,
        )
        entry: dict[str, Any] = {
            "path": str(stored.path),
            "sha256": stored.sha256,
            "duration_ms": stored.duration_ms,
            "url": f"/api/v1/calls/{call.id}/recording",
        }
        self._note(call.id, "recording.kept", entry | {"repairs": repairs})
        call.recordings.append(entry)
        self._register.changed(call)

    def _finish(self, call_id: str, previous: str) -> tuple[Stored, list[str]]:
        legs = find(self._raw, call_id)
        mixed = two_channel(legs, self._raw / f"{call_id}.wav")
        stored = self._vault.store(call_id, mixed.path, previous)
        discard(legs)
        return stored, [str(repair) for repair in mixed.repairs]

    async def stop(self, within_s: float) -> None:
        """Let what is being finished finish, but not longer than that."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
