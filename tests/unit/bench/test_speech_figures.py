"""Errors, lateness and the search for the largest number of streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from callcenter.bench.errors import BenchFailed
from callcenter.bench.speech_beginnings import fronts, is_invented
from callcenter.bench.speech_clips import Clip, read_clips
from callcenter.bench.speech_errors import Errors, errors, total
from callcenter.bench.speech_load import (
    Loaded,
    Play,
    Search,
    Talk,
    largest,
    loaded,
    most_streams,
    side_by_side,
    with_pauses,
)
from callcenter.bench.speech_words import Shown, even_times
from callcenter.bench.telephone import decoded, encoded, telephone
from callcenter.lab.voice_match import RATE_HZ, Samples

FEW_ERRORS = Errors(1, 10)


def test_words_are_counted_in_english_and_characters_elsewhere() -> None:
    assert errors("a man with a gun", "a man with gun", "en") == Errors(1, 5)
    assert errors("불이 났어요", "불이났어요", "ko") == Errors(0, 5)
    assert errors("有刀", "没有刀", "zh") == Errors(1, 2)


def test_case_punctuation_and_titles_do_not_count() -> None:
    assert errors("mister smith's twenty one", "Mr. Smith\u2019s, twenty-one!", "en").wrong == 0
    assert errors("it's", "its", "en").wrong == 1


def test_a_rate_is_over_all_that_was_said() -> None:
    assert total([Errors(1, 1), Errors(0, 9)]).percent == 10.0
    assert Errors(0, 0).percent is None


def test_mu_law_keeps_what_g711_keeps() -> None:
    loud = np.array([0, 8, -8, 1000, -1000, 32767, -32768], np.int16)
    # Octets and values of ITU-T G.711, table 2a: silence is 0xFF, the loudest 0x80 and 0x00.
    assert encoded(loud)[0] == 0xFF
    assert encoded(loud)[-2:] == b"\x80\x00"
    assert decoded(b"\xff\x80\x00").tolist() == [0, 32124, -32124]
    every = bytes(code for code in range(256) if code != 0x7F)  # the second zero
    assert encoded(decoded(every)) == every
    wave = (20_000 * np.sin(np.arange(800) / 5)).astype(np.int16)
    assert np.abs(telephone(wave).astype(int) - wave).max() <= 512


def test_text_is_late_from_the_end_of_a_word_until_it_stands_there() -> None:
    shown = Shown(began=100.0)
    shown.interim("s", "one", 1.0, 101.3)
    shown.interim("s", "one two", 2.0, 102.4)
    shown.final("s", "one two three", [(0, 1.0), (1.0, 2.0), (2.0, 3.0)], 3.0, 103.9)
    assert shown.late_s == pytest.approx([0.3, 0.4, 0.9])
    assert shown.text == "one two three"


def test_interim_text_that_never_comes_makes_words_as_late_as_the_final_text() -> None:
    shown = Shown(began=0.0)
    shown.final("s", "one two", [(0, 1.0), (1.0, 4.0)], 4.0, 4.6)
    assert shown.late_s == pytest.approx([3.6, 0.6])


def test_text_of_sound_beyond_a_word_tells_of_it_and_the_same_text_again_does_not() -> None:
    shown = Shown(began=0.0)
    shown.interim("s", "won", 1.0, 1.2)
    shown.interim("s", "won", 2.0, 2.1)  # nothing new on the screen
    shown.interim("s", "one to", 2.0, 2.5)
    shown.final("s", "one two three", [(0, 0.5), (0.5, 1.0), (1.0, 2.0)], 2.0, 3.0)
    assert shown.late_s == pytest.approx([0.7, 0.2, 0.5])
    assert shown.word_late_s == pytest.approx([0.7, 1.5, 1.0])


def test_words_without_times_share_the_time_of_the_voice_by_their_length() -> None:
    assert even_times("a bbb", 1.0, 3.0) == [(1.0, 1.5), (1.5, 3.0)]
    assert even_times("", 1.0, 3.0) == []


def machine(holds: int, spoils: int = 1000) -> tuple[list[int], object]:
    """Plays so many streams in time, and so many without more errors."""
    asked: list[int] = []

    async def play(streams: Sequence[Talk], language: str) -> Loaded:
        asked.append(len(streams))
        late = 0.2 if len(streams) <= holds else 1.5
        wrong = FEW_ERRORS if len(streams) <= spoils else Errors(2, 10)
        return Loaded(len(streams), [late], [late], wrong, 0.0)

    return asked, play


@pytest.fixture
def clips(monkeypatch: pytest.MonkeyPatch) -> list[Clip]:
    monkeypatch.setattr(Clip, "sound", lambda clip: np.zeros(RATE_HZ, np.int16))
    return [Clip("en", Path("a.wav"), "one", "ann"), Clip("en", Path("b.wav"), "two", "bob")]


@pytest.mark.parametrize(
    ("holds", "asked", "found"),
    [(11, [4, 8, 16, 12, 10, 11], 11), (3, [4, 2, 3], 3), (0, [4, 2, 1], None)],
)
async def test_search_doubles_and_then_halves_the_difference(
    clips: list[Clip], holds: int, asked: list[int], found: int | None
) -> None:
    told, play = machine(holds)
    tries = await most_streams(play, clips, Search(4, 10, 1.0), lambda text: None)  # type: ignore[arg-type]
    assert told == asked
    most = largest(tries)
    assert (most.streams if most else None) == found


async def test_streams_whose_words_get_worse_do_not_count(clips: list[Clip]) -> None:
    _, play = machine(100, spoils=4)
    tries = await most_streams(play, clips, Search(4, 2, 1.0), lambda text: None)  # type: ignore[arg-type]
    most = largest(tries)
    assert most is not None and most.streams == 4


async def test_two_are_tried_in_turn_and_each_until_its_own_end(clips: list[Clip]) -> None:
    order: list[str] = []

    def noting(name: str, holds: int) -> Play:
        _, play = machine(holds)

        async def noted(streams: Sequence[Talk], language: str) -> Loaded:
            order.append(f"{name}{len(streams)}")
            return await play(streams, language)

        return noted

    plays = {"ours": noting("ours", 8), "peer": noting("peer", 4)}
    tries = await side_by_side(plays, clips, Search(4, 10, 1.0), lambda text: None)
    assert order[:4] == ["ours4", "peer4", "ours8", "peer8"]
    most = {name: largest(of_one) for name, of_one in tries.items()}
    assert {name: one.streams for name, one in most.items() if one} == {"ours": 8, "peer": 4}


async def test_search_ends_after_so_many_tries(clips: list[Clip]) -> None:
    told, play = machine(100_000)
    await most_streams(play, clips, Search(1, 3, 1.0), lambda text: None)  # type: ignore[arg-type]
    assert told == [1, 2, 4]


def test_words_that_never_came_are_errors_and_not_forgotten() -> None:
    silent, quick = Shown(0.0), Shown(0.0)
    quick.final("s", "one", [(0.0, 0.5)], 0.5, 0.7)
    sound = np.zeros(10, np.int16)
    told = loaded([Talk(sound, "one"), Talk(sound, "two")], [quick, silent], "en", 0.0, 1.0)
    assert told.errors == Errors(1, 2)


def test_pauses_are_as_long_as_what_was_said_before_them() -> None:
    t = np.arange(RATE_HZ) / RATE_HZ
    phase = np.cumsum(120 + 15 * np.sin(2 * np.pi * 0.7 * t)) / RATE_HZ
    voice = sum(
        np.sin(2 * np.pi * h * phase)
        / (1 + min(((h * 120 - f) / 120) ** 2 for f in (650, 1_100, 2_500)))
        for h in range(1, 28)
    )
    said: Samples = (voice / np.abs(voice).max() * 6_000).astype(np.int16)
    quiet = np.zeros(RATE_HZ, np.int16)
    sound = np.concatenate([quiet, said, quiet, said, quiet])
    parted = with_pauses(sound)
    assert len(parted) == 2 * len(sound)
    voiced = np.abs(parted.astype(int)) > 0
    assert voiced.sum() == (np.abs(sound.astype(int)) > 0).sum()
    starts = np.flatnonzero(np.diff(voiced.reshape(-1, 80).any(axis=1).astype(int)) == 1)
    assert len(starts) == 2
    assert (starts[1] - starts[0]) * 0.01 > 3.5  # 2 s apart before


def test_lists_of_clips_are_refused_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="no speech in it"):
        read_clips(tmp_path)
    file = tmp_path / "speech_ko" / "transcripts.tsv"
    file.parent.mkdir()
    file.write_text("file\tspeaker\n", "utf-8")
    with pytest.raises(BenchFailed, match=r"transcripts\.tsv: line 1: no column text"):
        read_clips(tmp_path)
    file.write_text("file\ttext\na.wav\t불이야\n", "utf-8")
    with pytest.raises(BenchFailed, match=r"line 2: a\.wav: no such file"):
        read_clips(tmp_path)
    (file.parent / "a.wav").write_bytes(b"")
    (clip,) = read_clips(tmp_path)["ko"]
    assert (clip.text, clip.speaker) == ("불이야", "a.wav")


def test_invented_beginning_is_told_from_one_that_was_said() -> None:
    assert is_invented(["send", "the", "police"], ["you", "send", "the", "police"])
    assert is_invented(["send", "the", "police"], ["thank", "you", "send"])
    assert not is_invented(["you", "must", "come"], ["you", "must", "come"])
    assert not is_invented(["now", "you", "must"], ["you", "must"])
    assert not is_invented(["send", "the", "police"], ["the", "police"])


def test_front_of_a_clip_is_cut_from_its_first_sound_on() -> None:
    sound = np.arange(16_000).astype(np.int16)
    made = fronts(sound, 1_000)
    assert [int(each[each > 0][0]) for each in made] == [
        first for first in (1_000, 1_400, 1_800, 2_600) for _ in range(2)
    ]
    assert [len(each) for each in made[:2]] == [15_000, 19_000]
