"""The whole way of an emergency call, from the number that is dialled to the record that stays."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import wave
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from callcenter.lab.layout import PROJECT
from tests.integration.service.hotline import Hotline
from tests.integration.service.test_scripted_call import call, folder_of

pytestmark = [pytest.mark.asterisk, pytest.mark.speech]

ROBBERY = PROJECT / "callcenter/lab/scripts/robbery.json"
UNDERSTOOD = 0.6
"""The share of different words that must be recognised, of each speaker."""
IN_THIS_ORDER = (
    "ringing",
    "answered",
    "officer_ringing",
    "officer_took",
    "both_heard",
    "operator_left",
    "closed",
)


@pytest.fixture
def running_hotline(english_hotline: Hotline) -> Hotline:
    return english_hotline


def words(texts: Iterable[str]) -> set[str]:
    return set(re.findall(r"[a-z]+", " ".join(texts).lower()))


async def test_robbery_goes_from_the_emergency_number_to_the_precincts_officer(hotline):
    status, out, err = await call(ROBBERY, folder_of(hotline))
    assert status == 0, f"{out}\n{err}"
    played = json.loads(out)

    # What happened: everybody was heard by everybody else on the line, and the officer is the
    # one of the precinct that was found.
    turns = json.loads(await asyncio.to_thread(ROBBERY.read_text, "utf-8"))["turns"]
    assert [(turn["who"], turn["text"]) for turn in played["turns"]] == [
        (turn["who"], turn["text"]) for turn in turns
    ]
    assert all(turn["heard_by"] for turn in played["turns"])
    assert played["call"]["state"] == "closed"
    officers = {one["id"]: one["precinct"] for one in hotline.description["officers"]}
    assert officers[played["call"]["officer"]] == "19"

    # In which order, as the service tells it and as the phones measured it.
    told = {row["step"]: row["ms"] for row in played["timeline"]}
    for known in (told, played["measured_ms"]):
        times = [known[step] for step in IN_THIS_ORDER if step in known]
        assert times == sorted(times)
    assert [step for step in told if step in IN_THIS_ORDER] == list(IN_THIS_ORDER)
    assert told["answered"] < told["first_words"] < told["place_known"] < told["officer_ringing"]

    # What was made of it.
    fields, evidence = played["record"]["fields"], played["record"]["evidence"]
    assert (fields["category"], fields["level"]) == ("robbery", "red")
    assert fields["place"]["precinct"] == "19"
    assert "madison" in fields["place"]["text"].lower()
    assert "79" in fields["place"]["text"] or "seventy" in fields["place"]["text"].lower()
    by_id = {one["id"]: one for one in played["transcript"]}
    for field in ("category", "level", "place"):
        assert evidence[field], field
        assert any(by_id[one["segment_id"]]["role"] == "caller" for one in evidence[field])

    alarm = await hotline.journalled(played["call_id"], "danger.heard")
    assert (alarm["danger"], alarm["role"], alarm["level"]) == ("gun", "caller", "red")

    # What was said, by whom: most words of the script, as far as a small recogniser gets them.
    for role in ("caller", "operator", "officer"):
        spoken = words(turn["text"] for turn in turns if turn["who"] == role)
        heard = words(
            one["text"] for one in played["transcript"] if one["role"] == role and one["final"]
        )
        assert len(spoken & heard) >= UNDERSTOOD * len(spoken), (role, heard)
    assert "gun" in words(one["text"] for one in played["transcript"] if one["role"] == "caller")

    # What stays.
    (kept,) = played["recordings"]
    content = await asyncio.to_thread(Path(kept["path"]).read_bytes)
    assert hashlib.sha256(content).hexdigest() == kept["sha256"]
    with wave.open(kept["path"]) as sound:
        assert sound.getnchannels() == 2
        ms = sound.getnframes() * 1000 / sound.getframerate()
    assert abs(ms - told["closed"]) < 1500
    stored = await hotline.api(f"calls/{played['call_id']}")
    assert stored["incident"] == played["record"]

    # What is left for the officer: to go there and to report, from a draft that has their words.
    await officer_reports(hotline, played, kept["path"])


async def officer_reports(hotline: Hotline, played: dict[str, Any], recording: str) -> None:
    """The officer's part after the call, with a dictated note; the caller is asked how it went."""

    async def begun() -> dict[str, Any] | None:
        listed = (await hotline.api("responses"))["responses"]
        return next((one for one in listed if one["call_id"] == played["call_id"]), None)

    response = await hotline.until(begun, "the response")
    path = f"responses/{response['id']}"
    assert (response["officer"], response["step"]) == (played["call"]["officer"], "taken")
    assert (response["level"], response["late"]) == ("red", False)
    draft = (await hotline.api(path))["draft"]
    assert "on our way" in draft and "madison" in draft.lower()
    await hotline.api(f"{path}/step", {"step": "there"})
    dictated = await hotline.api(f"{path}/dictation", one_channel(recording, 0))
    assert "gun" in dictated["text"].lower()
    await hotline.api(f"{path}/notes", {"text": dictated["text"], "how": "dictated"})
    told = {"result": "report_taken", "category": "robbery", "report": draft, "call_back": ""}
    await hotline.api(f"{path}/done", told)
    assert (await hotline.api(f"{path}/accept", {}))["step"] == "accepted"
    call_id = played["call_id"]
    await hotline.until(lambda: hotline.journalled(call_id, "response.accepted"), "the entry")

    async def asked() -> bool:
        tasks = (await hotline.api("tasks"))["tasks"]
        return any(one["kind"] == "follow_up" for one in tasks)

    assert await hotline.until(asked, "the task")


def one_channel(recording: str, channel: int) -> bytes:
    """A channel of a recording as a WAV file of its own."""
    with wave.open(recording) as sound:
        rate_hz, frames = sound.getframerate(), sound.readframes(sound.getnframes())
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(array("h", frames)[channel::2].tobytes())
    return content.getvalue()
