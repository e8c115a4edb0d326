"""How this room touches files: names that stay in their folder, no links, nothing half written."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from recordings.errors import BadCallId, RecordingError, StorageFailed, UnsafeFile

PARTIAL_SUFFIX = ".partial"
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_CALL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\.[A-Za-z0-9_-]{1,20})?")


def checked(call_id: str) -> str:
    """The id (an Asterisk Linkedid, ``[<system>-]<seconds>.<number>``) if it may name a file."""
    if not _CALL_ID.fullmatch(call_id):
        raise BadCallId("a call id is letters, digits, - and _, with one dot at most")
    return call_id


def open_regular(file: Path) -> BinaryIO:
    """Open for reading what is a file of its own: no link, device or pipe."""
    try:
        # O_NONBLOCK: opening a pipe must not wait for its other end.
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if file.is_symlink():
            raise UnsafeFile(f"{file}: a link") from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnsafeFile(f"{file}: not a regular file")
    return os.fdopen(handle, "rb")


@contextmanager
def whole_or_nothing(file: Path) -> Iterator[BinaryIO]:
    """Write ``file`` so that it appears at once and on disk, or not at all.

    Whoever is killed meanwhile leaves ``<file>.partial``, which the next attempt replaces.
    """
    partial = file.with_name(file.name + PARTIAL_SUFFIX)
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.rename(partial, file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Bring the folder's names to disk: a rename is safe only then."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """What the operating system refuses becomes `StorageFailed`."""
    try:
        yield
    except RecordingError:
        raise
    except OSError as error:
        where = error.filename or place
        raise StorageFailed(f"{where}: {error.strerror or type(error).__name__}") from error
