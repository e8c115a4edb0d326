"""Word times proven by cutting: where the cuts go, and what their errors tell."""

from __future__ import annotations

import numpy as np
import pytest

from asr.events import RecordedSegment, Word
from callcenter.bench.speech_errors import Errors
from callcenter.bench.speech_times import WordTimes, cut, cuts

AROUND = 2_400


def segment(*words: Word) -> RecordedSegment:
    said = " ".join(word.text for word in words)
    return RecordedSegment(
        words[0].start_ms, words[-1].end_ms, said, None, "vosk", "m", "ko", words
    )


def test_cuts_are_a_few_words_of_one_segment() -> None:
    words = [Word(str(k), k * 100, k * 100 + 90, None) for k in range(7)]
    made = cuts([segment(*words[:4]), segment(*words[4:])])
    assert [[word.text for word in piece] for piece in made] == [
        ["0", "1", "2"],
        ["3"],
        ["4", "5", "6"],
    ]


def test_cut_is_what_lies_at_the_times_and_moves_with_them() -> None:
    sound = np.arange(16_000).astype(np.int16)
    words = [Word("a", 100, 200, None), Word("b", 250, 300, None)]
    for move_ms, first in ((0, 800), (50, 1_200), (-200, 0)):
        piece = cut(sound, words, move_ms)[AROUND:-AROUND]
        assert piece[0] == first
    assert len(cut(sound, words, 0)) == 1_600 + 2 * AROUND


@pytest.mark.parametrize("off_ms", [-150, 0, 80])
def test_offset_is_the_middle_of_what_is_understood(off_ms: int) -> None:
    moved = {
        move_ms: Errors(min(100, abs(move_ms - off_ms)), 100) for move_ms in range(-400, 401, 100)
    }
    assert WordTimes(50, moved).offset_ms == pytest.approx(off_ms, abs=25)


def test_offset_is_not_known_where_nothing_is_understood() -> None:
    assert WordTimes(3, {move_ms: Errors(9, 9) for move_ms in (-100, 0, 100)}).offset_ms is None
