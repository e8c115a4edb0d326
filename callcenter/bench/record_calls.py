"""Calls whose record is known: scripts of calls, and plain transcripts.

A folder holds, at any depth, files of these kinds:

- ``.json``: one script of a call as `callcenter.lab.script` describes it, with ``expected``
- ``.jsonl``: such objects, one a line; or the turns of one call, one a line, and a line
  ``{"expected": {...}, "lang": "en"}``

A turn may have ``start_ms``, its time from the call's start. What lies below a folder ``held_out``
is the held-out set, everything else the dev set. ``places.toml`` and what it names are no calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from callcenter.bench.errors import BenchFailed
from callcenter.incidents.record import Turn
from callcenter.lab.script import Script, ScriptError

DEV, HELD_OUT = "dev", "held-out"
SetName = Literal["dev", "held-out", "all"]
HELD_OUT_FOLDER = "held_out"
LANGUAGES = ("en", "zh", "ko")
SHOWN_FAULTS = 10

WORD_MS = 400
"""How long a word takes to say, about; Chinese and Korean are counted by character."""
CHARACTER_MS = 220
GAP_MS = 350


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call and where it was read from. ``starts_ms``: when each turn began, where told."""

    script: Script
    file: Path
    held_out: bool
    starts_ms: tuple[int | None, ...] = ()

    @property
    def set_name(self) -> str:
        """Dev or held-out."""
        return HELD_OUT if self.held_out else DEV

    @property
    def expected(self) -> dict[str, Any]:
        """The record as it ought to be, as plain data."""
        return {} if self.script.expected is None else self.script.expected.model_dump()

    def turns(self) -> list[Turn]:
        """What was said, with times that are estimated where none are told."""
        turns: list[Turn] = []
        at_ms = 0
        for number, turn in enumerate(self.script.turns):
            if turn.text is None:
                raise BenchFailed(
                    f"{self.file}: turns[{number}]: a recording; expected text, or --heard"
                )
            told = self.starts_ms[number] if number < len(self.starts_ms) else None
            start_ms = at_ms if told is None else told
            end_ms = start_ms + spoken_ms(turn.text, self.script.lang)
            name = f"{turn.who}.{number + 1}"
            turns.append(Turn(turn.who, turn.text, start_ms, end_ms, turn.who, name))
            at_ms = end_ms + GAP_MS
        return turns


def spoken_ms(text: str, language: str) -> int:
    """About how long it takes to say."""
    if language == "en":
        return WORD_MS * len(text.split())
    return CHARACTER_MS * sum(character.isalnum() for character in text)


def read_calls(
    data: Path,
    *,
    set_name: SetName = "all",
    language: str | None = None,
    without: Sequence[Path] = (),
) -> list[KnownCall]:
    """Every call of a folder (or one file), in the order of their files.

    ``without``: files that are no calls. `BenchFailed` names each file that is wrong, the place in
    it and what was expected; nothing is left out silently.
    """
    if not data.exists():
        raise BenchFailed(
            f"{data}: no such folder; expected scripts of calls with expected records"
        )
    others = {file.resolve() for file in without}
    files = [data] if data.is_file() else sorted([*data.rglob("*.json"), *data.rglob("*.jsonl")])
    calls: list[KnownCall] = []
    faults: list[str] = []
    for file in files:
        if file.resolve() in others:
            continue
        held_out = HELD_OUT_FOLDER in file.absolute().parts
        try:
            calls += [
                KnownCall(script, file, held_out, starts)
                for script, starts in _scripts(file, faults.append)
            ]
        except ScriptError as error:
            faults.append(str(error))
    faults += _doubles(calls)
    if faults:
        more = len(faults) - SHOWN_FAULTS
        told = "\n".join(faults[:SHOWN_FAULTS]) + (f"\n(and {more} more)" if more > 0 else "")
        raise BenchFailed(told)
    chosen = [
        call
        for call in calls
        if set_name in ("all", call.set_name) and language in (None, call.script.lang)
    ]
    if not chosen:
        wanted = " ".join(part for part in (set_name, language or "") if part != "all")
        raise BenchFailed(f"{data}: no calls{f' of {wanted}' if wanted.strip() else ''} in it")
    return chosen


def _scripts(
    file: Path, fault: Callable[[str], None]
) -> Iterator[tuple[Script, tuple[int | None, ...]]]:
    for where, raw in _objects(file):
        try:
            starts = _take_times(raw, where)
            script = Script.parse(raw, file, where)
            if script.expected is None:
                raise ScriptError(f"{where}: expected: missing; expected the record of the call")
        except ScriptError as error:
            fault(str(error))
            continue
        yield script, starts


def _objects(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each call's JSON object and where it stands."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{file}: {error}; expected JSON, UTF-8") from None
    if file.suffix != ".jsonl":
        yield str(file), _object(text, str(file))
        return
    lines = [
        (f"{file}: line {number}", line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    rows = [(where, _object(line, where)) for where, line in lines]
    if any("turns" in row for _, row in rows):
        yield from rows
    elif rows:
        yield str(file), _one_call(file, rows)


def _one_call(file: Path, rows: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The call whose turns stand one a line."""
    call: dict[str, Any] = {"id": file.stem, "turns": []}
    for where, row in rows:
        if "who" in row:
            call["turns"].append(row)
        elif "expected" in row:
            call.update(row)
        else:
            raise ScriptError(f'{where}: expected a turn {{who, text}} or {{"expected": {{…}}}}')
    return call


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise ScriptError(
            f"{where}: line {error.lineno}, column {error.colno}: {error.msg}; expected JSON"
        ) from None
    if not isinstance(value, dict):
        raise ScriptError(f"{where}: expected a JSON object")
    return value


def _take_times(raw: dict[str, Any], where: str) -> tuple[int | None, ...]:
    """Times of turns, taken out: a script has none."""
    starts: list[int | None] = []
    turns = raw.get("turns")
    for number, turn in enumerate(turns if isinstance(turns, list) else []):
        start: Any = None
        if isinstance(turn, dict):
            start = turn.pop("start_ms", None)
            turn.pop("end_ms", None)
        if start is not None and (isinstance(start, bool) or not isinstance(start, int | float)):
            raise ScriptError(f"{where}: turns[{number}].start_ms: expected a number of ms")
        starts.append(None if start is None else int(start))
    return tuple(starts)


def _doubles(calls: Iterable[KnownCall]) -> list[str]:
    first: dict[str, KnownCall] = {}
    faults = []
    for call in calls:
        known = first.setdefault(call.script.id, call)
        if known is not call:
            faults.append(f"{call.file}: id: {call.script.id} is also that of {known.file}")
    return faults
