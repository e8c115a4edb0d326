"""Speech that is off, broken or killed costs no call, and the hotline says what is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.service.hotline import Hotline
from tests.integration.service.test_seats_and_callers import talking

pytestmark = [pytest.mark.asterisk, pytest.mark.speech]


@pytest.fixture
def running_hotline(english_hotline: Hotline) -> Hotline:
    return english_hotline


def workers_of(service_pid: int) -> list[int]:
    """The recogniser processes of a service."""
    listed = subprocess.run(
        ["ps", "--ppid", str(service_pid), "-o", "pid=,args="],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [int(row.split()[0]) for row in listed.splitlines() if "asr.worker" in row]


async def words_of(hotline: Hotline, call_id: str, role: str) -> list[str]:
    segments = (await hotline.api(f"calls/{call_id}/transcript"))["segments"]
    return [each["text"] for each in segments if each["final"] and each["role"] == role]


async def test_killed_workers_cost_no_call_and_words_are_written_again(
    hotline, phone, hear_each_other
):
    seat, caller, call_id = await talking(hotline, phone)
    await hear_each_other(seat, caller)

    async def heard() -> bool:
        return len(await words_of(hotline, call_id, "caller")) >= 1

    await hotline.until(heard, "the caller's first words", 20)
    before = len(await words_of(hotline, call_id, "caller"))
    workers = workers_of(hotline.description["pids"]["service"])
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    await hear_each_other(seat, caller)

    async def heard_again() -> bool:
        await hear_each_other(seat, caller)
        return len(await words_of(hotline, call_id, "caller")) > before

    await hotline.until(heard_again, "words after the workers were killed", 30)
    assert (await hotline.api(f"calls/{call_id}"))["state"] == "talking"
    await caller.hang_up()


async def test_broken_model_costs_no_call_and_its_name_is_said(
    hotline, phone, hear_each_other, tmp_path
):
    settings = Path(hotline.description["settings"])
    good = settings.read_text("utf-8")
    models = tmp_path / "models"
    broken = models / "vosk-model-small-en-us-0.15" / "am"
    broken.mkdir(parents=True)
    (broken / "final.mdl").write_bytes(b"this is no model")
    lines = [
        f'models = "{models}"' if line.startswith("models = ") else line
        for line in good.splitlines()
    ]
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    hotline.signal_service(signal.SIGKILL)
    try:
        await asyncio.sleep(0.5)
        await hotline.restart_service()

        async def said() -> str:
            speech = await hotline.api("speech")
            return str(speech["why"]) if "vosk-model-small-en-us-0.15" in speech["why"] else ""

        assert await hotline.until(said, "the broken model's name", 30)
        seat, caller, call_id = await talking(hotline, phone)
        await hear_each_other(seat, caller)
        assert (await hotline.api(f"calls/{call_id}"))["state"] == "talking"
        await caller.hang_up()
    finally:
        settings.write_text(good, "utf-8")
        hotline.signal_service(signal.SIGKILL)
        await asyncio.sleep(0.5)
        await hotline.restart_service()
