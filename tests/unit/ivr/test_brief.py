"""What an officer hears, as text."""

import pytest

from ivr.brief import MAX_PLACE_CHARACTERS, officer_brief

CATEGORIES = (
    "violence robbery theft domestic_violence fraud traffic fire medical missing_person "
    "suicide_danger public_order hazard"
).split()


def test_brief_says_what_where_and_which_key() -> None:
    brief = officer_brief("robbery", "red", "350 5th Avenue, Brooklyn", "en")
    assert brief == (
        "Robbery, level red. 350 5th Avenue, Brooklyn. Press 1 to take it, 2 to pass it on."
    )


def test_brief_says_that_the_place_is_not_known() -> None:
    assert officer_brief("fire", None, None, "en") == (
        "Fire. Place not known yet. Press 1 to take it, 2 to pass it on."
    )


@pytest.mark.parametrize("category", [None, "", "unknown", "_"])
def test_matter_that_is_not_known_is_an_emergency_call(category: str | None) -> None:
    assert officer_brief(category, None, "Main Street", "en").startswith("Emergency call. Main")


def test_category_of_an_administrator_is_said_as_it_is_written() -> None:
    assert officer_brief("stray_animal", "blue", "Main Street", "en").startswith(
        "stray animal, level blue."
    )


@pytest.mark.parametrize("language", ["en", "ko", "zh"])
@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_its_own_words_in_every_language(category: str, language: str) -> None:
    brief = officer_brief(category, "red", "1", language)
    assert category not in brief
    assert brief not in [
        officer_brief(other, "red", "1", language) for other in CATEGORIES if other != category
    ]
    assert "1" in brief[-36:], "the keys are what the officer hears last"


def test_language_without_words_is_briefed_in_english() -> None:
    assert officer_brief("fire", "red", "x", "eo") == officer_brief("fire", "red", "x", "en")


def test_place_is_bounded_and_has_no_line_ends() -> None:
    brief = officer_brief("fire", "red", "a\n\0b_" * 500, "en")
    assert "\n" not in brief
    assert "\0" not in brief
    assert len(brief) < MAX_PLACE_CHARACTERS + 70
