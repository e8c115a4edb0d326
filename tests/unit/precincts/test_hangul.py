"""Korean syllables as they are written and as they sound."""

import pytest

from callcenter.precincts.places_by_sound.hangul import letters, spoken, units


@pytest.mark.parametrize("text", ["", "…", "... !", "，。"])
def test_words_without_a_syllable_have_no_units(text: str) -> None:
    assert units(text) == ()


def test_last_syllable_of_a_row_is_said_with_nothing_behind_it() -> None:
    assert spoken([letters(sign) for sign in "종로"]) == [("ㅈ", "ㅗ", "ㅇ"), ("ㄴ", "ㅗ", "")]
