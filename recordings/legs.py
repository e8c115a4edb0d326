"""The two files that Asterisk writes of a call, and what is wrong with them.

MixMonitor writes headerless signed 16-bit little-endian samples at 8 kHz: ``<call_id>-rx.sln`` is
what the caller says, ``<call_id>-tx.sln`` what the caller hears. Neither is changed here; what a
repair means is carried out by `recordings.mixdown`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from recordings.errors import NoRecording
from recordings.files import checked, disk_errors, open_regular
from recordings.wav import RATE_HZ, SAMPLE_BYTES


class Side(Enum):
    """Whose leg; the value ends the file's name."""

    CALLER = "rx"
    HEARD = "tx"


class Flaw(Enum):
    """What can be wrong with a leg."""

    MISSING = "missing, silence in its place"
    EMPTY = "empty, silence in its place"
    HALF_SAMPLE = "ended within a sample, which was dropped"
    SHORTER = "shorter than the other, filled up with silence"


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that was not as it should be, and was mended."""

    side: Side
    flaw: Flaw
    silence_ms: int = 0

    def __str__(self) -> str:
        leg = "the caller's leg" if self.side is Side.CALLER else "the leg that the caller heard"
        amount = f" ({self.silence_ms} ms)" if self.silence_ms else ""
        return f"{leg}: {self.flaw.value}{amount}"


@dataclass(frozen=True, slots=True)
class Legs:
    """The legs of one call as they were found."""

    call_id: str
    caller: Path | None
    heard: Path | None
    caller_bytes: int
    heard_bytes: int
    repairs: tuple[Repair, ...]
    ended_at: float = 0.0
    """When a leg was written to last (seconds since 1970)."""

    @property
    def samples(self) -> int:
        """Samples of the longer leg."""
        return max(self.caller_bytes, self.heard_bytes) // SAMPLE_BYTES

    @property
    def began_at(self) -> float:
        """When the first sample was heard (seconds since 1970).

        Asterisk writes both directions from then on without holes, to the end of the channel.
        """
        return self.ended_at - self.samples / RATE_HZ


def find(folder: Path, call_id: str) -> Legs:
    """The legs of a call.

    Raises `NoRecording` where there is not one sample, `BadCallId`, `UnsafeFile` where a link or
    device stands in place of a leg, `StorageFailed`.
    """
    checked(call_id)
    with disk_errors(folder):
        caller, caller_bytes, caller_at = _look(folder / f"{call_id}-{Side.CALLER.value}.sln")
        heard, heard_bytes, heard_at = _look(folder / f"{call_id}-{Side.HEARD.value}.sln")
    samples = max(caller_bytes, heard_bytes) // SAMPLE_BYTES
    if not samples:
        raise NoRecording(f"call {call_id}: neither leg holds a sample")
    repairs = (
        *_flaws(Side.CALLER, caller, caller_bytes, samples),
        *_flaws(Side.HEARD, heard, heard_bytes, samples),
    )
    ended_at = max(caller_at, heard_at)
    return Legs(call_id, caller, heard, caller_bytes, heard_bytes, repairs, ended_at)


def discard(legs: Legs) -> None:
    """Delete the legs, once what was made of them is kept."""
    for leg in (legs.caller, legs.heard):
        if leg is not None:
            with disk_errors(leg):
                leg.unlink(missing_ok=True)


def _look(file: Path) -> tuple[Path | None, int, float]:
    try:
        with open_regular(file) as leg:
            return file, leg.seek(0, 2), os.fstat(leg.fileno()).st_mtime
    except FileNotFoundError:
        return None, 0, 0.0


def _flaws(side: Side, file: Path | None, size_bytes: int, samples: int) -> list[Repair]:
    own, rest = divmod(size_bytes, SAMPLE_BYTES)
    silence_ms = (samples - own) * 1000 // RATE_HZ
    if file is None:
        return [Repair(side, Flaw.MISSING, silence_ms)]
    flaws = [Repair(side, Flaw.HALF_SAMPLE)] if rest else []
    if not own:
        flaws.append(Repair(side, Flaw.EMPTY, silence_ms))
    elif own < samples:
        flaws.append(Repair(side, Flaw.SHORTER, silence_ms))
    return flaws
