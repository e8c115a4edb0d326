"""Where journal notes wait when the database refuses them: a file of JSON lines.

The file holds notes in order. It is read from the start after a crash, so a note may be seen
twice; its ``entry_id`` tells. All methods block on the disk: call them in a thread.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from .chain import Note

SPILL_MODE = 0o600
SPILL_LIMIT_BYTES = 256 * 1024 * 1024


class SpillFull(OSError):
    """The file has reached its limit."""


class Spill:
    """Notes on disk, first in first out."""

    def __init__(self, file: Path, limit_bytes: int = SPILL_LIMIT_BYTES) -> None:
        self._file = file
        self._limit_bytes = limit_bytes
        self._taken_bytes = 0
        self._size_bytes = 0
        self._removed = False
        self.unreadable_lines = 0
        """Lines that the last `peek` could not read; a removed file counts as one."""

    @property
    def file(self) -> Path:
        """Where it is."""
        return self._file

    @property
    def empty(self) -> bool:
        """Whether everything was taken."""
        return self._taken_bytes >= self._size_bytes

    def open(self) -> None:
        """Look what an earlier process left. Raises OSError."""
        self._size_bytes = self._file.stat().st_size if self._file.exists() else 0
        self._taken_bytes = 0

    def append(self, notes: Sequence[Note]) -> None:
        """Put notes at the end, all or none, safe from a power cut. Raises OSError."""
        text = "".join(_to_line(note) for note in notes).encode("utf-8")
        if self._size_bytes + len(text) > self._limit_bytes:
            raise SpillFull(f"{self._file} has reached {self._limit_bytes} bytes")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, SPILL_MODE)
        try:
            start = os.fstat(handle).st_size
            if start < self._size_bytes:
                self._removed, self._taken_bytes = True, 0
            try:
                if start and not self._ends_with_newline():
                    text = b"\n" + text
                _write_all(handle, text)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, start)
                raise
            self._size_bytes = start + len(text)
        finally:
            os.close(handle)

    def peek(self, most: int) -> tuple[list[Note], int]:
        """The next notes and the position after them, for `taken`. Raises OSError."""
        notes: list[Note] = []
        self.unreadable_lines, self._removed = int(self._removed), False
        if not self._file.exists():  # somebody removed it: nothing will ever come of waiting
            self.unreadable_lines += 1
            return [], self._size_bytes
        with self._file.open("rb") as lines:
            lines.seek(self._taken_bytes)
            position = self._taken_bytes
            while len(notes) < most:
                line = lines.readline()
                if not line:
                    break
                position += len(line)
                note = _from_line(line)
                if note is not None:
                    notes.append(note)
                elif line.strip():
                    self.unreadable_lines += 1
        return notes, position

    def taken(self, position: int) -> None:
        """Everything before ``position`` is in the database; an emptied file is removed."""
        self._taken_bytes = position
        if self.empty:
            self._file.unlink(missing_ok=True)
            self._taken_bytes = self._size_bytes = 0

    def _ends_with_newline(self) -> bool:
        with self._file.open("rb") as content:
            content.seek(-1, os.SEEK_END)
            return content.read(1) == b"\n"


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _to_line(note: Note) -> str:
    fields = [note.entry_id, note.at.isoformat(), note.call_id, note.kind, note.payload]
    return json.dumps(fields) + "\n"


def _from_line(line: bytes) -> Note | None:
    try:
        entry_id, at, call_id, kind, payload = json.loads(line)
        json.loads(payload)
        return Note(str(entry_id), datetime.fromisoformat(at), call_id, str(kind), payload)
    except (ValueError, TypeError):
        return None
