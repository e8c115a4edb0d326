"""The spoken brief of a call: what an officer hears before taking it. It goes with the call."""

from __future__ import annotations

from pathlib import Path

import structlog

from callcenter.calls.call import Call
from callcenter.settings import Settings
from ivr.brief import officer_brief
from ivr.errors import IvrError
from ivr.prompts import OFFICER_BRIEF, PromptSet
from ivr.speech_out import synthesise

log = structlog.get_logger(__name__)


class Briefs:
    """Speaks briefs into files that Asterisk plays."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prompts = PromptSet(settings.asterisk.sounds)
        self.folder = settings.asterisk.sounds / "briefs"

    async def speak(self, call: Call) -> Path:
        """The file with what the record says now; a general one when it cannot be spoken."""
        fields = call.record.get("fields", {})
        place = fields.get("place") or {}
        # A place that is only guessed is not told as one.
        where = (place.get("spoken") or place.get("text")) if place.get("precinct") else None
        language = self._language(call)
        text = officer_brief(fields.get("category"), fields.get("level"), where, language)
        out = self.file(call)
        try:
            await synthesise(text, language, out)
        except IvrError as error:
            log.warning("brief.unspoken", call_id=call.id, why=str(error))
            return self._prompts.file(language, OFFICER_BRIEF)
        if call.closed:
            self.forget(call)
        return out

    def forget(self, call: Call) -> None:
        """Delete the brief of a call that ended: it names the place."""
        self.file(call).unlink(missing_ok=True)

    def file(self, call: Call) -> Path:
        """Where the brief of a call is, once it was spoken."""
        return self.folder / f"{call.id}.sln"

    def _language(self, call: Call) -> str:
        """The first language of the line that was dialled; a caller may have chosen another."""
        line = next((line for line in self._settings.lines if line.number == call.line), None)
        return line.languages[0] if line else "en"
