"""Districts and named places that a text may be naming."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.phonetics import joined, likeness
from callcenter.precincts.reading import DistrictHint, LandmarkMention, Mention, Reading
from callcenter.precincts.spoken_numbers import read_number
from callcenter.precincts.spoken_words import BEFORE, GENERIC, STOP

LANDMARK_WORDS = 6
NEIGHBOURHOOD_WORDS = 3
DISTRICT_CUTOFF = 0.74
BEFORE_LANDMARK = BEFORE | {"the", "beside", "facing", "past"}
BEFORE_NAME = frozenset({"it's", "its", "called", "named", "that's", "we're", "i'm", "here"})
"""Before a name that is said in full, as a comma or a full stop is."""
NO_BEGINNING = frozenset(
    "the a an and at on of in near by from to is are was i i'm you he she it we they my".split()
)


def read_districts(gazetteer: Gazetteer, reading: Reading) -> None:
    """Note districts that are named, by sound ("man hatten")."""
    words = reading.words
    for district in gazetteer.districts:
        name = joined(district)
        size = len(district.split())
        for start in range(len(words)):
            for length in range(size, size + 2):
                window = words[start : start + length]
                if len(window) < length or window[0] in STOP:
                    continue
                heard = joined("".join(window)).removesuffix("'s")
                score = likeness(heard, name)
                placed = start > 0 and words[start - 1] in ("in", "the", "on")
                if score >= (DISTRICT_CUTOFF if placed else DISTRICT_CUTOFF + 0.1):
                    reading.districts.append(DistrictHint(district, start, start + length, score))


def read_neighbourhoods(
    gazetteer: Gazetteer, reading: Reading, types: set[int], named: Sequence[Mention]
) -> None:
    """Note parts of a district named in full: "Third Avenue in Bay Ridge".

    Not where more of a name follows: Sunset Park Library, Bushwick Avenue.
    """
    words = reading.words
    for start in range(len(words)):
        for length in range(NEIGHBOURHOOD_WORDS, 0, -1):
            end = start + length
            window = tuple(words[start:end])
            district = gazetteer.neighbourhoods.get(window) if len(window) == length else None
            if district is None:
                continue
            if end in types or (words[end : end + 1] and words[end] in GENERIC):
                break
            said_in = words[start - 1 : start] == ["in"]
            # "In Sunset Park" is the neighbourhood, "at Sunset Park" may be the park.
            if said_in or not gazetteer.landmarks_named(joined("".join(window)), in_full=True):
                if not any(m.start <= start and end <= m.end for m in named):
                    reading.districts.append(DistrictHint(district, start, end, 1.0))
            break


def read_landmarks(gazetteer: Gazetteer, reading: Reading, types: set[int]) -> None:
    """Note named places behind "at", "near", …; not where a street's type follows (``types``)."""
    words = reading.words
    districts = {(hint.start, hint.end) for hint in reading.districts}
    for start in range(len(words)):
        placed = start == 0 or words[start - 1] in BEFORE_LANDMARK
        alone = start in reading.breaks or words[start - 1] in BEFORE_NAME
        if not (placed or alone) or words[start] in NO_BEGINNING:
            continue
        for length in range(1, LANDMARK_WORDS + 1):
            window = words[start : start + length]
            if len(window) < length:
                break
            stops = (window[0] in STOP and window[0] != "one") or (
                window[-1] in STOP and window[-1] not in ("one", "two", "three")
            )
            folded = _folded(window)
            district = (start, start + length) in districts
            if start + length in types or (  # "Bronx Zoo" is a name, and sounds like the Bronx
                district and not gazetteer.landmarks_named(folded, in_full=True)
            ):
                continue
            if len(folded) < 4 or (length == 1 and len(folded) < 6):
                continue
            # "Auction House": a word that ends no name may end one that is said in full.
            for number, score, how in gazetteer.landmarks_named(folded, in_full=stops):
                if not placed and (how == "sound" or length == 1):
                    continue
                factor = 1.0 if length > 1 else 0.9
                reading.landmarks.append(
                    LandmarkMention(start, start + length, number, score * factor, how)
                )


def _folded(window: Sequence[str]) -> str:
    """Words joined, numbers in digits: "ps one seventy six" → ps176."""
    out = []
    i = 0
    while i < len(window):
        number = read_number(window, i)
        if number and not number.ordinal:
            out.append(str(number.value))
            i = number.end
        else:
            out.append(window[i])
            i += 1
    return joined("".join(out))
