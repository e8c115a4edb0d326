"""Ends of calls as Asterisk wrote them down, for a service that was not there.

One file a call lies beside its recording, ``<call id>.ended``, of one line: when it ended, arrived
and was answered (seconds since 1970, the last one empty when it was not), the cause, line, queue,
caller's number and ``1`` if they were promised to be called back, with ``;`` between. It is removed
as soon as the end is in the journal.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from recordings.legs import written_at

log = structlog.get_logger(__name__)

SUFFIX: Final = ".ended"
FIELDS: Final = 8
LONGEST_BYTES: Final = 1000
BEING_WRITTEN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended; moments in seconds since 1970, by Asterisk's clock."""

    call_id: str
    ended_at: float
    arrived_at: float
    answered_at: float | None
    cause: int
    line: str
    queue: str
    caller_number: str = field(repr=False)
    call_back_wanted: bool = False

    @property
    def length_s(self) -> float:
        """From arrival to end."""
        return max(0.0, self.ended_at - self.arrived_at)

    @property
    def answered_ms(self) -> int | None:
        """From arrival to the first human voice; None: nobody answered."""
        return None if self.answered_at is None else ms_between(self.arrived_at, self.answered_at)


def ms_between(earlier: float, later: float) -> int:
    """Milliseconds between two moments in seconds, never less than 0."""
    return max(0, round((later - earlier) * 1000))


class Ends:
    """What lies in the folder of raw recordings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> dict[str, Ended]:
        """Every end that is not in the journal yet, by call. What cannot be read is passed over."""
        found = {}
        for file in self._folder.glob(f"*{SUFFIX}"):
            ended = self._read(file)
            if ended is not None:
                found[ended.call_id] = ended
        return found

    def forget(self, call_id: str) -> None:
        """The journal has this end."""
        try:
            (self._folder / f"{call_id}{SUFFIX}").unlink(missing_ok=True)
        except OSError as error:
            log.warning("end.not_removed", call_id=call_id, why=str(error))

    def recorded_until(self, call_id: str) -> float | None:
        """When the recording was written to last (seconds since 1970); None: there is none."""
        return written_at(self._folder, call_id)

    def _read(self, file: Path) -> Ended | None:
        try:
            with file.open(encoding="utf-8", errors="replace") as source:
                values = source.read(LONGEST_BYTES).strip().split(";")
            if len(values) == FIELDS - 1:
                values.append("")  # by a dialplan from before an upgrade
            if len(values) != FIELDS:
                raise ValueError(f"{len(values)} fields, expected {FIELDS}")
            ended, arrived, answered, cause, line, queue, number, wanted = values
            return Ended(
                file.name.removesuffix(SUFFIX),
                float(ended),
                float(arrived),
                float(answered) if answered else None,
                int(cause or 0),
                line,
                queue,
                number,
                wanted == "1",
            )
        except (OSError, ValueError) as error:
            log.warning("end.unreadable", file=file.name, why=str(error))
            self._set_aside(file)
            return None

    def _set_aside(self, file: Path) -> None:
        """Do not trip over it again, unless it is just being written."""
        with contextlib.suppress(OSError):
            if time.time() - file.stat().st_mtime > BEING_WRITTEN_S:
                file.rename(file.with_suffix(".unreadable"))
