"""`callcenter extract`: the record of a conversation, with the code that reads live calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any, NoReturn

import typer

from callcenter.commands.city_options import (
    EXIT_BAD_INPUT,
    EXIT_USAGE,
    DatabaseOption,
    SettingsOption,
    opened_to_read,
    run,
    where,
)
from callcenter.commands.failure import complain, fail
from callcenter.incidents.extract import Extractor
from callcenter.incidents.own_words import OwnWords, lexicon_with, rules_with, usable
from callcenter.incidents.record import Turn
from callcenter.precincts.city import load_city
from callcenter.store.database import Database
from callcenter.store.tuning import TuningVersions
from callcenter.tuning import files
from callcenter.tuning.apply import own_words
from callcenter.tuning.errors import TuningError

LANGUAGES = ("en", "ko", "zh")
SPEAKERS = ("caller", "operator", "officer")

EXAMPLE = (
    'Example: echo \'{"who": "caller", "text": "I was robbed at Broadway and Canal Street",'
    ' "start_ms": 0}\' | callcenter extract --lang en'
)


def extract(
    lang: Annotated[str, typer.Option("--lang", help="en, ko or zh.")] = "en",
    database: DatabaseOption = None,
    settings: SettingsOption = None,
) -> None:
    """Read turns as JSON lines {who, text, start_ms} on standard input; print the record.

    Exit 1 when a line is none of these.
    """
    if lang not in LANGUAGES:
        fail(f"--lang {lang}: expected one of {', '.join(LANGUAGES)}", EXIT_USAGE)
    turns = _turns(sys.stdin)
    place = where(database, settings)

    async def work() -> Extractor:
        async with opened_to_read(place) as store:
            city = await load_city(
                store,
                boundaries=place.precincts.boundaries,
                id_property=place.precincts.id_property,
                gazetteer=place.precincts.gazetteer,
            )
            words = await _own_words(store)
        lexicon, rules = lexicon_with(lang, words), rules_with(words)
        return Extractor(lang, city.finder(), lexicon=lexicon, rules=rules)

    record = run(work).extract(turns)
    typer.echo(json.dumps(record.to_json(), ensure_ascii=False, indent=2))


async def _own_words(store: Database | None) -> tuple[OwnWords, ...]:
    """What is taught besides the product's lexicons, in the newest version of what is tuned."""
    stored = await TuningVersions(store).newest() if store else None
    if stored is None:
        return ()
    try:
        document = files.migrated(stored.document or {}, stored.format)
    except TuningError as error:
        fail(f"version {stored.version} of what is tuned: {error}", EXIT_BAD_INPUT)
    words, left_out = usable(own_words(document))
    if left_out:
        complain(f"own words that cannot be read were left out: {', '.join(left_out)}")
    return words


def _turns(lines: Iterable[str]) -> list[Turn]:
    turns = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except json.JSONDecodeError as error:
            _refuse(number, f"{error.msg} at column {error.colno}")
        if not isinstance(row, dict):
            _refuse(number, "not an object")
        who, text, start_ms = row.get("who"), row.get("text"), row.get("start_ms", 0)
        if who not in SPEAKERS:
            _refuse(number, f"who: expected one of {', '.join(SPEAKERS)}")
        if not isinstance(text, str):
            _refuse(number, "text: expected a string")
        if isinstance(start_ms, bool) or not isinstance(start_ms, int | float):
            _refuse(number, "start_ms: expected a number")
        turns.append(Turn(who=who, text=text, start_ms=int(start_ms)))
    return turns


def _refuse(number: int, why: str) -> NoReturn:
    expected = '{"who": "caller", "text": "…", "start_ms": 0}'
    fail(f"line {number}: {why}; expected {expected}", EXIT_BAD_INPUT)
