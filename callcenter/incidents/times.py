"""When it happened: the caller's words for it."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.hits import Hit
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.record import Evidence

STATED, LASTING = "stated", "lasting"
"""A time; and one that a "not" before it does not deny: "nobody has seen him since noon"."""
IF_ASKED = "if_asked"
"""Words that are a time only in answer to the question for it."""
JOINED_CHARACTERS = 6
"""Words of time so near to each other are said of one time: "yesterday, around four"."""


def found(heard: Sequence[Heard], lexicon: Lexicon) -> tuple[str | None, list[Evidence]]:
    """The time that was said: an answer to "when", else the first; a corrected one last.

    A time that is stated goes before "just now".
    """
    best: tuple[int, str, Evidence] | None = None
    rows: list[Evidence] = []
    for item in heard:
        if item.asked is not None:
            continue
        asked = item.answers is not None and bool(lexicon.ask_when.search(item.answers.text))
        hits = [hit for hit in item.reading.when if not hit.denied or hit.name == LASTING]
        if not asked:
            hits = [hit for hit in hits if hit.name != IF_ASKED]
        stated = [hit for hit in hits if hit.name in (STATED, LASTING, IF_ASKED)]
        if stated:
            value = _joined(item, stated, lexicon)
            rank = 3 if asked else 2
        elif hits:
            value, rank = hits[0].name, 1
        else:
            continue
        row = item.evidence(value, value if stated else hits[0].words, 0.75 if stated else 0.7)
        rows.append(row)
        if best is None or rank > best[0]:
            best = (rank, value, row)
    if best is None:
        return None, []
    return best[1], [best[2], *(row for row in rows if row.value == best[1] and row != best[2])]


def _joined(item: Heard, stated: Sequence[Hit], lexicon: Lexicon) -> str:
    text = item.reading.text
    ordered = sorted(stated, key=lambda hit: hit.start)
    for cue in lexicon.corrections.finditer(text):
        meant = [hit for hit in ordered if hit.start >= cue.end()]
        ordered = meant or ordered
    start, end = ordered[0].start, ordered[0].end
    for hit in ordered[1:]:
        if hit.start <= end + JOINED_CHARACTERS:
            end = max(end, hit.end)
    return item.reading.form.words(start, end).lower()
