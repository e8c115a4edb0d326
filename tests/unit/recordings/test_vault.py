"""Keeping: whole, once, and so that nobody can change it unseen."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from recordings.errors import (
    AlreadyStored,
    BadCallId,
    BadHash,
    NotFinished,
    StorageFailed,
    UnsafeFile,
)
from recordings.legs import find
from recordings.mixdown import two_channel
from recordings.vault import GENESIS, Damage, Fault, Stored, Vault
from tests.unit.recordings.spool import CALL, channels, pcm, record


def finished(folder: Path, call_id: str = CALL, *samples: int) -> Path:
    record(folder, pcm(*(samples or (1, 2))), pcm(3, 4), call_id)
    return two_channel(find(folder, call_id), folder / f"{call_id}.wav").path


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "kept")


def test_recording_is_moved_in_and_described(vault: Vault, tmp_path: Path) -> None:
    file = finished(tmp_path / "raw", CALL, *[1] * 8000)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    stored = vault.store(CALL, file, None)
    assert not file.exists()
    assert stored.path == tmp_path / "kept" / f"{CALL}.wav"
    assert hashlib.sha256(stored.path.read_bytes()).hexdigest() == stored.sha256 == sha256
    assert stored.bytes == 44 + 8000 * 4
    assert stored.duration_ms == 1000
    assert stored.previous_hash == GENESIS
    assert stored.chained_hash == hashlib.sha256(f"{GENESIS}{sha256}{CALL}".encode()).hexdigest()
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700


def chain_of_three(vault: Vault, raw: Path) -> list[Stored]:
    entries: list[Stored] = []
    for number in (1, 2, 3):
        call_id = f"1700000000.{number}"
        previous = entries[-1].chained_hash if entries else ""
        entries.append(vault.store(call_id, finished(raw, call_id, number), previous))
    return entries


def test_untouched_chain_holds(vault: Vault, tmp_path: Path) -> None:
    entries = chain_of_three(vault, tmp_path / "raw")
    assert vault.verify(entries) == ()
    assert vault.verify(entries[1:], entries[0].chained_hash) == ()


def test_changed_recording_is_found(vault: Vault, tmp_path: Path) -> None:
    entries = chain_of_three(vault, tmp_path / "raw")
    entries[1].path.chmod(0o600)
    with entries[1].path.open("r+b") as file:
        file.seek(44)
        file.write(b"\x07")
    assert vault.verify(entries) == (Fault("1700000000.2", Damage.CHANGED),)


def test_missing_recording_is_found(vault: Vault, tmp_path: Path) -> None:
    entries = chain_of_three(vault, tmp_path / "raw")
    entries[0].path.unlink()
    assert vault.verify(entries) == (Fault("1700000000.1", Damage.MISSING),)


def test_link_in_place_of_a_recording_is_found(vault: Vault, tmp_path: Path) -> None:
    entries = chain_of_three(vault, tmp_path / "raw")
    entries[0].path.rename(tmp_path / "elsewhere")
    entries[0].path.symlink_to(tmp_path / "elsewhere")
    assert vault.verify(entries) == (Fault("1700000000.1", Damage.CHANGED),)


def test_forged_entry_breaks_the_chain(vault: Vault, tmp_path: Path) -> None:
    first, second, third = chain_of_three(vault, tmp_path / "raw")
    assert vault.verify([first, third]) == (Fault("1700000000.3", Damage.CHAIN_BROKEN),)
    assert vault.verify([second, first, third])[0] == Fault("1700000000.2", Damage.CHAIN_BROKEN)
    forged = replace(second, sha256="0" * 64)
    assert vault.verify([first, forged, third]) == (
        Fault("1700000000.2", Damage.CHANGED),
        Fault("1700000000.2", Damage.CHAIN_BROKEN),
    )


def test_recording_that_was_never_written_down_is_found(vault: Vault, tmp_path: Path) -> None:
    assert vault.unlisted([]) == ()
    entries = chain_of_three(vault, tmp_path / "raw")
    (tmp_path / "kept" / "1700000000.9.wav.partial").write_bytes(b"part")
    assert vault.unlisted(["1700000000.1", "1700000000.2"]) == ("1700000000.3",)
    assert vault.stored("1700000000.3", entries[1].chained_hash) == entries[2]


def test_storing_again_what_is_stored_tells_the_same(vault: Vault, tmp_path: Path) -> None:
    stored = vault.store(CALL, finished(tmp_path / "raw"), "")
    assert vault.store(CALL, tmp_path / "raw" / f"{CALL}.wav", "") == stored
    again = finished(tmp_path / "raw")
    assert vault.store(CALL, again, "") == stored
    assert not again.exists()


def test_kept_recording_is_never_overwritten(vault: Vault, tmp_path: Path) -> None:
    stored = vault.store(CALL, finished(tmp_path / "raw", CALL, 1), "")
    other = finished(tmp_path / "raw", CALL, 2)
    with pytest.raises(AlreadyStored):
        vault.store(CALL, other, "")
    assert other.exists()
    assert channels(stored.path)[0] == [1, 0]


@pytest.mark.parametrize("call_id", ["../out", "a/b", "", "1.2.partial.x", "/abs"])
def test_id_that_could_leave_the_vault_is_refused(
    call_id: str, vault: Vault, tmp_path: Path
) -> None:
    with pytest.raises(BadCallId):
        vault.store(call_id, finished(tmp_path / "raw"), "")


@pytest.mark.parametrize("previous", ["x", "0" * 63, "0" * 64 + "\n", "G" * 64])
def test_hash_that_is_none_is_refused(previous: str, vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(BadHash):
        vault.store(CALL, finished(tmp_path / "raw"), previous)


def test_part_of_a_file_is_refused(vault: Vault, tmp_path: Path) -> None:
    whole = finished(tmp_path / "raw")
    named = shutil.copy(whole, tmp_path / "raw" / "a.wav.partial")
    cut = tmp_path / "raw" / "cut.wav"
    cut.write_bytes(whole.read_bytes()[:-1])
    for part in (Path(named), cut):
        with pytest.raises(NotFinished):
            vault.store(CALL, part, "")
    assert not list((tmp_path / "kept").iterdir())


def test_link_is_not_stored(vault: Vault, tmp_path: Path) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to(finished(tmp_path / "raw"))
    with pytest.raises(UnsafeFile):
        vault.store(CALL, link, "")


def test_missing_file_is_said(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match=r"gone\.wav"):
        vault.store(CALL, tmp_path / "gone.wav", "")


@pytest.fixture
def other_file_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have renames from the spool to the vault cross a file system's border."""
    real = os.rename

    def rename(source: Path, target: Path) -> None:
        if source.parent != target.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)


@pytest.mark.usefixtures("other_file_system")
def test_recording_crosses_file_systems(vault: Vault, tmp_path: Path) -> None:
    file = finished(tmp_path / "raw")
    content = file.read_bytes()
    stored = vault.store(CALL, file, "")
    assert stored.path.read_bytes() == content
    assert not file.exists()
    assert len(list((tmp_path / "kept").iterdir())) == 1
