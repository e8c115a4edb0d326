"""The fields of a record out of a Chinese or Korean conversation."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.joined import counts, digits, looks, names, times
from callcenter.incidents.joined.reading import read_joined
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence, Turn

Rows = list[Evidence]


class JoinedFields:
    """Reads texts and finds the fields that spaces between words do not help with."""

    def __init__(self, lexicon: Lexicon) -> None:
        if lexicon.speech is None:
            raise LexiconError(f"{lexicon.language}: expected a table speech")
        self._lexicon = lexicon
        self._rules = lexicon.speech

    def read(self, text: str, *, question: bool = False) -> TextReading:
        """What one text says."""
        return read_joined(text, self._lexicon, self._rules)

    def injured(self, heard: Sequence[Heard], *, also_maybe: bool) -> tuple[int | None, Rows]:
        """How many are hurt, at least."""
        return counts.count(heard, self._lexicon, self._rules, also_maybe=also_maybe)

    def when(self, heard: Sequence[Heard]) -> tuple[str | None, Rows]:
        """When it happened, in the caller's words."""
        return times.find(heard, self._lexicon, self._rules)

    def caller_name(self, turns: Sequence[Turn]) -> tuple[str | None, Rows]:
        """The caller's name."""
        return names.find(turns, self._lexicon, self._rules)

    def callback(self, turns: Sequence[Turn], line_number: str | None) -> tuple[str | None, Rows]:
        """The number to call back."""
        return digits.find(turns, self._lexicon, self._rules)

    def suspects(self, heard: Sequence[Heard], category: str) -> tuple[list[str] | None, Rows]:
        """What suspects look like, or who they are to the victim."""
        return looks.find(heard, self._rules, category=category)
