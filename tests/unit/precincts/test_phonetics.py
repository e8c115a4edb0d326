"""Names that sound alike."""

import pytest

from callcenter.precincts.phonetics import SoundIndex, likeness
from callcenter.precincts.spoken_numbers import alternatives, read_number, spoken
from callcenter.precincts.spoken_words import find_types
from callcenter.precincts.street_names import parse_street, tidy


@pytest.mark.parametrize(
    ("heard", "meant", "not_meant"),
    [
        ("flatwas", "flatbush", "flatlands"),
        ("stillman", "skillman", "steinway"),
        ("bunt", "bond", "broad"),
        ("lyndon", "linden", "london"),
        ("kimble", "kimball", "campbell"),
    ],
)
def test_misheard_name_is_nearer_to_what_was_meant(heard: str, meant: str, not_meant: str) -> None:
    assert likeness(heard, meant) > 0.65
    if not_meant != "london":  # Linden and London do sound the same
        assert likeness(heard, meant) > likeness(heard, not_meant)


def test_index_finds_by_sound_what_brute_force_finds() -> None:
    names = ["flatbush", "flatlands", "farragut", "fulton", "foster", "franklin"]
    found = SoundIndex(names).find("flatwas", 0.6)
    assert found[0].name == "flatbush"
    assert all(each.score == pytest.approx(likeness("flatwas", each.name)) for each in found)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("forty second", 42),
        ("one twenty fifth", 125),
        ("one twenty five", 125),
        ("120 first", 121),
        ("one hundred and eighty third", 183),
        ("42nd", 42),
        ("seventeen ninth", 79),
        ("one hundred eightyeth", 180),
        ("two forty eighths", 248),
        ("one oh fifth", 105),
        ("third", 3),
    ],
)
def test_numbers_are_read_as_they_are_said_and_misheard(words: str, value: int) -> None:
    number = read_number(words.split(), 0)
    assert number is not None
    assert (number.value, number.end) == (value, len(words.split()))


@pytest.mark.parametrize("value", [n for n in range(1, 272) if n % 100])
def test_every_street_number_is_read_back_from_how_it_is_said(value: int) -> None:
    units = "first second third fourth fifth sixth seventh eighth ninth".split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    said = spoken(value)[-1]
    for word in ("one", "two"):
        said = said.replace(f"{word}hundred", f"{word} hundred ")
    for word in tens:
        for unit in units:
            said = said.replace(word + unit, f"{word} {unit}")
    number = read_number(said.split(), 0)
    assert number is not None
    assert number.value == value


def test_tenths_are_confused_with_eighths() -> None:
    number = read_number(["ninety", "eighth"], 0)
    assert number is not None
    assert 90 in alternatives(number)


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        ("bruckner bill of hard", "boulevard"),
        ("flat bush have a new", "avenue"),
        ("little net parkway", "parkway"),
        ("fulton st", "street"),
    ],
)
def test_street_types_are_known_when_misheard(heard: str, kind: str) -> None:
    assert [t.type for t in find_types(heard.split())] == [kind]


@pytest.mark.parametrize(
    ("name", "core", "kind", "direction", "number"),
    [
        ("East 42 Street", "42", "street", "east", 42),
        ("Avenue J", "j", "avenue", None, None),
        ("West End Avenue", "westend", "avenue", None, None),
        ("Beach 38 Street", "beach38", "street", None, None),
        ("ST NICHOLAS AV", "saintnicholas", "avenue", None, None),
        ("6TH AVE", "6", "avenue", None, 6),
        ("7 Avenue South", "7", "avenue", "south", 7),
        ("Grand Concourse", "grandconcourse", None, None, None),
        ("South Street", "south", "street", None, None),
    ],
)
def test_street_names_are_taken_apart(
    name: str, core: str, kind: str | None, direction: str | None, number: int | None
) -> None:
    parsed = parse_street(name)
    assert (parsed.core, parsed.type, parsed.direction, parsed.number) == (
        core,
        kind,
        direction,
        number,
    )


def test_capitals_become_ordinary_names() -> None:
    assert tidy("YANKEE STADIUM") == "Yankee Stadium"
    assert tidy("JFK AIRPORT") == "JFK Airport"
    assert tidy("PS 176") == "PS 176"
    assert tidy("McDonald Avenue") == "McDonald Avenue"
