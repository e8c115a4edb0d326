"""Calls through a real hotline: a lab of its own, real phones, Asterisk, taps, recogniser, record.

Each call takes as long as its people talk. What is judged is the record that the service gives out
over its API when the call is closed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import PORT_SHIFT, new_folder
from callcenter.bench.record_calls import KnownCall
from callcenter.incidents.record import Evidence, Record
from callcenter.lab import lab as labs
from callcenter.lab.errors import LabError
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.layout import LabFolders, LabOptions
from callcenter.lab.phone_errors import PhoneError
from callcenter.lab.play import Player
from callcenter.lab.played import Played
from callcenter.lab.script import ScriptError
from callcenter.settings import SettingsError
from ivr.errors import SpeechOutError

SEATS = 1
OFFICERS = 12
READY_WITHIN_S = 90.0
TRIES = 2
"""A call whose phones failed is played once more."""


async def lab_records(
    calls: Sequence[KnownCall], say: Callable[[str], None]
) -> AsyncIterator[tuple[KnownCall, Record | None, Played]]:
    """Play every call; the record, or None where the call could not be played."""
    folder = new_folder("record")
    options = LabOptions(folder, SEATS, OFFICERS, "en", PORT_SHIFT + os.getpid() % 50 * 20)
    try:
        await asyncio.to_thread(labs.up, options, lambda _: None)
    except (LabError, SettingsError) as error:
        raise BenchFailed(str(error)) from error
    whole = False
    try:
        lab = LabFile.load(LabFolders(folder).description)
        async with HotlineApi(lab.api.url, lab.api.token) as api:
            await _speech_is_ready(api)
            for number, call in enumerate(calls, 1):
                record, played = await _play(lab, api, call, say)
                say(f"{number} of {len(calls)} played")
                yield call, record, played
        whole = True
    finally:
        await asyncio.to_thread(labs.down, folder)
        if whole:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            say(f"what was logged is in {folder}")


def record_of(incident: Mapping[str, Any]) -> Record:
    """A record as the API gives it out."""
    known = Evidence.__dataclass_fields__
    return Record(
        dict(incident.get("fields", {})),
        {
            name: tuple(
                Evidence(**{key: value for key, value in row.items() if key in known})
                for row in rows
            )
            for name, rows in incident.get("evidence", {}).items()
        },
    )


async def _speech_is_ready(api: HotlineApi) -> None:
    until = asyncio.get_running_loop().time() + READY_WITHIN_S
    speech: dict[str, Any] = {}
    while asyncio.get_running_loop().time() < until:
        try:
            speech = await api.speech()
        except ApiFault:
            speech = {}
        if speech.get("available"):
            return
        await asyncio.sleep(0.5)
    raise BenchFailed(f"the lab recognises no speech: {speech.get('why', 'it does not say why')}")


async def _play(
    lab: LabFile, api: HotlineApi, call: KnownCall, say: Callable[[str], None]
) -> tuple[Record | None, Played]:
    script = call.script
    if script.line not in {line.number for line in lab.lines}:
        script = script.model_copy(update={"line": None})
    played = Played(script.id)
    for _ in range(TRIES):
        try:
            # Phones of its own for each call: none can help or hinder the next.
            async with LabPhones(lab) as phones:
                played = await Player(lab, api, phones, script, call.file).play()
        except (PhoneError, ApiFault, ScriptError, SpeechOutError) as error:
            say(f"a call could not be played: {error}")
            continue
        if incident := played.call.get("incident"):
            return record_of(incident), played
    return None, played
