"""Sound that is all there is cut and decoded as that of a live tap."""

from __future__ import annotations

import pytest

from asr.offline import transcribe
from tests.unit.asr.conftest import Sound, make_noise
from tests.unit.asr.test_decoding import Parrot


def test_each_utterance_is_one_segment_with_times_from_the_calls_start(voice: Sound) -> None:
    quiet = make_noise(1.5, -75.0)
    sound = quiet + voice(1.0) + quiet + voice(2.0) + quiet
    first, second = transcribe(Parrot([]), sound, 8_000, from_ms=60_000)
    assert first.start_ms == pytest.approx(61_500, abs=100)
    assert first.end_ms == pytest.approx(62_500, abs=150)
    assert second.start_ms == pytest.approx(64_000, abs=100)
    assert second.end_ms == pytest.approx(66_000, abs=150)
    assert (first.engine, first.model, first.language) == ("parrot", "p1", "en")


def test_voice_that_is_cut_off_is_told_too(voice: Sound) -> None:
    (segment,) = transcribe(Parrot([]), make_noise(1.0, -75.0) + voice(1.0), 8_000)
    assert segment.end_ms == pytest.approx(2_000, abs=150)


def test_silence_and_nothing_say_nothing() -> None:
    assert transcribe(Parrot([]), bytes(32_000), 8_000) == []
    assert transcribe(Parrot([]), b"", 8_000) == []
