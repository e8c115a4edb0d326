"""Two legs, one file."""

from __future__ import annotations

import stat
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recordings import mixdown, wav
from recordings.errors import (
    NotFinished,
    StillBeingWritten,
    StorageFailed,
    TooLong,
    UnsafeFile,
)
from recordings.legs import Flaw, Repair, Side, find
from recordings.mixdown import two_channel
from tests.unit.recordings.spool import CALL, channels, pcm, record


def test_left_is_the_caller_and_right_is_what_they_heard(tmp_path: Path) -> None:
    record(tmp_path, pcm(1, -2, 32767), pcm(4, 5, -32768))
    mixed = two_channel(find(tmp_path, CALL), tmp_path / "out.wav")
    assert channels(mixed.path) == ([1, -2, 32767], [4, 5, -32768])
    assert mixed.repairs == ()


def test_repairs_are_carried_out_and_told(tmp_path: Path) -> None:
    record(tmp_path, pcm(*[7] * 8) + b"x", pcm(*[9] * 24))
    mixed = two_channel(find(tmp_path, CALL), tmp_path / "out.wav")
    assert channels(mixed.path) == ([7] * 8 + [0] * 16, [9] * 24)
    assert mixed.duration_ms == 3
    assert mixed.repairs == (
        Repair(Side.CALLER, Flaw.HALF_SAMPLE),
        Repair(Side.CALLER, Flaw.SHORTER, 2),
    )


def test_missing_leg_is_silence(tmp_path: Path) -> None:
    record(tmp_path, None, pcm(1, 2))
    mixed = two_channel(find(tmp_path, CALL), tmp_path / "out.wav")
    assert channels(mixed.path) == ([0, 0], [1, 2])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rx=st.lists(st.integers(-32768, 32767), max_size=40),
    tx=st.lists(st.integers(-32768, 32767), max_size=40),
    block=st.integers(1, 9),
)
def test_no_sample_is_lost_at_the_edge_of_a_block(
    rx: list[int], tx: list[int], block: int, tmp_path: Path
) -> None:
    if not rx and not tx:
        return
    record(tmp_path, pcm(*rx), pcm(*tx))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixdown, "BLOCK_SAMPLES", block)
        mixed = two_channel(find(tmp_path, CALL), tmp_path / "out.wav")
    longer = max(len(rx), len(tx))
    left, right = channels(mixed.path)
    assert left == rx + [0] * (longer - len(rx))
    assert right == tx + [0] * (longer - len(tx))


def test_long_call_is_not_held_in_memory(tmp_path: Path) -> None:
    half_an_hour = 8000 * 1800
    for side in ("rx", "tx"):
        with (tmp_path / f"{CALL}-{side}.sln").open("wb") as leg:
            leg.truncate(half_an_hour * 2)
    legs = find(tmp_path, CALL)
    tracemalloc.start()
    mixed = two_channel(legs, tmp_path / "out.wav")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert mixed.duration_ms == 1_800_000
    assert peak_bytes < 2_000_000


def test_file_is_private_and_alone(tmp_path: Path) -> None:
    record(tmp_path / "raw", pcm(1), pcm(2))
    out = tmp_path / "out" / "a.wav"
    out.parent.mkdir()
    two_channel(find(tmp_path / "raw", CALL), out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [file.name for file in out.parent.iterdir()] == ["a.wav"]


def test_partial_of_an_earlier_attempt_is_replaced(tmp_path: Path) -> None:
    record(tmp_path, pcm(1), pcm(2))
    (tmp_path / "out.wav.partial").write_bytes(b"x" * 1000)
    two_channel(find(tmp_path, CALL), tmp_path / "out.wav")
    assert channels(tmp_path / "out.wav") == ([1], [2])
    assert not (tmp_path / "out.wav.partial").exists()


def test_same_legs_give_the_same_bytes(tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2, 3), pcm(4))
    first = two_channel(find(tmp_path, CALL), tmp_path / "a.wav").path.read_bytes()
    assert two_channel(find(tmp_path, CALL), tmp_path / "b.wav").path.read_bytes() == first


@pytest.mark.parametrize("after", [pcm(1, 2, 3, 4), pcm(1)], ids=["grew", "shrank"])
def test_leg_that_is_still_written_is_not_finished(after: bytes, tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2, 3), pcm(4, 5, 6))
    legs = find(tmp_path, CALL)
    record(tmp_path, after, None)
    with pytest.raises(StillBeingWritten):
        two_channel(legs, tmp_path / "out.wav")
    assert not list(tmp_path.glob("out*"))


def test_leg_that_became_a_link_is_refused(tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2, 3), pcm(4, 5, 6))
    legs = find(tmp_path, CALL)
    (tmp_path / f"{CALL}-rx.sln").rename(tmp_path / "elsewhere")
    (tmp_path / f"{CALL}-rx.sln").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFile):
        two_channel(legs, tmp_path / "out.wav")


def test_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2, 3), pcm(4, 5, 6))
    legs = find(tmp_path, CALL)

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixdown, "_interleaved", full)
        with pytest.raises(StorageFailed, match=r"out\.wav: No space left"):
            two_channel(legs, tmp_path / "out.wav")
    assert not list(tmp_path.glob("out*"))


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    record(tmp_path, pcm(1), pcm(2))
    with pytest.raises(StorageFailed, match="nowhere"):
        two_channel(find(tmp_path, CALL), tmp_path / "nowhere" / "out.wav")


def test_header_refuses_what_it_cannot_say() -> None:
    most = (2**32 - 1 - 36) // 4
    assert len(wav.header(most)) == wav.HEADER_BYTES
    with pytest.raises(TooLong):
        wav.header(most + 1)


def test_file_with_more_behind_it_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2), pcm(3, 4))
    out = two_channel(find(tmp_path, CALL), tmp_path / "a.wav").path
    out.write_bytes(out.read_bytes() + b"x")
    with out.open("rb") as file, pytest.raises(NotFinished):
        wav.length_of(file, 53)


@pytest.mark.parametrize("cut", [0, 10, 43, 45, 47, 48, 51])
def test_cut_file_is_not_taken_for_a_whole_one(cut: int, tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2), pcm(3, 4))
    whole = two_channel(find(tmp_path, CALL), tmp_path / "a.wav").path.read_bytes()
    assert len(whole) == 52
    part = tmp_path / "part.wav"
    part.write_bytes(whole[:cut])
    with part.open("rb") as file, pytest.raises(NotFinished):
        wav.length_of(file, cut)


def test_wideband_legs_become_a_wideband_file(tmp_path: Path) -> None:
    record(tmp_path, pcm(*range(32)), pcm(*[9] * 16), endings=("sln16", "sln16"))
    mixed = two_channel(find(tmp_path, CALL), tmp_path / "out.wav")
    assert channels(mixed.path, 16_000) == (list(range(32)), [9] * 16 + [0] * 16)
    assert mixed.duration_ms == 2
    assert mixed.repairs == (Repair(Side.HEARD, Flaw.SHORTER, 1),)


@pytest.mark.parametrize("block", [7, 4_096, 1 << 20])
def test_narrowband_leg_beside_a_wideband_one_is_heard_at_its_own_moment(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixdown, "BLOCK_SAMPLES", block)
    narrow = (8_000 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000)).astype("<i2")
    wide = (8_000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype("<i2")
    record(tmp_path, narrow.tobytes(), wide.tobytes(), endings=("sln", "sln16"))
    legs = find(tmp_path, CALL)
    left, right = channels(two_channel(legs, tmp_path / "out.wav").path, 16_000)
    assert legs.repairs == ()
    apart = np.abs(np.array(left) - np.array(right))[200:-200]
    assert apart.max() < 100  # a sample's delay would be 1400
    again = two_channel(legs, tmp_path / "again.wav")
    assert again.path.read_bytes() == (tmp_path / "out.wav").read_bytes()
