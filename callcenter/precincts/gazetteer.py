"""Streets, crossings and named places, found by how they sound."""

from __future__ import annotations

import re
import statistics
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.gazetteer_files import read_gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows, Landmark
from callcenter.precincts.phonetics import SoundIndex, joined
from callcenter.precincts.spoken_numbers import spoken
from callcenter.precincts.spoken_words import ABBREVIATIONS, COMMON, GENERIC, words_of
from callcenter.precincts.street_names import StreetName, parse_street, tidy

CITY = Path(__file__).parent / "data" / "new_york"
CITY_FILES = tuple(
    CITY / f"{name}.csv{packed}"
    for name, packed in (
        ("crossings", ".gz"),
        ("addresses", ".gz"),
        ("spellings", ".gz"),
        ("places", ".gz"),
        ("everyday_names", ""),
        ("neighbourhoods", ""),
    )
)
LANDMARK_CUTOFF = 0.86
AREA_WORDS = frozenset({"SQUARE", "CIRCLE", "PLAZA"})
AREA_M = 600.0
PARK_M = 1200.0
NEAR_NEIGHBOURS_M, FAR_NEIGHBOURS_M = 400.0, 800.0
"""House numbers known so far apart: what lies between them is known well, or less well."""
FARTHEST_NUMBER = 200
METRES_A_DEGREE = 111_000.0
_WORDS = re.compile(r"[a-z0-9&]+")
_WORD_AND_NUMBER = re.compile(r"([a-z]{3,})\d+")
_NOT_LATIN = re.compile(r"[^\x00-\u024f]")


@dataclass(slots=True)
class Street:
    """A street of one district and where it meets others (by their place in the list)."""

    id: int
    name: str
    district: str
    crossings: dict[int, list[tuple[float, float, int]]] = field(default_factory=dict)
    addresses: list[tuple[int, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say a street's name."""

    street: int
    type: str | None
    direction: str | None


@dataclass(frozen=True, slots=True)
class AddressPoint:
    """Where a house number is; ``how``: ``known``, ``between`` or ``beside`` known ones."""

    lat: float
    lon: float
    certainty: float
    how: str


class Gazetteer:
    """All that is known of a city's places."""

    def __init__(self, rows: GazetteerRows) -> None:
        self.streets: list[Street] = []
        self._street_ids: dict[tuple[str, str], int] = {}
        for crossing in rows.crossings:
            a = self._street(crossing.street_a, crossing.district)
            b = self._street(crossing.street_b, crossing.district)
            point = (crossing.lat, crossing.lon, crossing.sightings)
            a.crossings.setdefault(b.id, []).append(point)
            b.crossings.setdefault(a.id, []).append(point)
        for address in rows.addresses:
            number = house_number(address.number)
            if number is not None:
                street = self._street(address.street, address.district)
                street.addresses.append((number, address.lat, address.lon))
        for street in self.streets:
            street.addresses.sort()
        self.parsed = [parse_street(street.name) for street in self.streets]
        self.forms: dict[str, list[Form]] = defaultdict(list)
        for street in self.streets:
            self._add_form(street.name, street.id)
        for spelling in rows.spellings:
            known = self._street_ids.get((spelling.street, spelling.district))
            if known is not None:
                self._add_form(spelling.spelling, known)
        names = (parse_street(row.spelling) for row in rows.spellings)
        self.short_names = frozenset(n.core for n in names if n.type is None and len(n.core) == 3)
        """What people call a street in so few letters: Lex."""
        self.number_prefixes = frozenset(
            match[1] for core in self.forms if (match := _WORD_AND_NUMBER.fullmatch(core))
        )
        """Words that a numbered street's name begins with: "Beach" 20 Street."""
        numbers = [int(core) for core in self.forms if core.isdecimal()]
        self.number_sounds = {said: n for n in numbers if n for said in spoken(n)}
        self.sounds = SoundIndex(core for core in self.forms if not core.isdecimal())
        self.number_index = SoundIndex(self.number_sounds)
        self.untyped = frozenset(
            core
            for core, forms in self.forms.items()
            if len(core) > 4 and any(form.type is None for form in forms)
        )
        self.districts = tuple(sorted({street.district for street in self.streets} - {""}))
        self._district_keys = frozenset(map(joined, self.districts))
        self.neighbourhoods = {
            tuple(words_of(row.name)): row.district
            for row in rows.neighbourhoods
            if row.district in self.districts
        }
        """Words of the name of a part of a district, and which district."""
        self.landmarks = (*rows.landmarks, *areas(rows.landmarks))
        self._landmark_keys: dict[str, list[int]] = defaultdict(list)
        self._landmark_short: dict[str, list[int]] = defaultdict(list)
        for number, landmark in enumerate(self.landmarks):
            self._add_landmark(number, landmark)
        self._add_parts_of_parks()
        self._other_script = tuple(
            number for number, row in enumerate(self.landmarks) if _NOT_LATIN.search(row.name)
        )
        self.landmark_sounds = SoundIndex(key for key in self._landmark_keys if len(key) > 5)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Self:
        """Read gazetteer files; none: those of the city that comes with the product.

        `GazetteerFileError` says what is wrong with one.
        """
        files = tuple(paths) or CITY_FILES
        return cls(GazetteerRows.together([read_gazetteer(path) for path in files]))

    def crossing(self, a: int, b: int) -> list[tuple[float, float, int]]:
        """Where two streets meet (some meet twice): latitude, longitude, sightings."""
        return self.streets[a].crossings.get(b, [])

    def landmarks_named(
        self, window: str, *, in_full: bool = False
    ) -> list[tuple[int, float, str]]:
        """Landmarks (by place in the list) called like this, spaces taken out; score and how.

        ``in_full``: only those of exactly this name.
        """
        exact = self._landmark_keys.get(window)
        if exact or in_full:
            return [(number, 1.0, "exact") for number in exact or ()]
        short = self._landmark_short.get(window)
        if short and len(short) <= 3:
            return [(number, 0.93, "short") for number in short]
        found: dict[int, float] = {}
        if len(window) > 6:
            for heard in self.landmark_sounds.find(window, LANDMARK_CUTOFF):
                for number in self._landmark_keys[heard.name]:
                    found.setdefault(number, heard.score)
        return [(number, score, "sound") for number, score in found.items()]

    def landmarks_in(self, text: str) -> list[int]:
        """Landmarks whose name in another script stands in a text as it is, the longest first."""
        found = [number for number in self._other_script if self.landmarks[number].name in text]
        return sorted(found, key=lambda number: -len(self.landmarks[number].name))

    def address(self, street: int, number: int) -> AddressPoint | None:
        """Where a house number is: known, between its neighbours, or beside the nearest."""
        rows = self.streets[street].addresses
        at = bisect_left(rows, (number,))
        if at < len(rows) and rows[at][0] == number:
            return AddressPoint(rows[at][1], rows[at][2], 1.0, "known")
        below = rows[at - 1] if at else None
        above = rows[at] if at < len(rows) else None
        if below and above:
            # Even and odd numbers are on two sides; the own side's neighbours if not far apart.
            own = [row for row in rows if (row[0] - number) % 2 == 0]
            side = bisect_left(own, (number,))
            if 0 < side < len(own) and own[side][0] - own[side - 1][0] <= 2 * (above[0] - below[0]):
                below, above = own[side - 1], own[side]
            metres = metres_between(below[1], below[2], above[1], above[2])
            share = (number - below[0]) / (above[0] - below[0])
            if metres <= FAR_NEIGHBOURS_M:
                return AddressPoint(
                    below[1] + share * (above[1] - below[1]),
                    below[2] + share * (above[2] - below[2]),
                    1.0 if metres <= NEAR_NEIGHBOURS_M else 0.7,
                    "between",
                )
        beside = [row for row in (below, above) if row]
        if not beside:
            return None
        nearest = min(beside, key=lambda row: abs(row[0] - number))
        apart = abs(nearest[0] - number)
        if apart > FARTHEST_NUMBER:
            return None
        return AddressPoint(
            nearest[1], nearest[2], 0.7 if apart <= FARTHEST_NUMBER // 4 else 0.4, "beside"
        )

    def passes(self, street: int, lat: float, lon: float, metres: float) -> bool:
        """Whether a street passes a point, as far as its crossings and numbers tell."""
        known = self.streets[street]
        points = [at[:2] for crossing in known.crossings.values() for at in crossing]
        points += [row[1:] for row in known.addresses]
        reach = metres / METRES_A_DEGREE * 2
        return any(
            abs(at[0] - lat) < reach
            and abs(at[1] - lon) < reach
            and metres_between(at[0], at[1], lat, lon) <= metres
            for at in points
        )

    def _street(self, name: str, district: str) -> Street:
        known = self._street_ids.get((name, district))
        if known is None:
            known = len(self.streets)
            self._street_ids[(name, district)] = known
            self.streets.append(Street(known, name, district))
        return self.streets[known]

    def _add_form(self, name: str, street: int) -> None:
        parsed: StreetName = parse_street(name)
        if parsed.core:
            form = Form(street, parsed.type, parsed.direction)
            if form not in self.forms[parsed.core]:
                self.forms[parsed.core].append(form)

    def _add_landmark(self, number: int, landmark: Landmark) -> None:
        words = [
            ABBREVIATIONS.get(word, word)
            for word in _WORDS.findall(landmark.name.lower().replace("'", ""))
        ]
        words = " ".join(words).split()
        if joined("".join(words)) in self._district_keys:
            return  # the Brooklyn Bridge is called BROOKLYN in some lists
        self._landmark_keys[joined("".join(words))].append(number)
        if words[:1] == ["the"]:
            self._landmark_keys[joined("".join(words[1:]))].append(number)
        for short in _shorter(words):
            key = joined("".join(short))
            said = parse_street(" ".join(short))
            forms = self.forms.get(said.core, ())
            # "Kings Highway" is the street, not Kings Highway Library.
            street = any(form.type == said.type for form in forms) or (len(short) == 1 and forms)
            if not street and key not in self._district_keys and len(key) > 6:
                self._landmark_short[key].append(number)

    def _add_parts_of_parks(self) -> None:
        """Let "the Loeb Boathouse" name CENTRAL PARK LOEB BOATHOUSE."""
        parks = {row.name.upper() for row in self.landmarks if row.kind == "park"}
        for number, row in enumerate(self.landmarks):
            words = row.name.upper().split()
            for cut in range(2, len(words) - 1):
                rest = [word.lower() for word in words[cut:]]
                if " ".join(words[:cut]) in parks and not COMMON.issuperset(rest):
                    self._landmark_short[joined("".join(rest))].append(number)


def _shorter(words: Sequence[str]) -> list[list[str]]:
    """What people leave out of a name.

    "Grand Central (Terminal)", "Brooklyn Museum (of Art)", "(William Cullen) Bryant High School".
    """
    found = []
    short = list(words)
    if len(short) > 3 and short[-2].isdecimal() and short[-1] in ("street", "saint", "avenue"):
        short = short[:-2]  # "Apollo Theatre 125 St"
        found.append(list(short))
    while len(short) > 1 and short[-1] in GENERIC:
        short.pop()
        found.append(list(short))
    if "of" in words[2:] and words[words.index("of", 2) - 1] in GENERIC:
        found.append(list(words[: words.index("of", 2)]))
    kind = len(short)
    while kind > 1 and short[-1:] == ["high"]:  # "high" belongs to "school"
        short.pop()
        kind -= 1
    if kind < len(words) and kind > 1:
        found.append(list(words[kind - 1 :]))
    everyday = GENERIC | COMMON
    return [each for each in found if each != list(words) and not everyday.issuperset(each)]


def house_number(text: str) -> int | None:
    """``108-05`` → 10805, ``12A`` → 12; None when there is no number."""
    digits = re.match(r"(\d+)(?:-(\d{2,3}))?", text.strip())
    if digits is None:
        return None
    return int(digits[1] + (digits[2] or ""))


def areas(landmarks: Sequence[Landmark]) -> list[Landmark]:
    """Squares and circles that no row names, but the names of several rows close together do.

    "Times Square Church", "Times Square Museum", … stand around Times Square.
    """
    groups: dict[tuple[str, str], list[Landmark]] = defaultdict(list)
    for landmark in landmarks:
        words = landmark.name.upper().split()
        for i in range(1, len(words)):
            if words[i] in AREA_WORDS and len(words) > 2:
                groups[(" ".join(words[i - 1 : i + 1]), landmark.district)].append(landmark)
        if "PARK" in words[1:-1]:  # "Prospect Park Ambergill" is in Prospect Park
            name = " ".join(words[: words.index("PARK", 1) + 1])
            groups[(name, landmark.district)].append(landmark)
    named = {landmark.name.upper() for landmark in landmarks}
    found = []
    for (name, district), rows in groups.items():
        lat = statistics.median(row.lat for row in rows)
        lon = statistics.median(row.lon for row in rows)
        far = sorted(metres_between(lat, lon, row.lat, row.lon) for row in rows)
        widest = PARK_M if name.endswith("PARK") else AREA_M
        if len(rows) >= 3 and far[len(far) * 3 // 4] <= widest and name not in named:
            found.append(Landmark(name, "area", district, round(lat, 5), round(lon, 5)))
    return found


def street_label(names: Sequence[str], district: str) -> str:
    """How a crossing is written for people."""
    where = " and ".join(tidy(name) for name in names)
    return f"{where}, {district}" if district else where
