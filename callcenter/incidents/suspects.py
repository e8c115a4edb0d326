"""Who did it, in the caller's words: looks, clothes, age, or who it is to the caller.

English words. The answer to the question what somebody looks like goes before what is said of
people in passing, and people before vehicles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from callcenter.incidents.conversation import Heard
from callcenter.incidents.kin import doer
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.looks import Described
from callcenter.incidents.record import Evidence

DESCRIBED, ASKED, KNOWN = 0.7, 0.8, 0.75
KIN_DO_IT = "domestic_violence"
MAY_BE_KIN = frozenset({KIN_DO_IT, "violence", "public_order", "theft", "robbery"})
BY_VEHICLE = "traffic"
OWN_VEHICLE = frozenset({"theft", "traffic"})
"""Matters in which the caller describes a vehicle of their own, too."""
FLED = frozenset({"fled", "drunk"})
"""Marks of a driver who is a suspect: the others in an accident are none."""
SEEN = frozenset({"in_person"})
"""Marks of one whom the caller has met."""
SHORTEST_LOOKS, LONGEST_LOOKS = 3, 18
"""Words of an answer that is taken for a description although none of its looks is known."""
AT_LEAST_BY_PHONE = 2
"""So many looks has somebody who is known from the telephone only; a voice is none."""


@dataclass(slots=True)
class _Person:
    said: list[str] = field(default_factory=list)
    rows: list[Evidence] = field(default_factory=list)
    asked: bool = False
    strength: int = 0

    def add(self, row: Described, item: Heard, asked: bool) -> None:
        said = row.whole if asked else row.said
        self.said.append(said)
        self.rows.append(item.evidence(said, said, ASKED if asked else DESCRIBED))
        self.asked = self.asked or asked
        self.strength += row.strength


def find(
    heard: Sequence[Heard], lexicon: Lexicon, category: str
) -> tuple[list[str] | None, list[Evidence]]:
    """Descriptions of those who did it."""
    marks = {h.name for item in heard for h in item.reading.marks if not h.denied}
    people, vehicles = _described(heard, lexicon)
    if category == BY_VEHICLE:
        people = []
        vehicles = vehicles if marks & FLED or any(v.asked for v in vehicles) else []
        if not marks & FLED:
            vehicles = []
    elif category in OWN_VEHICLE or people:
        vehicles = [] if people else [v for v in vehicles if not v.asked]
    if category == "fraud" and not marks & SEEN:
        people = [p for p in people if p.asked or p.strength >= AT_LEAST_BY_PHONE]
    known = doer(heard, lexicon, sure=category == KIN_DO_IT) if category in MAY_BE_KIN else None
    chosen = people or vehicles[:1]
    if known is not None and len(chosen) <= 1:
        item, words = known
        row = item.evidence(words, words, KNOWN)
        looks = chosen[0].said if chosen else []
        value = ", ".join([words, *(said for said in looks if said.lower() != words.lower())])
        return [value], [replace(row, value=value)]
    if not chosen:
        return None, []
    values = [", ".join(person.said) for person in chosen]
    rows = [
        replace(row, value=value)
        for value, person in zip(values, chosen, strict=True)
        for row in person.rows
    ]
    return values, rows


def _described(heard: Sequence[Heard], lexicon: Lexicon) -> tuple[list[_Person], list[_Person]]:
    people: list[_Person] = []
    vehicles: list[_Person] = []
    for item in heard:
        if item.asked is not None:
            continue
        question = item.answers
        asked = question is not None and bool(lexicon.ask_looks.search(question.text))
        rows_here = item.reading.described
        if not rows_here and _describes(item, lexicon):
            rows_here = (Described(item.turn.text.strip(), item.turn.text.strip()),)
        for row in rows_here:
            rows = vehicles if row.vehicle else people
            if asked and rows and not rows[-1].asked:
                rows.clear()  # said in passing before: often a bystander, and less of it
            elif not asked and rows and rows[-1].asked and not row.another:
                continue
            if not rows or row.another:
                rows.append(_Person())
            rows[-1].add(row, item, asked)
    return people, vehicles


def _describes(item: Heard, lexicon: Lexicon) -> bool:
    """Whether short words in answer to the question for looks are a description as a whole."""
    if item.answers is None or not lexicon.ask_appearance.search(item.answers.text):
        return False
    words = item.reading.text.split()
    plain = item.reading.answer is None and not item.reading.unsure
    return plain and SHORTEST_LOOKS <= len(words) <= LONGEST_LOOKS
