"""Names found in a text by their signs, by their sound, or nearly so.

Two neighbouring syllables are looked up together; the rarer a pair is among all names, the more
it says. What the pairs propose is compared syllable by syllable.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from callcenter.precincts.places_by_sound.units import Units, likeness, plain

Kind = Literal["landmark", "street", "district"]

LONGEST = 24
COMMONEST_PAIR = 3000
"""A pair in more names than this (医院) proposes none."""
PROPOSING_SHARE = 0.42
COMPARED = 40
ENOUGH = {1: 1.1, 2: 0.9, 3: 0.88, 4: 0.86}
"""A name of so many syllables must be so alike; one has to be said as it is written."""
ENOUGH_LONG = 0.82
GAP_COST = 0.5
SHORTEST_WITH_GAP = 4
DIAGONALS = 4096


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say a name: ``quality`` 1 for the name itself, less for a short form."""

    kind: Kind
    number: int
    units: Units
    quality: float


@dataclass(frozen=True, slots=True)
class Match:
    """A form found in units ``start`` to ``end`` of a text. ``exact``: sign by sign."""

    form: Form
    start: int
    end: int
    score: float
    exact: bool


class NameIndex:
    """All forms of all names."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self.forms = tuple(form for form in forms if 0 < len(form.units) <= LONGEST)
        self._written: dict[str, list[int]] = defaultdict(list)
        pairs: dict[tuple[str, str], tuple[array[int], array[int]]] = {}
        for number, form in enumerate(self.forms):
            self._written[plain(form.units)].append(number)
            for at in range(len(form.units) - 1):
                for pair in _pairs(form.units, at):
                    numbers, places = pairs.setdefault(pair, (array("i"), array("i")))
                    numbers.append(number)
                    places.append(at)
        self._lengths = sorted({len(form.units) for form in self.forms})
        total = len(self.forms) + 1
        self._pairs: dict[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.int64], float]] = {}
        weigh: dict[tuple[str, str], float] = {}
        for pair, (numbers, places) in pairs.items():
            weigh[pair] = weight = math.log(total / len(numbers)) + 0.1
            if len(numbers) <= COMMONEST_PAIR:
                ids = np.asarray(numbers, dtype=np.int64)
                self._pairs[pair] = (ids, np.asarray(places, dtype=np.int64), weight)
        self._weights = np.asarray(
            [
                sum(
                    max(weigh[pair] for pair in _pairs(form.units, at))
                    for at in range(len(form.units) - 1)
                )
                or 1.0
                for form in self.forms
            ]
        )

    def find(self, units: Units) -> list[Match]:
        """Every form that the text may hold, with overlaps; the likest first."""
        found: dict[tuple[int, int, int], Match] = {}
        for match in (*self._as_written(units), *self._by_sound(units)):
            key = (id(match.form), match.start, match.end)
            if key not in found or match.score > found[key].score:
                found[key] = match
        return sorted(found.values(), key=lambda match: (-match.score, match.start))

    def _as_written(self, units: Units) -> Iterable[Match]:
        signs = plain(units)
        for start in range(len(signs)):
            for length in self._lengths:
                if start + length > len(signs):
                    break
                for number in self._written.get(signs[start : start + length], ()):
                    yield Match(self.forms[number], start, start + length, 1.0, True)

    def _by_sound(self, units: Units) -> Iterable[Match]:
        for number, offset in self._proposed(units):
            form = self.forms[number]
            match = _compared(form, units, offset)
            if match is not None:
                yield match

    def _proposed(self, units: Units) -> list[tuple[int, int]]:
        """Forms (and where in the text they would begin) whose pairs stand in the text."""
        numbers: list[NDArray[np.int64]] = []
        weights: list[NDArray[np.float64]] = []
        for at in range(len(units) - 1):
            for pair in _pairs(units, at):
                known = self._pairs.get(pair)
                if known is None:
                    continue
                ids, places, weight = known
                numbers.append(ids * DIAGONALS + (at - places + LONGEST))
                weights.append(np.full(len(ids), weight))
        if not numbers:
            return []
        keys, inverse = np.unique(np.concatenate(numbers), return_inverse=True)
        shares = np.bincount(inverse, np.concatenate(weights)) / self._weights[keys // DIAGONALS]
        good = np.flatnonzero(shares >= PROPOSING_SHARE)
        best = good[np.argsort(-shares[good], kind="stable")[:COMPARED]]
        return [(int(keys[i]) // DIAGONALS, int(keys[i]) % DIAGONALS - LONGEST) for i in best]


def _pairs(units: Units, at: int) -> list[tuple[str, str]]:
    return [(a, b) for a in units[at].folds for b in units[at + 1].folds]


def _compared(form: Form, units: Units, offset: int) -> Match | None:
    """The form against the text from about ``offset``: straight, then with a gap."""
    size = len(form.units)
    enough = ENOUGH.get(size, ENOUGH_LONG)
    best: Match | None = None
    if 0 <= offset and offset + size <= len(units):
        window = units[offset : offset + size]
        alike = [likeness(a, b) for a, b in zip(form.units, window, strict=True)]
        score = sum(alike) / size
        if score >= enough:
            best = Match(form, offset, offset + size, score, min(alike) == 1.0)
    if best is not None or size < SHORTEST_WITH_GAP:
        return best
    for gap in range(1, size):
        for longer in (1, -1):  # the text has a syllable more, or one less
            match = _with_gap(form, units, offset, gap, longer)
            if match is not None and match.score >= enough:
                if best is None or match.score > best.score:
                    best = match
    return best


def _with_gap(form: Form, units: Units, offset: int, gap: int, longer: int) -> Match | None:
    """One syllable was put in or left out before the form's syllable ``gap``.

    ``offset`` fits the syllables on one side of the gap: both are tried.
    """
    size = len(form.units)
    best: Match | None = None
    for start in (offset, offset - longer):
        end = start + size + longer
        if start < 0 or end > len(units):
            continue
        window = units[start:end]
        if longer > 0:
            kept = (*window[:gap], *window[gap + 1 :])
            name = form.units
        else:
            kept = window
            name = (*form.units[:gap], *form.units[gap + 1 :])
        alike = sum(likeness(a, b) for a, b in zip(name, kept, strict=True))
        score = (alike - GAP_COST) / len(name)
        if best is None or score > best.score:
            best = Match(form, start, end, score, False)
    return best
