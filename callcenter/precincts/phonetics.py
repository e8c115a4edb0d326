"""How alike two names sound, for names that a small recogniser has misheard.

A name is compared in three ways, spaces taken out: by a coarse sound code (consonants in six
classes, as in Soundex), by Metaphone, and by its letters. "flat was" and "Flatbush" share no
whole word, but nearly all of their coarse sounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import jellyfish
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel, Levenshtein

COARSE_WEIGHT, METAPHONE_WEIGHT, LETTER_WEIGHT = 0.4, 0.25, 0.35
COARSE_CUTOFF = 0.55
"""Names whose coarse codes are less alike than this are not looked at further."""
ROUNDING = 1e-6
CANDIDATES = 40
"""So many names are looked at closely for one window of words."""

_SPELLINGS = (
    (re.compile(r"^(kn|gn|pn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^x"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"(?<=[aeiou])gh(?=t|$)"), ""),
    (re.compile(r"(?<=[aeiou])gh"), "g"),
    (re.compile(r"tch"), "ch"),
    (re.compile(r"dge?(?=[eiy]|$)"), "j"),
    (re.compile(r"ti(?=on|a)"), "sh"),
    (re.compile(r"mb$"), "m"),
)
_CLASSES = str.maketrans(
    {
        **dict.fromkeys("bfpv", "P"),
        **dict.fromkeys("cgjkqsxz", "K"),
        **dict.fromkeys("dt", "T"),
        "l": "L",
        **dict.fromkeys("mn", "M"),
        "r": "R",
        "w": "W",
        **dict.fromkeys("aeiouyh", "a"),
    }
)
_REPEATED = re.compile(r"(.)\1+")
_NOT_NAME = re.compile(r"[^a-z0-9]")


def joined(text: str) -> str:
    """Letters and digits only, small."""
    return _NOT_NAME.sub("", text.lower())


@lru_cache(maxsize=65536)
def coarse(name: str) -> str:
    """Coarse sound code of a name without spaces: classes of consonants, first vowel, digits."""
    for pattern, sound in _SPELLINGS:
        name = pattern.sub(sound, name)
    code = _REPEATED.sub(r"\1", name.translate(_CLASSES))
    return code[:1].upper() + code[1:].replace("a", "")


@lru_cache(maxsize=65536)
def metaphone(name: str) -> str:
    """Metaphone of a name without spaces."""
    return jellyfish.metaphone(name).replace(" ", "")


@lru_cache(maxsize=131072)
def likeness(a: str, b: str) -> float:
    """How alike two names without spaces sound: 0 to 1."""
    if a == b:
        return 1.0
    return (
        COARSE_WEIGHT * Levenshtein.normalized_similarity(coarse(a), coarse(b))
        + METAPHONE_WEIGHT * Levenshtein.normalized_similarity(metaphone(a), metaphone(b))
        + LETTER_WEIGHT * Indel.normalized_similarity(a, b)
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """A name that a window of words sounds like."""

    name: str
    score: float


class SoundIndex:
    """Names that can be found by how they sound."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys(names))
        codes: dict[str, list[str]] = {}
        for name in self._names:
            codes.setdefault(coarse(name), []).append(name)
        self._known = frozenset(self._names)
        # No method of its own is remembered: an index that is replaced must go at once.
        self._find = lru_cache(maxsize=8192)(_Codes(codes).search)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def find(self, window: str, cutoff: float) -> tuple[Heard, ...]:
        """Names that sound like ``window`` (no spaces), the likest first; remembered."""
        return self._find(window, cutoff)


class _Codes:
    """Coarse codes with the names of each."""

    def __init__(self, by_code: dict[str, list[str]]) -> None:
        self._by_code = by_code
        self._codes = np.array(list(by_code), dtype=object)
        signs = sorted({sign for code in by_code for sign in code})
        self._signs = {sign: number for number, sign in enumerate(signs)}
        self._counts = np.zeros((len(signs), len(by_code)), dtype=np.uint8)
        for number, code in enumerate(by_code):
            for sign in code[:255]:
                self._counts[self._signs[sign], number] += 1
        self._lengths = np.array([len(code) for code in by_code], dtype=np.int32)

    def _possible(self, code: str, least: float) -> NDArray[np.int64]:
        """Codes with so many signs of this one that they can be alike enough at all."""
        shared = np.zeros(len(self._codes), dtype=np.int32)
        for sign in set(code):
            number = self._signs.get(sign)
            if number is not None:
                shared += np.minimum(self._counts[number], code.count(sign))
        longest = np.maximum(self._lengths, len(code))
        return np.flatnonzero(shared >= least * longest - ROUNDING)

    def search(self, window: str, cutoff: float) -> tuple[Heard, ...]:
        """See `SoundIndex.find`."""
        if not window or not len(self._codes):
            return ()
        code = coarse(window)
        # What the coarse codes lack, the other two comparisons must make up for.
        least = max(COARSE_CUTOFF, 1 - (1 - cutoff) / COARSE_WEIGHT)
        possible = self._possible(code, least)
        if not len(possible):
            return ()
        codes: list[str] = self._codes[possible].tolist()
        alike = process.cdist(
            [code],
            codes,
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=least - ROUNDING,
            dtype=np.float32,
        )[0]
        best = np.argsort(-alike, kind="stable")[:CANDIDATES]
        heard = [
            Heard(name, score)
            for i in best
            if alike[i] > 0
            for name in self._by_code[codes[i]]
            if (score := likeness(window, name)) >= cutoff
        ]
        heard.sort(key=lambda found: (-found.score, found.name))
        return tuple(heard)
