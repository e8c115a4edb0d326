"""A real Asterisk with the product's configuration and no service.

It is what callers have left when everything else is dead; the dialplan is tried on it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callcenter.asterisk.render import HOLD_MUSIC
from callcenter.heartbeat import VARIABLE as HEARTBEAT
from callcenter.lab import asterisk as lab_asterisk
from callcenter.lab.layout import (
    LabFolders,
    LabOptions,
    asterisk_root,
    free_ports,
    settings_text,
)
from callcenter.lab.root import find_or_build
from callcenter.settings import Outbound, Secrets, Settings
from ivr.hold_music import write_hold_music

OTHER_SITE = "911"
NO_SITE = "5550000"
STRANGE_TRUNK = "127.0.0.3"
"""May send calls, and is not believed about where their callers are."""


@dataclass(slots=True)
class Exchange:
    """A running Asterisk, its settings and passwords."""

    asterisk: lab_asterisk.Asterisk
    settings: Settings
    secrets: Secrets
    folders: LabFolders
    started_in_s: float

    def cli(self, command: str) -> str:
        """Run a CLI command."""
        return self.asterisk.cli(command)

    def beat(self, ahead_s: float = 0) -> None:
        """Set the heartbeat as a living service does; ``ahead_s`` keeps it fresh for longer."""
        self.cli(f"dialplan set global {HEARTBEAT} {round(1000 * (time.time() + ahead_s))}")

    def fall_silent(self) -> None:
        """Make the heartbeat stale at once."""
        self.cli(f"dialplan set global {HEARTBEAT} 0")

    def channels(self) -> list[list[str]]:
        """Every channel as ``core show channels concise`` has it, field by field."""
        rows = self.cli("core show channels concise").splitlines()
        return [row.split("!") for row in rows if row.count("!") > 10]

    def conferences(self) -> dict[str, int]:
        """How many are in each bridge of a call."""
        rows = [row.split() for row in self.cli("confbridge list").splitlines()[2:]]
        return {row[0]: int(row[1]) for row in rows if len(row) >= 3 and row[1].isdigit()}


def _shift() -> int:
    """Ports of its own: several of these may run at a time, and labs beside them."""
    return 11000 + 25 * random.randrange(400)  # noqa: S311  # to be apart, not to be secret


@contextmanager
def exchange(
    folder: Path, *, seats: int = 2, officers: int = 2, rtp_timeout_s: int = 2
) -> Iterator[Exchange]:
    """Start one in a folder of its own and end it afterwards.

    Its way out leads back to itself: the other site that callers are diverted to is its own line
    911, and `NO_SITE` is a number that nobody has there.
    """
    folders = LabFolders(folder)
    folder.mkdir(parents=True, exist_ok=True)
    options = LabOptions(folder, seats, officers, "none")
    folders.settings.write_text(settings_text(options, free_ports(1, _shift())), "utf-8")
    settings = Settings.load(folders.settings)
    out = Outbound(host=settings.sip.host, port=settings.sip.port, divert_to=(OTHER_SITE, NO_SITE))
    trunks = (*settings.sip.trunk_hosts, STRANGE_TRUNK)
    sip = settings.sip.model_copy(
        update={"rtp_timeout_s": rtp_timeout_s, "outbound": out, "trunk_hosts": trunks}
    )
    settings = settings.model_copy(update={"sip": sip})
    secrets = Secrets.load_or_generate(settings)
    write_hold_music(settings.asterisk.sounds / HOLD_MUSIC)
    root = find_or_build(asterisk_root(), lambda text: None)
    began = time.monotonic()
    asterisk = lab_asterisk.start(settings, secrets, root, folders.asterisk)
    try:
        yield Exchange(asterisk, settings, secrets, folders, time.monotonic() - began)
    finally:
        asterisk.stop()
