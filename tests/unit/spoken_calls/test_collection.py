"""The collection of spoken calls: whole, labelled, and the held-out third apart from the rest.

Only counts and names are told by these tests, never the words of a held-out call.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from callcenter.incidents.record import CATEGORIES
from callcenter.lab.expected import Expected, ExpectedPlace
from callcenter.lab.script import Script
from callcenter.precincts.boundaries import Boundaries, metres_between
from callcenter.precincts.city import CITY_BOUNDARIES

FOLDER = Path(__file__).parents[2] / "spoken_calls"
LEAST = {"en": (131, 36), "zh": (46, 19), "ko": (48, 20)}
"""Calls that may be read, and held-out ones."""
ROUND = re.compile(r"[a-z]{2}-[a-z]-")
"""A call of a later round (`en-a-…`): judged once, before rules were made from it."""
LONG = {"en": 30, "zh": 9, "ko": 12}
"""Characters of a turn that two people do not say alike by chance."""
ALIKE_PERCENT = 80
CITIES = {"zh": (26.0, 27.4, 106.1, 107.3), "ko": (37.42, 37.71, 126.76, 127.19)}
"""South, north, west, east."""
BOUNDARY_SLACK_M = 2.0
"""The product's polygons are simplified; a point this near to a border may lie in either."""

FILES = sorted(FOLDER.glob("*/*.json")) + sorted(FOLDER.glob("held_out/*/*.json"))


def held_out(file: Path) -> bool:
    return "held_out" in file.relative_to(FOLDER).parts


def expected(file: Path) -> Expected:
    record = Script.load(file).expected
    assert record is not None, f"{file.name}: no expected record"
    return record


def long_turns(language: str, *, held: bool) -> dict[str, str]:
    """What callers say at some length, by call and turn."""
    return {
        f"{file.stem} turn {number}": turn.text.casefold()
        for file in FILES
        if file.parent.name == language and held_out(file) is held
        for number, turn in enumerate(Script.load(file).turns)
        if turn.who == "caller" and turn.text is not None and len(turn.text) >= LONG[language]
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_call_is_named_by_its_id_lies_with_its_language_and_has_a_record(file: Path):
    script = Script.load(file)
    assert script.id == file.stem
    assert script.lang == file.parent.name
    assert 4 <= len(script.turns) <= 14
    assert any(turn.who == "caller" for turn in script.turns)
    # Every key is written down, so that nothing is null by being forgotten.
    assert set(json.loads(file.read_text("utf-8"))["expected"]) == set(Expected.model_fields)
    assert expected(file).category in CATEGORIES


def test_no_two_calls_have_one_id():
    twice = [name for name, count in Counter(file.stem for file in FILES).items() if count > 1]
    assert not twice


@pytest.mark.parametrize("language", LEAST)
def test_there_are_enough_calls_and_a_third_of_those_of_no_round_is_held_out(language: str):
    mine = [file for file in FILES if file.parent.name == language]
    sets = Counter(held_out(file) for file in mine)
    read, held = LEAST[language]
    assert sets[False] >= read
    assert sets[True] >= held
    first = Counter(held_out(file) for file in mine if not ROUND.match(file.stem))
    assert first[True] * 3 >= first.total()


@pytest.mark.parametrize("language", LEAST)
def test_every_kind_of_call_is_there_in_every_language(language: str):
    kinds = {expected(file).category for file in FILES if file.parent.name == language}
    assert kinds == set(CATEGORIES) - {"unknown"}


def test_every_kind_of_call_is_held_out_too():
    kinds = {expected(file).category for file in FILES if held_out(file)}
    assert kinds == set(CATEGORIES) - {"unknown"}


@pytest.mark.parametrize("language", LEAST)
def test_some_callers_say_where_they_are_so_that_nobody_can_tell(language: str):
    places = [expected(file).place for file in FILES if file.parent.name == language]
    spoken = [place for place in places if place is not None]
    unclear = [place for place in spoken if not place.resolvable]
    assert 0.1 <= len(unclear) / len(spoken) <= 0.25


@pytest.mark.parametrize("language", LEAST)
def test_no_two_callers_say_a_long_turn_alike(language: str):
    said = Counter([*long_turns(language, held=False).values()])
    said.update(long_turns(language, held=True).values())
    assert [len(turn) for turn, count in said.items() if count > 1] == []


@pytest.mark.parametrize("language", LEAST)
def test_no_held_out_turn_is_nearly_one_that_may_be_read(language: str):
    near = [
        (name, match[2])
        for name, turn in long_turns(language, held=True).items()
        if (
            match := process.extractOne(
                turn,
                long_turns(language, held=False),
                scorer=fuzz.ratio,
                score_cutoff=ALIKE_PERCENT,
            )
        )
    ]
    assert near == []


def resolved(language: str) -> list[tuple[str, ExpectedPlace]]:
    return [
        (file.stem, place)
        for file in FILES
        if file.parent.name == language
        and (place := expected(file).place) is not None
        and place.resolvable
    ]


def test_places_in_new_york_lie_in_the_precinct_that_is_written_down():
    boundaries = Boundaries.load(CITY_BOUNDARIES)
    for name, place in resolved("en"):
        assert place.lat is not None
        assert place.lon is not None
        found = boundaries.find(place.lat, place.lon)
        near_border = (found.metres_to_boundary or 0) <= BOUNDARY_SLACK_M
        assert place.precinct in {found.precinct, found.runner_up if near_border else None}, name


@pytest.mark.parametrize("language", CITIES)
def test_places_elsewhere_are_those_of_the_citys_file(language: str):
    south, north, west, east = CITIES[language]
    cities = tomllib.loads((FOLDER / "places.toml").read_text("utf-8"))
    rows = [
        row
        for file in cities[language]["gazetteer"]
        for row in csv.DictReader((FOLDER / file).read_text("utf-8").splitlines())
    ]
    assert len(rows) >= 60
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert south < float(row["lat"]) < north, row["name"]
        assert west < float(row["lon"]) < east, row["name"]
    for name, place in resolved(language):
        assert place.lat is not None
        assert place.lon is not None
        assert any(
            metres_between(place.lat, place.lon, float(row["lat"]), float(row["lon"])) < 1
            for row in rows
        ), name
