"""What may have come of a task."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

NOTE_CHARS: Final = 2000


class Result(StrEnum):
    """Why a task is closed; people choose one of these, and only people do."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    NO_NEED = "no_need"
    HANDED_ON = "handed_on"
    OTHER = "other"
    """The note says what."""
