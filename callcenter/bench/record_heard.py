"""Calls as a recogniser hears them: spoken by voices, through a telephone line, leg by leg.

Nobody dials: every turn is spoken on its speaker's leg after the one before it has ended, the
sound goes through G.711, and is heard by the code behind a live tap (`hearing`). What that leaves
out, real calls and their timing, `record_lab` has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hearing import Ear, Utterance
from callcenter.bench.record_calls import GAP_MS, KnownCall
from callcenter.bench.telephone import silence, telephone
from callcenter.incidents.record import Turn
from callcenter.lab.script import ScriptError, Who
from callcenter.lab.speech_file import read_speech
from callcenter.lab.voice_match import Samples
from callcenter.lab.voices import speech_of
from ivr.errors import SpeechOutError

LEAD_S = 0.5
"""Silence before the first words."""


def why_not_spoken(call: KnownCall) -> str:
    """Why a call cannot be played by the voices here; empty when it can."""
    if call.script.lang != "en" and any(turn.text is not None for turn in call.script.turns):
        return f"no voice here speaks {call.script.lang} so that a recogniser understands it"
    return ""


async def spoken(call: KnownCall) -> dict[str, Samples]:
    """The sound of each leg from the call's start."""
    try:
        files = await asyncio.gather(
            *(speech_of(call.script, call.file, turn) for turn in call.script.turns)
        )
    except (ScriptError, SpeechOutError) as error:
        raise BenchFailed(f"{call.file}: {error}") from error
    pieces: dict[str, list[Samples]] = {turn.who: [] for turn in call.script.turns}
    lead, gap = silence(LEAD_S), silence(GAP_MS / 1000)
    for leg in pieces.values():
        leg.append(lead)
    for turn, file in zip(call.script.turns, files, strict=True):
        said = telephone(read_speech(file))
        for who, leg in pieces.items():
            leg += [said if who == turn.who else np.zeros_like(said), gap]
    return {who: np.concatenate(leg) for who, leg in pieces.items()}


async def heard_turns(call: KnownCall, ear: Ear) -> list[Turn]:
    """What the recogniser wrote of a call, in order."""
    legs = await spoken(call)
    utterances = await asyncio.to_thread(ear.hear, legs, call.script.lang)
    return turns_of(utterances, {turn.who: turn.who for turn in call.script.turns})


def turns_of(utterances: Sequence[Utterance], who: Mapping[str, Who]) -> list[Turn]:
    """Utterances as the extraction takes them."""
    return [
        Turn(who[one.leg], one.text, one.start_ms, one.end_ms, one.leg, one.id)
        for one in utterances
    ]
