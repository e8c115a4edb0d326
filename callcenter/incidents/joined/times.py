"""When it happened, in the caller's words, in Chinese or Korean.

A time is that of the event when the caller was asked for it, when it is told from now ("ten
minutes ago"), or when its sentence tells of what happened. Hours of the day in questions, plans
and habits are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence

NEAR = 4
"""Characters that may stand between two words of one time."""
ASKED, FROM_NOW, TOLD, JUST_NOW = 4, 3, 2, 1
"""What goes before what when several times were said."""
_SENTENCE = re.compile(r"[^。！？!?.…]+[。！？!?.…]*")


def find(
    heard: Sequence[Heard], lexicon: Lexicon, rules: JoinedRules
) -> tuple[str | None, list[Evidence]]:
    """An answer to "when?" first, then a time that was stated, then "just now"."""
    best: tuple[int, str, Evidence] | None = None
    for item in heard:
        if item.asked is not None:
            continue
        asked = item.answers is not None and bool(rules["ask_time"].search(item.answers.text))
        for value, rank in _stated(item.reading, lexicon, rules, asked=asked):
            if best is None or rank > best[0]:
                sure = 0.75 if rank > JUST_NOW else 0.65
                best = (rank, value, item.evidence(value, value, sure))
    return (None, []) if best is None else (best[1], [best[2]])


def _stated(
    reading: TextReading, lexicon: Lexicon, rules: JoinedRules, *, asked: bool
) -> list[tuple[str, int]]:
    """Times of one text with their ranks."""
    text = reading.text
    found = [
        (match, rank)
        for sentence in _SENTENCE.finditer(text)
        for match in rules["time"].finditer(text, sentence.start(), sentence.end())
        if (rank := ASKED if asked else _rank(match, sentence, reading, rules))
    ]
    if found:
        cues = [m.end() for m in lexicon.corrections.finditer(text)]
        later = [each for each in found if cues and each[0].start() >= cues[-1]]
        kept = later or found
        first, rank = max(kept, key=lambda each: each[1])
        start, end = first.span()
        for match in rules["time"].finditer(text, end):
            if match.start() > end + NEAR:
                break
            end = match.end()
        return [(text[start:end].strip(" ，,"), rank)]
    for sentence in _SENTENCE.finditer(text):
        weak = rules["weak_time"].search(text, sentence.start(), sentence.end())
        if weak and (asked or _tells(reading, sentence)):
            return [(weak[0].strip(" ，,"), ASKED if asked else JUST_NOW)]
    return []


def _rank(
    match: re.Match[str], sentence: re.Match[str], reading: TextReading, rules: JoinedRules
) -> int:
    """How likely a time that nobody asked for is that of the event; 0: not at all."""
    words = sentence[0]
    if rules["no_event"].search(words):
        return 0
    if rules["from_now"].search(match[0]):
        return FROM_NOW
    if _tells(reading, sentence) or rules["event"].search(words):
        return TOLD
    return 0


def _tells(reading: TextReading, sentence: re.Match[str]) -> bool:
    """Whether the sentence speaks of what happened."""
    return any(
        sentence.start() <= hit.start < sentence.end()
        for hits in (reading.categories, reading.dangers, reading.hurt)
        for hit in hits
        if not hit.denied
    )
