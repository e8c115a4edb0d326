"""An administrator teaches a word while a caller is on the line."""

from __future__ import annotations

import pytest

from ivr.speech_out import synthesise_wav
from tests.integration.service.hotline import Refused
from tests.integration.service.test_seats_and_callers import talking

pytestmark = [pytest.mark.asterisk, pytest.mark.speech]

BEAR = {
    "id": "bear",
    "language": "en",
    "means": "danger",
    "name": "wild_animal",
    "level": "red",
    "says": ["(brown|black|big|) bear"],
}


@pytest.fixture
def running_hotline(english_hotline):
    return english_hotline


async def teach(hotline, words):
    now = await hotline.api("tuning")
    change = {"document": now["document"] | {"words": words}, "why": "test"}
    await hotline.api("tuning", change | {"based_on": now["version"]}, method="PUT")


async def dangers(hotline, call_id):
    fields = (await hotline.api(f"incidents/{call_id}"))["fields"]
    return fields.get("level"), fields.get("dangers") or []


async def test_word_that_is_taught_counts_at_once_and_alarms_when_it_is_said_again(
    hotline, phone, tmp_path
):
    there = tmp_path / "bear.wav"
    await synthesise_wav("There's a big brown bear in our garden.", "en", there)
    _, caller, call_id = await talking(hotline, phone)

    async def heard(times):
        async def said():
            segments = (await hotline.api(f"calls/{call_id}/transcript"))["segments"]
            found = [s for s in segments if s["final"] and "bear" in s["text"].lower()]
            return len(found) >= times

        await hotline.until(said, f"the word {times} times", timeout_s=30)

    await caller.finish(await caller.say(there))
    await heard(1)
    level, before = await dangers(hotline, call_id)
    assert level != "red"
    assert "wild_animal" not in before

    with pytest.raises(Refused, match=r"words\.0\.level"):
        await teach(hotline, [BEAR | {"level": None}])
    await teach(hotline, [BEAR])
    try:
        # What was said before is read anew, as it is by a word that was always there.
        async def raised():
            return await dangers(hotline, call_id) == ("red", ["wild_animal"])

        await hotline.until(raised, "the level that the new word raises")
        assert await hotline.journalled(call_id, "danger.heard") is None
        await caller.finish(await caller.say(there))

        async def alarmed():
            return await hotline.journalled(call_id, "danger.heard")

        alarm = await hotline.until(alarmed, "the alarm", timeout_s=30)
        assert (alarm["danger"], alarm["level"]) == ("wild_animal", "red")
    finally:
        await teach(hotline, [])
    await caller.hang_up()
