"""A floor without Asterisk: the real conductor and engine, an actor that only writes down.

That the real Asterisk answers these actions with these events is what the integration tests show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from acd.engine import Engine
from acd.events import SeatReady
from acd.model import FloorSettings, QueueSettings, SeatSettings
from callcenter.asterisk import events as ami
from callcenter.asterisk.actions import Action, Redirect, Reply
from callcenter.asterisk.errors import InvalidAction, NotConnected
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.session import Answer
from callcenter.calls.adoption import Adoption
from callcenter.calls.aside import Aside
from callcenter.calls.briefs import Brief
from callcenter.calls.call import Call
from callcenter.calls.call_backs import CallBacks
from callcenter.calls.call_in import CallIns
from callcenter.calls.conduct import Conductor
from callcenter.calls.day import Day
from callcenter.calls.distribution import Distribution
from callcenter.calls.ends import Ends
from callcenter.calls.errands import Errands
from callcenter.calls.legs import Leg
from callcenter.calls.notices import Notices
from callcenter.calls.officer_phones import OfficerPhones
from callcenter.calls.officers import OfficerHunts
from callcenter.calls.parties import Parties
from callcenter.calls.priorities import Priorities
from callcenter.calls.register import CallRegister
from callcenter.calls.vanished import VanishWatch
from callcenter.precincts.hunt import Candidate, Rung
from callcenter.settings import Deadlines, Line, Officer, Partner, Queue, Seat, Settings, Tripwire
from tests.unit.calls.plain_rules import PlainRules

SETTINGS = Settings(
    lines=(Line(number="110", queue="emergency"),),
    queues=(Queue(id="emergency"),),
    seats=(Seat(id="s01", queues=("emergency",)), Seat(id="s02", queues=("emergency",))),
    officers=(
        Officer(id="o14a", name="A", precinct="14"),
        Officer(id="o18a", name="B", precinct="18"),
    ),
)
FLOOR = FloorSettings(
    queues=(QueueSettings(id="emergency"),),
    seats=tuple(SeatSettings(seat.id, seat.queues) for seat in SETTINGS.seats),
)


WALL_S = 1_800_000_000.0


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Actor:
    """Takes every action; ``refuse`` answers those that it returns an error for."""

    sent: list[Action] = field(default_factory=list)
    error: Exception | None = None
    connected: bool = True
    behind: bool = False
    told_meanwhile: Callable[[], None] = lambda: None
    """What is heard while it catches up."""

    async def send(self, action: Action, timeout_s: float = 5.0) -> Reply:
        self.sent.append(action)
        return await self._answer()

    async def catch_up(self, *, sure: bool = False) -> None:
        if self.behind or sure:
            self.behind = False
            self.told_meanwhile()

    def post(self, action: Action, timeout_s: float = 5.0) -> Answer:
        if isinstance(self.error, NotConnected | InvalidAction):
            raise self.error
        self.sent.append(action)
        return self._answer

    async def _answer(self) -> Reply:
        if self.error:
            raise self.error
        return Reply(Headers([("response", "Success")]))

    def of(self, kind: type[Action]) -> list[Any]:
        return [action for action in self.sent if isinstance(action, kind)]

    def offered(self) -> list[tuple[str, str]]:
        """(channel, seat) of every offer, in order."""
        return [
            (r.channel, r.exten.split("*")[0]) for r in self.of(Redirect) if r.context == "offer"
        ]


@dataclass
class Ears:
    """Where taps would be put."""

    tapped: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def listen(self, call: Call, leg: Leg, *, after_s: float = 0.0) -> None:
        if leg.id not in self.tapped:
            self.tapped.append(leg.id)

    def release(self, call: Call, leg: Leg) -> None:
        self.released.append(leg.id)

    def forget(self, call: Call) -> None:
        self.released += list(call.legs)


class Bus:
    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        self.told.append(message)

    def notices(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.told if each.get("kind") == kind]


class Words:
    """Where typed values would go back to."""

    def restore(self, call_id: str, typed: Any) -> None:
        pass


class TestFloor:
    """Two seats, two officers, one line; events go in by name, actions are in ``actor``."""

    __test__ = False

    def __init__(
        self,
        candidates: Sequence[str | Candidate] = ("o14a",),
        settings: FloorSettings = FLOOR,
        legs: Path = Path("no-such-folder"),
    ) -> None:
        """``legs``: the folder of raw recordings."""
        self.clock = Clock()
        self.legs = legs
        self.actor = Actor()
        self.ears = Ears()
        self.bus = Bus()
        self.journal: list[tuple[str | None, str, dict[str, Any]]] = []
        self.closed: list[Call] = []
        self.called_back: list[str] = []
        """Call-backs that are over."""
        self.errands = Errands()
        self.register = CallRegister(
            self.bus,
            lambda call: None,
            lambda: {},
            self.note,
            self.clock,
            soon=lambda tell: tell(),
        )
        notices = Notices(self.bus, self.note)
        self.typed: dict[str, dict[str, dict[str, Any]]] = {}
        self.rules = PlainRules(SETTINGS)
        self.today = date(2026, 3, 1)
        self.engine = Engine(settings, now=self.clock.now)
        self.distribution = Distribution(
            engine=self.engine,
            floor=settings,
            settings=SETTINGS,
            link=self.actor,  # type: ignore[arg-type]  # stands for the link
            register=self.register,
            errands=self.errands,
            bus=self.bus,
            notices=notices,
            note=self.note,
            clock=self.clock,
        )
        self.conductor = Conductor(
            settings=SETTINGS,
            register=self.register,
            distribution=self.distribution,
            priorities=Priorities(self.rules, lambda call_id: self.typed.get(call_id, {})),
            vanished=VanishWatch(
                link=self.actor,  # type: ignore[arg-type]  # stands for the link
                register=self.register,
                errands=self.errands,
                notices=notices,
                note=self.note,
                clock=self.clock,
            ),
            notices=notices,
            note=self.note,
            on_closed=self.closed.append,
            clock=self.clock,
            day=Day(lambda zone: self.today),
        )
        self.not_answering: list[str] = []
        self.phones_of: dict[str, tuple[str, ...]] = {}
        self.far: dict[str, dict[str, float]] = {}
        self.officers = OfficerHunts(
            phones=OfficerPhones(
                self.actor,  # type: ignore[arg-type]  # stands for the link
                self.register,
                self.errands,
            ),
            register=self.register,
            note=self.note,
            begin_brief=lambda call, attempt, officer: Brief(Path("/sounds/brief.sln"), "en"),
            candidates=lambda call: [
                Candidate(each, Rung.DUTY) if isinstance(each, str) else each for each in candidates
            ],
            phones_of=lambda officer: self.phones_of.get(officer, ()),
            far=lambda call, officer: self.far.get(officer, {}),
            on_exhausted=lambda call: None,
            on_not_answering=lambda call, officer: self.not_answering.append(officer),
            deadlines=Deadlines(),
            clock=self.clock,
        )
        self.conductor.listener = self.ears  # type: ignore[assignment]  # stands for the listener
        self.conductor.officers = self.officers
        self.parties = Parties(
            partners=(
                Partner(id="ambulance", name="Ambulance", kind="ambulance"),
                Partner(id="municipal", name="City", kind="municipal", phone="12345"),
            ),
            ring_s=20.0,
            seen_as="5550000",
            link=self.actor,  # type: ignore[arg-type]  # stands for the link
            register=self.register,
            distribution=self.distribution,
            errands=self.errands,
            notices=notices,
            note=self.note,
            begin_brief=lambda call, attempt, officer: Brief(Path("/sounds/brief.sln"), "en"),
            clock=self.clock,
        )
        self.conductor.parties = self.parties
        self.aside = Aside(
            link=self.actor,  # type: ignore[arg-type]  # stands for the link
            register=self.register,
            errands=self.errands,
            notices=notices,
            note=self.note,
            clock=self.clock,
        )
        self.conductor.aside = self.aside
        self.conductor.call_backs = CallBacks(
            settings=SETTINGS,
            link=self.actor,  # type: ignore[arg-type]  # stands for the link
            register=self.register,
            distribution=self.distribution,
            errands=self.errands,
            note=self.note,
            open_call=self.conductor.open_call,
            on_over=self.called_back.append,
            clock=self.clock,
        )
        self.call_ins = CallIns(
            settings=Tripwire(),
            link=self.actor,  # type: ignore[arg-type]  # stands for the link
            register=self.register,
            distribution=self.distribution,
            errands=self.errands,
            notices=notices,
            note=self.note,
            clock=self.clock,
        )
        self.conductor.call_ins = self.call_ins
        self.adoption = Adoption(
            self.conductor,
            self.register,
            self.errands,
            self.actor,  # type: ignore[arg-type]  # stands for the link
            Words(),  # type: ignore[arg-type]  # stands for the record
            Ends(self.legs),
            self.clock,
            self.wall,
        )
        for seat in settings.seats:
            self.distribution.feed(SeatReady(seat.id), self.clock.now)

    def wall(self) -> float:
        """The time of day, as far from 1970 as the clock from 0."""
        return WALL_S + self.clock.now

    def note(self, call_id: str | None, kind: str, payload: dict[str, Any]) -> None:
        self.journal.append((call_id, kind, payload))

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.journal]

    async def settle(self) -> None:
        await self.errands.drain(1)

    def tell(self, *events: ami.Event, after_s: float = 0.0) -> None:
        self.clock.now += after_s
        for event in events:
            self.conductor.handle(event)

    def phone(self, phone: str, state: str) -> None:
        self.tell(ami.DeviceState(f"PJSIP/{phone}", state))

    def arrives(self, call_id: str) -> Call:
        self.tell(
            ami.CallArrived(call_id, f"PJSIP/line-{call_id}", call_id, "110", "emergency", "5")
        )
        return self.register.get(call_id)

    def offer_of(self, call_id: str) -> str:
        known = self.engine.call(call_id)
        if known is None or known.offer_id is None:
            raise LookupError(call_id)
        return known.offer_id

    def rings(self, call_id: str, *seats: str) -> None:
        self.tell(ami.OfferStarted(call_id, seats, self.offer_of(call_id)))

    def answers(self, call_id: str, seat: str, leg: str) -> None:
        """The seat picks up: both come onto the bridge."""
        offer = self.offer_of(call_id)
        self.tell(
            ami.PartyJoining(call_id, f"PJSIP/{seat}-1", leg, "operator", seat, offer),
            ami.BridgeJoined(call_id, f"PJSIP/line-{call_id}", call_id),
            ami.BridgeJoined(call_id, f"PJSIP/{seat}-1", leg),
        )

    def hangs_up(self, uniqueid: str, cause: int = 16) -> None:
        call = self.register.by_leg(uniqueid)
        if call and call.legs[uniqueid].on_bridge:
            self.tell(ami.BridgeLeft(call.id, "", uniqueid))
        self.tell(ami.ChannelHungUp("", uniqueid, call.id if call else uniqueid, cause))
