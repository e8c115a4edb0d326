"""Who says what: the caller's words count, and so does a yes or no to somebody's question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence, Turn

QUESTION_CONFIDENCE = 0.9
UNSURE_CONFIDENCE = 0.75


@dataclass(frozen=True, slots=True)
class Heard:
    """A reading that counts. ``asked`` is set when it is another's question, answered."""

    turn: Turn
    """Who said or answered it."""
    reading: TextReading
    asked: Turn | None = None
    denied: bool = False
    """The caller said no to it."""
    answers: TextReading | None = None
    """The question that these own words of the caller follow."""

    def evidence(
        self, value: object, words: str, confidence: float, *, unsure: bool = False
    ) -> Evidence:
        """Evidence for a value out of these words."""
        if self.asked is not None:
            words = f"{self.asked.text.strip()} — {self.turn.text.strip()}"
            confidence *= QUESTION_CONFIDENCE
        if unsure:
            confidence *= UNSURE_CONFIDENCE
        return evidence_of(self.turn, value, words, confidence)


def evidence_of(turn: Turn, value: object, words: str, confidence: float) -> Evidence:
    """Evidence for a value out of a caller's turn."""
    return Evidence(
        value=value,
        source="caller_words",
        leg=turn.leg,
        segment_id=turn.segment_id,
        start_ms=turn.start_ms,
        words=words,
        confidence=round(confidence, 2),
    )


def listen(
    turns: Sequence[Turn],
    read: Callable[[str], TextReading],
    read_question: Callable[[str], TextReading],
) -> list[Heard]:
    """What counts of a conversation, in order.

    The question of an operator or officer (``read_question`` reads the part of their words that
    is one) counts only through the caller's answer, and not when it asks for one of several ("a
    gun or a knife?") unless the answer is no.
    """
    heard: list[Heard] = []
    pending: Turn | None = None
    for turn in turns:
        if turn.who != "caller":
            pending = turn
            continue
        reading = read(turn.text)
        question = None
        if pending is not None:
            question = read_question(pending.text)
            if reading.answer is not None and not question.wh:
                denied = reading.answer is False
                if denied or not question.either:
                    heard.append(Heard(turn, question, pending, denied=denied))
        pending = None
        heard.append(Heard(turn, reading, answers=question))
    return heard
