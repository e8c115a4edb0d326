"""Patterns tried by the words that they begin with find what one expression finds."""

from __future__ import annotations

import pytest

from callcenter.incidents.patterns import compile_patterns, openings
from callcenter.incidents.word_index import Group, WordIndex

PATTERNS = [
    "took my (bag|phone)",
    "took ... bag",
    "(he |she |)(is|'s) gone",
    "burglar*",
    "# minutes (ago|)",
    "(my|) bag",
]
TEXTS = [
    "he took my bag and she 's gone",
    "the burglars took the other red bag 20 minutes ago",
    "is gone, bag",
    "nothing of that kind",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_index_finds_the_same_as_one_expression(text: str) -> None:
    one = compile_patterns(PATTERNS)
    index = WordIndex(PATTERNS)
    assert [m.span() for m in index.finditer(text)] == [m.span() for m in one.finditer(text)]


def test_search_keeps_to_its_stretch_of_the_text() -> None:
    index = WordIndex(["bag"])
    text = "a bag and a bag"
    found = index.search(text, 3)
    assert found is not None and found.start() == 12
    assert index.search(text, 3, 12) is None


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("took my bag", {"took"}),
        ("(my|) bag", {"my", "bag"}),
        ("burglar*", {"burglar*"}),
        ("# minutes", {"#"}),
        ("(a|the|) (red|blue*) car", {"a", "the", "red", "blue*"}),
    ],
)
def test_openings_are_the_words_a_match_can_begin_with(pattern: str, words: set[str]) -> None:
    assert openings(pattern) == words


def test_group_tells_whose_pattern_matched() -> None:
    group = Group([WordIndex(["bag"]), WordIndex(["gone"]), WordIndex(["never said"])])
    found = [(number, match[0]) for number, match in group.finditer("the bag is gone")]
    assert found == [(0, "bag"), (1, "gone")]
