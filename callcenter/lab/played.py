"""What came of playing one script, and how a player waits for the steps of a call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from callcenter.lab import timeline

POLL_S = 0.05


class PlayFault(Exception):
    """A step of the call did not happen; the message says which and what was seen instead."""


@dataclass(slots=True)
class Played:
    """A call that was played, as far as it came."""

    script: str
    started_at: float = 0.0
    """When the INVITE was sent, in monotonic seconds."""
    call_id: str | None = None
    call: dict[str, Any] = field(default_factory=dict)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    rows: tuple[timeline.Row, ...] = ()
    measured_ms: dict[str, int] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The call's id. `PlayFault` while it has none."""
        if self.call_id is None:
            raise PlayFault("the call has no id yet")
        return self.call_id

    @property
    def ok(self) -> bool:
        """Everything happened."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """What ``callcenter call --json`` prints."""
        return {
            "script": self.script,
            "call_id": self.call_id,
            "ok": self.ok,
            "faults": self.faults,
            "timeline": [row.to_json() for row in self.rows],
            "measured_ms": self.measured_ms,
            "turns": self.turns,
            "transcript": self.transcript,
            "record": self.call.get("incident"),
            "recordings": self.call.get("recordings", []),
            "call": {
                key: value
                for key, value in self.call.items()
                if key not in ("incident", "recordings", "timeline")
            },
        }

    def note(self, step: str, at: float | None) -> None:
        """A step as the phones saw it, at a moment in monotonic seconds; the first time counts."""
        if at is not None:
            self.measured_ms.setdefault(step, self.ms(at))

    def ms(self, at: float) -> int:
        """A moment as milliseconds from the first INVITE."""
        return round((at - self.started_at) * 1000)


async def wait_until(holds: Callable[[], Awaitable[bool]], timeout_s: float, what: str) -> None:
    """Wait for something to hold. `PlayFault` names it when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not await holds():
        if time.monotonic() > deadline:
            raise PlayFault(f"waited {timeout_s:g} s in vain for {what}")
        await asyncio.sleep(POLL_S)
