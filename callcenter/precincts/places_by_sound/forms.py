"""The ways in which people say the name of a place, in Chinese and in Korean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from callcenter.precincts.places_by_sound.words import PlaceWords

WHOLE = 1.0
WITHOUT_CITY = 0.98
OTHER_ENDING = 0.97
ABBREVIATED = 0.9
WITHOUT_KIND = 0.8
CITY_SHARE = 0.02
CITY_ROWS = 5
_BRACKETS = re.compile(r"[（(\[【]([^）)\]】]*)[）)\]】]")
_SEPARATORS = re.compile(r"[·・/,，、|]+")


def city_prefixes(names: Sequence[str], words: PlaceWords) -> tuple[str, ...]:
    """Beginnings that many names share: the city's own name, which callers leave out."""
    counts: Counter[str] = Counter()
    for name in names:
        counts.update(name[:size] for size in range(2, 5) if len(name) > size + 1)
    least = max(CITY_ROWS, int(len(names) * CITY_SHARE))
    common = [
        start
        for start, count in counts.items()
        if count >= least and not any(start.endswith(kind) for kind in words.kinds)
    ]
    return tuple(sorted(common, key=len, reverse=True))


def forms_of(
    name: str, words: PlaceWords, prefixes: Iterable[str], districts: Iterable[str]
) -> dict[str, float]:
    """Ways to say ``name`` with how good each is; the name itself is 1."""
    found: dict[str, float] = {}
    taken = {*words.ordinary, *prefixes, *districts}

    def put(form: str, quality: float) -> None:
        form = form.strip()
        if len(form) >= 2 and found.get(form, 0.0) < quality:
            found[form] = quality

    name = " ".join(name.split())
    inner = [each.strip() for each in _BRACKETS.findall(name)]
    outer = _BRACKETS.sub("", name).strip()
    put(_SEPARATORS.sub("", _BRACKETS.sub(r"\1", name)), WHOLE)
    put(outer, WHOLE if not inner else OTHER_ENDING)
    for each in inner:
        if len(each) >= 3 and not any(each.endswith(word) for word in words.branch):
            put(each, ABBREVIATED)
    for part in _SEPARATORS.split(outer):
        if part != outer and len(part) >= 3:
            put(part, ABBREVIATED)
    for start in (*prefixes, *districts):
        if outer.startswith(start) and len(outer) - len(start) >= 3:
            put(outer[len(start) :], WITHOUT_CITY)
    for form, quality in list(found.items()):
        for ending, others in words.endings.items():
            if form.endswith(ending) and len(form) > len(ending):
                core = form[: -len(ending)]
                for other in others:
                    put(core + other, min(quality, OTHER_ENDING))
        for pattern, short in words.abbreviations:
            said = pattern.sub(short, form)
            if said != form:
                put(said, min(quality, ABBREVIATED))
    for form, quality in list(found.items()):
        kind = words.kind_of(form)
        core = form[: -len(kind)].strip() if kind else ""
        if len(core) >= 2 and quality > ABBREVIATED and core not in taken:
            put(core, WITHOUT_KIND)
    return found
