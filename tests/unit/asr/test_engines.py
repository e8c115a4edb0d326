from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from asr.babble import babble
from asr.moonshine_engine import PAUSE_MS, SHORTEST_MS, MoonshineStream, plain
from asr.recogniser import NOTHING, Wave
from asr.vosk_engine import (
    MAKES_READY_S,
    MOST_SPARE,
    READY,
    VoskRecogniser,
    VoskStream,
)

TENTH = np.ones(800, np.int16)


class CountingMoonshine:
    def __init__(self) -> None:
        self.lengths_s: list[float] = []

    def transcribe(self, wave: Wave) -> str:
        self.lengths_s.append(round(len(wave) / 16_000, 2))
        return f"text {len(self.lengths_s)}"


@pytest.fixture
def moonshine() -> tuple[MoonshineStream, CountingMoonshine]:
    recogniser = CountingMoonshine()
    return MoonshineStream(recogniser, 8_000), recogniser


def speak(stream: MoonshineStream, length_s: float, *, voiced: bool = True) -> None:
    for _ in range(round(length_s * 10)):
        stream.accept(TENTH, voiced=voiced)
        if stream.interim_due():
            stream.interim()


def test_utterance_is_decoded_whole_at_16_khz(moonshine) -> None:
    stream, recogniser = moonshine
    for _ in range(10):
        stream.accept(TENTH, voiced=True)
    assert stream.finish().text == "text 1"
    assert recogniser.lengths_s == [1.0]


def test_interims_grow_apart_with_the_utterance(moonshine) -> None:
    stream, recogniser = moonshine
    speak(stream, 12)
    steps = np.diff(recogniser.lengths_s)
    assert steps[0] == pytest.approx(0.4)
    assert steps[-1] > 0.8
    assert all(later >= earlier - 0.01 for earlier, later in pairwise(steps))


def test_utterance_shorter_than_a_word_is_dropped(moonshine) -> None:
    stream, recogniser = moonshine
    speak(stream, SHORTEST_MS / 1000 - 0.1)
    speak(stream, 0.5, voiced=False)
    assert stream.finish() == NOTHING
    assert recogniser.lengths_s == []


def test_look_at_the_pause_serves_as_the_final(moonshine) -> None:
    stream, recogniser = moonshine
    speak(stream, 1)
    speak(stream, 0.5, voiced=False)
    decodes = len(recogniser.lengths_s)
    assert recogniser.lengths_s[-1] == pytest.approx(1 + PAUSE_MS / 1000)
    assert stream.finish().text == f"text {decodes}"
    assert len(recogniser.lengths_s) == decodes


def test_voice_after_the_pause_is_decoded_again(moonshine) -> None:
    stream, recogniser = moonshine
    speak(stream, 1)
    speak(stream, 0.3, voiced=False)
    stream.accept(TENTH, voiced=True)
    stream.finish()
    assert recogniser.lengths_s[-1] == pytest.approx(1.4)


def test_utterances_do_not_mix(moonshine) -> None:
    stream, recogniser = moonshine
    speak(stream, 3)
    stream.finish()
    for _ in range(5):
        stream.accept(TENTH, voiced=True)
    stream.finish()
    assert recogniser.lengths_s[-1] == 0.5


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Hey! " * 26 + "Hey", "Hey! Hey! Hey!"),
        ("Help! Help! Help!", "Help! Help! Help!"),
        ("\u266a\u266a\u266a??", ""),
        ("\u266a Fire in the house \u266a", "Fire in the house"),
        ("Press the key to " * 9 + "press the", "Press the key to " * 3),
        ("No, no, no, no, no, a gun.", "No, no, no, a gun."),
        ("There is, there is a man.", "There is, there is a man."),
        ("", ""),
    ],
)
def test_moonshines_music_and_loops_are_not_words(said: str, written: str) -> None:
    assert plain(said) == written.strip()


class ScriptedVosk:
    """Hears a word every second of 16 kHz sound, and ends by itself after three."""

    def __init__(self) -> None:
        self.samples = 0
        self.from_sample = 0

    def _words(self) -> list[dict[str, Any]]:
        seconds = range(self.from_sample // 16_000, self.samples // 16_000)
        return [{"word": f"w{k}", "start": k, "end": k + 0.5, "conf": 0.5} for k in seconds]

    def SetWords(self, on: bool) -> None:  # Vosk's name
        pass

    def AcceptWaveform(self, data: bytes) -> bool:  # Vosk's name
        self.samples += len(data) // 2
        return len(self._words()) >= 3

    def PartialResult(self) -> str:  # Vosk's name
        return json.dumps({"partial": " ".join(w["word"] for w in self._words())})

    def Result(self) -> str:  # Vosk's name
        words = self._words()
        self.from_sample = self.samples
        return json.dumps({"text": " ".join(w["word"] for w in words), "result": words})

    FinalResult = Result


def vosk_stream(from_hz: int = 16_000) -> VoskStream:
    recogniser, _ = scripted_model()
    return recogniser.open(from_hz)


def test_vosks_own_ends_do_not_cut_an_utterance() -> None:
    stream = vosk_stream()
    for _ in range(40):
        stream.accept(np.zeros(1_600, np.int16), voiced=True)
    assert stream.interim().text == "w0 w1 w2 w3"
    assert stream.finish().text == "w0 w1 w2 w3"


def test_word_times_count_from_the_utterance() -> None:
    stream = vosk_stream()
    for _ in range(2):
        for _ in range(17):  # and 0.3 s that `finish` adds
            stream.accept(np.zeros(1_600, np.int16), voiced=True)
        heard = stream.finish()
        assert [(w.start_ms, w.end_ms) for w in heard.words] == [(0, 500), (1_000, 1_500)]
        assert heard.confidence == 0.5


def test_vosk_is_looked_at_every_fifth_of_a_second() -> None:
    stream = vosk_stream()
    stream.accept(np.zeros(1_600, np.int16), voiced=True)
    assert not stream.interim_due()
    stream.accept(np.zeros(1_600, np.int16), voiced=True)
    assert stream.interim_due()
    stream.interim()
    assert not stream.interim_due()


def test_telephone_sound_reaches_a_wideband_model_at_its_rate() -> None:
    stream = vosk_stream(from_hz=8_000)
    for _ in range(20):
        stream.accept(np.zeros(800, np.int16), voiced=True)
    assert stream.finish().text == "w0 w1"


def scripted_model() -> tuple[VoskRecogniser, list[ScriptedVosk]]:
    made: list[ScriptedVosk] = []

    def new(model: object, rate_hz: float) -> ScriptedVosk:
        made.append(ScriptedVosk())
        return made[-1]

    recogniser = VoskRecogniser.__new__(VoskRecogniser)
    recogniser.trained_hz = 16_000
    recogniser._model, recogniser._new = None, new
    recogniser._spare, recogniser._next = [], None
    return recogniser, made


def test_recogniser_of_a_leg_that_has_gone_serves_the_next_with_times_from_its_own_start() -> None:
    recogniser, made = scripted_model()
    for _ in range(3):
        stream = recogniser.open(16_000)
        for _ in range(17):
            stream.accept(np.zeros(1_600, np.int16), voiced=True)
        heard = stream.finish()
        assert heard.words[0].start_ms < 1_000
        stream.close()
    assert len(made) == 1


def test_recogniser_that_has_heard_much_gives_way_between_two_utterances() -> None:
    recogniser, made = scripted_model()
    stream = recogniser.open(16_000)
    minute = np.zeros(16_000 * 60, np.int16)
    for _ in range(4):
        stream.accept(minute, voiced=True)
    assert len(made) == 1
    stream.finish()
    stream.accept(np.zeros(1_600 * 17, np.int16), voiced=True)
    assert [(w.start_ms, w.end_ms) for w in stream.finish().words] == [(0, 500), (1_000, 1_500)]
    assert len(made) == 2
    # Nor does it serve another leg.
    for _ in range(4):
        stream.accept(minute, voiced=True)
    stream.close()
    assert recogniser._spare == []


def test_no_more_recognisers_are_kept_than_are_of_use() -> None:
    recogniser, made = scripted_model()
    streams = [recogniser.open(16_000) for _ in range(MOST_SPARE + 3)]
    for stream in streams:
        stream.close()
    assert len(recogniser._spare) == MOST_SPARE
    assert len(made) == MOST_SPARE + 3


def test_recognisers_are_made_ready_in_small_pieces_and_no_more_than_needed() -> None:
    recogniser, made = scripted_model()
    pieces = 0
    while recogniser.prepare():
        pieces += 1
    assert len(made) == len(recogniser._spare) == READY
    assert pieces == READY * (1 + round(len(babble(MAKES_READY_S, 16_000)) / 1_600 + 0.49))
    recogniser.open(16_000)
    assert recogniser.prepare()
