"""Which of the people whom a caller names as family did it, from what each is said to do.

English words. "My husband is hitting me" names who does it, "he hit my wife" who suffers it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callcenter.incidents.conversation import Heard
from callcenter.incidents.lexicon import Lexicon

_SENTENCE_END = re.compile(r"[.;!?]")
_WHO = re.compile(r"\bwho\b")
AHEAD = 60
BEHIND = 24
"""Characters that are looked at after and before the name of a relative."""
DOES, IS, SUFFERS, ASKED_FOR = 2.0, 0.8, -2.5, 1.5
ENOUGH, ENOUGH_WHEN_SURE = 1.8, 0.5


def doer(heard: Sequence[Heard], lexicon: Lexicon, *, sure: bool) -> tuple[Heard, str] | None:
    """The likeliest, as the caller calls them, and where they are first named so.

    ``sure``: it is known that somebody of the family did it.
    """
    scores: dict[str, float] = {}
    first: dict[str, tuple[Heard, str]] = {}
    for item in heard:
        if item.denied:
            continue
        reading = item.reading
        text = reading.text
        for match in lexicon.kin_named.finditer(text):
            words = reading.form.words(*match.span()).removesuffix("'s")
            relative = match[0].split()[-1]
            score = 0.0
            after = text[match.end() : match.end() + AHEAD].lstrip()
            after = _SENTENCE_END.split(after)[0]
            if lexicon.kin_owns.match(after):
                continue
            other = lexicon.kin_named.search(after)
            after = (
                after[: other.start()]
                if other and not lexicon.kin_does.search(after, 0, other.start())
                else after
            )
            stop = lexicon.kin_stop.search(after)
            after = after[: stop.start()] if stop else after
            if lexicon.kin_hurt.match(after):
                score += SUFFERS
            elif lexicon.kin_does.search(after):
                score += DOES
            elif lexicon.kin_is.match(after):
                score += IS
            if lexicon.kin_suffers.search(
                text[max(match.start() - BEHIND, 0) : match.start()].rstrip()
            ):
                score += SUFFERS
            if item.asked is not None:
                score += ASKED_FOR
            elif item.answers is not None and _WHO.search(item.answers.text):
                score += DOES
            scores[relative] = scores.get(relative, 0.0) + score
            first.setdefault(relative, (item, words))
    if not scores:
        return None
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < (ENOUGH_WHEN_SURE if sure else ENOUGH):
        return None
    return first[best]
