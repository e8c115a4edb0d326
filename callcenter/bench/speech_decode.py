"""One model on one set of clips: heard live, heard as a whole, and without the front end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr

from asr.catalogue import Entry
from asr.recogniser import Recogniser, Samples, to_samples, to_wave
from callcenter.bench.hearing import Ear, load
from callcenter.bench.speech_clips import Clip
from callcenter.bench.speech_errors import Errors, errors, total
from callcenter.bench.telephone import silence
from callcenter.lab.voice_match import RATE_HZ

SPOON_S = 0.2
MARGIN_S = 0.5
"""Silence before and after a clip: a line is open before somebody speaks."""
NARROW_HZ = 8_000


def streaming(entry: Entry, clips: Sequence[Clip]) -> Errors:
    """As behind a live tap: cut from pause to pause, each piece decoded as it grows.

    Every pass has a model of its own: what an engine decoded before changes what it says next.
    """
    ear = Ear({entry.language: load(entry)})
    return total(
        errors(
            clip.text,
            " ".join(said.text for said in ear.hear({"leg": _framed(clip)}, entry.language)),
            entry.language,
        )
        for clip in clips
    )


def offline(entry: Entry, clips: Sequence[Clip]) -> Errors:
    """The same sound given to the same model as one piece."""
    return _whole(load(entry), clips, RATE_HZ)


def without_front_end(entry: Entry, clips: Sequence[Clip]) -> dict[str, Errors]:
    """The same sound in the two ways in which it could go to a wideband model unchanged."""
    as_narrow = load(entry.model_copy(update={"trained_hz": NARROW_HZ}))
    return {
        "given to the model as 8 kHz": _whole(as_narrow, clips, RATE_HZ),
        "merely resampled": _whole(load(entry), clips, entry.trained_hz),
    }


def _whole(recogniser: Recogniser, clips: Sequence[Clip], rate_hz: int) -> Errors:
    return total(
        errors(clip.text, _decoded(recogniser, _framed(clip), rate_hz), clip.language)
        for clip in clips
    )


def _decoded(recogniser: Recogniser, sound: Samples, rate_hz: int) -> str:
    if rate_hz != RATE_HZ:
        sound = to_samples(soxr.resample(to_wave(sound), RATE_HZ, rate_hz))
    stream = recogniser.open(rate_hz)
    spoon = round(SPOON_S * rate_hz)
    for at in range(0, len(sound), spoon):
        stream.accept(sound[at : at + spoon], voiced=True)
    return stream.finish().text


def _framed(clip: Clip) -> Samples:
    margin = silence(MARGIN_S)
    return np.concatenate([margin, clip.sound(), margin])
