"""What a lab consists of: its folders, its lines, seats and officers, ports that are free.

Everything lies below one folder (``var/lab``); its settings file is an ordinary one, which a
person may read to learn how their own should look.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from callcenter.lab.errors import LabError

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_LAB = PROJECT / "var" / "lab"
ASTERISK_ROOT = PROJECT / "var" / "asterisk-root"
MODELS = PROJECT / "var" / "models"
ROOT_VARIABLE = "CALLCENTER_ASTERISK_ROOT"
"""Names another folder with an Asterisk root, for checkouts that share one."""

LabLanguage = Literal["en", "ko", "none"]

HOST = "127.0.0.1"
QUEUE = "emergency"
DUTY_LINE = "17000"
"""Officers call it from outside to say that they are on duty."""
MOBILES = "1917555"
"""How officers' numbers begin that are rung by the lab's trunk."""
LINES = ("110", "911")
PRECINCTS = ("14", "18", "1", "19", "13", "17", "10", "9", "6", "20", "5", "7")
"""Manhattan's precincts, those of the demo's calls first; more officers start over as deputies."""
RTP_PORTS = 1000
MOST_SEATS = 200
MOST_OFFICERS = 200
_LAST_PORT = 65000


PARTNERS = (
    {"id": "ambulance", "name": "Ambulance desk", "kind": "ambulance"},
    {"id": "fire", "name": "Fire desk", "kind": "fire"},
    {"id": "interpreter", "name": "Interpreter", "kind": "interpreter"},
)
"""Desks that every lab's operators may bring to a call."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What a person asks for."""

    folder: Path = DEFAULT_LAB
    seats: int = 2
    officers: int = 4
    language: LabLanguage = "en"
    port_shift: int = 0
    """Added to the usual ports, so that several labs stay out of each other's way."""


@dataclass(frozen=True, slots=True)
class LabFolders:
    """Files of one lab."""

    base: Path

    @property
    def settings(self) -> Path:
        """The service's settings."""
        return self.base / "callcenter.toml"

    @property
    def description(self) -> Path:
        """What others need to know of the running lab."""
        return self.base / "lab.json"

    @property
    def processes(self) -> Path:
        """What runs, for whoever takes it down."""
        return self.base / "processes.json"

    @property
    def lock(self) -> Path:
        """Held by whoever starts or stops."""
        return self.base / "lab.lock"

    @property
    def asterisk(self) -> Path:
        """Asterisk's own files."""
        return self.base / "asterisk"

    @property
    def asterisk_cli(self) -> Path:
        """A program that runs one command on the lab's Asterisk."""
        return self.base / "asterisk-cli"

    @property
    def recordings(self) -> Path:
        """Finished recordings; what Asterisk writes meanwhile is in ``legs`` below it."""
        return self.base / "recordings"

    @property
    def service_log(self) -> Path:
        """What the service says."""
        return self.base / "service.log"


@dataclass(frozen=True, slots=True)
class LabPorts:
    """First ports of what the lab listens on."""

    sip: int
    rtp: int
    ami: int
    fastagi: int
    speech: int
    api: int
    ari: int = 8088
    outbound: int = 7060
    """Where the lab's Asterisk calls out to: a phone that listens there is the world outside."""


def asterisk_root() -> Path:
    """Where the Asterisk root is kept."""
    return Path(os.environ.get(ROOT_VARIABLE, ASTERISK_ROOT))


def free_ports(workers: int, shift: int = 0) -> LabPorts:
    """Ports on loopback that nobody listens on: the usual ones, plus ``shift``, where free."""
    return LabPorts(
        sip=_free(5060 + shift, 1, datagram=True, stream=True, step=2),
        rtp=_free(10000 + shift, RTP_PORTS, datagram=True, step=RTP_PORTS),
        ami=_free(5038 + shift, 1, stream=True),
        ari=_free(8088 + shift, 1, stream=True),
        fastagi=_free(4573 + shift, 1, stream=True),
        speech=_free(9100 + shift, max(workers, 1), stream=True, step=max(workers, 10)),
        api=_free(8110 + shift, 1, stream=True),
        outbound=_free(7060 + shift, 1, datagram=True, stream=True),
    )


def _free(
    first: int, count: int, *, datagram: bool = False, stream: bool = False, step: int = 1
) -> int:
    for start in range(first, _LAST_PORT - count, step):
        with ExitStack() as held:
            try:
                for port in range(start, start + count):
                    if datagram:
                        _hold(held, socket.SOCK_DGRAM, port)
                    if stream:
                        _hold(held, socket.SOCK_STREAM, port)
            except OSError:
                continue
            return start
    raise LabError(f"no {count} free ports from {first} on; end what holds them")


def _hold(held: ExitStack, kind: socket.SocketKind, port: int) -> None:
    listener = held.enter_context(socket.socket(socket.AF_INET, kind))
    if kind is socket.SOCK_STREAM:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))


def settings_text(options: LabOptions, ports: LabPorts) -> str:
    """The lab's settings file.

    Raises:
        LabError: more seats or officers than a lab has, or none.
    """
    if not 1 <= options.seats <= MOST_SEATS:
        raise LabError(f"--seats {options.seats}: expected 1 to {MOST_SEATS}")
    if not 0 <= options.officers <= MOST_OFFICERS:
        raise LabError(f"--officers {options.officers}: expected 0 to {MOST_OFFICERS}")
    language = "en" if options.language == "none" else options.language
    tables: list[tuple[str, dict[str, Any]]] = [
        (
            "",
            {
                "database": "sqlite+aiosqlite:///callcenter.db",
                "secrets": "secrets.toml",
            },
        ),
        *(
            ("[lines]", {"number": number, "queue": QUEUE, "languages": [language]})
            for number in LINES
        ),
        ("[queues]", {"id": QUEUE, "name": "Emergency", "wrap_up_s": 0}),
        *(
            ("[seats]", {"id": f"s{n:02}", "name": f"Seat {n}", "queues": [QUEUE]})
            for n in range(1, options.seats + 1)
        ),
        *(("[officers]", _officer(number)) for number in range(options.officers)),
        *(("[partners]", partner) for partner in PARTNERS),
        (
            "sip",
            {
                "host": HOST,
                "port": ports.sip,
                "rtp_first_port": ports.rtp,
                "rtp_last_port": ports.rtp + RTP_PORTS - 1,
                "trunk_hosts": [HOST],
                "trusted_hosts": [HOST],
                "duty_line": DUTY_LINE,
                # Simple phones do not answer OPTIONS; here they count while registered.
                "qualify_s": 0,
            },
        ),
        ("sip.outbound", {"host": HOST, "port": ports.outbound, "officers": [MOBILES]}),
        ("ami", {"host": HOST, "port": ports.ami}),
        ("ari", {"host": HOST, "port": ports.ari}),
        ("fastagi", {"host": HOST, "port": ports.fastagi}),
        ("asterisk", {"recordings": "recordings/legs", "sounds": "sounds"}),
        ("recordings", {"directory": "recordings"}),
        (
            "speech",
            {
                "enabled": options.language != "none",
                "host": HOST,
                "first_port": ports.speech,
                "models": str(MODELS),
            },
        ),
        ("api", {"host": HOST, "port": ports.api}),
    ]
    return "# A lab on loopback, written by `callcenter lab up`.\n" + "".join(
        _table(name, values) for name, values in tables
    )


def _officer(number: int) -> dict[str, Any]:
    """Officer ``number`` from 0: the duty officer of a precinct, then deputies."""
    round_, index = divmod(number, len(PRECINCTS))
    precinct = PRECINCTS[index]
    letter = chr(ord("a") + round_ % 26)
    suffix = letter if round_ < 26 else f"{letter}{round_ // 26}"
    return {
        "id": f"o{precinct}{suffix}",
        "name": f"Officer {suffix.upper()}, precinct {precinct}",
        "precinct": precinct,
        "duty": "duty" if round_ == 0 else "deputy",
    }


def _table(name: str, values: dict[str, Any]) -> str:
    """One TOML table; JSON's strings, numbers, booleans and arrays are TOML's too."""
    head = f"\n[{name}]\n" if name else ""
    return head + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()
    )
