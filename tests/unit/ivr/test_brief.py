"""What an officer hears, as text."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.brief import LANGUAGES, MAX_PLACE_CHARACTERS, Matter, officer_brief

FIRE = Matter("fire", "red", "x")
CATEGORIES = (
    "violence robbery theft domestic_violence fraud traffic fire medical missing_person "
    "suicide_danger public_order hazard"
).split()


def test_brief_says_what_where_and_which_key() -> None:
    brief = officer_brief(Matter("robbery", "red", "350 5th Avenue, Brooklyn"), "en")
    assert brief == (
        "Robbery, level red. 350 5th Avenue, Brooklyn. Press 1 to take it, 2 to pass it on."
    )


def test_brief_says_that_the_place_is_not_known() -> None:
    assert officer_brief(Matter("fire"), "en") == (
        "Fire. Place not known yet. Press 1 to take it, 2 to pass it on."
    )


@pytest.mark.parametrize("category", [None, "", "unknown", "_"])
def test_matter_that_is_not_known_is_an_emergency_call(category: str | None) -> None:
    assert officer_brief(Matter(category, None, "Main Street"), "en").startswith(
        "Emergency call. Main"
    )


def test_category_of_an_administrator_is_said_as_it_is_written() -> None:
    assert officer_brief(Matter("stray_animal", "blue", "Main Street"), "en").startswith(
        "stray animal, level blue."
    )


@pytest.mark.parametrize("language", ["en", "ko", "zh"])
@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_its_own_words_in_every_language(category: str, language: str) -> None:
    brief = officer_brief(Matter(category, "red", "1"), language)
    assert category not in brief
    assert brief not in [
        officer_brief(Matter(other, "red", "1"), language)
        for other in CATEGORIES
        if other != category
    ]
    assert "1" in brief[-36:], "the keys are what the officer hears last"


def test_language_without_words_is_briefed_in_english() -> None:
    assert officer_brief(FIRE, "eo") == officer_brief(FIRE, "en")


def test_place_is_bounded_and_has_no_line_ends() -> None:
    brief = officer_brief(Matter("fire", "red", "a\n\0b_" * 500), "en")
    assert "\n" not in brief
    assert "\0" not in brief
    assert len(brief) < MAX_PLACE_CHARACTERS + 70


ROBBERY = Matter("robbery", "red", "Times Square", ("gun",), ("still_there", "injury"))


def test_brief_tells_weapons_and_dangers_after_the_place() -> None:
    assert officer_brief(ROBBERY, "en") == (
        "Robbery, level red. Times Square. gun, still there, injured."
        " Press 1 to take it, 2 to pass it on."
    )


def test_brief_ends_with_what_the_caller_said_last_where_there_is_time() -> None:
    said = replace(ROBBERY, said="He ran into the park!")
    assert ". Caller says: He ran into the park. Press 1" in officer_brief(said, "en")
    long = replace(said, said="He ran into the park " * 10)
    assert officer_brief(long, "en") == officer_brief(ROBBERY, "en")


def test_brief_that_would_take_too_long_leaves_out_the_last_dangers() -> None:
    place = "Saint Nicholas Avenue and West 145th Street, in Manhattan"
    brief = officer_brief(replace(ROBBERY, place=place), "en")
    assert ". gun, still there. Press 1" in brief
    assert "injured" not in brief


def test_danger_that_the_category_says_is_not_said_twice() -> None:
    assert officer_brief(Matter("fire", "red", "x", (), ("fire", "smoke")), "en") == (
        "Fire, level red. x. smoke. Press 1 to take it, 2 to pass it on."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_danger_that_can_be_heard_has_words_in_every_language(language: str) -> None:
    words = tomllib.loads(Path(f"ivr/brief_words/{language}.toml").read_text("utf-8"))
    for of in LANGUAGES:
        lexicon = tomllib.loads(Path(f"callcenter/incidents/lexicon/{of}.toml").read_text("utf-8"))
        assert lexicon["dangers"].keys() <= words["dangers"].keys()
        assert lexicon["weapons"].keys() <= words["weapons"].keys()
