"""What one text may name, and what the words around each name say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callcenter.precincts.places_by_sound.index import Kind, Match
from callcenter.precincts.places_by_sound.names import Names

LONGER_WINS = 0.1
"""A longer name counts before one within it that is at most so much more alike."""
CORRECTION_REACH = 24
NUMERALS = {
    **dict(zip("零〇一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    "两": 2,
    "幺": 1,
    **dict(zip("영공일이삼사오육칠팔구", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
}
POWERS = {"十": 10, "百": 100, "千": 1000, "십": 10, "백": 100, "천": 1000}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in characters ``start`` to ``end`` of a text.

    ``exact``: as it is written; ``short``: not the whole name; ``apart``: the words around leave
    it standing alone; ``here``: they say that the caller is there; ``away``: that somebody goes
    or comes from there; ``struck``: that it is not meant.
    """

    kind: Kind
    number: int
    start: int
    end: int
    words: str
    size: int
    score: float
    exact: bool
    short: bool
    apart: bool
    here: bool = False
    away: bool = False
    struck: bool = False
    kind_said: bool = False
    """The word for its kind was heard as it is written."""
    house_number: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a text may name. ``spoke``: it speaks of a place, known or not."""

    text: str
    mentions: tuple[Mention, ...]
    spoke: bool
    corrected_at: int | None
    """Where the speaker takes something back, if so."""


def read(names: Names, text: str) -> Reading:
    """Read one text."""
    words = names.words
    spoke = words.no_place.search(text) is not None
    correction = words.correction.search(text)
    at = correction.start() if correction else None
    if names.index is None:
        return Reading(text, (), spoke, at)
    units = names.split(text)
    kept = _longest(names.index.find(units))
    mentions = [
        _around(names, text, match, units[match.start].start, units[match.end - 1].end)
        for match in kept
    ]
    mentions.sort(key=lambda mention: mention.start)
    return Reading(text, tuple(_corrected(mentions, names, text)), spoke, at)


def _longest(matches: Sequence[Match]) -> list[Match]:
    """Without names that stand within the words of a longer one."""
    kept: list[Match] = []
    ranked = sorted(
        matches,
        key=lambda m: -((m.end - m.start) + 4 * (m.score * m.form.quality) + 0.5 * m.exact),
    )
    for match in ranked:
        for other in kept:
            apart = match.end <= other.start or other.end <= match.start
            same = (match.start, match.end) == (other.start, other.end)
            value, best = match.score * match.form.quality, other.score * other.form.quality
            if not apart and not (same and value >= best - 0.03) and value < best + LONGER_WINS:
                break
        else:
            kept.append(match)
    return kept


def _around(names: Names, text: str, match: Match, start: int, end: int) -> Mention:
    words = names.words
    before, behind = text[:start], text[end:]
    full = _full_name(names, match)
    signs = "".join(unit.sign for unit in match.form.units)
    kind = words.kind_of(signs)
    kind_said = bool(kind) and text[start:end].replace(" ", "").endswith(kind)
    outer_kind = words.kind_of(full)
    if match.form.quality < 0.9 and outer_kind and behind.lstrip().startswith(outer_kind):
        kind_said = True
    number = None
    if match.form.kind == "street":
        house = words.house_number.match(behind)
        number = figure(house["number"]) if house else None
    left = words.before.search(before) is not None
    right = words.after.match(behind) is not None or kind_said
    return Mention(
        kind=match.form.kind,
        number=match.form.number,
        start=start,
        end=end,
        words=text[start:end],
        size=match.end - match.start,
        score=round(match.score * match.form.quality, 4),
        exact=match.exact,
        short=match.form.quality < 0.9,
        apart=left and right,
        here=bool(words.here_before.search(before) or words.here_after.match(behind)),
        away=bool(words.away_before.search(before) or words.away_after.match(behind)),
        struck=bool(words.not_before.search(before) or words.not_after.match(behind)),
        kind_said=kind_said,
        house_number=number,
    )


def _full_name(names: Names, match: Match) -> str:
    form = match.form
    if form.kind == "landmark":
        return names.gazetteer.landmarks[form.number].name
    if form.kind == "street":
        return names.gazetteer.streets[form.number].name
    return names.districts[form.number]


def _corrected(mentions: Sequence[Mention], names: Names, text: str) -> list[Mention]:
    """Strike what stands before "no, wait" when something of its kind stands behind."""
    result = list(mentions)
    for word in names.words.correction.finditer(text):
        behind = [
            m
            for m in result
            if word.end() <= m.start <= word.end() + CORRECTION_REACH
            and not m.struck
            and m.kind != "district"
        ]
        if not behind:
            continue
        for i, mention in enumerate(result):
            same = any(
                m.kind == mention.kind and m.number != mention.number and m.words != mention.words
                for m in behind
            )
            near = word.start() - mention.end <= CORRECTION_REACH
            if mention.end <= word.start() and same and near:
                result[i] = replace(mention, struck=True)
    return result


def figure(words: str) -> int | None:
    """A number in figures or words: 120, 一百二十, 일이삼."""
    digits = words.split("-")[0]
    if digits.isdecimal():
        return int(digits)
    if not any(sign in POWERS for sign in words):
        values = [NUMERALS[sign] for sign in words if sign in NUMERALS]
        return int("".join(map(str, values))) if values else None
    total, digit = 0, 0
    for sign in words:
        if sign in NUMERALS:
            digit = NUMERALS[sign]
        elif sign in POWERS:
            total += (digit or 1) * POWERS[sign]
            digit = 0
    return total + digit
