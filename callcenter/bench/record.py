"""How good records are: calls whose record is known, read by the code that reads live calls.

Each call's turns come one after another, and after each of them the record is written anew, as on
a live call; how long that takes is measured, the record after the last turn is judged
(`record_scoring`). The calls are taken as they were written down, or as a recogniser hears them
(`record_heard`, `record_lab`). Bounds are for calls that nobody looked at while writing rules.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hearing import Ear
from callcenter.bench.record_calls import DEV, HELD_OUT, KnownCall, SetName, read_calls
from callcenter.bench.record_heard import heard_turns, why_not_spoken
from callcenter.bench.record_lab import lab_records
from callcenter.bench.record_places import finders, read_places
from callcenter.bench.record_scoring import CallScore, Mistake, score
from callcenter.bench.record_tally import Tally
from callcenter.bench.report import Figure, Measured
from callcenter.bench.statistics import Spread
from callcenter.incidents.errors import IncidentError
from callcenter.incidents.extract import Extractor
from callcenter.incidents.merge import merge
from callcenter.incidents.record import FIELDS, Record, Turn
from callcenter.lab.layout import PROJECT

OWN_CALLS = PROJECT / "tests" / "spoken_calls"
QUICK_HEARD_CALLS = 6

Way = Literal["said", "heard", "lab"]
Say = Callable[[str], None]

SAID_F1 = {name: 0.85 for name in FIELDS} | {
    name: 0.92 for name in ("category", "place", "callback", "weapons", "dangers")
}
HEARD_F1 = {name: 0.8 for name in ("category", "place", "weapons", "dangers")}
EXTRACTION_P99_MS = 5.0
SURE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Bounds:
    """What must hold."""

    f1: Mapping[str, float]
    precinct_right: float
    precinct_sure_and_wrong: float
    asked: float


BOUNDS: Mapping[Way, Bounds] = {
    "said": Bounds(SAID_F1, 0.95, 0.01, 1.0),
    "heard": Bounds(HEARD_F1, 0.80, 0.03, 0.95),
    "lab": Bounds(HEARD_F1, 0.80, 0.03, 0.95),
}


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """What is judged. ``limit``: no more than so many calls of each language and set."""

    data: Path = OWN_CALLS
    set_name: SetName = "all"
    language: str | None = None
    list_mistakes: bool = False
    way: Way = "said"
    limit: int | None = None


@dataclass
class Judged:
    """What came out, by (language, set)."""

    scores: dict[tuple[str, str], list[CallScore]] = field(
        default_factory=lambda: defaultdict(list)
    )
    took_ms: list[float] = field(default_factory=list)
    """Of each writing of a record, on the clock."""
    worked_ms: list[float] = field(default_factory=list)
    """The same, of the processor: what is not lost to other programs."""
    heard: dict[str, Sequence[Turn]] = field(default_factory=dict)
    """What a recogniser wrote of the dev set's calls."""


async def measure(
    *,
    quick: bool,
    say: Say,
    options: RecordOptions = RecordOptions(),
) -> Measured:
    """Judge the records of all calls that are asked for."""
    cities = read_places(options.data)
    others = [file for city in cities.values() for file in city.files]
    calls = read_calls(
        options.data, set_name=options.set_name, language=options.language, without=others
    )
    limit = options.limit or (QUICK_HEARD_CALLS if quick and options.way != "said" else None)
    calls = _first(calls, limit)
    say(f"{len(calls)} calls of {options.data}")
    places = await finders(cities, sorted({call.script.lang for call in calls}))
    try:
        extractors = {language: Extractor(language, finder) for language, finder in places.items()}
    except IncidentError as error:
        raise BenchFailed(str(error)) from error
    details: dict[str, Any] = {}
    judged = Judged()
    if options.way == "said":
        for call in calls:
            judge(call, call.turns(), extractors[call.script.lang], judged)
    else:
        details |= await _hear(options.way, calls, extractors, judged, say)
    return told(judged, options, details)


def judge(call: KnownCall, turns: Sequence[Turn], extractor: Extractor, into: Judged) -> None:
    """Read one call as it goes on, and judge what is known at its end."""
    record = Record({})
    for number in range(1, len(turns) + 1):
        began, worked = time.perf_counter(), time.thread_time()
        record = read(extractor, turns[:number], call)
        into.worked_ms.append(1000 * (time.thread_time() - worked))
        into.took_ms.append(1000 * (time.perf_counter() - began))
    add(call, record, into)


def add(call: KnownCall, record: Record, into: Judged) -> None:
    """Judge a call's record."""
    verdict = score(call.script.id, call.expected, record, call.script.lang)
    into.scores[call.script.lang, call.set_name].append(verdict)


def read(extractor: Extractor, turns: Sequence[Turn], call: KnownCall) -> Record:
    """The record of these turns, as the service writes it."""
    return merge(extractor.extract(turns, caller_number=call.script.from_number), {})


def told(judged: Judged, options: RecordOptions, details: dict[str, Any]) -> Measured:
    """Figures of what was judged; bounds are for the held-out set where there is one."""
    tallies = {key: Tally.of(scores) for key, scores in sorted(judged.scores.items())}
    bounded = HELD_OUT if any(name == HELD_OUT for _, name in tallies) else DEV
    figures: list[Figure] = []
    for (language, name), tally in tallies.items():
        bounds = BOUNDS[options.way] if name == bounded else None
        figures += set_figures(f"{language} {name}", tally, bounds)
    if judged.took_ms:
        took = Spread.of(judged.took_ms)
        figures += [
            Figure("extraction per segment, p99", took.p99, "ms", at_most=EXTRACTION_P99_MS),
            Figure("extraction per segment, p50", took.p50, "ms"),
        ]
        details |= {
            "extraction_ms": took.rounded(),
            "extraction_processor_ms": Spread.of(judged.worked_ms).rounded(),
        }
    sets: dict[str, dict[str, Any]] = defaultdict(dict)
    for (language, name), tally in tallies.items():
        sets[language][name] = tally.to_json()
    details |= {"way": options.way, "data": str(options.data), "sets": dict(sets)}
    if options.list_mistakes:
        details["mistakes"] = [_mistake(one) for one in mistakes_to_tell(judged)]
        details["heard"] = {
            call: [{"who": turn.who, "text": turn.text} for turn in turns]
            for call, turns in judged.heard.items()
        }
    return Measured(figures, details=details)


def set_figures(what: str, tally: Tally, bounds: Bounds | None) -> list[Figure]:
    """What is told of one language and set."""
    f1_bounds = bounds.f1 if bounds else {}
    figures = [
        Figure(f"{what}: {name} F1", value, "", at_least=f1_bounds.get(name))
        for name in FIELDS
        if (value := tally.f1(name)) is not None
    ]
    if bounds and bounds.f1 is HEARD_F1:
        # A number that is misheard must say that it may be.
        wrong = tally.callback_sure_and_wrong
        figures.append(Figure(f"{what}: callback sure and wrong", wrong, "calls", at_most=0))
    if (right := tally.precinct_share("right")) is not None:
        sure = tally.precinct_share("sure and wrong")
        figures += [
            Figure(
                f"{what}: precinct right",
                right,
                "",
                at_least=bounds.precinct_right if bounds else None,
            ),
            Figure(
                f"{what}: precinct wrong, confidence ≥ 0.9",
                sure,
                "",
                at_most=bounds.precinct_sure_and_wrong if bounds else None,
            ),
        ]
    if (asked := tally.asked_share) is not None:
        figures.append(
            Figure(
                f"{what}: unresolvable places asked for",
                asked,
                "",
                at_least=bounds.asked if bounds else None,
            )
        )
    if (share := tally.sure_share) is not None:
        at_least = SURE_SHARE if bounds else None
        figures.append(
            Figure(f"{what}: values of confidence ≥ 0.9 right", share, "", at_least=at_least)
        )
    return figures


def mistakes_to_tell(judged: Judged) -> list[Mistake]:
    """Those of the dev set: rules that are written for held-out calls could not be judged by them.

    Which of the held-out calls went wrong is told to nobody, by no option.
    """
    return [
        mistake
        for (_, name), scores in sorted(judged.scores.items())
        if name == DEV
        for verdict in scores
        for mistake in verdict.mistakes
    ]


def _mistake(one: Mistake) -> dict[str, Any]:
    return {
        "call": one.call,
        "field": one.field,
        "expected": one.expected,
        "found": one.found,
        "words": one.words,
    }


def _first(calls: Sequence[KnownCall], limit: int | None) -> list[KnownCall]:
    """The first calls of each language and set."""
    taken: dict[tuple[str, str], int] = defaultdict(int)
    chosen = []
    for call in calls:
        key = (call.script.lang, call.set_name)
        taken[key] += 1
        if limit is None or taken[key] <= limit:
            chosen.append(call)
    return chosen


async def _hear(
    way: Way,
    calls: Sequence[KnownCall],
    extractors: Mapping[str, Extractor],
    judged: Judged,
    say: Say,
) -> dict[str, Any]:
    """Have the calls spoken, and judge what is understood; what is to be told besides."""
    why_not = {call.script.id: why_not_spoken(call) for call in calls}
    chosen = [call for call in calls if not why_not[call.script.id]]
    left_out = Counter(why for why in why_not.values() if why)
    for why, count in left_out.items():
        say(f"{count} calls left out: {why}")
    if not chosen:
        raise BenchFailed("no call can be spoken here")
    details: dict[str, Any] = {"left_out": dict(left_out)}
    if way == "lab":
        faults: dict[str, list[str]] = {}
        async for call, record, played in lab_records(chosen, say):
            if played.faults:
                faults[call.script.id] = played.faults
            # A call without a record is one in which nothing was understood.
            add(call, record or Record({}), judged)
        return details | {"calls_with_faults": len(faults)}
    ear = Ear.for_languages(sorted({call.script.lang for call in chosen}))
    engines = {language: ear.engine_of(language) for language in extractors}
    for number, call in enumerate(chosen, 1):
        if engines[call.script.lang] is None:
            raise BenchFailed(f"no model recognises {call.script.lang}; callcenter models get it")
        turns = await heard_turns(call, ear)
        if call.set_name == DEV:
            judged.heard[call.script.id] = turns
        judge(call, turns, extractors[call.script.lang], judged)
        if number % 10 == 0:
            say(f"{number} of {len(chosen)} calls heard")
    return details | {"engines": engines}
