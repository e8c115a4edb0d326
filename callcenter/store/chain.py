"""The journal's hash chain, without any I/O.

Each entry's hash is SHA-256 over a canonical JSON array of the hash before it and everything the
entry says. Changing, removing or inserting an entry breaks the chain at that place. What a chain
cannot show is that its newest entries were cut off: compare `Verification.head` with one that was
noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRST_PREVIOUS_HASH = "0" * 64
"""Stands before the first entry."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened, not yet in the chain. ``payload`` is canonical JSON text."""

    entry_id: str
    at: datetime
    call_id: str | None
    kind: str
    payload: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry as it stands in the database."""

    id: int
    entry_id: str
    at: datetime
    call_id: str | None
    kind: str
    payload_text: str
    previous_hash: str
    hash: str

    @property
    def payload(self) -> dict[str, Any]:
        """What was noted."""
        content: dict[str, Any] = json.loads(self.payload_text)
        return content


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found: how many entries are sound, and the first that is not."""

    entries: int
    head: str
    broken_at: int | None = None
    why: str = ""

    @property
    def sound(self) -> bool:
        """Whether every entry follows from the one before."""
        return self.broken_at is None


class Verifier:
    """Checks entries in order as they are fed; constant memory."""

    def __init__(self) -> None:
        self._count = 0
        self._head = FIRST_PREVIOUS_HASH

    def feed(self, entries: Iterable[Entry]) -> Verification | None:
        """Check some more; returns the verdict as soon as one is broken."""
        for entry in entries:
            why = self._flaw(entry)
            if why:
                return Verification(self._count, self._head, entry.id, why)
            self._count += 1
            self._head = entry.hash
        return None

    def verdict(self) -> Verification:
        """All that was fed is sound."""
        return Verification(self._count, self._head)

    def _flaw(self, entry: Entry) -> str:
        if entry.previous_hash != self._head:
            return "does not follow the entry before it: one was removed, inserted or reordered"
        note = Note(entry.entry_id, entry.at, entry.call_id, entry.kind, entry.payload_text)
        if entry.hash != chained_hash(entry.previous_hash, note):
            return "its content does not match its hash: it was changed"
        return ""


def chained_hash(previous_hash: str, note: Note) -> str:
    """The hash of ``note`` after ``previous_hash``, 64 hexadecimal digits."""
    at = note.at.astimezone(UTC).isoformat(timespec="microseconds")
    content = [previous_hash, note.entry_id, at, note.call_id, note.kind, note.payload]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode("ascii")).hexdigest()
