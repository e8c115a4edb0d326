"""Documents for tests: any number of valid ones, and ways to make one wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callcenter.tuning.known import Known

Json = dict[str, Any]

KNOWN = Known(
    lines=frozenset({"110", "911"}),
    seats=frozenset({"s1", "s2", "s3"}),
    phones=frozenset({"s1", "s2", "s3", "p1"}),
    officers=frozenset({"o1", "o2", "o3"}),
    divert_to=frozenset({"5550100", "5550101"}),
    precincts=frozenset({"14", "18"}),
    announcements=frozenset({"surge", "busy"}),
    kinds=frozenset({"precinct", "anti_fraud", "traffic_section"}),
    partners=frozenset({"municipal"}),
)
QUEUES = ["emergency", "second", "night"]
SKILLS = ["en", "ko", "zh", "sign_language"]


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secret


def needs(rng: random.Random) -> list[Json]:
    found = []
    for skill in rng.sample(SKILLS, rng.randint(0, 2)):
        need: Json = {"skill": skill, "level": rng.randint(2, 5), "required": rng.random() < 0.7}
        if need["required"] and rng.random() < 0.6:
            need["relax"] = [{"after_s": 10.0, "level": 1}, {"after_s": 30.5, "level": 0}]
        found.append(need)
    return found


def overflow(rng: random.Random, queue: str) -> list[Json]:
    rules: list[Json] = [
        {"when": "waited_s", "to": "everybody", "threshold": rng.choice([20.0, 45.0])},
        {"when": "no_seat", "to": "number", "target": rng.choice(sorted(KNOWN.divert_to))},
        {"when": "queue_length", "to": "announcement", "threshold": 12.0, "target": "busy"},
        {"when": "estimated_wait_s", "to": "announcement", "threshold": 90.0, "target": "surge"},
    ]
    later = QUEUES[QUEUES.index(queue) + 1 :]
    if later:
        rules.append(
            {"when": "waited_s", "to": "queue", "threshold": 15.0, "target": rng.choice(later)}
        )
    return rng.sample(rules, rng.randint(0, len(rules)))


def valid(seed: int = 0) -> Json:
    """A valid document, another for every seed, in JSON values."""
    rng = dice(seed)
    queues = []
    for name in QUEUES:
        queue: Json = {
            "id": name,
            "name": rng.choice(["", "Notruf", "긴급 전화", '"urgent" \\ calls']),
            "priority": rng.randint(-5, 5),
            "strategy": rng.choice(
                ["longest_idle", "fewest_calls", "round_robin", "most_skilled", "ring_all"]
            ),
            "ring_s": rng.choice([5.0, 12.5, 20.0]),
            "after_call": rng.choice(["none", "optional", "timed", "until_saved"]),
            "wrap_up_s": rng.choice([0.0, 30.0]),
            "redial_s": rng.choice([0.0, 300.0]),
            "called_party_hold_s": rng.choice([0.0, 20.0]),
            "needs": needs(rng),
            "overflow": overflow(rng, name),
        }
        if rng.random() < 0.5:
            queue["surge"] = {"calls": rng.randint(3, 40), "within_s": 60.0}
        if name != "emergency" or rng.random() < 0.5:
            queue["hours"] = "office"
            queue["closed"] = {
                "overflow": [{"when": "waited_s", "to": "everybody"}],
                "strategy": "ring_all",
            }
        queues.append(queue)
    return {
        "time_zone": rng.choice(["UTC", "Europe/Paris", "America/New_York", "Asia/Seoul"]),
        "floor": {"ageing_per_s": rng.choice([0.0, 1 / 60, 0.5]), "last_seat_s": 3600.0},
        "queues": queues,
        "lines": [
            {
                "number": "110",
                "queue": "emergency",
                "priority": 10,
                "needs": needs(rng),
                "language": "required",
                "language_relax": [{"after_s": 12.0}],
                "operator_hang_up": rng.choice(["end", "return"]),
            },
            {"number": "911", "queue": rng.choice(QUEUES), "seat_vanished": "end"},
        ],
        "seats": [
            {"id": "s1", "queues": QUEUES, "skills": {"en": 5, "ko": 5}},
            {"id": "s2", "queues": ["emergency"], "skills": {"zh": 5}, "phone": "p1"},
            {"id": "s3", "supervisor": True, "calls_per_hour": rng.randint(0, 30)},
        ],
        "callers": [
            {"number": "+15550123", "priority": 20, "reason": "embassy"},
            {"number": "5550177", "priority": -3, "reason": "calls every hour, 매시간"},
        ],
        "categories": {"violence": 10, "nuisance": -10},
        "reasons": [{"id": "break", "label": "Break"}, {"id": "meal", "label": "식사"}],
        "deadlines": {"answered_s": 3.0, "officer_ringing_s": 15.0, "officer_speaking_s": 30.0},
        "service_level": {
            "thresholds_s": [3.0, 10.0, 15.0],
            "targets": [{"within_s": 15.0, "percent": 90.0}],
        },
        "calendars": [
            {
                "id": "office",
                "time_zone": rng.choice(["Europe/Paris", "Asia/Seoul"]),
                "opening": [
                    {"from": "08:00", "to": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]},
                    {"from": "22:00", "to": "02:30", "days": ["sat"]},
                ],
                "holidays": [
                    {"date": "2026-12-25", "name": "Christmas"},
                    {"date": "2026-12-31", "opening": [{"from": "08:00", "to": "12:00"}]},
                ],
            }
        ],
        "roster": [
            {
                "precinct": "14",
                "shifts": [
                    {"from": "07:00", "to": "19:00", "duty": ["o1"], "deputies": ["o2"]},
                    {"from": "19:00", "to": "07:00", "duty": ["o2"], "desk": ["o3"]},
                ],
                "command": ["o3"],
            }
        ],
        "responsibility": [
            {"id": "fraud", "categories": ["fraud"], "target": "anti_fraud"},
            {
                "id": "jams",
                "categories": ["traffic"],
                "levels": rng.sample(["red", "orange", "yellow", "blue"], rng.randint(1, 3)),
                "target": "traffic_section",
            },
            {"id": "rest", "categories": ["enquiry"], "to": "partner", "target": "municipal"},
        ],
        "words": [
            {"id": "saw", "language": "en", "name": "chainsaw", "says": ["chain saw*"]}
            | {"level": rng.choice(["red", "orange"])},
            {"id": "range", "language": "en", "means": "nothing", "says": ["gun range"]},
            {"id": "saw_ko", "language": "ko", "name": "chainsaw", "says": ["전기톱"]},
        ],
    }


@dataclass(frozen=True)
class Wrong:
    """One way to make a valid document wrong: the field that is wrong then, and a word of why."""

    name: str
    make: Callable[[Json, random.Random], str]
    """Changes the document; returns the path that must be named."""
    why: str = ""


def put(*steps: str | int, value: Callable[[random.Random], Any] | Any) -> Callable[..., str]:
    """Put a value at a place; the place is the path."""

    def make(document: Json, rng: random.Random) -> str:
        here: Any = document
        for step in steps[:-1]:
            here = here[step]
        here[steps[-1]] = value(rng) if callable(value) else value
        return ".".join(str(step) for step in steps)

    return make


def somewhere(
    *steps: str | int, among: Callable[[random.Random], Any]
) -> Callable[[Json, random.Random], str]:
    """The same in any one entry of a list, where a step is ``*``."""

    def make(document: Json, rng: random.Random) -> str:
        here: Any = document
        path = []
        for step in steps[:-1]:
            chosen = rng.randrange(len(here)) if step == "*" else step
            path.append(str(chosen))
            here = here[chosen]
        here[steps[-1]] = among(rng)
        return ".".join([*path, str(steps[-1])])

    return make


def add(*steps: str | int, entry: Json, path: str) -> Callable[[Json, random.Random], str]:
    """Append an entry to a list; ``path`` names what is wrong, with the entry's place as ``#``."""

    def make(document: Json, rng: random.Random) -> str:
        here: Any = document
        for step in steps:
            here = here[step] if isinstance(step, int) else here.setdefault(step, [])
        here.append(dict(entry))
        return path.replace("#", str(len(here) - 1))

    return make


def among(*values: Any) -> Callable[[random.Random], Any]:
    return lambda rng: rng.choice(values)


def _in_need(entry: Json, tail: str) -> Callable[[Json, random.Random], str]:
    def make(document: Json, rng: random.Random) -> str:
        at = rng.randrange(3)
        document["queues"][at]["needs"] = [entry]
        return f"queues.{at}.needs.0{tail}"

    return make


def _rule(entry: Json, tail: str) -> Callable[[Json, random.Random], str]:
    def make(document: Json, rng: random.Random) -> str:
        at = rng.randrange(3)
        document["queues"][at]["overflow"] = [entry]
        return f"queues.{at}.overflow.0{tail}"

    return make


def _loop(document: Json, rng: random.Random) -> str:
    names = rng.sample(QUEUES, rng.randint(2, 3))
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        rule = {"when": "waited_s", "to": "queue", "threshold": 5.0, "target": following}
        queue = document["queues"][QUEUES.index(name)]
        queue["overflow"] = [rule]
        queue.get("closed", {}).pop("overflow", None)
    return "queues."


def _itself(document: Json, rng: random.Random) -> str:
    at = rng.randrange(3)
    document["queues"][at]["overflow"] = [{"when": "no_seat", "to": "queue", "target": QUEUES[at]}]
    return f"queues.{at}.overflow.0.target"


def _without(*steps: str | int, path: str | None = None) -> Callable[[Json, random.Random], str]:
    def make(document: Json, rng: random.Random) -> str:
        here: Any = document
        for step in steps[:-1]:
            here = here[step]
        del here[steps[-1]]
        return ".".join(str(step) for step in steps) if path is None else path

    return make


def _twice(name: str, key: str) -> Callable[[Json, random.Random], str]:
    def make(document: Json, rng: random.Random) -> str:
        document[name].append(dict(rng.choice(document[name])))
        return f"{name}.{len(document[name]) - 1}.{key}"

    return make


_BIG = among(1001, -1001, 10**9)
_NEGATIVE = among(-1, -0.5, -1e-9)
_NO_NUMBER = among("15", None, True, [15], {"s": 15})


def _new_danger(document: Json, rng: random.Random) -> str:
    document["words"][2]["name"] = "wolf"
    return "words.2.level"


_BAD_ID = among("", "a b", "a-b", "ü", "x" * 33, "a\nb", 7, None)
_BAD_CLOCK = among("24:00", "7:00", "07:60", "noon", "", 700, None, "07:00:00")
_BAD_ZONE = among("", "Mars/Base", "Europe/Pariss", "../etc/passwd", 1)

WRONG: tuple[Wrong, ...] = (
    Wrong("unknown section", put("distribution", value={}), "not permitted"),
    Wrong("unknown field of a queue", somewhere("queues", "*", "ringtime", among=among(1, "x"))),
    Wrong("unknown field of a seat", somewhere("seats", "*", "skill", among=among({}, "en"))),
    Wrong("no queues", put("queues", value=[])),
    Wrong("queues left out", _without("queues")),
    Wrong("queues are no list", put("queues", value=among({}, "emergency", 3))),
    Wrong("lines left out", _without("lines")),
    Wrong("bad zone", put("time_zone", value=_BAD_ZONE)),
    Wrong("bad calendar zone", put("calendars", 0, "time_zone", value=_BAD_ZONE)),
    Wrong("negative ageing", put("floor", "ageing_per_s", value=_NEGATIVE)),
    Wrong("bad queue id", somewhere("queues", "*", "id", among=_BAD_ID)),
    Wrong("queue without id", _without("queues", 1, "id")),
    Wrong("priority beyond bounds", somewhere("queues", "*", "priority", among=_BIG)),
    Wrong("priority is no number", somewhere("queues", "*", "priority", among=_NO_NUMBER)),
    Wrong("priority is half", somewhere("queues", "*", "priority", among=among(0.5, 1.25))),
    Wrong("ring_s out of bounds", somewhere("queues", "*", "ring_s", among=among(0, -1, 121))),
    Wrong("ring_s is no number", somewhere("queues", "*", "ring_s", among=_NO_NUMBER)),
    Wrong("wrap_up_s negative", somewhere("queues", "*", "wrap_up_s", among=_NEGATIVE)),
    Wrong(
        "no such strategy",
        somewhere("queues", "*", "strategy", among=among("random", "", 1, None, "LONGEST_IDLE")),
        "longest_idle",
    ),
    Wrong("no such after_call", somewhere("queues", "*", "after_call", among=among("always", 0))),
    Wrong(
        "misses out of bounds",
        somewhere("queues", "*", "misses_before_not_ready", among=among(0, -2, 101, 1.5)),
    ),
    Wrong("no busy pause", somewhere("queues", "*", "busy_pause_s", among=among(0, -1))),
    Wrong(
        "no unreachable pause", somewhere("queues", "*", "unreachable_pause_s", among=among(0, -1))
    ),
    Wrong("redial negative", somewhere("queues", "*", "redial_s", among=_NEGATIVE)),
    Wrong("hold too long", somewhere("queues", "*", "called_party_hold_s", among=among(601, 1e6))),
    Wrong("queue twice", _twice("queues", "id"), "named twice"),
    Wrong("line twice", _twice("lines", "number"), "named twice"),
    Wrong("seat twice", _twice("seats", "id"), "named twice"),
    Wrong("caller twice", _twice("callers", "number"), "named twice"),
    Wrong("reason twice", _twice("reasons", "id"), "named twice"),
    Wrong("calendar twice", _twice("calendars", "id"), "named twice"),
    Wrong("precinct twice", _twice("roster", "precinct"), "named twice"),
    Wrong("rule twice", _twice("responsibility", "id"), "named twice"),
    Wrong(
        "no such kind of boundaries",
        put("responsibility", 0, "target", value="harbour"),
        "no boundaries of kind harbour were imported; expected one of anti_fraud, precinct",
    ),
    Wrong(
        "no such partner",
        put("responsibility", 2, "target", value="city_hall"),
        "expected one of municipal",
    ),
    Wrong("partner is no kind", put("responsibility", 0, "to", value="number"), "areas"),
    Wrong("rule without a target", _without("responsibility", 1, "target")),
    Wrong("no such category", put("responsibility", 0, "categories", value=["jaywalking"])),
    Wrong("no such level", put("responsibility", 1, "levels", value=["purple"]), "orange"),
    Wrong("level twice", put("responsibility", 1, "levels", value=["red", "red"]), "named twice"),
    Wrong("words twice", _twice("words", "id"), "named twice"),
    Wrong("words of no language", put("words", 0, "language", value=among("xx", "", 7))),
    Wrong("words that are no pattern", put("words", 1, "says", value=["(gun"]), "not closed"),
    Wrong("words without words", put("words", 1, "says", value=[]), "expected words"),
    Wrong("new danger without a level", _new_danger, "say how urgent"),
    Wrong("two levels of a danger", put("words", 2, "level", value="blue"), "already by entry 1"),
    Wrong("bad name of a danger", put("words", 0, "name", value=among("Gas leak", "x" * 33, "é"))),
    Wrong("bad skill", _in_need({"skill": "a b"}, ".skill")),
    Wrong("level 0", _in_need({"skill": "en", "level": 0}, ".level")),
    Wrong("level 11", _in_need({"skill": "en", "level": 11}, ".level")),
    Wrong(
        "skill needed twice",
        put("queues", 0, "needs", value=lambda rng: [{"skill": "en"}, {"skill": "en", "level": 2}]),
    ),
    Wrong(
        "preferred skill relaxed",
        _in_need({"skill": "en", "required": False, "relax": [{"after_s": 5}]}, ".relax"),
        "only a required",
    ),
    Wrong(
        "relaxed to no less",
        _in_need(
            {"skill": "en", "level": 2, "relax": [{"after_s": 5, "level": 2}]}, ".relax.0.level"
        ),
        "lower level",
    ),
    Wrong(
        "relax steps not ascending",
        _in_need(
            {
                "skill": "en",
                "level": 3,
                "relax": [{"after_s": 9, "level": 2}, {"after_s": 9, "level": 1}],
            },
            ".relax.1.after_s",
        ),
        "ascending",
    ),
    Wrong("relaxed at once", _in_need({"skill": "en", "relax": [{"after_s": 0}]}, ".relax.0")),
    Wrong(
        "language relaxed without need",
        put("lines", 1, "language_relax", value=lambda rng: [{"after_s": 3.0}]),
        "only a required language",
    ),
    Wrong("no such trigger", _rule({"when": "full", "to": "everybody"}, ".when")),
    Wrong("no such way out", _rule({"when": "no_seat", "to": "voicemail"}, ".to")),
    Wrong(
        "negative threshold",
        _rule({"when": "waited_s", "to": "everybody", "threshold": -1}, ".threshold"),
    ),
    Wrong(
        "threshold of no_seat",
        _rule({"when": "no_seat", "to": "everybody", "threshold": 3}, ".threshold"),
        "no threshold",
    ),
    Wrong(
        "half a call",
        _rule({"when": "queue_length", "to": "everybody", "threshold": 2.5}, ".threshold"),
        "whole number",
    ),
    Wrong(
        "no calls",
        _rule({"when": "queue_length", "to": "everybody", "threshold": 0}, ".threshold"),
    ),
    Wrong(
        "unknown queue",
        _rule({"when": "no_seat", "to": "queue", "target": "nowhere"}, ".target"),
        "nowhere is not defined",
    ),
    Wrong("no queue named", _rule({"when": "no_seat", "to": "queue"}, ".target"), "no queue"),
    Wrong("overflow to itself", _itself, "itself"),
    Wrong("overflow in a loop", _loop, "in a loop"),
    Wrong(
        "everybody with a target",
        _rule({"when": "no_seat", "to": "everybody", "target": "s1"}, ".target"),
    ),
    Wrong(
        "number not allowed",
        _rule({"when": "no_seat", "to": "number", "target": "9005551234"}, ".target"),
        "divert_to",
    ),
    Wrong(
        "no such announcement",
        _rule({"when": "no_seat", "to": "announcement", "target": "jingle"}, ".target"),
        "jingle",
    ),
    Wrong(
        "same rule twice",
        put(
            "queues",
            1,
            "overflow",
            value=lambda rng: [{"when": "no_seat", "to": "everybody"}] * 2,
        ),
        "twice",
    ),
    Wrong("surge of one call", put("queues", 0, "surge", value={"calls": 1})),
    Wrong("surge without length", put("queues", 0, "surge", value={"calls": 5, "within_s": 0})),
    Wrong(
        "surge without its sound",
        put("queues", 2, "surge", value={"calls": 5, "announcement": "fanfare"}),
        "fanfare",
    ),
    Wrong("hours of no calendar", somewhere("queues", "*", "hours", among=among("nights"))),
    Wrong("hours without closed", _without("queues", 1, "closed"), "go together"),
    Wrong("closed without hours", _without("queues", 2, "hours"), "go together"),
    Wrong("no such line", put("lines", 0, "number", value=among("112", "0")), ""),
    Wrong("line left out", _without("lines", 1, path="lines"), "911"),
    Wrong("line to no queue", somewhere("lines", "*", "queue", among=among("nowhere", "x"))),
    Wrong("line ends oddly", somewhere("lines", "*", "operator_hang_up", among=among("hold", 1))),
    Wrong("vanished oddly", somewhere("lines", "*", "seat_vanished", among=among("", None, "END"))),
    Wrong("no such seat", put("seats", 0, "id", value=among("s9", "x1")), "Asterisk does not know"),
    Wrong("reserved seat", put("seats", 0, "id", value=among("trunk", "system")), "reserved"),
    Wrong("seat left out", _without("seats", 2, path="seats"), "s3"),
    Wrong("seat in no queue known", put("seats", 1, "queues", value=["emergency", "x"])),
    Wrong("seat twice in a queue", put("seats", 1, "queues", value=["second", "second"])),
    Wrong("no such phone", put("seats", 1, "phone", value=among("p9", "zz")), "phone"),
    Wrong("skill level 0", put("seats", 0, "skills", "en", value=among(0, -1, 11, 2.5, "3"))),
    Wrong("limit negative", somewhere("seats", "*", "calls_per_hour", among=among(-1, 1001, 0.5))),
    Wrong(
        "supervisor in a queue",
        put("seats", 2, "queues", value=["emergency"]),
        "only calls that go to everybody",
    ),
    Wrong("supervisor is no yes", somewhere("seats", "*", "supervisor", among=among("yes", 1))),
    Wrong("caller is no number", somewhere("callers", "*", "number", among=among("abc", "1", ""))),
    Wrong("caller without reason", somewhere("callers", "*", "reason", among=among("", None, 5))),
    Wrong("reason of two lines", somewhere("callers", "*", "reason", among=among("a\nb", "\x00"))),
    Wrong("caller beyond bounds", somewhere("callers", "*", "priority", among=_BIG)),
    Wrong("no such category", put("categories", "arson", value=3)),
    Wrong("category beyond bounds", put("categories", "fire", value=_BIG)),
    Wrong("no reasons", put("reasons", value=[])),
    Wrong("reason without label", _without("reasons", 0, "label")),
    Wrong("no time to answer", put("deadlines", "answered_s", value=among(0, -1, "3"))),
    Wrong(
        "ladder upside down",
        put("deadlines", "officer_ringing_s", value=among(2, 3, 3.0)),
        "not later",
    ),
    Wrong("ladder top below", put("deadlines", "officer_speaking_s", value=among(1, 15))),
    Wrong(
        "overlap as long as the ring",
        put("deadlines", "officer_overlap_s", value=among(12, 30)),
        "at once",
    ),
    Wrong("threshold twice", put("service_level", "thresholds_s", value=[3.0, 3.0])),
    Wrong("no thresholds", put("service_level", "thresholds_s", value=[])),
    Wrong(
        "target of everything",
        put("service_level", "targets", 0, "percent", value=among(0, 100.5, -1)),
    ),
    Wrong("bad opening", put("calendars", 0, "opening", 0, "from", value=_BAD_CLOCK)),
    Wrong("bad closing", put("calendars", 0, "opening", 1, "to", value=_BAD_CLOCK)),
    Wrong("no such day", put("calendars", 0, "opening", 0, "days", value=["mon", "someday"])),
    Wrong("no days", put("calendars", 0, "opening", 0, "days", value=[])),
    Wrong("day twice", put("calendars", 0, "opening", 1, "days", value=["sat", "sat"])),
    Wrong(
        "openings overlap",
        add(
            "calendars",
            0,
            "opening",
            entry={"from": "17:30", "to": "20:00", "days": ["sun", "fri"]},
            path="calendars.0.opening.#",
        ),
        "overlaps fri 08:00-18:00",
    ),
    Wrong(
        "openings overlap past midnight",
        add(
            "calendars",
            0,
            "opening",
            entry={"from": "02:00", "to": "03:00", "days": ["sun"]},
            path="calendars.0.opening.#",
        ),
        "overlaps sat 22:00-02:30",
    ),
    Wrong(
        "openings overlap into monday",
        add(
            "calendars",
            0,
            "opening",
            entry={"from": "20:00", "to": "09:00", "days": ["sun"]},
            path="calendars.0.opening.#",
        ),
        "overlaps mon",
    ),
    Wrong(
        "holiday twice",
        add(
            "calendars",
            0,
            "holidays",
            entry={"date": "2026-12-25"},
            path="calendars.0.holidays.#.date",
        ),
    ),
    Wrong(
        "no such date",
        put("calendars", 0, "holidays", 0, "date", value=among("2026-02-30", "25.12.2026", "", 1)),
    ),
    Wrong(
        "holiday openings overlap",
        put(
            "calendars",
            0,
            "holidays",
            1,
            "opening",
            value=lambda rng: [{"from": "08:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}],
        ),
        "overlaps",
    ),
    Wrong("no such precinct", put("roster", 0, "precinct", value=among("99", "x")), "boundaries"),
    Wrong("nobody on duty", put("roster", 0, "shifts", 0, "duty", value=[])),
    Wrong("no shifts", put("roster", 0, "shifts", value=[])),
    Wrong("no such officer", put("roster", 0, "shifts", 1, "duty", value=["o2", "o9"]), "o9"),
    Wrong("no such commander", put("roster", 0, "command", value=["o9"]), "o9"),
    Wrong("bad shift", put("roster", 0, "shifts", 0, "to", value=_BAD_CLOCK)),
)
