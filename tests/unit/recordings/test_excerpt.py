"""Stretches of one channel of a finished recording."""

from __future__ import annotations

import itertools
import os
import struct
from pathlib import Path

import pytest

from recordings.errors import NotFinished, UnsafeFile
from recordings.excerpt import Channel, Excerpt
from recordings.legs import find
from recordings.mixdown import two_channel
from tests.unit.recordings.spool import CALL, pcm, record


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """24 ms: samples 0 to 191 on the left, the same below zero on the right."""
    record(tmp_path, pcm(*range(192)), pcm(*range(0, -192, -1)))
    return two_channel(find(tmp_path, CALL), tmp_path / "kept.wav").path


def samples(excerpt: Excerpt, size_bytes: int = 10_000) -> list[int]:
    data = excerpt.read(size_bytes)
    return list(struct.unpack(f"<{len(data) // 2}h", data))


def test_one_channel_between_two_moments(finished: Path) -> None:
    with Excerpt(finished, Channel.CALLER, 1, 3) as left:
        assert left.rate_hz == 8_000
        assert left.from_ms == 1
        assert samples(left) == list(range(8, 24))
        assert samples(left) == []
    with Excerpt(finished, Channel.HEARD, 1, 3) as right:
        assert samples(right) == list(range(-8, -24, -1))


def test_pieces_follow_each_other(finished: Path) -> None:
    with Excerpt(finished, Channel.CALLER, 0, None) as left:
        pieces = [samples(left, 100) for _ in range(5)]
    assert [len(piece) for piece in pieces] == [50, 50, 50, 42, 0]
    assert list(itertools.chain(*pieces)) == list(range(192))


def test_what_lies_outside_of_the_recording_is_not_there(finished: Path) -> None:
    with Excerpt(finished, Channel.CALLER, -500, 1) as before:
        assert before.from_ms == 0
        assert samples(before) == list(range(8))
    with Excerpt(finished, Channel.CALLER, 23, 9_000) as after:
        assert samples(after) == list(range(184, 192))
    with Excerpt(finished, Channel.CALLER, 5_000, 9_000) as beyond:
        assert samples(beyond) == []


def test_rate_is_read_from_the_file(finished: Path) -> None:
    data = bytearray(finished.read_bytes())
    struct.pack_into("<I", data, 24, 16_000)
    wide = finished.with_name("wide.wav")
    wide.write_bytes(data)
    with Excerpt(wide, Channel.CALLER, 1, 2) as left:
        assert left.rate_hz == 16_000
        assert samples(left) == list(range(16, 32))


def test_what_is_no_recording_is_refused(tmp_path: Path, finished: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(b"RIFF" + bytes(60))
    with pytest.raises(NotFinished):
        Excerpt(other, Channel.CALLER, 0, None)
    link = tmp_path / "link.wav"
    link.symlink_to(finished)
    with pytest.raises(UnsafeFile):
        Excerpt(link, Channel.CALLER, 0, None)


def test_when_a_recording_began_is_told_from_its_end(tmp_path: Path) -> None:
    record(tmp_path, pcm(*[0] * 16_000), pcm(*[0] * 16_000))
    for side in ("rx", "tx"):
        os.utime(tmp_path / f"{CALL}-{side}.sln", (1_000.0, 1_000.0))
    assert find(tmp_path, CALL).began_at == pytest.approx(998.0)
