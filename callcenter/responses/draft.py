"""The draft of a closing report: what is known, and the officer's own words. Pure.

Nothing is concluded here: the officer reads the draft, mends it and sends it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import Any, Final

from callcenter.store.responses import Response

LONGEST: Final = 8000
"""Characters of a report, drafted or written."""
_FACTS: Final = (
    "place",
    "when",
    "caller_name",
    "callback",
    "injured",
    "suspects",
    "weapons",
    "dangers",
)
_TIMES: Final = ("taken_at", "on_the_way_at", "there_at")


def draft(
    response: Response,
    fields: Mapping[str, Any],
    segments: Sequence[Mapping[str, Any]],
    language: str,
    zone: tzinfo,
) -> str:
    """The draft as lines of text.

    ``fields``: the record's. ``segments``: the transcript of the call, of which the words of this
    officer's leg count. A language without words of its own gets English headings.
    """
    lines = [*_facts(fields, _words(language)), *_course(response, _words(language), zone)]
    said = " ".join(
        str(each["text"]).strip()
        for each in segments
        if each.get("role") == "officer" and each.get("party") == response.officer
        if each.get("final") and each.get("text")
    )
    if said:
        lines += ["", f"{_words(language)['said']}: {said}"]
    if response.notes:
        lines += ["", f"{_words(language)['notes']}:"]
        lines += [f"- {note['text']}" for note in response.notes]
    return "\n".join(lines)[:LONGEST]


def _facts(fields: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    for name in _FACTS:
        value = fields.get(name)
        if name == "place":
            value = (value or {}).get("text")
        if isinstance(value, list):
            value = ", ".join(str(each).replace("_", " ") for each in value)
        if value is not None and value != "":
            yield f"{words[name]}: {value}"


def _course(response: Response, words: Mapping[str, str], zone: tzinfo) -> Iterator[str]:
    for name in _TIMES:
        at = getattr(response, name)
        if at is not None:
            yield f"{words[name]}: {at.astimezone(zone):%Y-%m-%d %H:%M}"


@cache
def _words(language: str) -> Mapping[str, str]:
    folder = resources.files("callcenter.responses").joinpath("draft_words")
    file = folder.joinpath(f"{language}.toml")
    if not file.is_file():
        file = folder.joinpath("en.toml")
    return tomllib.loads(file.read_text("utf-8"))
