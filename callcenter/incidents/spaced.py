"""The fields of a record out of a conversation in a language that keeps words apart by spaces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from callcenter.incidents import callback, caller_name, injuries, suspects, times
from callcenter.incidents.conversation import Heard
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import TextReading, read_text
from callcenter.incidents.record import Evidence, Turn

Rows = list[Evidence]
READINGS_KEPT = 2048


class SpacedFields:
    """Reads texts and finds the fields that need more than a list of words."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        # Names and numbers are sought in the whole call each time: a text is read once.
        self._reading = lru_cache(READINGS_KEPT)(partial(read_text, lexicon=lexicon))

    def read(self, text: str, *, question: bool = False) -> TextReading:
        """What one text says."""
        return self._reading(text, question=question)

    def injured(self, heard: Sequence[Heard], *, also_maybe: bool) -> tuple[int | None, Rows]:
        """How many are hurt, at least."""
        return injuries.count(heard, self._lexicon, also_maybe=also_maybe)

    def when(self, heard: Sequence[Heard]) -> tuple[str | None, Rows]:
        """When it happened, in the caller's words."""
        return times.found(heard, self._lexicon)

    def caller_name(self, turns: Sequence[Turn]) -> tuple[str | None, Rows]:
        """The caller's name."""
        return caller_name.find(turns, self.read, self._lexicon)

    def callback(self, turns: Sequence[Turn], line_number: str | None) -> tuple[str | None, Rows]:
        """The number to call back."""
        return callback.find(turns, self.read, self._lexicon, line_number=line_number)

    def suspects(self, heard: Sequence[Heard], category: str) -> tuple[list[str] | None, Rows]:
        """What suspects look like, or who they are to the caller."""
        return suspects.find(heard, self._lexicon, category)
