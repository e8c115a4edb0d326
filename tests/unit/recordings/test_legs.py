"""What is found of a call, and what is said of its flaws."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recordings.errors import BadCallId, NoRecording, UnsafeFile
from recordings.legs import Flaw, Repair, Side, discard, find, left_over, written_at
from tests.unit.recordings.spool import CALL, pcm, record


def test_sound_legs_need_no_repair(tmp_path: Path) -> None:
    record(tmp_path, pcm(1, 2, 3), pcm(4, 5, 6))
    legs = find(tmp_path, CALL)
    assert legs.caller == tmp_path / f"{CALL}-rx.sln"
    assert legs.heard == tmp_path / f"{CALL}-tx.sln"
    assert legs.samples == 3
    assert legs.repairs == ()


@pytest.mark.parametrize(
    ("rx", "tx", "repairs"),
    [
        (pcm(*[1] * 80), None, [Repair(Side.HEARD, Flaw.MISSING, 10)]),
        (None, pcm(*[1] * 80), [Repair(Side.CALLER, Flaw.MISSING, 10)]),
        (pcm(*[1] * 80), b"", [Repair(Side.HEARD, Flaw.EMPTY, 10)]),
        (pcm(*[1] * 80), pcm(*[1] * 240), [Repair(Side.CALLER, Flaw.SHORTER, 20)]),
        (pcm(1, 2) + b"x", pcm(1, 2), [Repair(Side.CALLER, Flaw.HALF_SAMPLE)]),
        (
            pcm(*[1] * 80) + b"x",
            pcm(*[1] * 240) + b"y",
            [
                Repair(Side.CALLER, Flaw.HALF_SAMPLE),
                Repair(Side.CALLER, Flaw.SHORTER, 20),
                Repair(Side.HEARD, Flaw.HALF_SAMPLE),
            ],
        ),
        (
            b"x",
            pcm(*[1] * 8),
            [Repair(Side.CALLER, Flaw.HALF_SAMPLE), Repair(Side.CALLER, Flaw.EMPTY, 1)],
        ),
    ],
)
def test_each_flaw_is_told(
    rx: bytes | None, tx: bytes | None, repairs: list[Repair], tmp_path: Path
) -> None:
    record(tmp_path, rx, tx)
    assert list(find(tmp_path, CALL).repairs) == repairs


def test_repair_reads_as_a_sentence() -> None:
    repair = Repair(Side.CALLER, Flaw.SHORTER, 20)
    assert str(repair) == "the caller's leg: shorter than the other, filled up with silence (20 ms)"


@pytest.mark.parametrize(("rx", "tx"), [(None, None), (b"", b""), (b"x", None), (None, b"y")])
def test_call_without_a_sample_has_no_recording(
    rx: bytes | None, tx: bytes | None, tmp_path: Path
) -> None:
    record(tmp_path, rx, tx)
    with pytest.raises(NoRecording):
        find(tmp_path, CALL)


@pytest.mark.parametrize(
    "call_id",
    [
        "",
        ".",
        "..",
        "../1700000000.12",
        "a/b",
        "/etc/passwd",
        "a..b",
        ".hidden",
        "-rx",
        "1.2\n",
        "1.2\0",
        "1.2.wav.partial",
        "x" * 200,
        "１７００.1",
    ],
)
def test_id_that_could_leave_the_folder_is_refused(call_id: str, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with pytest.raises(BadCallId):
        find(tmp_path / "inner", call_id)


@pytest.mark.parametrize("call_id", ["1700000000.12", "site-a-1700000000.12", "abc_1"])
def test_ids_of_asterisk_are_taken(call_id: str, tmp_path: Path) -> None:
    record(tmp_path, pcm(1), pcm(2), call_id)
    assert find(tmp_path, call_id).call_id == call_id


def test_link_in_place_of_a_leg_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(pcm(1, 2))
    (tmp_path / f"{CALL}-rx.sln").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsafeFile):
        find(tmp_path, CALL)


def test_pipe_in_place_of_a_leg_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"{CALL}-rx.sln")
    with pytest.raises(UnsafeFile):
        find(tmp_path, CALL)


def test_legs_are_discarded_once(tmp_path: Path) -> None:
    record(tmp_path, pcm(1), pcm(2))
    record(tmp_path, pcm(1), pcm(2), "1.1")
    legs = find(tmp_path, CALL)
    discard(legs)
    discard(legs)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1.1-rx.sln", "1.1-tx.sln"]


def test_length_of_wideband_legs_is_told_at_their_rate(tmp_path: Path) -> None:
    record(tmp_path, pcm(*[1] * 16_000), None, endings=("sln16", "sln16"))
    legs = find(tmp_path, CALL)
    assert (legs.rate_hz, legs.samples) == (16_000, 16_000)
    assert legs.ended_at - legs.began_at == pytest.approx(1.0)
    assert legs.repairs == (Repair(Side.HEARD, Flaw.MISSING, 1_000),)


def test_legs_of_either_rate_are_found_when_they_were_left_over(tmp_path: Path) -> None:
    record(tmp_path, pcm(1), pcm(1), "1.1")
    record(tmp_path, pcm(1), pcm(1), "1.2", endings=("sln16", "sln16"))
    assert set(left_over(tmp_path)) == {"1.1", "1.2"}
    assert written_at(tmp_path, "1.2") == (tmp_path / "1.2-rx.sln16").stat().st_mtime
    assert written_at(tmp_path, "1.3") is None
