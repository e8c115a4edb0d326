"""An Asterisk that carries no audio: its manager's side of many calls at once.

What it says is what Asterisk 22.10.1 with the product's dialplan says, event by event with all
headers, for the plain way of a call: it arrives, waits, is offered, is answered, and one day the
operator hangs up. So a service process can have a thousand calls up on a machine that could not
carry their audio. There are no recordings, no intake and no audio taps.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

HOST = "127.0.0.1"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LINE, QUEUE = "110", "emergency"
_VARIABLES = ("CALL_ID", "CALL_ROLE", "CALL_PARTY", "OFFER_ID", "ATTEMPT_ID", "LINE", "QUEUE")
_STATES = {"0": "Down", "4": "Ring", "5": "Ringing", "6": "Up"}

Block = dict[str, str]
Header = tuple[str, str]


def wire(headers: Sequence[Header]) -> bytes:
    """One AMI message."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"


def parse(raw: bytes) -> Block:
    """An action; of a header that comes twice, the last."""
    lines = raw.decode("utf-8", "replace").strip("\r\n").split("\r\n")
    return dict(line.split(": ", 1) for line in lines if ": " in line)


@dataclass(slots=True)
class Leg:
    """One channel."""

    name: str
    uniqueid: str
    linkedid: str
    number: str
    context: str
    variables: dict[str, str] = field(default_factory=dict)
    state: str = "4"

    def headers(self) -> list[Header]:
        """As every event about it begins."""
        return [
            ("Channel", self.name),
            ("ChannelState", self.state),
            ("ChannelStateDesc", _STATES[self.state]),
            ("CallerIDNum", self.number),
            ("CallerIDName", "<unknown>"),
            ("ConnectedLineNum", "<unknown>"),
            ("ConnectedLineName", "<unknown>"),
            ("Language", "en"),
            ("AccountCode", ""),
            ("Context", self.context),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Uniqueid", self.uniqueid),
            ("Linkedid", self.linkedid),
            *(("ChanVariable", f"{name}={self.variables.get(name, '')}") for name in _VARIABLES),
        ]


@dataclass(slots=True)
class CallUp:
    """A call that is up: its caller's leg and, once answered, the operator's."""

    caller: Leg
    seat: Leg | None = None

    @property
    def legs(self) -> list[Leg]:
        """Its channels."""
        return [self.caller] if self.seat is None else [self.caller, self.seat]

    @property
    def talks(self) -> bool:
        """Whether it is on a bridge."""
        return self.caller.context == "join"


class FakeAsterisk:
    """Use as an async context manager; `arrive` lets a caller call.

    ``talk_s``: how long an operator talks. ``on_over``: told after each call's end.
    """

    def __init__(
        self, port: int, seats: Sequence[str], talk_s: float, on_over: Callable[[], None]
    ) -> None:
        self._port = port
        self._talk_s = talk_s
        self._on_over = on_over
        self.up: dict[str, CallUp] = {}
        """Calls by id."""
        self.ended = 0
        self.ready = asyncio.Event()
        """Set while the service listens."""
        self._devices = {f"PJSIP/{seat}": "NOT_INUSE" for seat in seats}
        self._by_channel: dict[str, str] = {}
        self._offers: dict[str, str] = {}
        self._listeners: list[asyncio.StreamWriter] = []
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FakeAsterisk:
        self._server = await asyncio.start_server(self._serve, HOST, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Calls.

    def arrive(self) -> None:
        """A caller dials the line."""
        self._number += 1
        uniqueid = f"{int(time.time())}.{self._number}"
        name = f"PJSIP/trunk-{self._number:08x}"
        leg = Leg(name, uniqueid, uniqueid, f"7{self._number}", "line-in")
        self.up[uniqueid] = CallUp(leg)
        self._by_channel[name] = uniqueid
        self._tell("Newchannel", leg.headers())
        leg.context = "arrived"
        leg.variables = {"CALL_ID": uniqueid, "CALL_ROLE": "caller", "CALL_PARTY": "caller"}
        leg.variables |= {"LINE": LINE, "QUEUE": QUEUE}
        self._user_event("CallArrived", leg, ("Line", LINE), ("Queue", QUEUE))
        leg.state = "6"
        self._tell("Newstate", leg.headers())
        leg.context = "hold"
        self._user_event("CallWaiting", leg)

    def _offer(self, call_id: str, exten: str) -> None:
        seats, _, offer = exten.split("*")
        told = seats or self._offers.pop(offer, "")
        seat, _, phone = told.split("&")[0].partition("@")
        call = self.up[call_id]
        call.caller.context = "offer"
        self._user_event("OfferStarted", call.caller, ("Seat", seat), ("OfferId", offer))
        self._number += 1
        leg = Leg(
            f"PJSIP/{phone or seat}-{self._number:08x}",
            f"{int(time.time())}.{self._number}",
            call_id,
            seat,
            "from-phone",
            state="0",
        )
        self._tell("Newchannel", leg.headers())
        leg.variables = {"CALL_ID": call_id, "CALL_ROLE": "operator", "CALL_PARTY": seat}
        leg.variables["OFFER_ID"] = offer
        leg.state = "5"
        self._tell("Newstate", leg.headers())
        call.seat = leg
        self._later(0.05, lambda: self._answer(call_id, seat, offer))

    def _answer(self, call_id: str, seat: str, offer: str) -> None:
        call = self.up.get(call_id)
        if call is None or call.seat is None:
            return
        leg = call.seat
        leg.state, leg.context, call.caller.context = "6", "join", "join"
        self._tell("Newstate", leg.headers())
        self._device(seat, "BUSY")
        self._user_event(
            "PartyJoining", leg, ("Role", "operator"), ("Party", seat), ("OfferId", offer)
        )
        for party in (call.caller, leg):
            self._conference("ConfbridgeJoin", call_id, party)
        self._later(self._talk_s, lambda: self._hang_up(call_id, seat))

    def _hang_up(self, call_id: str, seat: str) -> None:
        call = self.up.pop(call_id, None)
        if call is None or call.seat is None:
            return
        self._by_channel.pop(call.caller.name, None)
        self._conference("ConfbridgeLeave", call_id, call.seat)
        self._hung_up(call.seat)
        self._device(seat, "NOT_INUSE")
        self._conference("ConfbridgeLeave", call_id, call.caller)
        self._hung_up(call.caller)
        self.ended += 1
        self._on_over()

    # What it says.

    def _user_event(self, kind: str, leg: Leg, *more: Header) -> None:
        call_id = leg.variables["CALL_ID"]
        told = [("UserEvent", kind), ("CallId", call_id), *more]
        self._tell("UserEvent", leg.headers() + told, "user,all")

    def _conference(self, event: str, call_id: str, leg: Leg) -> None:
        bridge = [
            ("Conference", call_id),
            ("BridgeUniqueid", f"bridge-{call_id}"),
            ("BridgeType", "base"),
            ("BridgeTechnology", "softmix"),
            ("BridgeCreator", "ConfBridge"),
            ("BridgeName", call_id),
            ("BridgeNumChannels", "2"),
            ("BridgeVideoSourceMode", "none"),
        ]
        self._tell(event, [*bridge, *leg.headers(), ("Admin", "No"), ("Muted", "No")])

    def _hung_up(self, leg: Leg) -> None:
        cause = [("Cause", "16"), ("Cause-txt", "Normal Clearing")]
        self._tell("Hangup", leg.headers() + cause)

    def _device(self, seat: str, state: str) -> None:
        self._devices[f"PJSIP/{seat}"] = state
        self._tell("DeviceStateChange", [("Device", f"PJSIP/{seat}"), ("State", state)])

    def _tell(self, event: str, headers: Sequence[Header], privilege: str = "call,all") -> None:
        head = [("Event", event), ("Privilege", privilege), ("Timestamp", f"{time.time():.6f}")]
        data = wire([*head, *headers])
        for listener in self._listeners:
            listener.write(data)

    def _later(self, after_s: float, do: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(after_s, do)

    # What it is asked.

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        writer.write(BANNER)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    self._do(parse(await reader.readuntil(b"\r\n\r\n")), writer)
                    await writer.drain()
        finally:
            if writer in self._listeners:
                self._listeners.remove(writer)
                self.ready.clear()
            writer.close()

    def _do(self, action: Block, writer: asyncio.StreamWriter) -> None:
        def answer(response: str, *more: Header) -> None:
            head = [("Response", response), ("ActionID", action["ActionID"])]
            writer.write(wire([*head, *more]))

        match action["Action"]:
            case "Login":
                answer("Success", ("Message", "Authentication accepted"))
                if action.get("Events") == "on":
                    self._listeners.append(writer)
                    self._tell("FullyBooted", [("Status", "Fully Booted")], "system,all")
                    self.ready.set()
            case "Ping":
                answer("Success", ("Ping", "Pong"), ("Timestamp", f"{time.time():.6f}"))
            case "Getvar":
                device = action["Variable"].removeprefix("DEVICE_STATE(").removesuffix(")")
                value = self._devices.get(device, "INVALID")
                answer("Success", ("Variable", action["Variable"]), ("Value", value))
            case "Setvar":
                name = action["Variable"].lstrip("_")
                if name.startswith("OFFER_"):
                    self._offers[name.removeprefix("OFFER_")] = action["Value"]
                answer("Success", ("Message", "Variable Set"))
            case "Redirect":
                self._redirect(action, answer)
            case "CoreShowChannels":
                legs = [leg for call in self.up.values() for leg in call.legs]
                self._list(action, writer, "CoreShowChannel", [_shown(leg) for leg in legs])
            case "ConfbridgeListRooms":
                rooms = [[("Conference", name)] for name, call in self.up.items() if call.talks]
                if rooms:
                    self._list(action, writer, "ConfbridgeListRooms", rooms)
                else:
                    answer("Error", ("Message", "No active conferences."))
            case "ConfbridgeList":
                call = self.up.get(action["Conference"])
                if call is not None and call.talks:
                    users = [_shown(leg) for leg in call.legs]
                    self._list(action, writer, "ConfbridgeList", users)
                else:
                    answer("Error", ("Message", "No Conference by that name found."))
            case "Hangup":
                answer("Error", ("Message", "No such channel"))
            case "Originate":
                answer("Success", ("Message", "Originate successfully queued"))
            case "QueueStatus":
                self._list(action, writer, "QueueMember", [])
            case _:
                answer("Success", ("Message", "Done"))

    def _redirect(self, action: Mapping[str, str], answer: Callable[..., None]) -> None:
        call_id = self._by_channel.get(action["Channel"])
        if call_id is None:
            answer("Error", ("Message", "Channel does not exist: " + action["Channel"]))
            return
        answer("Success", ("Message", "Redirect successful"))
        if action["Context"] == "offer":
            self._offer(call_id, action["Exten"])

    def _list(
        self, action: Block, writer: asyncio.StreamWriter, event: str, items: list[list[Header]]
    ) -> None:
        action_id = ("ActionID", action["ActionID"])
        start = [("Response", "Success"), action_id, ("EventList", "start")]
        writer.write(wire([*start, ("Message", "List will follow")]))
        for item in items:
            writer.write(wire([("Event", event), action_id, *item]))
        end = [("Event", f"{action['Action']}Complete"), action_id, ("EventList", "Complete")]
        writer.write(wire([*end, ("ListItems", str(len(items)))]))


def _shown(leg: Leg) -> list[Header]:
    """A channel as the lists have it."""
    marked = "Yes" if leg.variables.get("CALL_ROLE") == "caller" else "No"
    application = "ConfBridge" if leg.context == "join" else "Wait"
    return [
        *leg.headers(),
        ("Application", application),
        ("ApplicationData", leg.linkedid if leg.context == "join" else "1"),
        ("Duration", "00:00:05"),
        ("BridgeId", f"bridge-{leg.linkedid}" if leg.context == "join" else ""),
        ("MarkedUser", marked),
    ]
