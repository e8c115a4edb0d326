"""Words that got no text during the call come from its recording: every one, and once."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ivr.speech_out import synthesise_wav
from tests.integration.service.hotline import Hotline, Refused
from tests.integration.service.test_seats_and_callers import talking
from tests.integration.service.test_speech_faults import workers_of

pytestmark = [pytest.mark.asterisk, pytest.mark.speech]

SCRIPT = (
    "My name is Robert Miller and I am calling from the market on Broadway. "
    "Two men came into the store ten minutes ago and they took all of the money. "
    "The first man was tall and he had a knife in his right hand. "
    "The second man was short, with a green jacket and white shoes. "
    "Nobody was hurt, but my sister is very afraid and she cannot stop crying. "
    "They ran away toward the river and they jumped into a yellow taxi."
)
TELLING = (
    "robert miller market broadway store ten minutes money tall knife right hand short green "
    "jacket white shoes sister afraid crying river jumped yellow taxi"
).split()
"""Words that stand in the script once."""
LAST_WORDS = TELLING[-4:]
MISHEARD = 2
"""So many of them this recogniser may take for others, cut as they are now here, now there."""


@pytest.fixture
def running_hotline(english_hotline: Hotline) -> Hotline:
    return english_hotline


@pytest.fixture
async def script(tmp_path: Path) -> Path:
    file = tmp_path / "script.wav"
    await synthesise_wav(SCRIPT, "en", file, voice="rms")
    return file


async def transcript(hotline: Hotline, call_id: str) -> list[dict[str, Any]]:
    segments = (await hotline.api(f"calls/{call_id}/transcript"))["segments"]
    return [each for each in segments if each["final"]]


def caller_words(segments: list[dict[str, Any]]) -> Counter[str]:
    text = " ".join(each["text"] for each in segments if each["role"] == "caller")
    return Counter(re.findall(r"[a-z]+", text.lower().replace("10", "ten")))


async def late_words(hotline: Hotline, call_id: str) -> list[dict[str, Any]]:
    async def there() -> list[dict[str, Any]]:
        segments = await transcript(hotline, call_id)
        return segments if any(each["late"] for each in segments) else []

    return await hotline.until(there, "words from the recording", 60)


async def speak(caller, file: Path) -> None:
    said = await caller.say(file)
    await caller.finish(said)


async def test_every_word_is_there_once_after_the_worker_was_killed_in_the_middle_of_speech(
    hotline, phone, script
):
    _seat, caller, call_id = await talking(hotline, phone)
    speaking = asyncio.create_task(speak(caller, script))
    await asyncio.sleep(7)
    for worker in workers_of(hotline.description["pids"]["service"]):
        os.kill(worker, signal.SIGKILL)
    await speaking
    await asyncio.sleep(2)
    live = caller_words(await transcript(hotline, call_id))
    assert any(live[word] == 0 for word in TELLING)
    await caller.hang_up()
    segments = await late_words(hotline, call_id)
    words = caller_words(segments)
    assert max(words[word] for word in TELLING) == 1
    assert len([word for word in TELLING if not words[word]]) <= MISHEARD


async def test_words_said_while_the_service_was_dead_are_there_once_after_it_came_back(
    hotline, phone, script
):
    _seat, caller, call_id = await talking(hotline, phone)
    speaking = asyncio.create_task(speak(caller, script))
    await asyncio.sleep(6)
    hotline.signal_service(signal.SIGKILL)
    await asyncio.sleep(1)
    await hotline.restart_service()
    await speaking
    await asyncio.sleep(2)
    await caller.hang_up()
    words = caller_words(await late_words(hotline, call_id))
    assert max(words[word] for word in TELLING) == 1
    assert len([word for word in TELLING if not words[word]]) <= MISHEARD


async def test_closed_call_is_recognised_again_and_the_old_words_can_be_had_back(
    hotline, phone, script
):
    _seat, caller, call_id = await talking(hotline, phone)
    with pytest.raises(Refused, match="going on"):
        await hotline.api(f"calls/{call_id}/transcript/again", {"language": "en"})
    with pytest.raises(Refused, match="zh is not recognised here; these are: en"):
        await hotline.api(f"calls/{call_id}/language", {"language": "zh"})
    await speak(caller, script)

    async def to_the_end() -> list[dict[str, Any]]:
        segments = await transcript(hotline, call_id)
        return segments if any(caller_words(segments)[word] for word in LAST_WORDS) else []

    live = await hotline.until(to_the_end, "the last sentence's words", 30)
    await caller.hang_up()

    async def asked() -> bool:
        try:
            await hotline.api(f"calls/{call_id}/transcript/again", {"language": "en"})
        except Refused as refused:
            assert re.search("no finished recording|going on", str(refused))
            return False
        return True

    await hotline.until(asked, "the recording is finished", 20)
    again = await late_words(hotline, call_id)
    assert all(each["late"] for each in again)
    words = caller_words(again)
    assert max(words[word] for word in TELLING) == 1
    assert len([word for word in TELLING if not words[word]]) <= MISHEARD
    assert await hotline.journalled(call_id, "recording.recognised_again") is not None
    (old,) = (await hotline.api(f"calls/{call_id}/transcript/replaced"))["transcripts"]
    assert [each["text"] for each in old["segments"]] == [each["text"] for each in live]
    await hotline.api(f"calls/{call_id}/transcript/back", {"version": 1})
    assert await transcript(hotline, call_id) == live
