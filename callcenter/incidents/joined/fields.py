"""The fields of a record out of a Chinese or Korean conversation."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.joined import counts, digits, looks, names, times
from callcenter.incidents.joined.reading import read_joined
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence, Turn

Rows = list[Evidence]


class JoinedFields:
    """Reads texts and finds the fields that spaces between words do not help with."""

    def __init__(self, lexicon: Lexicon, rules: JoinedRules) -> None:
        self._lexicon = lexicon
        self._rules = rules

    def read(self, text: str) -> TextReading:
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

    def callback(self, turns: Sequence[Turn]) -> tuple[str | None, Rows]:
        """The number to call back."""
        return digits.find(turns, self._lexicon, self._rules)

    def suspects(self, heard: Sequence[Heard], *, domestic: bool) -> tuple[list[str] | None, Rows]:
        """What suspects look like."""
        return looks.find(heard, self._rules, domestic=domestic)
