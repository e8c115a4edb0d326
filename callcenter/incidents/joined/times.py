"""When it happened, in the caller's words, in Chinese or Korean."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.joined.rules import JoinedRules
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.record import Evidence

NEAR = 4
"""Characters that may stand between two words of one time."""


def find(
    heard: Sequence[Heard], lexicon: Lexicon, rules: JoinedRules
) -> tuple[str | None, list[Evidence]]:
    """An answer to "when?" first, then a time that was stated, then "just now"."""
    best: tuple[int, str, Evidence] | None = None
    for item in heard:
        if item.asked is not None:
            continue
        text = item.reading.text
        asked = item.answers is not None and bool(rules["ask_time"].search(item.answers.text))
        stated = list(rules["time"].finditer(text))
        weak = rules["weak_time"].search(text)
        if stated:
            cues = [m.end() for m in lexicon.corrections.finditer(text)]
            later = [m for m in stated if cues and m.start() >= cues[-1]]
            kept = later or stated
            start, end = kept[0].start(), kept[0].end()
            for match in kept[1:]:
                if match.start() <= end + NEAR:
                    end = match.end()
            value, rank = text[start:end].strip(" ，,"), 3 if asked else 2
        elif weak:
            value, rank = weak[0].strip(" ，,"), 3 if asked else 1
        else:
            continue
        if best is None or rank > best[0]:
            best = (rank, value, item.evidence(value, value, 0.75 if rank > 1 else 0.65))
    return (None, []) if best is None else (best[1], [best[2]])
