"""Unpacks a model's archive, trusting nothing in it but its checksum."""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from asr.errors import ArchiveRefused

MAX_ENTRIES = 10_000
MAX_UNPACKED_BYTES = 8 << 30
MAX_GROWTH = 50
"""An archive that grows by more than this when unpacked is a bomb, not a model."""
BLOCK_BYTES = 1 << 18
_UNIX = 3


def unpack(archive: Path, into: Path, name: str) -> dict[str, tuple[int, str]]:
    """Unpack the archive's top folder ``name`` to ``into/name``, replacing what is there.

    Gives the files with bytes and SHA-256. Raises `ArchiveRefused` with the entry that is
    wrong; then nothing has changed.
    """
    target = into / name
    unfinished = into / f".{name}.unpacking"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = _accepted(packed, name)
            _room_for(packed, archive, into)
            files = _write(packed, entries, unfinished, _limit(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ArchiveRefused(f"{archive.name} cannot be unpacked: {error}") from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    shutil.rmtree(target, ignore_errors=True)
    unfinished.replace(target)
    return files


def _limit(archive: Path) -> int:
    return min(MAX_UNPACKED_BYTES, archive.stat().st_size * MAX_GROWTH)


def _accepted(packed: zipfile.ZipFile, name: str) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """The files of the archive by their path under the top folder."""
    entries = packed.infolist()
    if len(entries) > MAX_ENTRIES:
        raise ArchiveRefused(f"{len(entries)} entries; at most {MAX_ENTRIES}")
    files: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for entry in entries:
        path = _safe_path(entry, name)
        if entry.is_dir():
            continue
        if path in files:
            raise ArchiveRefused(f"{entry.filename!r} comes twice")
        files[path] = entry
    if not files:
        raise ArchiveRefused(f"no files in a folder {name}")
    return files


def _safe_path(entry: zipfile.ZipInfo, name: str) -> PurePosixPath:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        raise ArchiveRefused(f"{entry.filename!r} leads out of the folder")
    if not path.parts or path.parts[0] != name:
        raise ArchiveRefused(f"{entry.filename!r} is not in a folder {name}")
    mode = entry.external_attr >> 16
    if entry.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRefused(f"{entry.filename!r} is neither a file nor a folder")
    if entry.flag_bits & 0x1:
        raise ArchiveRefused(f"{entry.filename!r} is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveRefused(f"{entry.filename!r} is packed in a way that models are not")
    return PurePosixPath(*path.parts[1:])


def _room_for(packed: zipfile.ZipFile, archive: Path, into: Path) -> None:
    claimed = sum(entry.file_size for entry in packed.infolist())
    if claimed > _limit(archive):
        raise ArchiveRefused(f"would unpack to {claimed:,} bytes; at most {_limit(archive):,}")
    free = shutil.disk_usage(into).free
    if claimed > free:
        raise ArchiveRefused(f"needs {claimed:,} bytes in {into}; {free:,} are free")


def _write(
    packed: zipfile.ZipFile,
    files: dict[PurePosixPath, zipfile.ZipInfo],
    folder: Path,
    limit: int,
) -> dict[str, tuple[int, str]]:
    written: dict[str, tuple[int, str]] = {}
    total = 0
    for path, entry in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with packed.open(entry) as source, place.open("xb") as out:
            while block := source.read(BLOCK_BYTES):
                size += len(block)
                # What the archive says of its sizes is not believed.
                if total + size > limit:
                    raise ArchiveRefused(f"unpacks to more than {limit:,} bytes")
                digest.update(block)
                out.write(block)
        total += size
        written[str(path)] = (size, digest.hexdigest())
    return written
