"""What words are like: learning from examples, and what follows for the kind of a matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from callcenter.cli import app
from callcenter.incidents.canonical import canonical
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.extract import Extractor
from callcenter.incidents.learning import Example, digest, learn, parse_examples
from callcenter.incidents.lexicon import load_lexicon
from callcenter.incidents.likeness import EXAMPLES, features, learned
from callcenter.incidents.record import Turn

EXAMPLES_EN = EXAMPLES.joinpath("en.txt").read_text("utf-8")
REWRITING = load_lexicon("en").rewriting
FEW = [
    Example("theft", "my bicycle is gone from the yard"),
    Example("theft", "somebody took the ladder from the yard"),
    Example("fire", "the curtains are glowing"),
    Example("fire", "there is a glow in the attic"),
    Example("none", "my name is Ann"),
]


def test_what_is_shipped_was_learned_from_the_examples_that_are_shipped():
    shipped = learned("en")
    assert shipped is not None
    assert shipped.examples == digest(EXAMPLES_EN), "run: callcenter lexicon learn en"
    again = learn(parse_examples(EXAMPLES_EN, "en.txt"), REWRITING)
    assert again.rows == shipped.rows
    # Another processor may round another way.
    assert np.abs(again.weights - shipped.weights).max() < 0.1


def test_every_category_that_has_words_has_examples():
    named = {example.category for example in parse_examples(EXAMPLES_EN, "en.txt")}
    assert named >= {matcher.name for matcher in load_lexicon("en").categories}


def test_words_are_like_the_examples_that_hold_them():
    likeness = learn(FEW, REWRITING)
    shares = likeness.of("my ladder is gone")
    assert max(shares, key=shares.__getitem__) == "theft"
    assert sum(shares.values()) == pytest.approx(1.0)


def test_words_that_no_example_holds_are_like_nothing():
    assert learn(FEW, REWRITING).of("quixotic zebras") == {}


def test_forms_of_a_word_count_together():
    assert features("burned burning burns").keys() >= {"burn"}
    assert "stopp" not in features("stopped")


def test_the_telling_sentence_is_given_as_it_was_said():
    said = "My name's Ann. The curtains, they're GLOWING! Please."
    assert (
        learn(FEW, REWRITING).telling(canonical(said, REWRITING), "fire")
        == "The curtains, they're GLOWING"
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("# sports\nhe ran\n", "x.txt:1: 'sports'"), ("\nhe ran\n", "x.txt:2: expected a heading")],
)
def test_a_wrong_line_of_examples_is_named(text, wrong):
    with pytest.raises(LexiconError, match=wrong):
        parse_examples(text, "x.txt")


def test_one_category_is_nothing_to_choose_from():
    with pytest.raises(LexiconError, match="two categories"):
        learn(FEW[:2], REWRITING)


SAID = "He laid the blade of it against my ribs and told me slip off the watch, nice and slow."


def test_matter_told_in_words_of_no_list_is_known_by_what_they_are_like():
    lexicon = load_lexicon("en")
    turns = [Turn(who="caller", text=SAID, start_ms=0)]
    record = Extractor("en", lexicon=lexicon).extract(turns)
    without = Extractor("en", lexicon=replace(lexicon, likeness=None)).extract(turns)
    assert (without.fields["category"], record.fields["category"]) == ("unknown", "robbery")
    assert record.evidence["category"][0].words in SAID


def test_words_like_none_of_the_matters_leave_the_kind_open():
    turns = [Turn(who="caller", text="My name is Harold, I'm on the third floor.", start_ms=0)]
    assert Extractor("en").extract(turns).fields["category"] == "unknown"


def test_examples_are_learned_from_a_folder_and_kept_beside_it(tmp_path):
    file = tmp_path / "en.txt"
    file.write_text("# theft\nmy bike is gone\n# fire\nthe attic glows\n", "utf-8")
    done = CliRunner().invoke(app, ["lexicon", "learn", "en", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "en.npz").is_file()


def test_wrong_examples_change_nothing(tmp_path):
    (tmp_path / "en.txt").write_text("# sports\nhe ran\n", "utf-8")
    done = CliRunner().invoke(app, ["lexicon", "learn", "en", "--folder", str(tmp_path)])
    assert done.exit_code == 1
    assert not (tmp_path / "en.npz").exists()


def test_command_line_tells_what_words_are_like():
    done = CliRunner().invoke(app, ["lexicon", "like", "en", "my husband is choking me"])
    assert done.output.split()[1] in {"domestic_violence", "violence", "medical"}


def test_language_without_examples_is_told():
    done = CliRunner().invoke(app, ["lexicon", "like", "ko", "불이야"])
    assert (done.exit_code, "no examples" in done.output) == (1, True)
