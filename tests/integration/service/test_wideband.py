"""Calls of callers with G.722 are heard and recorded at 16 kHz; all others exactly at 8."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callcenter.lab.phone import Phone
from callcenter.lab.speech_file import resampled
from callcenter.lab.voice_match import find_speech, first_voiced_sample
from ivr.speech_out import synthesise_wav
from tests.integration.service.hotline import Hotline

pytestmark = [pytest.mark.asterisk, pytest.mark.speech]

DATA = Path(os.environ.get("CALLCENTER_TEST_DATA", "../shared/data"))
CLIP = DATA / "speech_en/librispeech_test-other/1688-142285-0001.flac"
CLIP_TELLING = "margaret hale returned guest downstairs watching face anxiety thornton shop".split()
SAID = "There is a man with a gun in the store. He is taking the money."
SAID_TELLING = "man gun store taking money".split()
AT_ITS_RATE_MS = 500
"""Samples that are counted at a wrong rate are seconds off by then. A benchmark measures how exact
times are: sound that a busy machine lost is made up for some seconds later (`asr.clock`)."""
STALE_S = 3

needs_data = pytest.mark.skipif(
    not CLIP.is_file(), reason=f"no test data in {DATA} (CALLCENTER_TEST_DATA)"
)


@pytest.fixture
def running_hotline(english_hotline: Hotline) -> Hotline:
    return english_hotline


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A real voice at 16 kHz."""
    file = tmp_path / "clip.wav"
    subprocess.run(["sox", "-D", CLIP, "-r", "16000", "-c", "1", "-b", "16", file], check=True)
    return file


@pytest.fixture
async def words(tmp_path: Path) -> Path:
    """A synthetic voice at 8 kHz."""
    file = tmp_path / "words.wav"
    await synthesise_wav(SAID, "en", file, voice="rms")
    return file


def read(file: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(file)) as sound:
        data = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        return data.reshape(-1, sound.getnchannels()), sound.getframerate()


def above_4_khz(samples: np.ndarray, rate_hz: int) -> float:
    """Share of the energy that a telephone line cannot carry."""
    power = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    return float(power[frequency > 4_200].sum() / power[frequency > 100].sum())


async def formats(hotline: Hotline) -> list[str]:
    """Of each tap: what sound it sends."""
    taps = [name for name in await hotline.channels() if name.startswith("AudioSocket/")]
    shown = [hotline.cli(f"core show channel {tap}") for tap in taps]
    return sorted(re.findall(r"NativeFormats: \((\w+)\)", " ".join(shown)))


async def bridged_at(hotline: Hotline, phones: int) -> set[str]:
    """What sound the bridges take from so many phones: that of their own rate."""

    async def all_bridged() -> set[str]:
        legs = [name for name in await hotline.channels() if name.startswith("PJSIP/")]
        shown = [hotline.cli(f"core show channel {leg}") for leg in legs]
        there = [text for text in shown if "Application: ConfBridge" in text]
        rates = {found for text in there for found in re.findall(r"ReadFormat: (\w+)", text)}
        return rates if len(there) == phones else set()

    return await hotline.until(all_bridged, f"{phones} phones are on bridges")


async def snooped(hotline: Hotline) -> bool:
    return any(name.startswith("Snoop/") for name in await hotline.channels())


async def both_tapped(hotline: Hotline) -> list[str]:
    async def two() -> list[str]:
        found = await formats(hotline)
        return found if len(found) == 2 else []

    return await hotline.until(two, "both legs are tapped")


async def speak(phone: Phone, file: Path) -> None:
    await phone.finish(await phone.say(file))


def understood(segments: list[dict[str, Any]], role: str, telling: list[str]) -> int:
    text = " ".join(each["text"] for each in segments if each["role"] == role)
    return len(set(telling) & set(re.findall(r"[a-z]+", text.lower())))


async def heard(hotline: Hotline, call_id: str, role: str, telling: list[str]) -> None:
    """Wait until all but two of these words stand in what this role said."""

    async def enough() -> bool:
        segments = (await hotline.api(f"calls/{call_id}/transcript"))["segments"]
        said = [each for each in segments if each["final"]]
        return understood(said, role, telling) >= len(telling) - 2

    await hotline.until(enough, f"what the {role} said", 30)


async def finished(hotline: Hotline, call_id: str) -> tuple[list[dict[str, Any]], Path]:
    async def kept() -> bool:
        return await hotline.journalled(call_id, "recording.kept") is not None

    await hotline.until(kept, "the recording is kept", 30)
    segments = (await hotline.api(f"calls/{call_id}/transcript"))["segments"]
    file = Path(hotline.description["recordings"]) / f"{call_id}.wav"
    return [each for each in segments if each["final"]], file


@needs_data
async def test_wideband_caller_is_heard_and_recorded_at_16_khz_beside_a_narrowband_operator(
    hotline, phone, clip, words
):
    seat, caller = await phone("s01"), await phone("2125550100", codec="g722")
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    assert await bridged_at(hotline, 2) == {"slin16"}
    assert await both_tapped(hotline) == ["slin", "slin16"]
    call_id = (await hotline.call_from("2125550100"))["id"]
    said = await seat.say(words)
    await caller.hears(said)
    await seat.finish(said)
    await speak(caller, clip)
    await heard(hotline, call_id, "caller", CLIP_TELLING)
    await speak(seat, words)
    await heard(hotline, call_id, "operator", SAID_TELLING)
    await speak(caller, words)
    await heard(hotline, call_id, "caller", SAID_TELLING)
    await caller.hang_up()
    segments, file = await finished(hotline, call_id)
    samples, rate_hz = read(file)
    assert rate_hz == 16_000
    assert above_4_khz(samples[:, 0], rate_hz) > 0.005
    # A synthetic voice begins at once; where a real one does is a matter of opinion.
    spoken = read(words)[0][:, 0]
    match = find_speech(resampled(samples[:, 0], 16_000, 8_000), spoken)
    onset = first_voiced_sample(spoken)
    assert match is not None and onset is not None
    lies_at_ms = (match.offset_samples + onset) / 8
    last = [each for each in segments if each["role"] == "caller" and "gun" in each["text"].lower()]
    assert last[0]["start_ms"] == pytest.approx(lies_at_ms, abs=AT_ITS_RATE_MS)


@needs_data
async def test_wideband_caller_and_operator_are_both_heard_at_16_khz_also_apart_from_each_other(
    hotline, phone, clip, words
):
    """The operator asks a desk first: both are on a bridge beside the call's own."""
    ambulance = await phone("ambulance")
    seat, caller = await phone("s01", codec="g722"), await phone("2125550103", codec="g722")
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    assert await bridged_at(hotline, 2) == {"slin16"}
    assert await both_tapped(hotline) == ["slin16", "slin16"]
    call_id = (await hotline.call_from("2125550103"))["id"]
    await hotline.api(
        f"calls/{call_id}/parties", {"partner": "ambulance", "how": "ask", "seat": "s01"}
    )
    await ambulance.wait_ringing()
    await ambulance.answer()
    await asyncio.sleep(0.3)
    await ambulance.press("1")
    assert await bridged_at(hotline, 3) == {"slin16"}
    await speak(seat, clip)
    await heard(hotline, call_id, "operator", CLIP_TELLING)
    await hotline.api(f"calls/{call_id}/back", {"seat": "s01"})
    await speak(caller, words)
    await heard(hotline, call_id, "caller", SAID_TELLING)
    await caller.hang_up()
    _, file = await finished(hotline, call_id)
    assert read(file)[1] == 16_000


@pytest.mark.parametrize(
    ("callers", "operators"), [("pcmu", "pcmu"), ("pcmu", "g722"), ("pcmu,g722", "g722")]
)
async def test_call_of_whoever_likes_g711_best_stays_at_8_khz_whatever_codec_the_operator_has(
    hotline, phone, words, callers, operators
):
    seat = await phone("s01", codec=operators)
    caller = await phone("2125550101", codec=callers)
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    assert await bridged_at(hotline, 2) == {"slin"}
    assert await both_tapped(hotline) == ["slin", "slin"]
    assert not await snooped(hotline)
    call_id = (await hotline.call_from("2125550101"))["id"]
    await speak(seat, words)
    await heard(hotline, call_id, "operator", SAID_TELLING)
    await speak(caller, words)
    await heard(hotline, call_id, "caller", SAID_TELLING)
    assert not await snooped(hotline)
    await caller.hang_up()
    _, file = await finished(hotline, call_id)
    assert read(file)[1] == 8_000


@needs_data
async def test_wideband_legs_are_heard_at_8_khz_where_snoop_channels_cannot_be_had(
    hotline, phone, words
):
    """Asterisk unloads what makes them; taps are made by the other way at once."""
    hotline.cli("module unload res_ari_channels.so")
    try:
        seat, caller = await phone("s01"), await phone("2125550102", codec="g722")
        await caller.dial("110")
        await seat.wait_ringing()
        await seat.answer()
        assert await both_tapped(hotline) == ["slin", "slin"]
        call_id = (await hotline.call_from("2125550102"))["id"]
        await speak(caller, words)
        await heard(hotline, call_id, "caller", SAID_TELLING)
        await caller.hang_up()
        _, file = await finished(hotline, call_id)
        assert read(file)[1] == 16_000
    finally:
        hotline.cli("module load res_ari_channels.so")


async def test_wideband_caller_whom_asterisk_alone_gave_to_a_seat_is_heard_at_8_khz(
    hotline, phone, words
):
    """The two are joined without a bridge of ours, at the rate of the narrower codec."""
    seat = await phone("s01")
    hotline.signal_service(signal.SIGKILL)
    await asyncio.sleep(STALE_S + 1)
    caller = await phone("2125550104", codec="g722")
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    await hotline.restart_service()
    call_id = (await hotline.call_from("2125550104"))["id"]
    await hotline.call_is(call_id, state="talking", seat="s01", adopted=True)
    assert await both_tapped(hotline) == ["slin", "slin"]
    await speak(caller, words)
    await heard(hotline, call_id, "caller", SAID_TELLING)
    await caller.hang_up()
    _, file = await finished(hotline, call_id)
    assert read(file)[1] == 16_000
    assert above_4_khz(read(file)[0][:, 0], 16_000) < 1e-5
