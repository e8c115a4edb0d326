"""Hunts for officers on the real Asterisk, many at once: how soon caller and officer are heard.

A caller speaks, a seat answers by itself, the benchmark writes the place into the record and
presses the operator's key. Officers' phones do as their part says: answer and press 1, or ring in
vain. Each hunt has a precinct of its own, with a duty officer, a deputy and a desk. What counts is
the journal of the service, and for the way from the key to the phone the INVITE at that phone.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import LINE, BenchHotline, Say, hotline
from callcenter.bench.phones import Does, Plan, SeatPhones
from callcenter.bench.report import Figure, Measured
from callcenter.bench.statistics import Spread
from callcenter.bench.talkers import Mouth, OfficerPhones, SpeakingCallers
from callcenter.bench.telephone import encoded
from callcenter.lab.hotline_api import ApiFault
from callcenter.lab.layout import LabFolders
from callcenter.lab.speech_file import read_speech
from callcenter.precincts.city import load_city
from ivr.speech_out import synthesise_wav

AT_ONCE = 50
ROLES = ("duty", "deputy", "desk")
HEARD_WITHIN_S = 30.0
KEY_TO_PHONE_MS = 300.0
OWN_SHARE_MS = 1000.0
"""From the first INVITE until both were heard, without the time that the officer listens."""
ANSWER_AFTER_S = 1.5
"""How soon somebody who is there picks up, where people are part of it."""
LATE_S = 8.0
KEY_AFTER_S = 0.2
"""From the answer to the key: so much of the brief is listened to."""
PART_WITHIN_S = 45.0
WORDS = "We are on our way to you now."
# No word that a city's own names hold too: such a name would want a second witness.
_FIRST = ("Amber", "Birch", "Copper", "Dover", "Ember", "Falcon", "Garnet", "Juniper", "Ivory")
_SECOND = ("Observatory", "Foundry", "Library", "Armory", "Aquarium", "Conservatory")


@dataclass(frozen=True, slots=True)
class Part:
    """What officers of each role do in one series of calls."""

    name: str
    calls: int
    at_once: int
    answering: frozenset[str]
    after_s: float = 0.0
    least_in_time: float | None = None
    per_s: float = 10.0
    """So many calls come in a second, at most."""


@dataclass(slots=True)
class Hunted:
    """One call: what was measured of it, in ms; None: it never came."""

    number: str
    precinct: str
    call_id: str = ""
    key_to_phone_ms: float | None = None
    heard_ms: float | None = None
    failed: str = ""


@dataclass(slots=True)
class Precinct:
    """A precinct with a place in it that can be found, and its officers by role."""

    id: str
    place: str
    lat: float
    lon: float
    officers: dict[str, str] = field(default_factory=dict)


class Calls:
    """What the service tells of calls, by caller's number."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Condition()
        self._told: set[asyncio.Task[None]] = set()

    def event(self, event: Mapping[str, Any]) -> None:
        """Take one message of the live events."""
        told = [event.get("call"), *(event.get("calls") or ())]
        known = [call for call in told if isinstance(call, Mapping) and call.get("from")]
        for call in known:
            self._calls[str(call["from"])] = dict(call)
        if known:
            task = asyncio.create_task(self._wake())
            self._told.add(task)
            task.add_done_callback(self._told.discard)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def of(self, number: str, within_s: float, **wanted: Any) -> dict[str, Any]:
        """The call of this number as soon as it is so; raises `BenchFailed`."""

        def fits() -> bool:
            call = self._calls.get(number)
            return call is not None and all(
                call.get(name) in value if isinstance(value, tuple) else call.get(name) == value
                for name, value in wanted.items()
            )

        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(fits)
        except TimeoutError:
            call = self._calls.get(number, {})
            now = {name: call.get(name) for name in (*wanted, "state", "officer", "officers_rung")}
            raise BenchFailed(
                f"caller {number}: not within {within_s:g} s: {wanted}, but {now}"
            ) from None
        return self._calls[number]


@asynccontextmanager
async def floor_with_officers(
    name: str, at_once: int, say: Say
) -> AsyncIterator[tuple[BenchHotline, list[Precinct], OfficerPhones, SeatPhones]]:
    """A hotline with so many seats, and for each a precinct with its three officers."""

    def answers(seat: str) -> Plan:
        return Plan()

    officers = at_once * len(ROLES)
    async with hotline(name, seats=at_once, plan=answers, say=say, officers=officers) as (
        floor,
        seats,
    ):
        precincts = await _precincts(floor, at_once)
        passwords = {each.user: each.password for each in floor.lab.officers}
        await floor.silence_is_no_fault()
        await floor.people_are_known()
        async with OfficerPhones(passwords, floor.host, floor.sip_port, answers) as phones:
            say(f"{len(precincts)} precincts with {officers} officers")
            yield floor, precincts, phones, seats


async def _precincts(floor: BenchHotline, count: int) -> list[Precinct]:
    """Places in so many precincts for the gazetteer, and officers on duty there."""
    known = (await load_city(None)).boundaries.precincts[:count]
    if len(known) < count:
        raise BenchFailed(f"{count} precincts are needed, {len(known)} are known")
    names = [f"{first} {second}" for second in _SECOND for first in _FIRST]
    found = []
    for precinct, place in zip(known, names, strict=False):
        inside = precinct.area.representative_point()
        found.append(Precinct(precinct.id, place, inside.y, inside.x))
    file = floor.folder / "places.csv"
    lines = ["name,lat,lon,kind,borough"]
    lines += [f"{one.place},{one.lat},{one.lon},landmark," for one in found]
    await asyncio.to_thread(file.write_text, "\n".join(lines) + "\n", "utf-8")
    await _command("gazetteer", "import", str(file), "--settings", str(_settings(floor)))
    await floor.stop_service()
    await floor.restart_service()
    await floor.seats_are("ready")
    own = iter(floor.lab.officers)
    begin = datetime.now(UTC) - timedelta(hours=1)
    end = begin + timedelta(days=1)
    people, shifts = ["officer,name,precinct,role,numbers"], ["officer,from,to,precinct,role"]
    for one in found:
        for role in ROLES:
            officer = next(own)
            one.officers[role] = officer.id
            people.append(f"{officer.id},{officer.id},{one.id},{role},{officer.user}")
            span = f"{begin:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ}"
            shifts.append(f"{officer.id},{span},{one.id},{role}")
    for rows in (people, shifts):
        await floor.api.import_roster("\n".join(rows) + "\n")
    # Whoever let two calls ring in vain would not be first for the third.
    tuned = await floor.api.tuning()
    tuned["document"]["deadlines"]["officer_back_after_s"] = 0
    await floor.api.tune(tuned["document"], "benchmark", tuned["version"])
    return found


def _settings(floor: BenchHotline) -> Path:
    return LabFolders(floor.folder).settings


async def _command(*words: str) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "callcenter", *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    done = await asyncio.to_thread(run)
    if done.returncode:
        raise BenchFailed(f"callcenter {' '.join(words[:2])}: {done.stderr.strip()[-300:]}")


class Series:
    """Calls of one part, one after the other in each precinct."""

    def __init__(
        self,
        floor: BenchHotline,
        precincts: Sequence[Precinct],
        phones: OfficerPhones,
        callers: SpeakingCallers,
        calls: Calls,
        sound: bytes,
    ) -> None:
        self._floor = floor
        self._precincts = precincts
        self._phones = phones
        self._callers = callers
        self._calls = calls
        self._sound = sound
        self._rang: dict[str, asyncio.Future[float]] = {}
        self._callers_of: dict[str, Mouth] = {}
        """By officer: the caller of the hunt that may ring it."""
        self._speaking: dict[str, list[asyncio.Task[None]]] = {}
        """By officer, while it is on the line."""
        self._going = 0
        self.most_at_once = 0
        """Calls of the last part."""
        phones.on_ring = self._rings
        phones.on_answer = self._answers

    def _rings(self, officer: str) -> None:
        waiting = self._rang.get(officer)
        if waiting is not None and not waiting.done():
            waiting.set_result(time.monotonic())

    def _answers(self, officer: str, mouth: Mouth) -> None:
        async def take() -> None:
            await asyncio.sleep(KEY_AFTER_S)
            await mouth.press(1)
            await self._speak(mouth)

        # The caller is talking with the operator meanwhile.
        works = (take(), self._speak(self._callers_of[officer]))
        self._speaking[officer] = [asyncio.create_task(work) for work in works]

    async def _speak(self, mouth: Mouth) -> None:
        while not mouth.closed:
            await mouth.speak(self._sound)

    def _fall_silent(self, precinct: Precinct) -> None:
        for officer in precinct.officers.values():
            for task in self._speaking.pop(officer, ()):
                task.cancel()

    async def part(self, part: Part, prefix: str) -> list[Hunted]:
        """Carry one part out."""
        role_of = {
            officer: role for one in self._precincts for role, officer in one.officers.items()
        }

        def plan(officer: str) -> Plan:
            if role_of[officer] in part.answering:
                return Plan(after_s=part.after_s)
            return Plan(Does.RINGS)

        self._phones.plan = plan
        self.most_at_once = 0
        numbers = iter([f"{prefix}{number:04}" for number in range(part.calls)])
        done: list[Hunted] = []

        turn = asyncio.Lock()

        async def one_after_another(precinct: Precinct) -> None:
            for number in numbers:
                async with turn:
                    await asyncio.sleep(1 / part.per_s)
                hunted = Hunted(number, precinct.id)
                done.append(hunted)
                self._going += 1
                self.most_at_once = max(self.most_at_once, self._going)
                try:
                    await self._one(hunted, precinct)
                except (BenchFailed, ApiFault) as error:
                    hunted.failed = str(error)
                finally:
                    self._going -= 1

        try:
            await asyncio.gather(
                *(one_after_another(each) for each in self._precincts[: part.at_once])
            )
        finally:
            for precinct in self._precincts:
                self._fall_silent(precinct)
        return done

    async def _one(self, hunted: Hunted, precinct: Precinct) -> None:
        call = await self._callers.dial(hunted.number, LINE, PART_WITHIN_S)
        try:
            told = await self._calls.of(hunted.number, PART_WITHIN_S, state="talking")
            hunted.call_id = told["id"]
            await self._floor.api.edit_field(hunted.call_id, "place", precinct.place)
            await self._calls.of(hunted.number, PART_WITHIN_S, precinct=precinct.id)
            if call.mouth is not None:
                self._callers_of |= dict.fromkeys(precinct.officers.values(), call.mouth)
            duty = precinct.officers["duty"]
            self._rang[duty] = asyncio.get_running_loop().create_future()
            pressed = time.monotonic()
            await self._floor.api.ring_officer(hunted.call_id)
            rang = await asyncio.wait_for(self._rang[duty], PART_WITHIN_S)
            hunted.key_to_phone_ms = (rang - pressed) * 1000
            await self._calls.of(hunted.number, PART_WITHIN_S, officer_state="heard")
        except TimeoutError:
            raise BenchFailed(f"caller {hunted.number}: no phone rang") from None
        finally:
            self._fall_silent(precinct)
            self._callers.hang_up(call)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(call.over.wait(), 5)
        with contextlib.suppress(BenchFailed):
            await self._calls.of(hunted.number, 10.0, state="closed")
        timeline = (await self._floor.api.call(hunted.call_id))["timeline"]
        hunted.heard_ms = next(
            (float(row["ms"]) for row in timeline if row["step"] == "both_heard"), None
        )


FULL = (
    Part("officer there at once", 200, 10, frozenset({"duty"})),
    Part("deputy", 200, 10, frozenset({"deputy", "desk"}), ANSWER_AFTER_S, 100.0),
    Part("desk", 100, 10, frozenset({"desk"}), ANSWER_AFTER_S, 95.0),
    # Calls come as fast as keeps fifty hunts going, no faster: so people take their time.
    Part("50 at once, officer answers late", 200, AT_ONCE, frozenset({"duty"}), LATE_S, per_s=5),
    Part(
        "50 at once, deputy",
        200,
        AT_ONCE,
        frozenset({"deputy", "desk"}),
        ANSWER_AFTER_S,
        100.0,
        per_s=8,
    ),
    Part("50 at once, desk", 100, AT_ONCE, frozenset({"desk"}), ANSWER_AFTER_S, 95.0, per_s=5),
)
QUICK = (
    Part("officer there at once", 12, 4, frozenset({"duty"})),
    Part("deputy", 8, 4, frozenset({"deputy", "desk"}), ANSWER_AFTER_S, 100.0),
    Part("desk", 4, 4, frozenset({"desk"}), ANSWER_AFTER_S, 95.0),
)


async def measure(*, quick: bool, say: Say) -> Measured:
    """Every part, and whether it was in time."""
    parts = QUICK if quick else FULL
    found: dict[str, list[Hunted]] = {}
    at_once: dict[str, int] = {}
    most = max(part.at_once for part in parts)
    async with floor_with_officers("hunts", most, say) as (floor, precincts, phones, _):
        sound = await said(floor.folder)
        calls = Calls()
        async with SpeakingCallers(floor.host, floor.sip_port) as callers:
            following = asyncio.create_task(floor.api.follow(calls.event))
            try:
                series = Series(floor, precincts, phones, callers, calls, sound)
                for number, part in enumerate(parts):
                    found[part.name] = await series.part(part, f"7{number}")
                    at_once[part.name] = series.most_at_once
                    say(f"{part.name}: {_told(found[part.name])}")
                    await floor.is_quiet()
            finally:
                following.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await following
    return Measured(
        figures=[
            figure
            for part in parts
            for figure in figures(part, found[part.name], at_once[part.name])
        ],
        details={name: [_row(each) for each in calls] for name, calls in found.items()},
    )


def figures(part: Part, calls: Sequence[Hunted], at_once: int) -> list[Figure]:
    """What one part says, with so many calls at once at most."""
    ways = [each.key_to_phone_ms for each in calls if each.key_to_phone_ms is not None]
    heard = [each.heard_ms for each in calls if each.heard_ms is not None]
    told = [
        Figure(f"{part.name}: most at once", at_once, "calls"),
        Figure(
            f"{part.name}: key to phone, p99",
            Spread.of(ways).p99 if len(ways) == len(calls) else None,
            "ms",
            at_most=KEY_TO_PHONE_MS,
        ),
    ]
    if part.least_in_time is None:
        people_ms = (part.after_s + KEY_AFTER_S) * 1000
        told.append(
            Figure(
                f"{part.name}: INVITE to both heard, p99, without what people take",
                Spread.of(heard).p99 - people_ms if len(heard) == len(calls) else None,
                "ms",
                at_most=OWN_SHARE_MS,
            )
        )
    else:
        in_time = sum(ms <= HEARD_WITHIN_S * 1000 for ms in heard)
        told.append(
            Figure(
                f"{part.name}: both heard within {HEARD_WITHIN_S:g} s",
                100 * in_time / len(calls),
                "%",
                at_least=part.least_in_time,
            )
        )
        told.append(Figure(f"{part.name}: latest", max(heard) / 1000 if heard else None, "s"))
    return told


def _told(calls: Sequence[Hunted]) -> str:
    heard = [each.heard_ms for each in calls if each.heard_ms is not None]
    spread = Spread.of(heard).rounded(0) if heard else "nobody"
    why = next((f"; {each.failed}" for each in calls if each.failed), "")
    return f"{len(heard)} of {len(calls)} heard, ms: {spread}{why}"


def _row(hunted: Hunted) -> list[Any]:
    return [hunted.call_id, hunted.precinct, hunted.key_to_phone_ms, hunted.heard_ms]


async def said(folder: Path) -> bytes:
    """What everybody says, as µ-law."""
    file = folder / "words.wav"
    await synthesise_wav(WORDS, "en", file)
    return encoded(read_speech(file))
