"""The caller's name: introduced, or in answer to the question for it; also spelt out.

English words; `callcenter.incidents.joined` reads languages without spaces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from callcenter.incidents.conversation import evidence_of
from callcenter.incidents.lexicon import Lexicon
from callcenter.incidents.names import spelled_name
from callcenter.incidents.reading import TextReading
from callcenter.incidents.record import Evidence, Turn

INTRODUCED, ANSWERED, SAID_BARE = 0.85, 0.85, 0.75


def find(
    turns: Sequence[Turn], read: Callable[[str], TextReading], lexicon: Lexicon
) -> tuple[str | None, list[Evidence]]:
    """The caller's name as given, without Mr or Mrs."""
    name: str | None = None
    rows: list[Evidence] = []
    asked = False
    unanswered = 0
    for turn in turns:
        reading = read(turn.text)
        if turn.who != "caller":
            if lexicon.ask_name.search(reading.text) and not lexicon.other_name.search(
                reading.text
            ):
                asked, unanswered = True, 0
            elif "?" in turn.text:
                asked = False
            continue
        found, sure = reading.introduced, INTRODUCED
        if asked:
            if found is None:
                found, sure = reading.bare_name, SAID_BARE
            else:
                sure = max(sure, ANSWERED)
            unanswered += 1
        spelt = reading.spelt_name
        if spelt and (found or name or asked):
            found, sure = spelled_name(found or name, spelt), ANSWERED
        if found and (name is None or asked or spelt):
            if name is not None and len(found.split()) == 1 and found in name.split():
                found = name
            name = found
            rows.append(evidence_of(turn, found, reading.form.said, sure))
            asked = False
        elif unanswered > 1:
            asked = False
    rows = [replace(row, value=name) if row.value != name else row for row in rows[-2:]]
    return name, rows
