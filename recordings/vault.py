"""Where finished recordings are kept, each chained by hash to the one before.

``chained = sha256(previous + sha256 + call_id)`` over their text, beginning from 64 zeros: whoever
changes, removes or reorders a recording has to change every later entry of the journal as well.

A recording goes in whole: fsync, SHA-256, rename. Killed between any two steps, the file is either
still where it was or in the vault, and storing it again finishes the work.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from recordings.errors import AlreadyStored, BadHash, NotFinished, UnsafeFile
from recordings.files import (
    PARTIAL_SUFFIX,
    PRIVATE_FOLDER,
    checked,
    disk_errors,
    open_regular,
    sync_folder,
    whole_or_nothing,
)
from recordings.wav import length_of

GENESIS = "0" * 64
KEPT_FILE = 0o400
_BLOCK_BYTES = 1 << 20
_SUFFIX = ".wav"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept recording and its place in the chain."""

    call_id: str
    path: Path
    sha256: str
    bytes: int
    duration_ms: int
    previous_hash: str
    chained_hash: str


class Entry(Protocol):
    """What was written down of a kept recording; `Stored` is one, a row of a journal too."""

    @property
    def call_id(self) -> str:
        """Whose recording."""

    @property
    def sha256(self) -> str:
        """Of the file."""

    @property
    def chained_hash(self) -> str:
        """Of this entry and all before."""


class Damage(Enum):
    """What `Vault.verify` finds."""

    MISSING = "the recording is missing"
    CHANGED = "the recording is not what was stored"
    CHAIN_BROKEN = "the entry does not continue the one before"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that does not hold."""

    call_id: str
    damage: Damage


def chain(previous_hash: str, sha256: str, call_id: str) -> str:
    """The hash that follows ``previous_hash``."""
    return hashlib.sha256(f"{previous_hash}{sha256}{call_id}".encode("ascii")).hexdigest()


class Vault:
    """One folder of kept recordings. One process writes to it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, call_id: str) -> Path:
        """Where a call's recording is kept, or would be; raises `BadCallId`."""
        return self._directory / f"{checked(call_id)}{_SUFFIX}"

    def store(self, call_id: str, file: Path, previous_hash: str | None) -> Stored:
        """Take a finished recording in; ``file`` is gone afterwards.

        ``previous_hash`` is the last entry's chained hash, None or empty for the first. When the
        vault has this very recording already (an earlier attempt was cut off), that is told as if
        it had just been stored. Raises `NotFinished`, `AlreadyStored` (with another content),
        `UnsafeFile`, `BadCallId`, `BadHash`, `StorageFailed`.
        """
        kept = self.path(call_id)
        previous = _previous(previous_hash)
        with disk_errors(file):
            if not self._directory.is_dir():
                self._directory.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
                sync_folder(self._directory.parent)
            if kept.exists() and not os.path.lexists(file):
                return self._entry(call_id, kept, previous)
            if file.name.endswith(PARTIAL_SUFFIX):
                raise NotFinished(f"{file.name} is part of a file")
            entry = self._entry(call_id, file, previous, kept_at=kept)
            if kept.exists():
                if self._entry(call_id, kept, previous).sha256 != entry.sha256:
                    raise AlreadyStored(f"the vault has another recording of call {call_id}")
                file.unlink()
            else:
                _move(file, kept)
        return entry

    def stored(self, call_id: str, previous_hash: str | None) -> Stored:
        """The entry of a recording that is in the vault, to write it down (again).

        Raises `NotFinished`, `StorageFailed`.
        """
        kept = self.path(call_id)
        with disk_errors(kept):
            return self._entry(call_id, kept, _previous(previous_hash))

    def unlisted(self, call_ids: Collection[str]) -> tuple[str, ...]:
        """Calls in the vault that are not among ``call_ids``: stored, and never written down."""
        with disk_errors(self._directory):
            files = sorted(self._directory.glob(f"*{_SUFFIX}")) if self._directory.exists() else []
        return tuple(file.stem for file in files if file.stem not in call_ids)

    def verify(
        self, entries: Iterable[Entry], previous_hash: str | None = None
    ) -> tuple[Fault, ...]:
        """Look at every recording again, in the order of the chain; what does not hold."""
        previous = _previous(previous_hash)
        faults: list[Fault] = []
        for entry in entries:
            kept = self.path(entry.call_id)
            with disk_errors(kept):
                try:
                    sha256, _ = _hash(kept)
                except FileNotFoundError:
                    faults.append(Fault(entry.call_id, Damage.MISSING))
                except UnsafeFile:
                    faults.append(Fault(entry.call_id, Damage.CHANGED))
                else:
                    if sha256 != entry.sha256:
                        faults.append(Fault(entry.call_id, Damage.CHANGED))
            if chain(previous, entry.sha256, entry.call_id) != entry.chained_hash:
                faults.append(Fault(entry.call_id, Damage.CHAIN_BROKEN))
            previous = entry.chained_hash
        return tuple(faults)

    def _entry(
        self, call_id: str, file: Path, previous: str, kept_at: Path | None = None
    ) -> Stored:
        with open_regular(file) as sound:
            file_bytes = os.fstat(sound.fileno()).st_size
            lasts_ms = length_of(sound, file_bytes)
            os.fsync(sound.fileno())
        sha256, hashed_bytes = _hash(file)
        if hashed_bytes != file_bytes:
            raise NotFinished(f"{file.name} changed while it was read")
        return Stored(
            call_id=call_id,
            path=kept_at or file,
            sha256=sha256,
            bytes=file_bytes,
            duration_ms=lasts_ms,
            previous_hash=previous,
            chained_hash=chain(previous, sha256, call_id),
        )


def _move(file: Path, kept: Path) -> None:
    try:
        os.rename(file, kept)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another file system: the copy appears whole, and only then the original goes.
        with open_regular(file) as source, whole_or_nothing(kept) as out:
            shutil.copyfileobj(source, out, _BLOCK_BYTES)
        file.unlink()
    kept.chmod(KEPT_FILE)
    sync_folder(kept.parent)
    if file.parent != kept.parent:
        sync_folder(file.parent)


def _hash(file: Path) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    with open_regular(file) as source:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            size_bytes += len(block)
    return digest.hexdigest(), size_bytes


def _previous(previous_hash: str | None) -> str:
    if not previous_hash:
        return GENESIS
    if not _HASH.fullmatch(previous_hash):
        raise BadHash("the previous hash is not a SHA-256 in hexadecimal")
    return previous_hash
