"""Words that are taught besides the lexicons: what they are taken for, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.incidents.extract import Extractor
from callcenter.incidents.own_words import OwnWords, faults, lexicon_with, rules_with
from callcenter.incidents.record import Turn

SAW = (
    OwnWords("saw", "en", "danger", "chainsaw", ("chain saw*", "chainsaw*"), "red"),
    OwnWords("saw_ko", "ko", "danger", "chainsaw", ("전기톱",)),
    OwnWords("saw_zh", "zh", "danger", "chainsaw", ("电锯",)),
    OwnWords("pool", "en", "nothing", says=("knife museum",)),
    OwnWords("hole", "en", "category", "hazard", ("sinkhole*",)),
    OwnWords("pike", "en", "weapon", "pike", ("pike",)),
    OwnWords("smoke", "en", "danger", "smoke", level="red"),
)


def reader(language: str, words: tuple[OwnWords, ...] = SAW) -> Extractor:
    return Extractor(language, lexicon=lexicon_with(language, words), rules=rules_with(words))


def record(language: str, *texts: str, words: tuple[OwnWords, ...] = SAW) -> dict[str, Any]:
    turns = [Turn(who="caller", text=text, start_ms=n * 1000) for n, text in enumerate(texts)]
    return dict(reader(language, words).extract(turns).fields)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "He's running around with two chain saws"),
        ("ko", "그 사람이 전기톱을 들고 있어요"),
        ("zh", "他拿着电锯"),
    ],
)
def test_new_danger_is_heard_in_its_language_and_raises_the_level(language: str, said: str) -> None:
    assert reader(language).dangers_in(said)["chainsaw"] == "red"
    fields = record(language, said)
    assert "chainsaw" in fields["dangers"]
    assert fields["level"] == "red"
    before = record(language, said, words=())
    assert "chainsaw" not in (before["dangers"] or ())
    assert before["level"] != "red"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "there is no chain saw here"), ("ko", "전기톱은 없어요"), ("zh", "没有电锯")],
)
def test_own_words_can_be_denied(language: str, said: str) -> None:
    assert reader(language).dangers_in(said) == {}


def test_own_words_end_where_words_end() -> None:
    assert reader("en").dangers_in("a chain sawhorse is for sale and turnpikes are dear") == {
        "chainsaw": "red"
    }
    plain = (OwnWords("saw", "en", "danger", "chainsaw", ("chain saw",), "red"),)
    assert reader("en", plain).dangers_in("a chain sawhorse is for sale") == {}


def test_words_that_mean_nothing_take_back_what_the_lexicon_reads_into_them() -> None:
    said = "I am at the knife museum on Main Street"
    assert "knife" in reader("en", ()).dangers_in(said)
    assert reader("en").dangers_in(said) == {}
    assert "knife" in reader("en").dangers_in("he has a knife at the knife museum")


def test_category_and_weapon_are_named_and_a_known_danger_gets_another_level() -> None:
    assert record("en", "a sinkhole has opened in front of our house")["category"] == "hazard"
    assert record("en", "he came at me with a pike")["weapons"] == ["pike"]
    assert reader("en").dangers_in("I see smoke") == {"smoke": "red"}
    assert reader("en", ()).dangers_in("I see smoke") == {"smoke": "orange"}


def test_lexicon_without_words_of_its_language_is_the_products_own() -> None:
    assert lexicon_with("en", SAW[1:3]) is lexicon_with("en", ())


@pytest.mark.parametrize(
    ("words", "field", "why"),
    [
        (OwnWords("a", "en", "danger", "wolf", ("wolf",)), "level", "say how urgent"),
        (OwnWords("a", "en", "danger", "", ("wolf",), "red"), "name", "expected the danger"),
        (OwnWords("a", "en", "weapon", "pike", ("pike",), "red"), "level", "only a danger"),
        (OwnWords("a", "en", "category", "flood", ("flood",)), "name", "no such category"),
        (OwnWords("a", "en", "nothing", "gun", ("knife museum",)), "name", "have no name"),
        (OwnWords("a", "en", "danger", "gun"), "says", "expected words"),
        (OwnWords("a", "en", "weapon", "gun", ("gun", "(gun")), "says.1", "not closed"),
        (OwnWords("a", "en", "weapon", "gun", ("... gun",)), "says.0", "needs a word before it"),
        (OwnWords("a", "en", "weapon", "gun", ("<guns>",)), "says.0", "<guns>"),
        (OwnWords("a", "en", "weapon", "gun", ("(gun|)",)), "says.0", "fits whatever is said"),
        (OwnWords("a", "en", "weapon", "gun", ("*",)), "says.0", "expected words"),
    ],
)
def test_what_is_wrong_is_named_by_entry_and_field(words: OwnWords, field: str, why: str) -> None:
    good = OwnWords("good", "en", "weapon", "pike", ("pike",))
    found = list(faults((good, words)))
    assert any(n == 1 and path == field and why in reason for n, path, reason in found), found


def test_one_danger_has_one_level() -> None:
    two = OwnWords("a", "en", "danger", "wolf", ("wolf",), "red")
    other = OwnWords("b", "ko", "danger", "wolf", ("늑대",), "blue")
    assert list(faults((two, other))) == [(1, "level", "wolf is red already by entry 1")]
    assert list(faults(SAW)) == []
