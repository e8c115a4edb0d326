"""Lexicons and rules: how patterns read, and files that are wrong."""

from pathlib import Path

import pytest

from callcenter.incidents.errors import LexiconError
from callcenter.incidents.levels import load_rules, packaged_rules
from callcenter.incidents.lexicon import load_lexicon, parse_lexicon
from callcenter.incidents.patterns import compile_patterns
from callcenter.incidents.record import CATEGORIES


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("took my bag", "he took my bag", True),
        ("took my bag", "he took, my bag", True),
        ("took my bag", "he mistook my bag", False),
        ("took my bag", "he took my bags", False),
        ("took ... bag", "took my very nice red bag", True),
        ("took ... bag", "took my very nice and big red bag", False),
        ("took ... bag", "took it. The bag", False),
        ("took (my|her) bag", "took her bag", True),
        ("took (my|) bag", "took bag", True),
        ("burglar*", "burglars everywhere", True),
        ("# minutes", "10 minutes", True),
        ("(a (b|c d)|e) f", "a c d f", True),
        ("gun", "GUN", True),
        ("gun", "begun", False),
    ],
)
def test_pattern_matches_as_it_is_read(pattern: str, text: str, found: bool) -> None:
    assert bool(compile_patterns([pattern]).search(text)) is found


def test_joined_pattern_ignores_spaces_between_words() -> None:
    pattern = compile_patterns(["숨을...(안|못) 쉬"], joined=True)
    assert pattern.search("숨을 안쉬어요")
    assert pattern.search("숨을 전혀 못 쉬어요")


@pytest.mark.parametrize("pattern", ["(a|b", "a)", "... a", "|", ""])
def test_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="'"):
        compile_patterns([pattern])


@pytest.mark.parametrize("language", ["en", "ko", "zh"])
def test_lexicon_of_the_product_knows_every_matter_and_only_dangers_with_a_level(
    language: str,
) -> None:
    lexicon = load_lexicon(language)
    known = {matcher.name for matcher in lexicon.categories}
    assert known == set(CATEGORIES) - {"silent", "unknown"}
    assert {matcher.name for matcher in lexicon.dangers} <= set(packaged_rules().by_danger)
    marks = {matcher.name for matcher in lexicon.marks}
    assert all(set(rule.with_any) <= marks for rule in lexicon.combinations)


def test_every_category_has_a_level_and_a_place_in_severity() -> None:
    rules = packaged_rules()
    assert set(rules.base) == set(CATEGORIES) == set(rules.severity)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"categories": {"piracy": {"sure": ["arr"]}}}, r"categories\.piracy: no such"),
        ({"categories": {"theft": {"certain": ["x"]}}}, r"categories\.theft\.certain: expected"),
        ({"categories": {"theft": {"sure": "x"}}}, r"categories\.theft\.sure: expected a list"),
        ({"weapons": {"gun": ["(gun"]}}, r"weapons\.gun: '\(gun': a parenthesis"),
        ({"dangers": ["fire"]}, r"dangers: expected a table"),
        ({"combine": [{"when": "theft"}]}, r"combine\.0: expected when, with"),
        (
            {"combine": [{"when": "theft", "with": ["x"], "becomes": "piracy"}]},
            r"combine\.0: piracy",
        ),
    ],
)
def test_wrong_lexicon_names_the_place(raw: dict[str, object], said: str) -> None:
    with pytest.raises(LexiconError, match=said) as caught:
        parse_lexicon(raw, "en", "mine.toml")
    assert "mine.toml" in str(caught.value)


def test_language_without_lexicon_and_broken_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="no lexicon for language 'fr'"):
        load_lexicon("fr")
    file = tmp_path / "en.toml"
    file.write_text("[categories")
    with pytest.raises(LexiconError, match=r"en\.toml"):
        load_lexicon("en", file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[base]\ntheft = "pink"', r"base\.theft: expected one of red"),
        ('[base]\npiracy = "red"', r"base\.piracy: no such category"),
        ('[dangers]\npink = ["fire"]', r"dangers\.pink"),
        ('armed = ["piracy"]', "piracy: no such category"),
        ("[", "rules.toml"),
    ],
)
def test_wrong_level_rules_name_the_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    with pytest.raises(LexiconError, match=said):
        load_rules(file)


def test_level_says_what_decided_it() -> None:
    rules = packaged_rules()
    assert rules.level("robbery", (), (), None) == ("orange", "robbery")
    assert rules.level("robbery", (), ("gun",), None) == ("red", "weapon")
    assert rules.level("theft", ("still_there",), (), None) == ("orange", "still_there")
    assert rules.level("traffic", (), (), 1) == ("orange", "injured")
    assert rules.level("enquiry", ("shots_fired",), (), None) == ("red", "shots_fired")
