"""The legs of a call: one channel each, who is on it, and whether they were heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks on a leg."""

    CALLER = "caller"
    OPERATOR = "operator"
    OFFICER = "officer"
    PARTNER = "partner"


@dataclass(slots=True)
class Leg:
    """One channel of a call. ``id`` is its Uniqueid; times are ms from the first INVITE."""

    id: str
    channel: str
    role: Role
    party: str
    """Seat id, officer id, partner id, or the caller's number."""
    joined_ms: int | None = None
    left_ms: int | None = None
    voice_ms: int | None = None
    """When voice was last known on this leg."""
    speaking: bool = False
    silence_told: bool = False
    """Of an officer: whether it was looked at who is not heard since they came."""
    aside: bool = False
    """Apart from the caller, who may be on hold; not on the bridge, and not gone either."""
    language: str = ""
    """What it is recognised in; empty: the language of the call."""

    @property
    def on_bridge(self) -> bool:
        """Joined and not left."""
        return self.joined_ms is not None and self.left_ms is None

    def heard_since(self, ms: int) -> bool:
        """Whether voice was on this leg at or after that moment."""
        return self.speaking or (self.voice_ms is not None and self.voice_ms >= ms)
