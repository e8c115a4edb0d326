"""The number to call back: asked or volunteered, in pieces, read back, put right.

English words; `callcenter.incidents.joined` reads languages without spaces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.incidents.conversation import evidence_of
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence, Turn
from callcenter.incidents.spoken_numbers import (
    SHORTEST,
    USUAL,
    WITH_COUNTRY,
    Digits,
    longest,
    mended,
    patched,
    plain,
    spoken_digits,
)

SHORT_REMARK_WORDS = 5
"""An operator who says no more lets the caller go on: "okay", "two one two"."""
SURE, ASKED, UNASKED, DOUBTFUL = 0.9, 0.85, 0.7, 0.45


@dataclass(slots=True)
class _Number:
    digits: str
    confidence: float
    rows: list[Evidence]


def find(
    turns: Sequence[Turn],
    read: Callable[[str], TextReading],
    lexicon: Lexicon,
    *,
    line_number: str | None = None,
) -> tuple[str | None, list[Evidence]]:
    """The number that the caller gave, the last one said."""
    finder = _Finder(lexicon, line_number)
    for turn in turns:
        reading = read(turn.text)
        if turn.who == "caller":
            finder.caller(turn, reading)
        else:
            finder.other(reading)
    number = finder.number
    if number is None or len(number.digits) < SHORTEST:
        return None, []
    rows = [_with(row, number) for row in number.rows]
    return number.digits, rows


def _with(row: Evidence, number: _Number) -> Evidence:
    return Evidence(
        number.digits,
        row.source,
        row.leg,
        row.segment_id,
        row.start_ms,
        row.words,
        round(min(number.confidence, 0.95), 2),
    )


class _Finder:
    def __init__(self, lexicon: Lexicon, line_number: str | None) -> None:
        self._lexicon = lexicon
        self._line = "".join(c for c in line_number or "" if c.isdecimal())
        self._asked = False
        self._not_theirs = False
        self._read_back: str | None = None
        self._going_on = False
        self.number: _Number | None = None

    def other(self, reading: TextReading) -> None:
        """What an operator or officer said."""
        said = longest(spoken_digits(reading.text))
        asks = bool(self._lexicon.ask_callback.search(reading.text))
        if said is not None and len(said.digits) >= SHORTEST:
            self._read_back = plain(said.digits)
        elif said is not None and self.number and len(said.digits) > 1:
            self._read_back = None
        self._not_theirs = bool(self._lexicon.other_number.search(reading.text))
        if asks:
            self._asked, self._going_on = True, False
        elif len(reading.text.split()) > SHORT_REMARK_WORDS and said is None:
            self._asked = self._going_on = False

    def caller(self, turn: Turn, reading: TextReading) -> None:
        """What the caller said."""
        lexicon = self._lexicon
        found = spoken_digits(reading.text)
        said = longest(found)
        cue = bool(lexicon.callback_cue.search(reading.text))
        ends = bool(lexicon.number_ends.search(reading.text))
        read_back, self._read_back = self._read_back, None
        other = lexicon.other_number.search(reading.text) or (self._not_theirs and not cue)
        if read_back is not None and self._answers(turn, reading, read_back, said, ends):
            return
        if said is None:
            if cue:
                self._asked = True
            return
        digits = said.digits
        if ends and 1 < len(digits) < SHORTEST:
            same = lexicon.same_number.search(reading.text)
            base = self.number.digits if self.number else self._line if same else ""
            if base:
                self._put(turn, reading, patched(base, digits, at_end=True), ASKED - 0.05)
            return
        if other and not (cue and not self._not_theirs):
            return
        wanted = cue or self._asked or self._going_on
        if len(digits) >= USUAL or (len(digits) >= SHORTEST and wanted):
            self._complete(turn, reading, said, wanted)
        elif wanted or (said.corrects and self.number is not None):
            self._piece(turn, reading, said)

    def _answers(
        self,
        turn: Turn,
        reading: TextReading,
        read_back: str,
        said: Digits | None,
        ends: bool,
    ) -> bool:
        """Take an answer to a number that was read back; False when it is no answer."""
        known = self.number is not None
        if said is not None and len(said.digits) >= SHORTEST:
            return False
        if said is not None and (reading.answer is False or said.corrects or ends):
            self._put(
                turn, reading, patched(read_back, said.digits, at_end=ends), ASKED, keep=known
            )
            return True
        if said is None and reading.answer:
            same = known and self.number is not None and self.number.digits == read_back
            self._put(turn, reading, read_back, 0.95 if same else SURE, keep=known)
            return True
        return said is None

    def _complete(self, turn: Turn, reading: TextReading, said: Digits, wanted: bool) -> None:
        digits = plain(said.digits)
        before = self.number.digits if self.number else ""
        if self._going_on and before and len(before) + len(digits) == USUAL:
            digits = before + digits
        elif len(digits) == SHORTEST and len(before) == USUAL and said.corrects:
            digits = before[:3] + digits
        sure = self._sureness(digits, said, wanted)
        if before == digits:
            sure = max(sure, SURE)
        self._put(turn, reading, digits, sure)
        self._going_on = len(digits) < USUAL

    def _piece(self, turn: Turn, reading: TextReading, said: Digits) -> None:
        before = self.number.digits if self.number else ""
        digits = said.digits
        if said.corrects and before:
            digits = (
                patched(before, digits, at_end=False)
                if len(before) >= USUAL
                else mended(before, digits, said.first)
            )
        elif self._going_on and before and len(before) + len(digits) <= WITH_COUNTRY:
            digits = before + digits
        elif len(before) >= SHORTEST:
            return
        self._put(
            turn, reading, plain(digits), self._sureness(digits, said, True), keep=bool(before)
        )
        self._asked = True
        self._going_on = len(digits) < USUAL

    def _sureness(self, digits: str, said: Digits, wanted: bool) -> float:
        if len(plain(digits)) not in (USUAL, SHORTEST):
            return DOUBTFUL
        sure = ASKED if wanted else UNASKED
        if len(plain(digits)) == SHORTEST:
            sure -= 0.1
        if said.doubtful:
            sure -= 0.25
        if said.corrected or said.corrects:
            sure -= 0.1
        return sure

    def _put(
        self,
        turn: Turn,
        reading: TextReading,
        digits: str,
        confidence: float,
        *,
        keep: bool = False,
    ) -> None:
        row = evidence_of(turn, digits, reading.form.said, confidence)
        rows = [*self.number.rows, row] if keep and self.number else [row]
        self.number = _Number(digits, confidence, rows)
