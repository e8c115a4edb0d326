"""Following the file in which baresip writes what it hears."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from callcenter.lab.ear import Ear

HEADER = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
HEADER += b"data\0\0\0\0"


def pcm(value: int, count: int = 160) -> bytes:
    return np.full(count, value, "<i2").tobytes()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return tmp_path / "dump-2026-01-01-10-00-00-dec.wav"


def test_an_ear_without_a_call_has_heard_nothing(tmp_path: Path):
    ear = Ear(tmp_path, 1)
    ear.follow(1.0)
    assert len(ear) == 0
    assert len(ear.since(0.0)[1]) == 0
    with pytest.raises(IndexError):
        ear.time_of(0)


def test_every_sample_knows_when_it_arrived(tmp_path: Path, dump: Path):
    ear = Ear(tmp_path, 1)
    dump.write_bytes(HEADER + pcm(1))
    ear.follow(10.00)
    piece = tmp_path / "call-1-heard-1.wav"
    with piece.open("ab") as file:
        file.write(pcm(2))
    ear.follow(10.02)
    assert len(ear) == 320
    first, samples = ear.since(10.01)
    assert first == 160
    assert set(samples) == {2}
    assert ear.time_of(160) == pytest.approx(10.00)
    assert ear.time_of(319) == pytest.approx(10.02, abs=0.001)


def test_a_header_and_a_sample_may_come_in_halves(tmp_path: Path, dump: Path):
    ear = Ear(tmp_path, 1)
    dump.write_bytes(HEADER[:20])
    ear.follow(1.0)
    piece = tmp_path / "call-1-heard-1.wav"
    piece.write_bytes(HEADER + pcm(258)[:-1])
    ear.follow(1.1)
    assert len(ear) == 159
    with piece.open("ab") as file:
        file.write(pcm(258)[-1:])
    ear.follow(1.2)
    assert list(ear.since(0.0)[1]) == [258] * 160


def test_a_second_file_of_the_same_call_goes_on_where_the_first_ended(tmp_path: Path, dump: Path):
    ear = Ear(tmp_path, 1)
    dump.write_bytes(HEADER + pcm(1))
    ear.follow(1.0)
    dump.write_bytes(HEADER + pcm(2))
    ear.follow(2.0)
    assert list(ear.since(0.0)[1]) == [1] * 160 + [2] * 160


def test_a_later_call_in_the_same_second_does_not_overwrite_an_earlier_one(
    tmp_path: Path, dump: Path
):
    first, second = Ear(tmp_path, 1), Ear(tmp_path, 2)
    dump.write_bytes(HEADER + pcm(1))
    first.follow(1.0)
    dump.write_bytes(HEADER + pcm(2))
    second.follow(1.1)
    assert set(first.since(0.0)[1]) == {1}
    assert set(second.since(0.0)[1]) == {2}


def test_what_was_heard_is_a_whole_wav_file_at_any_moment(tmp_path: Path, dump: Path):
    ear = Ear(tmp_path, 1)
    dump.write_bytes(HEADER + pcm(7))
    ear.follow(1.0)
    with wave.open(str(ear.write_wav(tmp_path / "heard.wav"))) as sound:
        assert sound.getnframes() == 160
        assert sound.readframes(160) == pcm(7)
