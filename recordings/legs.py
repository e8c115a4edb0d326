"""The two files that Asterisk writes of a call, and what is wrong with them.

MixMonitor writes headerless signed 16-bit little-endian samples: ``<call_id>-rx.sln`` is what the
caller says, ``<call_id>-tx.sln`` what the caller hears, at 8 kHz; at 16 kHz, for a caller with a
wideband codec, the names end in ``.sln16``. Neither is changed here; what a repair means is
carried out by `recordings.mixdown`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from recordings.errors import NoRecording
from recordings.files import checked, disk_errors, open_regular
from recordings.wav import NARROW_HZ, SAMPLE_BYTES, WIDE_HZ

RATE_OF = {".sln16": WIDE_HZ, ".sln": NARROW_HZ}
"""The rate of a leg by the ending of its file's name."""


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
    caller_hz: int = NARROW_HZ
    heard_hz: int = NARROW_HZ

    @property
    def rate_hz(self) -> int:
        """Of what is made of them: the higher one."""
        return max(self.caller_hz, self.heard_hz)

    @property
    def samples(self) -> int:
        """Length of the longer leg, in samples at `rate_hz`."""
        return max(
            _samples(self.caller_bytes, self.caller_hz, self.rate_hz),
            _samples(self.heard_bytes, self.heard_hz, self.rate_hz),
        )

    @property
    def began_at(self) -> float:
        """When the first sample was heard (seconds since 1970).

        Asterisk writes both directions from then on without holes, to the end of the channel.
        """
        return self.ended_at - self.samples / self.rate_hz


def find(folder: Path, call_id: str) -> Legs:
    """The legs of a call.

    Raises `NoRecording` where there is not one sample, `BadCallId`, `UnsafeFile` where a link or
    device stands in place of a leg, `StorageFailed`.
    """
    checked(call_id)
    with disk_errors(folder):
        caller = _look(folder, call_id, Side.CALLER)
        heard = _look(folder, call_id, Side.HEARD)
    legs = Legs(
        call_id,
        caller.path,
        heard.path,
        caller.size_bytes,
        heard.size_bytes,
        (),
        max(caller.written_at, heard.written_at),
        # A leg that is missing has the rate of the other.
        caller.rate_hz or heard.rate_hz or NARROW_HZ,
        heard.rate_hz or caller.rate_hz or NARROW_HZ,
    )
    if not legs.samples:
        raise NoRecording(f"call {call_id}: neither leg holds a sample")
    repairs = (
        *_flaws(Side.CALLER, caller, legs),
        *_flaws(Side.HEARD, heard, legs),
    )
    return replace(legs, repairs=repairs)


def written_at(folder: Path, call_id: str) -> float | None:
    """When the caller's leg was written to last (seconds since 1970); None: there is none."""
    for ending in RATE_OF:
        try:
            return (folder / f"{call_id}-{Side.CALLER.value}{ending}").stat().st_mtime
        except OSError:
            continue
    return None


def left_over(folder: Path) -> dict[str, float]:
    """Calls of which a caller's leg lies here, and when it was written to last."""
    found: dict[str, float] = {}
    for ending in RATE_OF:
        last = f"-{Side.CALLER.value}{ending}"
        for leg in folder.glob(f"*{last}"):
            with suppress(FileNotFoundError):  # finished meanwhile
                found[leg.name.removesuffix(last)] = leg.stat().st_mtime
    return found


def discard(legs: Legs) -> None:
    """Delete the legs, once what was made of them is kept."""
    for leg in (legs.caller, legs.heard):
        if leg is not None:
            with disk_errors(leg):
                leg.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Leg:
    path: Path | None = None
    size_bytes: int = 0
    written_at: float = 0.0
    rate_hz: int = 0


def _look(folder: Path, call_id: str, side: Side) -> _Leg:
    for ending, rate_hz in RATE_OF.items():
        file = folder / f"{call_id}-{side.value}{ending}"
        try:
            with open_regular(file) as leg:
                return _Leg(file, leg.seek(0, 2), os.fstat(leg.fileno()).st_mtime, rate_hz)
        except FileNotFoundError:
            continue
    return _Leg()


def _samples(size_bytes: int, rate_hz: int, to_hz: int) -> int:
    return size_bytes // SAMPLE_BYTES * to_hz // rate_hz


def _flaws(side: Side, leg: _Leg, legs: Legs) -> list[Repair]:
    rate_hz = legs.rate_hz
    own = _samples(leg.size_bytes, leg.rate_hz or rate_hz, rate_hz)
    silence_ms = (legs.samples - own) * 1000 // rate_hz
    if leg.path is None:
        return [Repair(side, Flaw.MISSING, silence_ms)]
    flaws = [Repair(side, Flaw.HALF_SAMPLE)] if leg.size_bytes % SAMPLE_BYTES else []
    if not own:
        flaws.append(Repair(side, Flaw.EMPTY, silence_ms))
    elif own < legs.samples:
        flaws.append(Repair(side, Flaw.SHORTER, silence_ms))
    return flaws
