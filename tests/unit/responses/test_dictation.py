"""Dictated notes: what is sound, and what is refused by name."""

from __future__ import annotations

import io
import wave

import pytest

from callcenter.responses.dictation import LONGEST_S, Dictation, NotSound


def wav(seconds=1.0, *, rate_hz=16_000, channels=1, width=2):
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(b"\1" * (round(seconds * rate_hz) * channels * width))
    return content.getvalue()


def test_its_samples_are_read_to_the_end_piece_by_piece() -> None:
    dictation = Dictation(wav(0.5))
    assert (dictation.rate_hz, dictation.ms) == (16_000, 500)
    pieces = [dictation.read(10_000), dictation.read(10_000), dictation.read(10_000)]
    assert [len(piece) for piece in pieces] == [10_000, 6_000, 0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "a WAV file"),
        (b"RIFF\0\0\0\0WAVEnonsense", "a WAV file"),
        (b"\x1aE\xdf\xa3webm", "a WAV file"),
        (wav(channels=2), "one channel"),
        (wav(width=1), "16-bit"),
        (wav(rate_hz=44_100), "8 or 16 kHz"),
        (wav(0), "found nothing"),
        (wav(LONGEST_S + 1, rate_hz=8_000), "at most 180 s"),
        (wav()[:30], "a WAV file"),
    ],
)
def test_what_is_no_dictation_is_refused_with_what_was_expected(content, expected) -> None:
    with pytest.raises(NotSound, match=expected):
        Dictation(content)
