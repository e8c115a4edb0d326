"""How like known openings of calls some words are, by kind of matter.

People tell the same matter in words that no list holds. What can be learned from examples is how
much each word, and each two words in a row, speak for each category: a softmax regression
(Jurafsky and Martin, Speech and Language Processing, chapter 5) over the examples of a language,
learned beforehand by `callcenter lexicon learn` (`callcenter.incidents.learning`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callcenter.incidents.canonical import Canonical

NONE = "none"
"""What words are like that speak of no matter: names, places, looks, thanks."""
BEGIN = "^"
"""Stands before the first word."""
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[^.!?;]+")
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_SHORTEST_STEM = 3

EXAMPLES = resources.files("callcenter.incidents").joinpath("examples")
"""Where the examples of each language are, and what was learned of them."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was learned of one language."""

    categories: tuple[str, ...]
    rows: Mapping[str, int]
    """By feature: its row in ``weights``."""
    rarity: Vector
    weights: NDArray[np.float32]
    """Features by categories."""
    bias: Vector
    examples: str = ""
    """Digest of the examples that it was learned from."""

    def of(self, text: str) -> dict[str, float]:
        """How probable each category (or ``none``) is by these words alone; together 1.

        Empty where no word is known.
        """
        known = [row for name in features(text) if (row := self.rows.get(name)) is not None]
        if not known:
            return {}
        found = self.rarity[known]
        found = found / np.sqrt((found * found).sum())
        score = found @ self.weights[known] + self.bias
        odds = np.exp(score - score.max())
        return dict(zip(self.categories, (odds / odds.sum()).tolist(), strict=True))

    def telling(self, form: Canonical, category: str) -> str:
        """The sentence that is most like this category, as it was said."""
        best, words = -1.0, ""
        for sentence in _SENTENCE.finditer(form.text):
            share = self.of(sentence[0]).get(category, 0.0)
            first = _WORD.search(sentence[0])
            if share > best and first:
                best, words = share, form.words(sentence.start() + first.start(), sentence.end())
        return words


def features(text: str) -> dict[str, None]:
    """Words and pairs of words of a text in its canonical form, without repetition."""
    words = [stem(word) for word in _WORD.findall(text)]
    pairs = (f"{one} {other}" for one, other in pairwise([BEGIN, *words]))
    return dict.fromkeys([*words, *pairs])


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without the commonest endings, so that its forms count together."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            if len(word) > _SHORTEST_STEM and word[-1] == word[-2]:
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM + 1 else word


@lru_cache(maxsize=8)
def learned(language: str) -> Likeness | None:
    """What was learned of a language; None where it has no examples."""
    file = EXAMPLES.joinpath(f"{language}.npz")
    if not file.is_file():
        return None
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
        names = str(found["features"]).split("\n")
        return Likeness(
            tuple(str(found["categories"]).split("\n")),
            {name: row for row, name in enumerate(names)},
            found["rarity"].astype(np.float32),
            found["weights"].astype(np.float32),
            found["bias"].astype(np.float32),
            str(found["examples"]),
        )
