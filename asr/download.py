"""Downloads of model archives: resumable, checked before use, patient with no dead source."""

from __future__ import annotations

import hashlib
import http.client
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from asr.catalogue import Entry
from asr.errors import ArchiveRefused, ModelNotFetched, SourceFailed

ANSWER_S = 5.0
"""A source that has not begun to answer by then (names, connection, headers) is passed over."""
STALL_S = 15.0
"""An answer that pauses for so long has broken off."""
RESUMES = 5
"""How often one source may break off before the next is tried."""
BLOCK_BYTES = 1 << 18
MAX_BYTES = 4 << 30
"""Bound of an archive whose size the catalogue does not know."""

PARTIAL_SUFFIX = ".zip.partial"
ARCHIVE_SUFFIX = ".zip"

Progress = Callable[[int, int | None], None]


def fetch(
    entry: Entry,
    models_dir: Path,
    *,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Download a model's archive into the models folder; gives the checked file.

    What an earlier attempt left is continued. Raises `ModelNotFetched` naming every source
    that was tried and what it did.
    """
    partial = models_dir / f"{entry.name}{PARTIAL_SUFFIX}"
    failures: list[str] = []
    for source in entry.sources:
        host = urlsplit(source).netloc
        say(f"asking {host} for {entry.name}")
        try:
            _from_source(entry, source, partial, progress or _ignore, say)
            _check(entry, partial)
        except (SourceFailed, ArchiveRefused) as error:
            say(f"{host}: {error}")
            failures.append(f"{host}: {error}")
            continue
        archive = models_dir / f"{entry.name}{ARCHIVE_SUFFIX}"
        partial.replace(archive)
        return archive
    raise ModelNotFetched("could not be had. " + "; ".join(failures))


def _ignore(done: int, total: int | None) -> None:
    pass


def _from_source(
    entry: Entry, source: str, partial: Path, progress: Progress, say: Callable[[str], None]
) -> None:
    for attempt in range(1 + RESUMES):
        have = partial.stat().st_size if partial.exists() else 0
        if have and have == entry.bytes:
            return
        if have and (entry.bytes is not None and have > entry.bytes):
            partial.unlink()
            have = 0
        if have:
            say(f"continuing after {have:,} bytes")
        answer = _ask(source, have)
        try:
            with answer:
                if _receive(entry, answer, partial, have, progress):
                    return
        except (OSError, http.client.HTTPException) as error:
            say(f"broken off ({error or type(error).__name__}), attempt {attempt + 1}")
            continue
        say(f"broken off, attempt {attempt + 1}")
    raise SourceFailed(f"broke off {1 + RESUMES} times")


def _ask(source: str, have: int) -> http.client.HTTPResponse:
    """Send the request and wait for the headers, but no longer than `ANSWER_S`.

    In a thread of its own, because the look-up of a name cannot be given a time limit.
    """
    results: queue.SimpleQueue[http.client.HTTPResponse | BaseException] = queue.SimpleQueue()
    abandoned = threading.Event()
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(source, headers=headers)  # noqa: S310 # catalogue checks the scheme

    def ask() -> None:
        try:
            answer: Any = urllib.request.urlopen(request, timeout=STALL_S)  # noqa: S310 # as above
            if abandoned.is_set():
                answer.close()
            results.put(answer)
        except Exception as error:
            # Whatever it is belongs to the caller, in the caller's thread.
            results.put(error)

    threading.Thread(target=ask, name="download", daemon=True).start()
    try:
        result = results.get(timeout=ANSWER_S)
    except queue.Empty:
        abandoned.set()
        raise SourceFailed(f"did not answer within {ANSWER_S:.0f} s") from None
    if isinstance(result, urllib.error.HTTPError):
        with result:
            raise SourceFailed(f"answered {result.code} {result.reason}") from None
    if isinstance(result, (OSError, http.client.HTTPException, ValueError)):
        raise SourceFailed(f"did not answer: {getattr(result, 'reason', None) or result}")
    if isinstance(result, BaseException):
        raise result
    return result


def _receive(
    entry: Entry,
    answer: http.client.HTTPResponse,
    partial: Path,
    have: int,
    progress: Progress,
) -> bool:
    """Append the answer to what is there; True when it is all of the archive."""
    resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT and _begins_at(answer, have)
    have = have if resumed else 0
    length = answer.headers.get("Content-Length")
    total = entry.bytes or (have + int(length) if length and length.isdigit() else None)
    limit = entry.bytes or MAX_BYTES
    with partial.open("ab" if resumed else "wb") as out:
        progress(have, total)
        while block := answer.read(BLOCK_BYTES):
            have += len(block)
            if have > limit:
                out.close()
                partial.unlink()
                raise SourceFailed(f"sends more than {limit:,} bytes")
            out.write(block)
            progress(have, total)
    return total is None or have >= total


def _begins_at(answer: http.client.HTTPResponse, have: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-")


def _check(entry: Entry, file: Path) -> None:
    with file.open("rb") as data:
        actual = hashlib.file_digest(data, "sha256").hexdigest()
    if actual != entry.sha256:
        size = file.stat().st_size
        file.unlink()
        raise ArchiveRefused(
            f"{size:,} bytes with SHA-256 {actual}, expected {entry.sha256}; thrown away"
        )
