"""Places that may be meant, ranked, with the reasons for each.

A name of three signs or more that was said as it is written, and stands alone, speaks for itself.
A weak one (known by its sound, short, or a word that is said of many places) needs a second
witness: its district, the word for its kind, another place close by, or the caller's yes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.gazetteer import street_label
from callcenter.precincts.known_positions import FAR_FACTOR, NEAR_FACTOR, KnownPosition
from callcenter.precincts.places_by_sound.conversation import Conversation, Placed
from callcenter.precincts.places_by_sound.mentions import Mention
from callcenter.precincts.places_by_sound.names import Names

SAME_PLACE_M = 200.0
NEAR_M = 900.0
STRONG = 0.88
WEAK = 0.5
WITNESSED = 0.72
WITNESS_BONUS = 0.06
HERE_BONUS = 0.04
ASKED_BONUS = 0.03
LATER_BONUS = 0.02
CONFIRMED_SCORE = 0.97
OTHER_DISTRICT = 0.6
AWAY = 0.45
DENIED = 0.4
NEVER_SURE = 0.98
ROADS = frozenset({"road", "street"})
ROAD_LOSS = 0.08
"""A point on a long road says less than a place on it."""
LEAST_SIGNS = 3
NO_WITNESS = "a weak match without a second witness"
CROSSING_SCORE = 0.93


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place that may be meant. ``reasons`` say in words why it ranks where it does."""

    text: str
    lat: float
    lon: float
    kind: str
    district: str
    score: float
    reasons: tuple[str, ...]
    turns: tuple[tuple[int, str], ...]
    confirmed: bool = False


@dataclass(slots=True)
class _Case:
    """What speaks for one place."""

    label: str
    lat: float
    lon: float
    kind: str
    district: str
    placed: list[Placed] = field(default_factory=list)


def rank(names: Names, talk: Conversation, district: str | None = None) -> list[Ranked]:
    """Places by score, the likeliest first; two that are the same place stand together."""
    said = _districts(names, talk, district)
    cases: dict[int, _Case] = {}
    for each in talk.placed:
        if each.mention.kind == "landmark":
            row = names.gazetteer.landmarks[each.mention.number]
            case = cases.setdefault(
                each.mention.number, _Case(row.name, row.lat, row.lon, row.kind, row.district)
            )
            case.placed.append(each)
    found = [_ranked(names, case, said, tuple(cases.values()), talk) for case in cases.values()]
    found += _on_streets(names, talk, said)
    found.sort(key=lambda place: -place.score)
    return found


def near_first(ranked: Sequence[Ranked], known: Sequence[KnownPosition]) -> list[Ranked]:
    """The same places: likelier near the caller's phone or line, less likely far from it.

    To be near is a second witness for a weak name. What the caller confirmed stays as it is.
    """
    found = list(ranked)
    for position in known:
        for number, place in enumerate(found):
            if place.confirmed:
                continue
            near = position.agrees(place.lat, place.lon)
            factor = (NEAR_FACTOR if near else FAR_FACTOR)[position.source]
            if near and NO_WITNESS in place.reasons:
                factor *= WITNESSED / WEAK
            said = f"{'near' if near else 'far from'} the {position.source}"
            score = round(min(place.score * factor, NEVER_SURE), 4)
            found[number] = replace(place, score=score, reasons=(*place.reasons, said))
    found.sort(key=lambda place: -place.score)
    return found


def _districts(names: Names, talk: Conversation, known: str | None) -> dict[str, str]:
    """Districts that were spoken of, with how they are known."""
    said: dict[str, str] = {}
    for each in talk.placed:
        mention = each.mention
        within = any(
            other.turn == each.turn
            and other.mention.kind != "district"
            and other.mention.start <= mention.start < other.mention.end
            for other in talk.placed
        )
        if mention.kind == "district" and not mention.away and not each.denied and not within:
            said[names.districts[mention.number]] = "district named"
    if known and known not in said:
        said.update({name: "district of the line" for name in names.districts if name == known})
    return said


def _ranked(
    names: Names,
    case: _Case,
    said: dict[str, str],
    others: Collection[_Case],
    talk: Conversation,
) -> Ranked:
    counted = [each for each in case.placed if not each.denied] or case.placed
    best = max(counted, key=lambda each: (each.mention.score, each.mention.apart))
    mention = best.mention
    strong = (
        mention.exact
        and not mention.short
        and mention.apart
        and mention.size >= LEAST_SIGNS
        and not _ordinary(names, mention)
    )
    witnesses = _witnesses(names, case, best, said, others)
    if strong:
        score = STRONG * mention.score
    elif witnesses:
        score = WITNESSED * mention.score
        score += WITNESS_BONUS / 2 * (mention.exact or mention.size > LEAST_SIGNS)
    else:
        score = WEAK * mention.score
    reasons = ["said as it is written" if mention.exact else "sounds like it", *witnesses]
    if not strong and not witnesses:
        reasons.append(NO_WITNESS)
    score += WITNESS_BONUS * min(len(witnesses), 2)
    score += HERE_BONUS * any(each.mention.here for each in counted)
    score += ASKED_BONUS * any(each.asked for each in counted)
    score += LATER_BONUS * _lateness(talk, counted)
    if case.kind in ROADS:
        score -= ROAD_LOSS
    confirmed = any(each.confirmed for each in case.placed)
    denied = any(each.denied for each in case.placed)
    if said and case.district and case.district not in said:
        score *= OTHER_DISTRICT
        reasons.append("another district was named")
    if all(each.mention.away for each in counted if each.by_caller) and not confirmed:
        score *= AWAY
        reasons.append("somebody goes there or comes from there")
    if denied:
        score *= DENIED
        reasons.append("the caller said no to it")
    elif confirmed:
        score = max(score, CONFIRMED_SCORE * mention.score)
        reasons.append("the caller confirmed it")
    return Ranked(
        case.label,
        case.lat,
        case.lon,
        case.kind or "landmark",
        case.district,
        round(score, 4),
        tuple(dict.fromkeys(reasons)),
        tuple((each.turn, each.mention.words) for each in case.placed),
        confirmed,
    )


def _ordinary(names: Names, mention: Mention) -> bool:
    words = mention.words.replace(" ", "")
    return words in names.words.ordinary or words in names.words.kinds


def _lateness(talk: Conversation, placed: Sequence[Placed]) -> float:
    """0 for the first words of a conversation that name a place, 1 for the last."""
    order = [(each.turn, each.mention.start) for each in talk.placed]
    last = max((each.turn, each.mention.start) for each in placed)
    first, end = min(order), max(order)
    if first == end:
        return 1.0
    return sorted(set(order)).index(last) / (len(set(order)) - 1)


def _witnesses(
    names: Names, case: _Case, best: Placed, said: dict[str, str], others: Collection[_Case]
) -> list[str]:
    """What speaks for a place besides its name."""
    found = [said[case.district]] if case.district in said else []
    mention = best.mention
    ordinary = _ordinary(names, mention)
    words = mention.words.replace(" ", "")
    if mention.kind_said and not mention.short and not ordinary and mention.size > LEAST_SIGNS:
        found.append("the word for its kind was said")
    rivals = [
        other
        for other in others
        if other is not case and _spans(other) & {(best.turn, mention.start)}
    ]
    bare = words in names.words.kinds and words not in names.words.one_of_a_kind
    if mention.exact and mention.apart and not rivals and not bare:
        if not mention.short and (mention.here or best.asked):
            found.append("said to be where the caller is")
        elif mention.short and mention.size > LEAST_SIGNS:
            found.append("no other place is called so")
    for other in others:
        if other is case or other in rivals or other.label == case.label:
            continue
        if metres_between(case.lat, case.lon, other.lat, other.lon) <= NEAR_M:
            if any(each.mention.exact and not each.denied for each in other.placed):
                found.append(f"{other.label} is close by")
                break
    return found


def _spans(case: _Case) -> set[tuple[int, int]]:
    return {(each.turn, each.mention.start) for each in case.placed}


def _on_streets(names: Names, talk: Conversation, said: dict[str, str]) -> list[Ranked]:
    """Crossings and house numbers of streets that were named."""
    gazetteer = names.gazetteer
    named = [e for e in talk.placed if e.mention.kind == "street" and not e.denied]
    found: dict[str, Ranked] = {}
    for each in named:
        street = gazetteer.streets[each.mention.number]
        if each.mention.house_number is not None:
            at = gazetteer.address(street.id, each.mention.house_number)
            if at is not None:
                label = f"{street.name}{each.mention.house_number}号"
                if names.language == "ko":
                    label = f"{street.name} {each.mention.house_number}"
                score = 0.92 * each.mention.score * at.certainty
                _keep(
                    found,
                    _street_place(label, at.lat, at.lon, "address", street.district, score, [each]),
                    said,
                )
        for other in named:
            if other.mention.number <= each.mention.number or (
                each.turn == other.turn and each.mention.start == other.mention.start
            ):
                continue
            for lat, lon, _ in gazetteer.crossing(each.mention.number, other.mention.number):
                second = gazetteer.streets[other.mention.number]
                label = street_label([street.name, second.name], "")
                label = label.replace(" and ", "与" if names.language == "zh" else "·")
                score = CROSSING_SCORE * min(each.mention.score, other.mention.score)
                _keep(
                    found,
                    _street_place(
                        label, lat, lon, "crossing", street.district, score, [each, other]
                    ),
                    said,
                )
    return list(found.values())


def _street_place(
    label: str, lat: float, lon: float, kind: str, district: str, score: float, why: list[Placed]
) -> Ranked:
    away = all(each.mention.away for each in why)
    confirmed = any(each.confirmed for each in why)
    reasons = ["both streets meet there" if kind == "crossing" else "a house number of the street"]
    return Ranked(
        label,
        lat,
        lon,
        kind,
        district,
        round(min((score + 0.05 * confirmed) * (AWAY if away else 1.0), NEVER_SURE), 4),
        tuple(reasons),
        tuple((each.turn, each.mention.words) for each in why),
        confirmed,
    )


def _keep(found: dict[str, Ranked], place: Ranked, said: dict[str, str]) -> None:
    if said and place.district and place.district not in said:
        place = replace(
            place,
            score=place.score * OTHER_DISTRICT,
            reasons=(*place.reasons, "another district was named"),
        )
    elif place.district in said:
        place = replace(place, score=min(place.score + 0.03, NEVER_SURE))
    known = found.get(place.text)
    if known is None or known.score < place.score:
        found[place.text] = place
