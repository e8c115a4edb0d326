"""What a call is about, from things and doings that are spoken of near each other.

A phrase that means one matter only is a rare thing: people tell a collision as "he turned right
into this bike". A scene asks for its concepts, in any order, with whatever words between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from callcenter.incidents.hits import Hit
from callcenter.incidents.lexicon_rules import Scene, Sign

SIGN_CHARACTERS = 55
UNLESS_CHARACTERS = 20
"""So far before and after a sign is looked for what makes it none."""
NEAR_CHARACTERS = 70
"""So far apart may the concepts of a scene stand in one text: some twelve words."""
AGAIN = 0.4
"""What a scene adds that was told before, in other words."""
_SENTENCE_END = re.compile(r"[.;!?]")
MOST_OF_ONE = 8
"""So many words for one concept in one text are looked at: long texts stay quick."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scene that a text tells, and where."""

    scene: Scene
    start: int
    end: int


def played(scenes: Sequence[Scene], concepts: Sequence[Hit], text: str) -> Iterator[Played]:
    """The scenes that a text tells, each where its concepts are nearest together."""
    places = _places(concepts)
    for scene in scenes:
        nearest = _nearest(scene, places, text)
        if nearest is not None:
            yield Played(scene, *nearest)


def shown(
    signs: Sequence[Sign], concepts: Sequence[Hit], text: str
) -> Iterator[tuple[str, int, int]]:
    """The dangers that a text shows by what stands together in one sentence, and where."""
    places = _places(concepts)
    for sign in signs:
        nearest = _nearest(sign, places, text, within=SIGN_CHARACTERS, around=UNLESS_CHARACTERS)
        if nearest is not None and not _SENTENCE_END.search(text, *nearest):
            yield sign.danger, *nearest


def _places(concepts: Sequence[Hit]) -> dict[str, list[Hit]]:
    places: dict[str, list[Hit]] = {}
    for hit in concepts:
        if not hit.denied:
            places.setdefault(hit.name, []).append(hit)
    return places


def _nearest(
    scene: Scene | Sign,
    places: Mapping[str, Sequence[Hit]],
    text: str,
    *,
    within: int = NEAR_CHARACTERS,
    around: int = 0,
) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    rows = [places.get(name, ())[:MOST_OF_ONE] for name in scene.concepts]
    if not all(rows):
        return None
    for hits in product(*rows):
        start, end = min(hit.start for hit in hits), max(hit.end for hit in hits)
        if end - start > within or not _apart(hits):
            continue
        if scene.ordered and not _in_order(hits, text):
            continue
        others = (hit for name in scene.unless for hit in places.get(name, ()))
        if any(start - around <= hit.start < end + around for hit in others):
            continue
        if best is None or end - start < best[1] - best[0]:
            best = start, end
    return best


def _in_order(hits: Sequence[Hit], text: str) -> bool:
    following = all(a.start < b.start for a, b in pairwise(hits))
    return following and not _SENTENCE_END.search(text, hits[0].end, hits[-1].start)


def _apart(hits: Sequence[Hit]) -> bool:
    """No two concepts rest on the same words."""
    ordered = sorted(hits, key=lambda hit: hit.start)
    return all(a.end <= b.start for a, b in pairwise(ordered))
