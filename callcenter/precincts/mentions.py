"""Streets and places that a stretch of speech may be naming, with where its words stand.

Reading is generous: every window of words that could be a street's name by its type word, its
number, or a word such as "corner of" before it becomes a mention with all streets it sounds
like. What fits together is decided by `candidates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.house_numbers import before_block_of, house_number_before
from callcenter.precincts.landmark_mentions import (
    read_districts,
    read_landmarks,
    read_neighbourhoods,
)
from callcenter.precincts.phonetics import joined
from callcenter.precincts.reading import Mention, Reading
from callcenter.precincts.spoken_numbers import Number, alternatives, read_number
from callcenter.precincts.spoken_words import (
    BEFORE,
    GENERIC,
    JOIN,
    STOP,
    SURE_DIRECTIONS,
    TypeWord,
    breaks_of,
    find_types,
    letters_at,
    words_of,
)
from callcenter.precincts.spoken_words import COMMON as COMMON_WORDS
from callcenter.precincts.street_names import DIRECTIONS

TYPED_CUTOFF = 0.6
UNTYPED_CUTOFF = 0.84
NUMBER_SOUND_CUTOFF = 0.8
NAME_WORDS = 4
SHORTER_FACTOR = 0.8
SPLIT_FACTOR = 0.9
"""A shorter number than could be read; with a house number before it."""
LEFT_OUT_FACTOR = 0.86
"""A word of a name seems to stand before the window."""
SURELY_NAMED = 0.98
TAKING_BACK = frozenset({"sorry", "no", "wait", "mean", "actually", "rather"})
COMMON = frozenset({"the", "a", "an", "and", "at", "on", "of", "in", "by", "to", "is", "near"})
"""Of the words that begin no name, those that begin none at all."""
BESIDE = frozenset({"off", "near", "past", "meets", "meet"})
"""Before a street's name without its type word."""
EVERYDAY = COMMON_WORDS | GENERIC
BETWEEN_JOINED = frozenset({"of", "at", "the", "corner", "with"})
PIECES_OF_NUMBERS = frozenset({"for", "d", "the", "t", "to", "e", "a"})
"""Before a number these are what was heard of "forty", "eighty", "ninety"."""


def read_mentions(gazetteer: Gazetteer, text: str) -> Reading:
    """Read one text."""
    words = [word for word in words_of(text) if word != "."]
    reading = Reading(text, words, breaks=breaks_of(text))
    types = find_types(words)
    read_districts(gazetteer, reading)
    reading.typed = any(t.exact and t.start > 0 for t in types)
    for kind in types:
        _numbers_before(gazetteer, reading, kind)
        _letters_behind(gazetteer, reading, kind)
        _names_before(gazetteer, reading, kind, types)
    _numbers_alone(gazetteer, reading, types)
    _names_alone(gazetteer, reading)
    _names_beside(gazetteer, reading, types)
    starts = {kind.start for kind in types}
    typed = [m for m in reading.mentions if max(m.streets.values(), default=0.0) >= SURELY_NAMED]
    read_neighbourhoods(gazetteer, reading, starts, typed)
    read_landmarks(gazetteer, reading, starts)
    return reading


def _streets(
    gazetteer: Gazetteer, cores: dict[str, float], kind: str | None, direction: str | None
) -> dict[int, float]:
    """Streets of these cores, less likely where type or direction differ from what was heard."""
    found: dict[int, float] = {}
    for core, score in cores.items():
        for form in gazetteer.forms.get(core, ()):
            factor = 1.0
            if kind != form.type:
                factor *= 0.93 if kind is None or form.type is None else 0.62
            if direction != form.direction:
                factor *= 0.985 if direction is None else 0.88 if form.direction is None else 0.62
            found[form.street] = max(found.get(form.street, 0.0), score * factor)
    return found


def _direction_before(words: Sequence[str], start: int) -> tuple[int, str | None]:
    if start > 0 and words[start - 1] in SURE_DIRECTIONS:
        return start - 1, DIRECTIONS[words[start - 1]]
    return start, None


def _add(reading: Reading, mention: Mention) -> None:
    if mention.streets:
        reading.mentions.append(mention)


def _number_cores(number: Number) -> dict[str, float]:
    cores = {str(value): score for value, score in alternatives(number).items()}
    return {**cores, str(number.value): 1.0}


def _numbers_before(gazetteer: Gazetteer, reading: Reading, kind: TypeWord) -> None:
    """Read "west forty second | street"."""
    words = reading.words
    longest = True
    for start in range(max(kind.start - 6, 0), kind.start):
        number = read_number(words, start)
        if number is None or number.end != kind.start:
            continue
        cores = _number_cores(number)
        first, direction = _direction_before(words, start)
        prefix = words[start - 1] if start > 0 else ""
        if not longest or (direction is None and prefix in PIECES_OF_NUMBERS):
            # "Seventy-one oh one | twenty-fifth avenue": 125th is longer, but what of the rest?
            split = {core: score * SPLIT_FACTOR for core, score in cores.items()}
            streets = _streets(gazetteer, split, kind.type, direction)
            behind = Mention(first, kind.end, streets, kind.type, type_at=kind.start)
            behind = _housed(reading, behind)
            if behind.house_number is not None:
                _add(reading, replace(behind, house_only=True))
            cores = {core: score * SHORTER_FACTOR for core, score in cores.items()}
        if prefix in gazetteer.number_prefixes:  # "Beach 20th Street"
            mixed = {prefix + core: score for core, score in cores.items()}
            streets = _streets(gazetteer, mixed, kind.type, None)
            named = Mention(start - 1, kind.end, streets, kind.type, type_at=kind.start)
            _add(reading, _housed(reading, named))
            if streets:  # and not 20th Street
                cores = {core: score * LEFT_OUT_FACTOR for core, score in cores.items()}
        streets = _streets(gazetteer, cores, kind.type, direction)
        mention = Mention(first, kind.end, streets, kind.type, type_at=kind.start)
        _add(reading, _housed(reading, mention))
        longest = longest and not streets  # "350 fifth avenue" is not 355 Avenue


def _housed(reading: Reading, mention: Mention) -> Mention:
    """The mention with the house number that ends right before it."""
    if mention.start in reading.breaks:  # "Eighty... Eighty-Sixth Street"
        return mention
    found = house_number_before(reading.words, before_block_of(reading.words, mention.start))
    if found is None:
        return mention
    return replace(mention, house_number=found.value, house_start=found.start)


def _letters_behind(gazetteer: Gazetteer, reading: Reading, kind: TypeWord) -> None:
    """Read "avenue | M"."""
    if kind.type != "avenue":
        return
    end, letters = letters_at(reading.words, kind.end)
    if reading.words[kind.end : end] == ["in"] and any(h.start == end for h in reading.districts):
        return  # "Avenue in Brooklyn" is not Avenue N
    if letters:
        streets = _streets(gazetteer, letters, "avenue", None)
        streets = {s: v for s, v in streets.items() if v > 0.65}
        mention = Mention(kind.start, end, streets, "avenue", type_at=kind.start)
        _add(reading, _housed(reading, mention))


def _names_before(
    gazetteer: Gazetteer, reading: Reading, kind: TypeWord, types: Sequence[TypeWord]
) -> None:
    """Read "flat was | avenue"."""
    words = reading.words
    floor = max((t.end for t in types if t.end <= kind.start), default=0)
    for start in range(max(kind.start - NAME_WORDS, 0), kind.start):
        window = words[start : kind.start]
        name = joined("".join(window))
        # "Court Street" and "Cross Island Parkway" are names, whatever their first words are.
        known = (
            window[0] not in COMMON
            and window != ["cross"]  # "the cross street is"
            and _is_street(gazetteer, name, kind.type)
        )
        if start < floor and not known:
            continue
        if (window[0] not in STOP or known) and name:
            number = read_number(words, start)
            if number is None or number.end != kind.start:
                _name_window(gazetteer, reading, start, kind.start, kind)
        if len(name) > 3 and window[0] not in ("at", "on", "of", "and", "the", "near"):
            heard = gazetteer.number_index.find(name, NUMBER_SOUND_CUTOFF)
            cores: dict[str, float] = {}
            for found in heard[:4]:
                value = str(gazetteer.number_sounds[found.name])
                cores[value] = max(cores.get(value, 0.0), found.score)
            exact = read_number(words, start)
            if cores and not (exact and exact.end == kind.start):
                for value, score in list(cores.items()):
                    others = alternatives(Number(int(value), 0, 0, ordinal=True))
                    for other in others:
                        cores.setdefault(str(other), score * 0.9)
                first, direction = _direction_before(words, start)
                # Right behind East or West nothing but the number can stand.
                sure = 0.96 if direction else 0.88
                cores = {core: score * sure for core, score in cores.items()}
                streets = _streets(gazetteer, cores, kind.type, direction)
                _add(reading, Mention(first, kind.end, streets, kind.type, type_at=kind.start))


def _is_street(gazetteer: Gazetteer, core: str, kind: str) -> bool:
    return len(core) > 3 and any(form.type == kind for form in gazetteer.forms.get(core, ()))


def _name_window(
    gazetteer: Gazetteer, reading: Reading, start: int, end: int, kind: TypeWord
) -> None:
    words = reading.words
    direction = None
    first = start
    if words[start] in SURE_DIRECTIONS and end - start > 1:
        direction = DIRECTIONS[words[start]]
        start += 1
    window = words[start:end]
    before = words[first - 1] if first > 0 else ""
    left_out = (
        direction is None
        and before
        and first not in reading.breaks
        and before not in STOP
        and before not in JOIN
        and before not in BEFORE
        and before not in SURE_DIRECTIONS
        and house_number_before(words, first) is None
    )
    factor = LEFT_OUT_FACTOR if left_out else 1.0
    if any(word in ("and", "at") for word in window):
        factor *= 0.9
    core = joined("".join(window))
    cores = {h.name: h.score * factor for h in gazetteer.sounds.find(core, TYPED_CUTOFF)[:25]}
    if direction:  # "West End" is a name of its own
        whole = joined(words[first] + core)
        if whole in gazetteer.forms:
            same = _streets(gazetteer, {whole: 1.0}, kind.type, None)
            mention = Mention(first, kind.end, same, kind.type, type_at=kind.start)
            _add(reading, _housed(reading, mention))
    streets = _streets(gazetteer, cores, kind.type, direction)
    mention = Mention(first, kind.end, streets, kind.type, type_at=kind.start, core=core)
    if streets or len(core) > 3:
        reading.mentions.append(_housed(reading, mention))


def _numbers_alone(gazetteer: Gazetteer, reading: Reading, types: Sequence[TypeWord]) -> None:
    """Read "forty second | and | eighth", without a type word."""
    words = reading.words
    starts = {t.start for t in types}
    i = 0
    while i < len(words):
        number = read_number(words, i)
        if number is None:
            i += 1
            continue
        first, direction = _direction_before(words, i)
        near_join = (number.end < len(words) and words[number.end] in JOIN) or (
            first > 0 and (words[first - 1] in JOIN or words[first - 1] in BEFORE)
        )
        said_as_street = number.ordinal or direction is not None or number.value > 12
        alone = number.ordinal and direction is not None  # "76 East 116th"
        if number.end not in starts and (near_join or alone) and said_as_street:
            cores = {core: score * 0.95 for core, score in _number_cores(number).items()}
            prefix = words[first - 1] if first > 0 else ""
            if direction is None and prefix in gazetteer.number_prefixes:  # "Beach 116th"
                mixed = {prefix + core: score for core, score in cores.items()}
                named = _streets(gazetteer, mixed, None, None)
                _add(reading, Mention(first - 1, number.end, named, None))
            streets = _streets(gazetteer, cores, None, direction)
            _add(reading, _housed(reading, Mention(first, number.end, streets, None)))
        i = number.end


def _names_alone(gazetteer: Gazetteer, reading: Reading) -> None:
    """Read "broadway": streets whose names have no type word."""
    words = reading.words
    for start in range(len(words)):
        for end in range(start + 1, min(start + NAME_WORDS, len(words)) + 1):
            core = joined("".join(words[start:end]))
            if len(core) > 4 and core in gazetteer.untyped:
                streets = _streets(gazetteer, {core: 1.0}, None, None)
                _add(reading, _housed(reading, Mention(start, end, streets, None)))


def _names_beside(gazetteer: Gazetteer, reading: Reading, types: Sequence[TypeWord]) -> None:
    """Read "lexington | and | seventy seventh street": a name joined to a street."""
    words = reading.words
    inside_types = {i for t in types for i in range(t.start, t.end) if t.exact}
    spans: set[tuple[int, int]] = set()
    exactly: set[tuple[int, int]] = set()
    """Where little says that a street is named, its name must be just that."""
    known = list(reading.mentions)
    for mention in known:
        if mention.start > 1 and words[mention.start - 1] in JOIN:
            end = mention.start - 1
            spans |= {(start, end) for start in range(max(end - 3, 0), end)}
        if mention.end + 1 < len(words) and words[mention.end] in JOIN:
            start = mention.end + 1
            while start < len(words) and words[start] in BETWEEN_JOINED:
                start += 1  # "Jerome Avenue, corner of Burnside"
            spans |= {(start, end) for end in range(start + 1, min(start + 3, len(words)) + 1)}
    joined_to = set(spans)
    for i, word in enumerate(words):  # "off of Flatbush, on Church Avenue"
        if word in BESIDE:
            first = i + 2 if words[i + 1 : i + 2] == ["of"] else i + 1
            if words[first : first + 1] and words[first] not in EVERYDAY:
                after = {(first, end) for end in range(first + 1, min(first + 3, len(words)) + 1)}
                spans |= after
                exactly |= after
    for i, word in enumerate(words):  # "corner of lexington and madison"
        if word in ("and", "&", "at") and i > 0:
            for start in range(max(i - 3, 0), i):
                begins = start == 0 or start in reading.breaks
                if begins or words[start - 1] in BEFORE:
                    two = {(start, i)} | {
                        (i + 1, end) for end in range(i + 2, min(i + 4, len(words)) + 1)
                    }
                    spans |= two
                    if begins and words[start - 1 : start] not in (["of"], ["at"], ["on"]):
                        exactly |= two
        if word in TAKING_BACK:  # "Waverly, sorry, and Hudson"
            first = i + 2 if words[i + 1 : i + 2] in (["and"], ["at"]) else i + 1
            after = {(first, end) for end in range(first + 1, min(first + 3, len(words)) + 1)}
            spans |= after
            exactly |= after
    districts = {i for hint in reading.districts for i in range(hint.start, hint.end)}
    for start, end in sorted(spans):
        if any(i in districts for i in range(start, end)):
            continue
        window = words[start:end]
        direction = None
        if len(window) > 1 and window[0] in SURE_DIRECTIONS:
            direction, window = DIRECTIONS[window[0]], window[1:]
        if window[0] in STOP or window[-1] in STOP or any(w in JOIN for w in window):
            continue
        if any(i in inside_types for i in range(start, end)):
            continue
        core = joined("".join(window))
        if read_number(words, start) or (len(core) < 4 and core not in gazetteer.short_names):
            continue
        cutoff = (
            1.0 if (start, end) in exactly and (start, end) not in joined_to else UNTYPED_CUTOFF
        )
        cores = {h.name: h.score * 0.97 for h in gazetteer.sounds.find(core, cutoff)[:8]}
        _add(reading, Mention(start, end, _streets(gazetteer, cores, None, direction), None))
