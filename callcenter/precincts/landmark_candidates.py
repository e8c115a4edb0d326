"""Named places that may be meant, and what must speak for a weak one.

Lists of names hold shops called THE DOOR, and names that sound like any other word. A name that
is weak (heard by sound only, or made of common words) counts only with a second witness: the
district that was said, a street beside it, its kind said with it, a read-back that the caller
confirmed, the line's address or the handset's position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.candidate import Candidate, Exact, Placed, Source
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.gazetteer_rows import Landmark
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.reading import DistrictHint, LandmarkMention, Reading
from callcenter.precincts.spoken_words import AWAY, COMMON, GENERIC, RELATIONS, VAGUE
from callcenter.precincts.street_names import tidy

KNOWN_KINDS = frozenset({"landmark", "transport", "airport", "bridge", "hospital", "park", "area"})
OTHER_KIND_FACTOR = 0.96
"""A library or hotel of the same name is meant less often."""
ONE_WORD, MORE_WORDS = 0.84, 0.9
PER_WORD = 0.01
NO_WITNESS_FACTOR = 0.66
AWAY_FACTOR = 0.8
VAGUE_FACTOR = 0.7
WITNESS_M = 500.0
SURE_LENGTH = 8
"""One uncommon word of so many letters is a name by itself ("Unisphere")."""
BESIDE_BONUS = 0.06
"""A street that was named and passes by."""


def landmarks(
    gazetteer: Gazetteer,
    readings: Sequence[Reading],
    weights: Sequence[float],
    exact: Exact,
    placed: Sequence[Placed],
    *,
    hints: Sequence[tuple[int, DistrictHint]],
    confirmed: frozenset[int],
    district: str | None,
    known: Sequence[KnownPosition],
    beside: Sequence[Candidate],
) -> Iterator[Candidate]:
    """Named places of the readings; ``beside``: crossings and addresses that were found."""
    for number, reading in enumerate(readings):
        named = {
            (p.mention.start, p.mention.end)
            for p in placed
            if p.reading == number and exact.named(p) and p.mention.type is not None
        }
        for said in reading.landmarks:
            place = gazetteer.landmarks[said.landmark]
            # "Grand Army Plaza" is both; most that sound like a street are no more than it.
            both = said.how == "exact" and place.kind in KNOWN_KINDS
            street = (said.start, said.end) in named and not both
            if street or _inside_longer(said, reading.landmarks):
                continue
            source = Source(number, said.start, said.end)
            candidate = _candidate(place, said, source, weights[number], reading)
            witnesses = _witnesses(
                gazetteer, place, said, source, reading, hints, placed, beside, known
            )
            if number in confirmed:
                witnesses.append("confirmed")
            if district and district == place.district:
                witnesses.append("district_known")
            for witness in witnesses:
                candidate = candidate.weighed(1.0, f"witness_{witness}")
            if "street" in witnesses:
                candidate = candidate.weighed(1 + BESIDE_BONUS, "street_beside")
            if _weak(place, said, reading) and not witnesses:
                candidate = candidate.weighed(NO_WITNESS_FACTOR, "weak_name_without_witness")
            yield candidate


def _candidate(
    place: Landmark, said: LandmarkMention, source: Source, weight: float, reading: Reading
) -> Candidate:
    words = said.end - said.start
    strength = weight * said.score * (MORE_WORDS if words > 1 else ONE_WORD)
    text = tidy(place.name)
    candidate = Candidate(
        f"{text}, {place.district}" if place.district else text,
        place.lat,
        place.lon,
        place.kind or "landmark",
        place.district,
        strength + PER_WORD * min(words, 5),
        (source,),
        (),
        0,
        (f"name_{said.how}",),
    )
    relation = _relation(reading, said.start)
    if relation:
        candidate = candidate.weighed(1.0, relation)
    if place.kind not in KNOWN_KINDS:
        candidate = candidate.weighed(OTHER_KIND_FACTOR, "kind_seldom_meant")
    if any(word in AWAY for word in reading.words[max(said.start - 3, 0) : said.start]):
        candidate = candidate.weighed(AWAY_FACTOR, "somebody_went_there")
    about = reading.words[max(said.start - 3, 0) : said.start]
    about += reading.words[said.end : said.end + 2]
    if any(word in VAGUE for word in about):
        candidate = candidate.weighed(VAGUE_FACTOR, "only_about_there")
    return candidate


def _weak(place: Landmark, said: LandmarkMention, reading: Reading) -> bool:
    words = [w for w in reading.words[said.start : said.end] if w != "the"]
    if said.how == "sound":
        return True
    if all(word in COMMON or word in GENERIC for word in words):
        return True
    short = len(words) == 1
    return short and (place.kind not in KNOWN_KINDS or len(words[0]) < SURE_LENGTH)


def _witnesses(
    gazetteer: Gazetteer,
    place: Landmark,
    said: LandmarkMention,
    source: Source,
    reading: Reading,
    hints: Sequence[tuple[int, DistrictHint]],
    placed: Sequence[Placed],
    beside: Sequence[Candidate],
    known: Sequence[KnownPosition],
) -> list[str]:
    found = []
    if any(
        hint.district == place.district
        and not (number == source.reading and hint.start < said.end and said.start < hint.end)
        for number, hint in hints
    ):
        found.append("district")
    last = reading.words[said.end - 1]
    if said.end - said.start > 1 and last in GENERIC and place.name.lower().endswith(last):
        if said.how == "sound" or any(
            w not in COMMON and w not in GENERIC for w in reading.words[said.start : said.end]
        ):
            found.append("kind")
    if _street_beside(gazetteer, place, source, placed, beside):
        found.append("street")
    found += [each.source for each in known if each.agrees(place.lat, place.lon)]
    return found


def _street_beside(
    gazetteer: Gazetteer,
    place: Landmark,
    source: Source,
    placed: Sequence[Placed],
    beside: Sequence[Candidate],
) -> bool:
    for other in beside:
        if other.score >= 0.7 and source not in other.sources:
            if metres_between(place.lat, place.lon, other.lat, other.lon) <= WITNESS_M:
                return True
    for each in placed:
        mention = each.mention
        if mention.type is None or (
            each.reading == source.reading
            and mention.start < source.end
            and source.start < mention.end
        ):
            continue
        for street, score in mention.streets.items():
            if score >= Exact.EXACT and gazetteer.passes(
                street, place.lat, place.lon, WITNESS_M / 2
            ):
                return True
    return False


def _inside_longer(said: LandmarkMention, others: Sequence[LandmarkMention]) -> bool:
    """Whether a longer name that was heard at least as well stands around this one."""
    return any(
        other.start <= said.start
        and said.end <= other.end
        and other.end - other.start > said.end - said.start
        and other.score >= said.score
        for other in others
    )


def _relation(reading: Reading, start: int) -> str | None:
    """Where the caller is to the place, such as ``next_to`` or ``opposite``."""
    words = reading.words[:start]
    if words[-1:] == ["the"]:
        words = words[:-1]
    for length in (4, 3, 2, 1):
        meaning = RELATIONS.get(tuple(words[-length:])) if len(words) >= length else None
        if meaning:
            return meaning
    return None
