"""The spoken briefs of a call: what officers hear before taking it. They go with the call.

A brief is made while the phone rings, from the record as it is then; nobody's phone waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from callcenter.calls import view
from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.legs import Role
from callcenter.settings import Settings
from ivr.brief import LONGEST_MS, Matter, officer_brief
from ivr.errors import IvrError
from ivr.speech_out import synthesise

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Brief:
    """The sound file that will be there when the officer answers, and its language."""

    file: Path
    language: str


class Briefs:
    """Speaks briefs into files that Asterisk plays."""

    def __init__(
        self,
        settings: Settings,
        errands: Errands,
        language_of: Callable[[str], str | None] | None = None,
        send: Callable[[Call, str, str, str, str], None] = lambda *_: None,
    ) -> None:
        """``send``: hears call, attempt, officer, text and language of each brief."""
        self._errands = errands
        self._lines = {line.number: line.languages[0] for line in settings.lines}
        officers = {officer.id: officer.language for officer in settings.officers}
        self._language_of = language_of or officers.get
        self._send = send
        self.folder = settings.asterisk.sounds / "briefs"
        self._spoken: dict[str, dict[tuple[str, str], Path]] = {}
        """By call, text and language: the sound that is there."""

    def begin(self, call: Call, attempt_id: str, officer_id: str) -> Brief:
        """Begin to speak the brief for an officer whose phone is about to ring."""
        language = self._language_of(officer_id) or self._lines.get(call.line, "en")
        brief = Brief(self.folder / f"{attempt_id}.sln", language)
        text = officer_brief(_matter(call, language), language)

        async def speak() -> None:
            try:
                if not self._spoken_before(call, text, brief):
                    await synthesise(text, language, brief.file, at_most_ms=LONGEST_MS)
                    self._spoken.setdefault(call.id, {})[text, language] = brief.file
            except IvrError as error:
                # The dialplan has a general one.
                log.warning("brief.unspoken", call_id=call.id, why=str(error))
            if call.closed:
                self.forget(call)

        self._send(call, attempt_id, officer_id, text, language)
        # Beside the call's own errands: it must not stand before a ring.
        self._errands.run(f"brief-{call.id}", "speak the brief", speak)
        return brief

    def _spoken_before(self, call: Call, text: str, brief: Brief) -> bool:
        """Give the sound to this brief too if the call has one of the same words."""
        known = self._spoken.get(call.id, {}).get((text, brief.language))
        if known is None:
            return False
        try:
            brief.file.hardlink_to(known)
        except OSError as error:
            log.warning("brief.not_shared", call_id=call.id, why=str(error))
            return False
        return True

    def forget(self, call: Call) -> None:
        """Delete the briefs of a call that ended: they name the place."""
        self._spoken.pop(call.id, None)
        for file in self.folder.glob(f"{call.id}.*.sln"):
            file.unlink(missing_ok=True)


def _matter(call: Call, language: str) -> Matter:
    fields: dict[str, Any] = call.record.get("fields", {})
    place = fields.get("place") or {}
    # A place that is only guessed is not told as one.
    where = (place.get("spoken") or place.get("text")) if place.get("precinct") else None
    said = ""
    if language == call.language:
        words = [s for s in view.transcript(call) if s["final"] and s["role"] == Role.CALLER]
        said = words[-1]["text"] if words else ""
    return Matter(
        category=fields.get("category"),
        level=fields.get("level"),
        place=where or "",
        weapons=tuple(fields.get("weapons") or ()),
        dangers=tuple(fields.get("dangers") or ()),
        said=said,
    )
