"""What is right in a record: the rules by which a found record is held against the expected one.

- category, level, injured, caller_name and callback must be equal; of names only letters count,
  of numbers only digits. A number that is known only from the line was not said.
- weapons, dangers and asked_for are judged item by item, suspects and when by their words: two
  descriptions are the same when the Dice overlap of their words (Chinese: characters, Korean:
  syllables) is at least `SAME_WORDS`.
- place: right within `SAME_PLACE_M` of the expected point. Where the words do not say where it is,
  it is right not to name a place. To ask back is never wrong, only missing.

What nobody spoke of and the record leaves empty counts for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from callcenter.incidents.record import FIELDS, Evidence, Record
from callcenter.precincts.boundaries import metres_between

SAME_WORDS = 0.5
SAME_PLACE_M = 250.0
SURE = 0.9
"""From this confidence on an officer is sent without asking back."""

EQUAL = frozenset({"category", "level", "injured", "caller_name", "callback"})
ITEMS = frozenset({"weapons", "dangers", "asked_for"})
PHRASES = frozenset({"suspects", "when"})

_WORD = re.compile(r"[\w']+")
PrecinctOutcome = Literal["right", "sure and wrong", "unsure and wrong", "asked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One value that a record names, how sure it is of it, and whether it is right."""

    field: str
    value: Any
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was expected and not found, found and not expected, or both."""

    call: str
    field: str
    expected: Any
    found: Any
    words: str = ""
    """The words that a wrong value was taken from."""


@dataclass(frozen=True, slots=True)
class FieldScore:
    """Counts of one field in one call."""

    right: int = 0
    wrong: int = 0
    """Found and not expected."""
    missed: int = 0
    """Expected and not found."""


@dataclass(frozen=True, slots=True)
class CallScore:
    """One call judged."""

    call: str
    fields: Mapping[str, FieldScore]
    findings: Sequence[Finding]
    mistakes: Sequence[Mistake]
    precinct: PrecinctOutcome | None
    """None: no precinct is expected."""
    asked: bool | None
    """Whether an unresolvable place is left open; None: there is none."""
    question: bool | None
    """Whether the record has a question ready for it; None: there is none."""


def score(call: str, expected: Mapping[str, Any], record: Record, language: str) -> CallScore:
    """Judge the record of one call. ``expected`` as `callcenter.lab.expected` describes it."""
    judged = _Judged(call, expected, record, language)
    for name in FIELDS:
        if name == "place":
            judged.place()
        elif name in ITEMS:
            judged.items(name)
        elif name in PHRASES:
            judged.phrases(name)
        else:
            judged.equal(name)
    place = expected.get("place")
    found = record.fields.get("place")
    unresolvable = place is not None and not place.get("resolvable", True)
    named = _resolved(found)
    return CallScore(
        call,
        judged.fields,
        judged.findings,
        judged.mistakes,
        precinct_outcome(place, found),
        not named if unresolvable else None,
        (not named and bool(found and found.get("read_back"))) if unresolvable else None,
    )


def precinct_outcome(
    expected: Mapping[str, Any] | None, found: Mapping[str, Any] | None
) -> PrecinctOutcome | None:
    """Where the call would have gone; None where no precinct is expected."""
    wanted = (expected or {}).get("precinct")
    if wanted is None:
        return None
    precinct = (found or {}).get("precinct")
    if precinct is None:
        return "asked"
    if str(precinct) == str(wanted):
        return "right"
    return "sure and wrong" if _confidence_of(found) >= SURE else "unsure and wrong"


def overlap(a: str, b: str, language: str) -> float:
    """Dice overlap of two descriptions, 0 to 1: words in English, else characters."""
    one, other = _parts(a, language), _parts(b, language)
    if not one or not other:
        return 0.0
    return 2 * sum((one & other).values()) / (one.total() + other.total())


class _Judged:
    """Gathers what is right and wrong of one call, field by field."""

    def __init__(
        self, call: str, expected: Mapping[str, Any], record: Record, language: str
    ) -> None:
        self.fields: dict[str, FieldScore] = {}
        self.findings: list[Finding] = []
        self.mistakes: list[Mistake] = []
        self._call = call
        self._expected = expected
        self._record = record
        self._language = language

    def equal(self, name: str) -> None:
        """One value, the same or not."""
        expected, found = self._expected.get(name), self._record.fields.get(name)
        if name == "callback" and self._only_from_line():
            found = None
        right = found is not None and comparable(name, found) == comparable(name, expected)
        self._note(name, expected, found, int(right), [(found, right)] if found is not None else [])

    def items(self, name: str) -> None:
        """Each item by itself."""
        expected = list(self._expected.get(name) or ())
        found = list(dict.fromkeys(self._record.fields.get(name) or ()))
        verdicts = [(item, item in expected) for item in found]
        self._note(name, expected, found, sum(right for _, right in verdicts), verdicts)

    def phrases(self, name: str) -> None:
        """Descriptions, paired by how much their words overlap, the closest first."""
        expected = _listed(self._expected.get(name))
        found = _listed(self._record.fields.get(name))
        pairs = sorted(
            (
                (overlap(wanted, said, self._language), i, j)
                for i, wanted in enumerate(expected)
                for j, said in enumerate(found)
            ),
            key=lambda pair: (-pair[0], pair[1:]),
        )
        of_expected: set[int] = set()
        of_found: set[int] = set()
        for same, i, j in pairs:
            if same >= SAME_WORDS and i not in of_expected and j not in of_found:
                of_expected.add(i)
                of_found.add(j)
        verdicts = [(said, j in of_found) for j, said in enumerate(found)]
        self._note(name, expected, found, len(of_expected), verdicts)

    def place(self) -> None:
        """A point on the map, or none."""
        expected, found = self._expected.get("place"), self._record.fields.get("place")
        named = _resolved(found)
        if expected is not None and not expected.get("resolvable", True):
            self._note_place(expected, found, named, right=not named)
        elif expected is None:
            self._note_place(None, found if named else None, named, right=False)
        else:
            near = found is not None and named and _near(expected, found)
            self._note_place(expected, found, named, right=near)

    def _note_place(self, expected: Any, found: Any, named: bool, *, right: bool) -> None:
        self.fields["place"] = FieldScore(
            int(right), int(named and not right), int(expected is not None and not right)
        )
        if named:
            self.findings.append(Finding("place", found["text"], _confidence_of(found), right))
        if not right and (expected is not None or named):
            words = " / ".join(row.words for row in self._record.evidence.get("place", ()))
            self.mistakes.append(
                Mistake(self._call, "place", _placed(expected), _placed(found), words)
            )

    def _note(
        self, name: str, expected: Any, found: Any, right: int, verdicts: list[tuple[Any, bool]]
    ) -> None:
        wanted = len(expected) if isinstance(expected, list) else int(expected is not None)
        score = FieldScore(right, len(verdicts) - right, wanted - right)
        self.fields[name] = score
        rows = self._record.evidence.get(name, ())
        self.findings += [
            Finding(name, value, _confidence(rows, value), true) for value, true in verdicts
        ]
        if score.wrong or score.missed:
            wrong = [value for value, true in verdicts if not true]
            words = " / ".join(row.words for row in rows if row.value in wrong)
            self.mistakes.append(Mistake(self._call, name, expected, found, words))

    def _only_from_line(self) -> bool:
        rows = self._record.evidence.get("callback", ())
        return bool(rows) and all(row.source == "line" for row in rows)


def comparable(name: str, value: Any) -> Any:
    """A value without what does not matter."""
    if value is None:
        return None
    if name == "callback":
        return "".join(character for character in str(value) if character.isdecimal())
    if name == "caller_name":
        return "".join(character for character in str(value).casefold() if character.isalnum())
    return value


def _parts(text: str, language: str) -> Counter[str]:
    if language == "en":
        return Counter(_WORD.findall(text.lower().replace("\u2019", "'")))
    return Counter(character for character in text.lower() if character.isalnum())


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _confidence(rows: Sequence[Evidence], value: Any) -> float:
    """How sure a record is of a value: as its best evidence is."""
    own = [row.confidence for row in rows if row.value == value]
    return max(own or [row.confidence for row in rows] or [0.0])


def _confidence_of(place: Mapping[str, Any] | None) -> float:
    return float((place or {}).get("confidence") or 0.0)


def _resolved(place: Mapping[str, Any] | None) -> bool:
    return place is not None and place.get("lat") is not None


def _near(expected: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    here, there = (expected["lat"], expected["lon"]), (found["lat"], found["lon"])
    if abs(here[0] - there[0]) > 1 or abs(here[1] - there[1]) > 1:
        return False
    return metres_between(*here, *there) <= SAME_PLACE_M


def _placed(place: Mapping[str, Any] | None) -> Any:
    """A place as a list of mistakes shows it."""
    if place is None:
        return None
    if not place.get("resolvable", True):
        return "cannot be known"
    if place.get("lat") is None:
        guess = place.get("runner_up") or {}
        guessed = f", perhaps {guess['text']}" if guess.get("text") else ""
        return f"asked: {place.get('read_back', '')}{guessed}"
    where = f"{place['lat']:.4f},{place['lon']:.4f}, precinct {place.get('precinct')}"
    sure = "" if place.get("confidence") is None else f", {place['confidence']:.2f}"
    return f"{place.get('text')} ({where}{sure})"
