"""Sentences in which callers say where they are, with where that is, made from gazetteer rows.

The rows are the truth; the sentences are how people put it. `DEVELOPING` and `JUDGING` are made
with other rows, other seeds and partly other phrasings: rules are written with the first only.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from callcenter.precincts.boundaries import metres_between
from callcenter.precincts.gazetteer_rows import Address, Crossing, GazetteerRows, Landmark
from callcenter.precincts.street_names import parse_street, tidy

DEVELOPING, JUDGING = 0, 1
UNIT = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
)
UNIT += "fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINAL = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
PROBLEM = (
    ("There's been a robbery", "Somebody just got stabbed", "A man is beating his wife"),
    ("Please hurry, my father fell down", "Two guys broke a window", "I was mugged"),
)
HURRY = (("", "Please hurry!", "He has a knife."), ("Come quick.", "", "She's bleeding a lot."))
VAGUE = (
    ("I'm at home, please come", "it's at my mother's house", "I'm in the park by the lake",
     "we are at the deli on the corner", "he is kicking the door", "he's at the back door",
     "I'm in front of the school", "at the church next to the laundromat",
     "I'm on the second floor, apartment five", "near the subway station, I don't know which",
     "I'm at work", "it happened on the bus", "at the gas station", "outside the bank",
     "I'm at my friend's place", "by the hospital", "I'm in the lobby", "in the kitchen"),
    ("come to my apartment", "we're behind the supermarket", "I'm inside the store",
     "at the playground with my kids", "he's standing at the door", "I'm in the garden",
     "at the hotel, in the room", "I'm under the bridge", "near the library I think",
     "on the roof of the building", "I'm in my car", "at the post office", "in the basement",
     "at a restaurant", "next to the fire station", "in the parking lot", "on the highway",
     "I'm at the pharmacy across the street"),
)  # fmt: skip


class Said(NamedTuple):
    """A turn."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation and where the caller is; None: that cannot be known from the words."""

    kind: str
    turns: tuple[Said, ...]
    at: tuple[float, float] | None
    text: str = ""


@dataclass(slots=True)
class Rows:
    """The rows, by what sentences need of them."""

    crossings: list[Crossing]
    meets: dict[tuple[str, str], set[str]]
    """(street, district) → streets that meet it"""
    points: dict[tuple[str, str, str], list[Crossing]]
    names: dict[frozenset[tuple[str, str | None]], list[Crossing]] = field(default_factory=dict)
    """crossings by cores and types, compass words and districts aside"""


def index(rows: GazetteerRows) -> Rows:
    """Rows, made ready."""
    meets: dict[tuple[str, str], set[str]] = defaultdict(set)
    points: dict[tuple[str, str, str], list[Crossing]] = defaultdict(list)
    names: dict[frozenset[tuple[str, str | None]], list[Crossing]] = defaultdict(list)
    for c in rows.crossings:
        meets[c.street_a, c.district].add(c.street_b)
        meets[c.street_b, c.district].add(c.street_a)
        points[c.street_a, c.street_b, c.district].append(c)
        points[c.street_b, c.street_a, c.district].append(c)
        names[_names(c)].append(c)
    return Rows(rows.crossings, meets, points, names)


def _names(c: Crossing) -> frozenset[tuple[str, str | None]]:
    parsed = [parse_street(name) for name in (c.street_a, c.street_b)]
    return frozenset((name.core, name.type) for name in parsed)


def cardinal(n: int) -> str:
    """125 → "one hundred twenty-five"."""
    if n >= 100:
        rest = f" {cardinal(n % 100)}" if n % 100 else ""
        return f"{UNIT[n // 100]} hundred{rest}"
    if n < 20:
        return UNIT[n]
    return TENS[n // 10] + (f"-{UNIT[n % 10]}" if n % 10 else "")


def ordinal(n: int) -> str:
    """125 → "one hundred twenty-fifth"."""
    words = cardinal(n).replace("-", " -").split(" ")
    last = words[-1]
    dash = "-" if last.startswith("-") else ""
    bare = last.lstrip("-")
    new = ORDINAL.get(bare) or (bare[:-1] + "ieth" if bare.endswith("y") else bare + "th")
    return " ".join([*words[:-1], dash + new]).replace(" -", "-")


def figures(n: int) -> str:
    """125 → "125th"."""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def number_said(n: int, chance: random.Random) -> str:
    """A street's number, in one of the ways people say it and recognisers write it."""
    ways = [ordinal(n), ordinal(n), figures(n)]
    if n > 100 and n % 100 > 19:
        ways += [f"{cardinal(n // 100)} {ordinal(n % 100)}"]
        ways += [ordinal(n).replace("hundred ", "hundred and ")]
        ways += [" ".join(UNIT[int(d)] for d in str(n))] if n % 10 else []
    elif n > 109:
        ways += [f"{cardinal(n // 100)} {ordinal(n % 100)}"] if n % 100 else []
    return chance.choice(ways)


def house_said(number: str, chance: random.Random) -> str:
    """A house number, said."""
    if "-" in number:
        head, tail = number.split("-")
        return chance.choice([number, f"{_pairs(head)} {_pairs(tail)}"])
    n = int(number)
    ways = [number, _pairs(number)]
    if n < 1000:
        ways.append(cardinal(n))
    return chance.choice(ways)


def _pairs(digits: str) -> str:
    """1327 → "thirteen twenty-seven", 350 → "three fifty", 05 → "oh five"."""
    n = int(digits)
    if digits.startswith("0") and n:
        return f"oh {UNIT[n]}"
    if n < 100:
        return cardinal(n)
    head, tail = divmod(n, 100)
    if head > 99:
        return " ".join(UNIT[int(d)] for d in digits)
    if not tail:
        return f"{cardinal(head)} hundred"
    return f"{cardinal(head)} {'oh ' + UNIT[tail] if tail < 10 else cardinal(tail)}"


def street_said(name: str, chance: random.Random, *, bare: bool = False) -> str:
    """A street's name, said; ``bare``: without its type where that is usual."""
    words = tidy(name).split()
    out = []
    for i, word in enumerate(words):
        if word.isdecimal() and int(word) < 1000:
            out.append(
                number_said(int(word), chance) if i < len(words) - 1 else cardinal(int(word))
            )
        else:
            out.append(word)
    if bare and len(out) > 1 and parse_street(name).type in ("street", "avenue"):
        if words[0] != "Avenue":
            out.pop()
    if chance.random() < 0.15:
        out = [word.lower() for word in out]
    return " ".join(out)


def cases(rows: GazetteerRows, half: int, wanted: int) -> list[Case]:
    """About so many sentences of each half, always the same for the same rows."""
    chance = random.Random(911 + half)  # noqa: S311 - sentences, no secrets
    known = index(rows)
    mine = [c for i, c in enumerate(known.crossings) if i % 2 == half]
    addresses = [a for i, a in enumerate(rows.addresses) if i % 2 == half]
    landmarks = [p for i, p in enumerate(rows.landmarks) if i % 2 == half]
    made: list[Case] = []
    writers: list[tuple[float, Callable[[], Case | None]]] = [
        (0.17, lambda: crossing(known, mine, chance, half, borough=True)),
        (0.10, lambda: crossing(known, mine, chance, half, borough=False)),
        (0.06, lambda: two_turns(known, mine, chance, half)),
        (0.07, lambda: corrected(known, mine, chance, half)),
        (0.05, lambda: denied(known, mine, chance, half)),
        (0.07, lambda: between(known, mine, chance, half)),
        (0.10, lambda: house(known, addresses, chance, half)),
        (0.04, lambda: house_and_cross(known, addresses, chance, half)),
        (0.10, lambda: landmark(rows, landmarks, chance, half)),
        (0.04, lambda: ran_away(known, mine, chance, half)),
        (0.05, lambda: single_street(known, mine, chance, half)),
        (0.05, lambda: no_crossing(known, mine, chance, half)),
        (0.04, lambda: wrong_borough(known, mine, chance, half)),
        (0.03, lambda: twins(known, mine, chance, half)),
        (0.03, lambda: same_name(rows, chance, half)),
    ]
    for share, write in writers:
        target = len(made) + round(wanted * share)
        for _ in range(50 * wanted):
            if len(made) >= target:
                break
            case = write()
            if case is not None:
                made.append(case)
    for text in VAGUE[half]:
        made.append(Case("vague", (Said("caller", f"{_problem(chance, half)}, {text}."),), None))
    return made


def _problem(chance: random.Random, half: int) -> str:
    return chance.choice(PROBLEM[half])


def _around(text: str, chance: random.Random, half: int) -> str:
    """The words with which people surround a place."""
    return " ".join(filter(None, (text, chance.choice(HURRY[half]))))


def _pair(c: Crossing, chance: random.Random) -> tuple[str, str]:
    names = [c.street_a, c.street_b]
    chance.shuffle(names)
    return names[0], names[1]


def _one_place(known: Rows, c: Crossing) -> bool:
    """Whether the two streets meet at one place only, in that district."""
    at = known.points[c.street_a, c.street_b, c.district]
    return all(metres_between(c.lat, c.lon, p.lat, p.lon) < 150 for p in at)


def _unique(known: Rows, c: Crossing) -> bool:
    """Whether no other crossing of the city has these names."""
    return all(metres_between(c.lat, c.lon, o.lat, o.lon) < 150 for o in known.names[_names(c)])


def _alone_in_district(known: Rows, c: Crossing) -> bool:
    return all(
        metres_between(c.lat, c.lon, o.lat, o.lon) < 150
        for o in known.names[_names(c)]
        if o.district == c.district
    )


def _the(district: str) -> str:
    return "the Bronx" if district == "Bronx" else district


CROSSING = (
    (
        "I'm at {a} and {b}{d}.",
        "{p} on the corner of {a} and {b}{d}.",
        "{p}. {a} at {b}{d}.",
        "{a} near {b}{d}, {p}.",
        "uh, it's the intersection of {a} and {b}{d}",
        "{p} on {a} by {b}{d}.",
    ),
    (
        "We're at the corner of {a} and {b}{d}.",
        "{p}, {a}, cross street is {b}{d}.",
        "I'm standing on {a}, right at {b}{d}.",
        "{p}. I'm on {a} just off {b}{d}.",
        "{a} and {b}{d}, {p}.",
        "It's on {a} where it meets {b}{d}.",
    ),
)


def crossing(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int, *, borough: bool
) -> Case | None:
    """Two streets that meet, with the borough or, where nothing else is called so, without."""
    c = chance.choice(mine)
    if not _one_place(known, c) or not (
        _alone_in_district(known, c) if borough else _unique(known, c)
    ):
        return None
    a, b = _pair(c, chance)
    frame = chance.choice(CROSSING[half])
    district = f" in {_the(c.district)}" if borough else ""
    text = frame.format(
        a=street_said(a, chance),
        b=street_said(b, chance),
        d=district,
        p=_problem(chance, half),
    )
    kind = "crossing" if borough else "crossing, no borough"
    return Case(kind, (Said("caller", _around(text, chance, half)),), (c.lat, c.lon), f"{a} / {b}")


def two_turns(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int
) -> Case | None:
    """One street, and the other when asked."""
    c = chance.choice(mine)
    if not _one_place(known, c) or not _alone_in_district(known, c):
        return None
    a, b = _pair(c, chance)
    asked = ("What's the cross street?", "What is the nearest corner?")[half]
    answers = (
        ("{b}.", "It's {b}.", "near {b}"),
        ("{b}, I think.", "the corner is {b}", "Uh, {b}."),
    )
    return Case(
        "two turns",
        (
            Said("operator", ("Where are you?", "What's the address of the emergency?")[half]),
            Said("caller", f"I'm on {street_said(a, chance)} in {_the(c.district)}."),
            Said("operator", asked),
            Said("caller", chance.choice(answers[half]).format(b=street_said(b, chance))),
        ),
        (c.lat, c.lon),
        f"{a} / {b}",
    )


def corrected(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int
) -> Case | None:
    """A wrong cross street, taken back."""
    c = chance.choice(mine)
    a, b = _pair(c, chance)
    others = sorted(known.meets[a, c.district] - {b})
    if not others or not _one_place(known, c) or not _alone_in_district(known, c):
        return None
    wrong = chance.choice(others)
    if parse_street(wrong).type != parse_street(b).type:
        return None
    frames = (
        ("I'm at {a} and {w} in {d}, no wait, {b}.", "{a} and {w}, sorry, {a} and {b}, in {d}."),
        ("It's {a} and {w}... no, I mean {b}, in {d}.", "In {d}, {a} at {w}, no, no, it's {b}."),
    )
    text = chance.choice(frames[half]).format(
        a=street_said(a, chance),
        b=street_said(b, chance),
        w=street_said(wrong, chance),
        d=_the(c.district),
    )
    return Case("corrected", (Said("caller", text),), (c.lat, c.lon), f"{a} / {b}")


def denied(known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int) -> Case | None:
    """The operator reads back a wrong cross street, the caller puts it right."""
    c = chance.choice(mine)
    a, b = _pair(c, chance)
    others = sorted(known.meets[a, c.district] - {b})
    if not others or not _one_place(known, c) or not _alone_in_district(known, c):
        return None
    wrong = chance.choice(others)
    said_a, said_b = street_said(a, chance), street_said(b, chance)
    said_wrong = street_said(wrong, chance)
    answer = (f"No, {said_b}!", f"No. {said_a} and {said_b}.")[half]
    return Case(
        "denied",
        (
            Said("caller", f"I'm in {_the(c.district)}, {said_a} and {said_b}."),
            Said("operator", f"You are at {said_a} and {said_wrong}?"),
            Said("caller", answer),
        ),
        (c.lat, c.lon),
        f"{a} / {b}",
    )


def between(known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int) -> Case | None:
    """On a street between two others: the middle of the block."""
    c = chance.choice(mine)
    street, a = _pair(c, chance)
    others = []
    for b in sorted(known.meets[street, c.district] - {a}):
        at = known.points[street, b, c.district]
        if len(at) == 1 and metres_between(c.lat, c.lon, at[0].lat, at[0].lon) < 320:
            others.append((b, at[0]))
    if not others or len(known.points[street, a, c.district]) > 1:
        return None
    b, at = chance.choice(others)
    if not _alone_in_district(known, c) or not _alone_in_district(known, at):
        return None
    frames = (
        ("I'm on {s} between {a} and {b} in {d}.", "{p}. {s}, between {a} and {b}, {d}."),
        ("{s} between {a} and {b}, in {d}, {p}.", "We're in {d} on {s}, in between {a} and {b}."),
    )
    text = chance.choice(frames[half]).format(
        s=street_said(street, chance),
        a=street_said(a, chance),
        b=street_said(b, chance),
        d=_the(c.district),
        p=_problem(chance, half),
    )
    middle = ((c.lat + at.lat) / 2, (c.lon + at.lon) / 2)
    return Case("between", (Said("caller", text),), middle, f"{street}: {a}, {b}")


def _plain_number(address: Address) -> bool:
    bare = address.number.replace("-", "", 1)
    return bare.isdecimal() and len(bare) <= 5 and not address.number.startswith("0")


def house(
    known: Rows, addresses: Sequence[Address], chance: random.Random, half: int
) -> Case | None:
    """A house number on a street."""
    address = chance.choice(addresses)
    if not _plain_number(address):
        return None
    frames = (
        ("I live at {n} {s} in {d}.", "{p} at {n} {s}, {d}.", "My address is {n} {s}, {d}."),
        ("{n} {s}, {d}, {p}.", "Send somebody to {n} {s} in {d}.", "We're in {d}, {n} {s}."),
    )
    text = chance.choice(frames[half]).format(
        n=house_said(address.number, chance),
        s=street_said(address.street, chance),
        d=_the(address.district),
        p=_problem(chance, half),
    )
    return Case(
        "house",
        (Said("caller", _around(text, chance, half)),),
        (address.lat, address.lon),
        f"{address.number} {address.street}",
    )


def house_and_cross(
    known: Rows, addresses: Sequence[Address], chance: random.Random, half: int
) -> Case | None:
    """A house number, and the nearest cross street."""
    address = chance.choice(addresses)
    near = [
        b
        for b in sorted(known.meets[address.street, address.district])
        for at in known.points[address.street, b, address.district]
        if metres_between(address.lat, address.lon, at.lat, at.lon) < 120
    ]
    if not near or not _plain_number(address):
        return None
    frames = (
        ("{n} {s} near {b} in {d}.", "I'm at {n} {s}, {d}, off {b}."),
        ("It's {n} {s}, the cross street is {b}, {d}.", "{n} {s} by {b}, in {d}, {p}."),
    )
    text = chance.choice(frames[half]).format(
        n=house_said(address.number, chance),
        s=street_said(address.street, chance),
        b=street_said(chance.choice(near), chance),
        d=_the(address.district),
        p=_problem(chance, half),
    )
    return Case(
        "house and cross",
        (Said("caller", text),),
        (address.lat, address.lon),
        f"{address.number} {address.street}",
    )


LANDMARK_KINDS = frozenset({"hospital", "park", "school", "landmark", "culture", "government"})
LANDMARK_KINDS |= {"transport", "business", "worship", "bridge"}


def landmark(
    rows: GazetteerRows, mine: Sequence[Landmark], chance: random.Random, half: int
) -> Case | None:
    """A place with a name of its own, of at least two words and found once."""
    p = chance.choice(mine)
    words = p.name.split()
    if p.kind not in LANDMARK_KINDS or not 2 <= len(words) <= 4:
        return None
    if not all(w.isalpha() and len(w) > 2 for w in words) or sum(map(len, words)) < 9:
        return None
    if any(w.endswith(("BLDG", "CTR", "BRDG", "PLGD", "HOSP")) or w == "RAMP" for w in words):
        return None
    count = Counter(tidy(q.name).lower() for q in rows.landmarks)
    if count[tidy(p.name).lower()] > 1:
        return None
    frames = (
        ("I'm at {n} in {d}.", "{p} next to {n} in {d}.", "We're in front of {n}, {d}."),
        ("{p} opposite {n} in {d}.", "I'm outside {n}, {d}.", "across the street from {n} in {d}"),
    )
    text = chance.choice(frames[half]).format(
        n=tidy(p.name), d=_the(p.district) or "the city", p=_problem(chance, half)
    )
    return Case("landmark", (Said("caller", text),), (p.lat, p.lon), p.name)


def ran_away(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int
) -> Case | None:
    """Where somebody ran is not where the caller is."""
    c = chance.choice(mine)
    a, b = _pair(c, chance)
    others = sorted(known.meets[a, c.district] - {b})
    if not others or not _one_place(known, c) or not _alone_in_district(known, c):
        return None
    frame = (
        "I'm at {a} and {b} in {d}. He ran toward {w}.",
        "They were heading to {w}. I'm in {d} at {a} and {b}.",
    )[half]
    text = frame.format(
        a=street_said(a, chance),
        b=street_said(b, chance),
        w=street_said(chance.choice(others), chance),
        d=_the(c.district),
    )
    return Case("ran away", (Said("caller", text),), (c.lat, c.lon), f"{a} / {b}")


def single_street(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int
) -> Case | None:
    """One long street alone."""
    c = chance.choice(mine)
    a, _ = _pair(c, chance)
    if len(known.meets[a, c.district]) < 12:
        return None
    frames = (("I'm on {a}, {p}.", "{p} on {a} in {d}."), ("{p}, it's {a}.", "{a}, in {d}."))
    text = chance.choice(frames[half]).format(
        a=street_said(a, chance), d=_the(c.district), p=_problem(chance, half)
    )
    return Case("single street", (Said("caller", text),), None, a)


def no_crossing(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int
) -> Case | None:
    """Two streets that meet nowhere."""
    c = chance.choice(mine)
    a = c.street_a
    b = chance.choice(mine).street_b
    pair = frozenset((parse_street(n).core, parse_street(n).type) for n in (a, b))
    if pair in known.names or len(pair) < 2 or parse_street(a).core == parse_street(b).core:
        return None
    if any(len(known.meets[n, c.district]) < 3 for n in (a, b)):
        return None
    frame = chance.choice(CROSSING[half])
    text = frame.format(
        a=street_said(a, chance),
        b=street_said(b, chance),
        d=f" in {_the(c.district)}",
        p=_problem(chance, half),
    )
    return Case("no crossing", (Said("caller", text),), None, f"{a} / {b}")


def wrong_borough(
    known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int
) -> Case | None:
    """Two streets that meet in one borough only, and another borough said: to be asked."""
    c = chance.choice(mine)
    if not _unique(known, c):
        return None
    other = chance.choice(sorted({m.district for m in mine} - {c.district}))
    a, b = _pair(c, chance)
    frame = chance.choice(CROSSING[half])
    text = frame.format(
        a=street_said(a, chance),
        b=street_said(b, chance),
        d=f" in {_the(other)}",
        p=_problem(chance, half),
    )
    return Case("wrong borough", (Said("caller", text),), None, f"{a} / {b} said in {other}")


def twins(known: Rows, mine: Sequence[Crossing], chance: random.Random, half: int) -> Case | None:
    """Two streets that meet in several boroughs alike, and no borough."""
    c = chance.choice(mine)
    same = known.names[_names(c)]
    districts = Counter[str]()
    for other in same:
        districts[other.district] += other.sightings
    if len(districts) < 2 or max(districts.values()) > 0.6 * sum(districts.values()):
        return None
    parsed = [parse_street(n) for n in _pair(c, chance)]
    if any(name.direction for name in parsed):
        return None
    a, b = _pair(c, chance)
    text = chance.choice(CROSSING[half]).format(
        a=street_said(a, chance), b=street_said(b, chance), d="", p=_problem(chance, half)
    )
    return Case("twins", (Said("caller", text),), None, f"{a} / {b}")


def same_name(rows: GazetteerRows, chance: random.Random, half: int) -> Case | None:
    """A name that several places far apart have."""
    groups: dict[str, list[Landmark]] = defaultdict(list)
    for p in rows.landmarks:
        groups[" ".join(tidy(p.name).split())].append(p)
    names = sorted(
        name
        for name, same in groups.items()
        if max(metres_between(same[0].lat, same[0].lon, p.lat, p.lon) for p in same) > 1000
        and len(name.split()) > 1
        and name.replace(" ", "").isalpha()
    )
    if not names:
        return None
    name = chance.choice(names[half::2])
    frame = ("I'm at {n}, {p}.", "{p} in front of {n}.")[half]
    text = frame.format(n=name, p=_problem(chance, half))
    return Case("same name", (Said("caller", text),), None, name)
