"""``callcenter bench``: what the product promises in figures, measured here and now."""

from __future__ import annotations

import enum
import json
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.commands.failure import fail

if TYPE_CHECKING:
    from callcenter.bench.report import Report
    from callcenter.bench.suite import Bench

EXIT_NOT_MET = 1
EXIT_USAGE = 2
EXIT_BROKEN_OFF = 130


class BenchName(enum.StrEnum):
    """What can be measured; all is one after another."""

    seats = "seats"
    overload = "overload"
    decisions = "decisions"
    boundaries = "boundaries"
    failopen = "failopen"
    memory = "memory"
    calls = "calls"
    hunts = "hunts"
    kills = "kills"
    record = "record"
    speech = "speech"
    all = "all"


class SetName(enum.StrEnum):
    """Calls that may be looked at while writing rules, and calls that may not."""

    dev = "dev"
    held_out = "held-out"
    all = "all"


class LanguageName(enum.StrEnum):
    """Languages with rules."""

    en = "en"
    zh = "zh"
    ko = "ko"


EXAMPLE = "Example: callcenter bench record --data tests/spoken_calls --json"
CALLS = "record: calls whose record is known"
SPEECH = "speech: recordings with reference texts"


def bench(
    name: Annotated[BenchName, typer.Argument(help="What is measured.")],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small size, for development: its figures are rough.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="record: calls, default: the product's own. speech: recordings, default:"
            " $CALLCENTER_TEST_DATA.",
        ),
    ] = None,
    lang: Annotated[
        LanguageName | None, typer.Option("--lang", help="record, speech: this language only.")
    ] = None,
    of_set: Annotated[
        SetName, typer.Option("--set", help="Which of the calls.", rich_help_panel=CALLS)
    ] = SetName.all,
    list_mistakes: Annotated[
        bool, typer.Option("--list", help="List mistakes (dev set only).", rich_help_panel=CALLS)
    ] = False,
    heard: Annotated[
        bool,
        typer.Option("--heard", help="Have them spoken and recognised.", rich_help_panel=CALLS),
    ] = False,
    lab: Annotated[
        bool,
        typer.Option(
            "--lab", help="The same through a lab's real calls (slow).", rich_help_panel=CALLS
        ),
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", min=1, help="So many calls of each language and set.", rich_help_panel=CALLS
        ),
    ] = None,
    peer: Annotated[
        Path | None,
        typer.Option(
            "--peer",
            metavar="DIR",
            help="A checkout of alphacep/vosk-server to compare with.",
            rich_help_panel=SPEECH,
        ),
    ] = None,
    stream_s: Annotated[
        float | None,
        typer.Option(
            "--stream-s",
            metavar="SECONDS",
            min=10,
            max=600,
            help="Length of each stream that is played, instead of 60 s.",
            rich_help_panel=SPEECH,
        ),
    ] = None,
    word_times: Annotated[
        bool,
        typer.Option(
            "--word-times",
            help="Cut words out of the recordings by their times, and hear them again (Vosk).",
            rich_help_panel=SPEECH,
        ),
    ] = False,
    hours: Annotated[
        float | None,
        typer.Option(
            "--hours",
            min=0.2,
            max=48,
            help="Whether memory grows: so many hours of speech on a leg, faster than real time.",
            rich_help_panel=SPEECH,
        ),
    ] = None,
) -> None:
    """Measure what the product promises, beside a peer where there is one.

    Most run on a lab of their own and need root for packets; boundaries, record and speech do not.

    Exit status: 0 every bound holds, 1 one does not, or a benchmark could not be carried out.
    """
    from callcenter.bench import record, speech, suite

    # A shell that starts it in the background has Ctrl-C ignored; SIGTERM is to work all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    of_calls = (of_set is not SetName.all, list_mistakes, heard, lab, limit)
    if any(of_calls) and name is not BenchName.record:
        fail("--set, --list, --heard, --lab and --limit are for bench record", EXIT_USAGE)
    if (data or lang) and name not in (BenchName.record, BenchName.speech):
        fail("--data and --lang are for bench record and bench speech", EXIT_USAGE)
    if (peer or stream_s or word_times or hours) and name is not BenchName.speech:
        fail("--peer, --stream-s, --word-times and --hours are for bench speech", EXIT_USAGE)
    if list_mistakes and of_set is SetName.held_out:
        fail(
            "--list: mistakes of held-out calls are not listed: rules that were written for them"
            " could not be judged by them; expected --set dev",
            EXIT_USAGE,
        )
    language = lang.value if lang else None
    own: dict[str, Bench] = {
        "record": partial(
            record.measure,
            options=record.RecordOptions(
                data=data or record.OWN_CALLS,
                set_name=of_set.value,
                language=language,
                list_mistakes=list_mistakes,
                way="lab" if lab else "heard" if heard else "said",
                limit=limit,
            ),
        ),
        "speech": partial(
            speech.measure,
            options=speech.SpeechOptions(data, peer, language, stream_s, word_times, hours),
        ),
    }
    names = list(suite.BENCHES) if name is BenchName.all else [name.value]
    reports: list[Report] = []
    try:
        for one in names:
            reports.append(suite.run(one, quick=quick, say=partial(_say, one), bench=own.get(one)))
    except KeyboardInterrupt:
        _say(names[len(reports)], "broken off; everything is stopped")
        raise typer.Exit(EXIT_BROKEN_OFF) from None
    if as_json:
        values = [report.to_json() for report in reports]
        shown = values if name is BenchName.all else values[0]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        _print(reports, held_out_unlisted=list_mistakes and of_set is SetName.all)
    if not all(report.met for report in reports):
        raise typer.Exit(EXIT_NOT_MET)


def _print(reports: list[Report], *, held_out_unlisted: bool) -> None:
    from callcenter.bench.record_table import print_record
    from callcenter.bench.table import print_table

    for report in reports:
        if report.bench == "record" and not report.failed:
            print_record(report, held_out_unlisted=held_out_unlisted)
    print_table(reports)


def _say(name: str, text: str) -> None:
    print(f"{name}: {text}", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Told to end, it ends as by Ctrl-C: everything is stopped."""
    signal.raise_signal(signal.SIGINT)
