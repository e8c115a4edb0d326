"""Clauses of a text: how far a "no" reaches, and what is said only as a possibility.

A denial ends with its clause. What follows "if", was long ago, or was seen in a film is not
what happens now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from callcenter.incidents.lexicon import Lexicon

NEGATION_WORDS = 7
NEAR_NEGATION_WORDS = 2
NOT_YET_WORDS = 5
CORRECTED_CHARACTERS = 70
"""So far before and after "no, wait" the taken back and the meant are looked for."""
_PUNCTUATION = re.compile(r"[.;:!?]|,(?!\s+(?:or|nor)\b)")
_SENTENCE_END = re.compile(r"[.!?]")
_SENTENCE = re.compile(r"[.!?]+")
_WORD = re.compile(r"[\w']+")
_ASKING = re.compile(
    r"\s*(?:and |so |but |wait |oh |like )*(?:is|are|was|were|does|do|did|has|have|am|will|should|"
    r"could|would|can) (?!not\b|you (?:please|send|get|guys|come|help))"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text.

    ``unreal``: a possibility, a question (``asked``), long ago or far away.
    ``unsure``: said with "I think".
    """

    start: int
    end: int
    unreal: bool = False
    asked: bool = False
    unsure: bool = False


class Clauses:
    """A text in clauses."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._clauses = list(self._split())
        self.corrections = [
            (match.start(), match.end()) for match in lexicon.corrections.finditer(text)
        ]
        self._idioms = [(m.start(), m.end()) for m in lexicon.idioms.finditer(text)]

    def _split(self) -> list[Clause]:
        text, lexicon = self._text, self._lexicon
        ends = {0, len(text)}
        ends |= {match.end() for match in _PUNCTUATION.finditer(text)}
        ends |= {match.start() for match in lexicon.clause_end.finditer(text)}
        for match in lexicon.new_subject.finditer(text):
            if not lexicon.carries_over.search(text[max(match.start() - 24, 0) : match.start()]):
                ends.add(match.start())
        edges = sorted(ends)
        far = []
        at = 0
        for match in _SENTENCE.finditer(text + "."):
            sentence = text[at : match.start()]
            if lexicon.far_away.search(sentence) and not lexicon.far_now.search(sentence):
                far.append((at, match.start()))
            at = match.end()
        clauses = []
        for start, end in pairwise(edges):
            clause = text[start:end]
            unreal = bool(
                lexicon.hypothetical.search(clause) or any(a <= start < b for a, b in far)
            )
            asked = not unreal and not lexicon.joined and self._asked(start)
            doubt = bool(lexicon.doubt.search(clause))
            clauses.append(Clause(start, end, unreal or asked, asked, doubt))
        return clauses

    def _asked(self, start: int) -> bool:
        stop = _SENTENCE_END.search(self._text, start)
        return stop is not None and stop[0] == "?" and bool(_ASKING.match(self._text, start))

    def at(self, position: int) -> Clause:
        """The clause that holds this position."""
        for clause in self._clauses:
            if clause.start <= position < clause.end:
                return clause
        return Clause(0, len(self._text))

    def idiom(self, start: int, end: int) -> bool:
        """Whether these words are part of a saying that means something else."""
        return any(a <= start < b or a < end <= b for a, b in self._idioms)

    def denied(self, start: int) -> bool:
        """Whether a "not", "nobody", "no" of the same clause stands before this position."""
        lexicon = self._lexicon
        before = self._text[self.at(start).start : start]
        before = lexicon.not_negation.sub(" ", before)
        words = _WORD.findall(before)
        if lexicon.negators.search(" ".join(words[-NEGATION_WORDS:])):
            return True
        return lexicon.near_negators.search(" ".join(words[-NEAR_NEGATION_WORDS:])) is not None

    def not_yet(self, start: int) -> bool:
        """Whether the clause says before this position that it is only to come, or nearly was."""
        before = self._text[self.at(start).start : start]
        words = _WORD.findall(before)[-NOT_YET_WORDS:]
        return self._lexicon.not_yet.search(" ".join(words)) is not None

    def taken_back(self, start: int, others: list[int]) -> bool:
        """Whether "no, wait" stands between this position and a later one of ``others``."""
        for a, b in self.corrections:
            if 0 <= a - start <= CORRECTED_CHARACTERS and any(
                0 <= other - b <= CORRECTED_CHARACTERS for other in others
            ):
                return True
        return False
