"""How well and how soon speech becomes text, on recorded speech with reference texts.

Everything is heard as a telephone brings it, 8 kHz G.711. For each language and each model that is
here: errors when heard live against errors when heard as a whole, what the front end is worth,
how late words come, and how many people can be listened to at once, beside vosk-server where a
checkout of it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asr.catalogue import Entry
from asr.models import find_model
from callcenter.bench.errors import BenchFailed, BenchSkipped
from callcenter.bench.hearing import installed, load
from callcenter.bench.hotline import new_folder
from callcenter.bench.machine import Machine
from callcenter.bench.report import Figure, Measured
from callcenter.bench.speech_beginnings import beginnings
from callcenter.bench.speech_clips import Clip, data_folder, read_clips
from callcenter.bench.speech_decode import NARROW_HZ, offline, streaming, without_front_end
from callcenter.bench.speech_errors import Errors, unit
from callcenter.bench.speech_load import (
    LATE_P95_BELOW_S,
    Loaded,
    Play,
    Search,
    largest,
    side_by_side,
)
from callcenter.bench.speech_memory import LEGS, over_hours, over_legs
from callcenter.bench.speech_peer import PeerPlayer, peer
from callcenter.bench.speech_pool import own_pool
from callcenter.bench.speech_times import word_times
from callcenter.lab.layout import MODELS

STREAMING_WORSE_AT_MOST = 1.0
"""Points of error rate."""
FRONT_END_AT_MOST = 0.5
"""Errors with it to errors without it."""
TIMES_PEER_AT_LEAST = 1.5
INVENTED_AT_MOST = 2.0
"""Percent of the utterances that start abruptly."""
TIMES_WITHIN_MS = 100.0
"""Words lie so near to where the recogniser says they are."""
GROWS_AT_MOST = 5.0
"""Percent of memory."""
BOUND_FRONT_END = ("vosk", "ko")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    clips_s: float | None
    stream_s: float
    first: int
    tries: int


FULL = Size(clips_s=None, stream_s=60.0, first=4, tries=8)
QUICK = Size(clips_s=40.0, stream_s=10.0, first=1, tries=2)


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """What is measured. ``peer``: a checkout of alphacep/vosk-server."""

    data: Path | None = None
    peer: Path | None = None
    language: str | None = None
    stream_s: float | None = None
    """Length of each stream, where it is not the usual one."""
    word_times: bool = False
    """Cut words out of the recordings and hear them again; nothing else is measured."""
    hours: float | None = None
    """Hear so many hours on one leg, and many legs; only memory is measured."""


async def measure(*, quick: bool, say: Say, options: SpeechOptions = SpeechOptions()) -> Measured:
    """Measure every model that is here."""
    size = QUICK if quick else FULL
    if options.stream_s is not None:
        size = dataclasses.replace(size, stream_s=options.stream_s)
    data = data_folder(options.data)
    clips = {
        language: some
        for language, some in read_clips(data, size.clips_s).items()
        if options.language in (None, language)
    }
    entries = installed(sorted(clips))
    if not entries:
        raise BenchSkipped(f"no model of {', '.join(clips) or options.language} is installed")
    if options.word_times:
        entries = [entry for entry in entries if entry.engine == "vosk"]
        if not entries:
            raise BenchSkipped("word times are Vosk's, and no Vosk model is installed")
    without = sorted(set(clips) - {entry.language for entry in entries})
    for language in without:
        say(f"{language}: no model is installed; callcenter models get {language}")
    figures: list[Figure] = []
    models: dict[str, Any] = {}
    ratio: float | None = None
    for entry in entries:
        if options.word_times:
            told, details = await asyncio.to_thread(_times, entry, clips[entry.language])
            figures += told
            models[f"{entry.language} {entry.id}"] = details
            continue
        if options.hours is not None:
            told, details = await asyncio.to_thread(
                _memory, entry, clips[entry.language], options.hours, say
            )
            figures += told
            models[f"{entry.language} {entry.id}"] = details
            continue
        told, details = await asyncio.to_thread(_accuracy, entry, clips[entry.language], say)
        figures += told
        told, loads, against_peer = await _streams(entry, clips[entry.language], size, options, say)
        figures += told
        ratio = against_peer if against_peer is not None else ratio
        models[f"{entry.language} {entry.id}"] = details | loads
    return Measured(
        figures,
        peer="" if ratio is None else "vosk-server's websocket server, same model, same sound",
        ratio=ratio,
        details={
            "data": str(data),
            "models": models,
            "languages_without_a_model": without,
            "load_after": Machine.this_one().load,
            "peer": str(options.peer) if options.peer else "not measured: no --peer was given",
        },
    )


def _accuracy(entry: Entry, clips: Sequence[Clip], say: Say) -> tuple[list[Figure], dict[str, Any]]:
    what = f"{entry.language} {entry.id}"
    live, whole = streaming(entry, clips), offline(entry, clips)
    say(f"{what}: {_percent(live):.1f} % of {unit(entry.language)} wrong live")
    figures = [
        Figure(
            f"{what}: error rate live minus as a whole",
            _percent(live) - _percent(whole),
            "points",
            at_most=STREAMING_WORSE_AT_MOST,
        ),
        Figure(f"{what}: {unit(entry.language)} wrong, live", _percent(live), "%"),
        Figure(f"{what}: {unit(entry.language)} wrong, as a whole", _percent(whole), "%"),
    ]
    details: dict[str, Any] = {
        "clips": len(clips),
        "unit": unit(entry.language),
        "live": _json(live),
        "whole": _json(whole),
    }
    if entry.language == "en":
        began = beginnings(load(entry), clips)
        figures.append(
            Figure(
                f"{what}: utterances cut at the front that begin with words nobody said",
                began.percent,
                "%",
                at_most=INVENTED_AT_MOST,
            )
        )
        details["invented_beginnings"] = {"of": began.of, "heard": list(began.invented)}
    if entry.engine == "vosk" and entry.trained_hz != NARROW_HZ:
        ways = without_front_end(entry, clips)
        least = min(_percent(rate) for rate in ways.values())
        bounded = (entry.engine, entry.language) == BOUND_FRONT_END
        figures += [
            Figure(
                f"{what}: errors with the front end to those without",
                _percent(whole) / least if least else None,
                "",
                at_most=FRONT_END_AT_MOST if bounded else None,
            ),
            *(Figure(f"{what}: wrong, {way}", _percent(rate), "%") for way, rate in ways.items()),
        ]
        details["without_front_end"] = {way: _json(rate) for way, rate in ways.items()}
    return figures, details


def _times(entry: Entry, clips: Sequence[Clip]) -> tuple[list[Figure], dict[str, Any]]:
    what = f"{entry.language} {entry.id}"
    found = word_times(load(entry), clips)
    offset_ms = found.offset_ms
    figures = [
        Figure(
            f"{what}: word times are off the recording by",
            None if offset_ms is None else abs(offset_ms),
            "ms",
            at_most=TIMES_WITHIN_MS,
        ),
        Figure(
            f"{what}: {unit(entry.language)} that cuts at the times do not say again",
            found.again_percent,
            "%",
        ),
    ]
    return figures, {
        "words": found.words,
        "offset_ms": None if offset_ms is None else round(offset_ms, 1),
        "errors_by_move_ms": {move_ms: _json(rate) for move_ms, rate in found.moved.items()},
    }


def _memory(
    entry: Entry, clips: Sequence[Clip], hours: float, say: Say
) -> tuple[list[Figure], dict[str, Any]]:
    what = f"{entry.language} {entry.id}"
    recogniser = load(entry)
    over = over_hours(recogniser, clips, hours, lambda text: say(f"{what}: {text}"))
    legs = over_legs(recogniser, clips)
    figures = [
        Figure(
            f"{what}: memory grows over {hours:g} h of speech on one leg by",
            over.percent,
            "%",
            at_most=GROWS_AT_MOST,
        ),
        Figure(
            f"{what}: memory grows over {LEGS} legs that come and go by",
            legs.percent,
            "%",
            at_most=GROWS_AT_MOST,
        ),
    ]
    return figures, {"mib_each_10_minutes": list(over.mib), "mib_over_legs": list(legs.mib)}


async def _streams(
    entry: Entry, clips: Sequence[Clip], size: Size, options: SpeechOptions, say: Say
) -> tuple[list[Figure], dict[str, Any], float | None]:
    """Streams at once, ours and the peer's; the ratio of both, where there is a peer."""
    what = f"{entry.language} {entry.id}"
    cores = Machine.this_one().cores
    search = Search(first=size.first * cores, tries=size.tries, length_s=size.stream_s)
    folder = new_folder("vosk-server")
    load_before = Machine.this_one().load
    async with contextlib.AsyncExitStack() as stack:
        player = await stack.enter_async_context(own_pool(entry.engine, entry.language))
        plays: dict[str, Play] = {"": player.play}
        if options.peer is not None and entry.engine == "vosk":
            model = find_model(entry, MODELS)
            server = await stack.enter_async_context(
                peer(options.peer, model, entry.trained_hz, folder / "server.log")
            )
            plays["vosk-server"] = PeerPlayer(server).play
        tries = await side_by_side(plays, clips, search, lambda text: say(f"{what}: {text}"))
    shutil.rmtree(folder, ignore_errors=True)
    own = tries[""]
    most = largest(own)
    figures = _load_figures(what, own, most, cores)
    details: dict[str, Any] = {
        "streams": [loaded.to_json() for loaded in own],
        "load_before": load_before,
        "load_after": Machine.this_one().load,
    }
    theirs = tries.get("vosk-server")
    if theirs is None:
        return figures, details, None
    of_peer = largest(theirs)
    details["peer_streams"] = [loaded.to_json() for loaded in theirs]
    ratio = most.streams / of_peer.streams if most and of_peer else None
    worse = _percent(own[0].errors) - _percent(theirs[0].errors)
    figures += [
        Figure(
            f"{what}: live streams, times vosk-server's", ratio, "", at_least=TIMES_PEER_AT_LEAST
        ),
        Figure(
            f"{what}: vosk-server: live streams per core",
            (of_peer.streams if of_peer else 0) / cores,
            "",
        ),
        Figure(f"{what}: error rate of few streams minus vosk-server's", worse, "points"),
    ]
    return figures, details, ratio


def _load_figures(
    what: str, tries: Sequence[Loaded], most: Loaded | None, cores: int
) -> list[Figure]:
    few = tries[0]
    return [
        Figure(f"{what}: text late, {few.streams} streams, p50", few.p50_s, "s"),
        Figure(
            f"{what}: text late, {few.streams} streams, p95",
            few.p95_s,
            "s",
            at_most=LATE_P95_BELOW_S,
        ),
        Figure(
            f"{what}: live streams per core, text less than 1 s late at p95",
            (most.streams if most else 0) / cores,
            "",
        ),
    ]


def _percent(rate: Errors) -> float:
    if rate.percent is None:
        raise BenchFailed("the clips have no texts to compare with")
    return rate.percent


def _json(rate: Errors) -> dict[str, Any]:
    return {"percent": round(_percent(rate), 2), "wrong": rate.wrong, "of": rate.of}
