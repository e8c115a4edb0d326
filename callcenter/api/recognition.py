"""What language a call is recognised in, and transcripts that take another one's place."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from callcenter.calls.call import Call
from callcenter.calls.errors import NotNow
from callcenter.calls.legs import Leg
from callcenter.calls.register import CallRegister

from .operations import STAFF, Asked, Operation, body_of
from .shapes import Answer, Body, CallId, Done, Segment
from .sight import visible_call

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Speak(Body):
    """What a call is recognised in from now on, or one of its legs."""

    language: Language
    leg: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = None
    """As the call shows it (``id``); none: all legs, and the record is read in this language."""


class Again(Body):
    """The language in which a call is to be recognised again, from its recording."""

    language: Language


class GoBack(Body):
    """Which of the transcripts that were replaced is to be in force again."""

    version: Annotated[int, Field(ge=1)]


class Spoken(Answer):
    """What a call, or a leg of it, is recognised in."""

    call_id: CallId
    leg: str | None
    language: str


class Waiting(Answer):
    """A call is recognised again as soon as the machine has room for it."""

    call_id: CallId
    state: Literal["waiting"]
    language: str


class ReplacedTranscript(Answer):
    """A transcript that another one took the place of; ``replaced_by`` null: the service."""

    version: int
    language: str
    replaced_at: datetime
    replaced_by: str | None
    why: str
    segments: list[Segment]


class LateSource(Protocol):
    """Whoever transcribes recordings; see `callcenter.recognition.late.LateDesk`."""

    async def again(self, call_id: str, language: str, by: str) -> dict[str, Any]:
        """Have a call recognised again."""

    async def replaced(self, call_id: str) -> list[dict[str, Any]]:
        """The transcripts that were replaced."""

    async def go_back(self, call_id: str, version: int, by: str) -> None:
        """Put one of them in its old place."""


class Ear(Protocol):
    """Whoever listens to legs; see `callcenter.calls.listen.Listener`."""

    def speak(self, call: Call, leg: Leg | None, language: str) -> None:
        """Recognise another language from now on."""

    def state(self) -> dict[str, Any]:
        """Which languages are recognised."""


class RecognitionOperations:
    """The operations on one service's recognition."""

    def __init__(self, late: LateSource, register: CallRegister, ear: Ear) -> None:
        self._late = late
        self._register = register
        self._ear = ear

    async def speak(self, asked: Asked) -> dict[str, Any]:
        """Recognise a call, or one leg of it, in another language from the next words on."""
        seen = await visible_call(asked)
        wanted = body_of(asked, Speak)
        call = self._register.get(seen["id"])
        leg = None
        if wanted.leg is not None:
            leg = call.legs.get(wanted.leg)
            if leg is None:
                raise NotNow("the call has no such leg; its page lists them")
        known = self._ear.state()["engines"]
        if wanted.language not in known:
            names = ", ".join(sorted(known)) or "none"
            raise NotNow(f"{wanted.language} is not recognised here; these are: {names}")
        self._ear.speak(call, leg, wanted.language)
        asked.services.journal.note(
            call.id,
            "language.changed",
            {"language": wanted.language, "leg": wanted.leg, "by": asked.who.name},
        )
        return {"call_id": call.id, "leg": wanted.leg, "language": wanted.language}

    async def again(self, asked: Asked) -> dict[str, Any]:
        """Recognise a call again from its recording; the access is journalled."""
        seen = await visible_call(asked)
        language = body_of(asked, Again).language
        answer = await self._late.again(seen["id"], language, asked.who.name)
        asked.services.journal.note(
            seen["id"],
            "recording.recognised_again",
            {
                "by": asked.who.name,
                "role": asked.who.role.value,
                "language": language,
                "address": asked.address,
            },
        )
        return answer

    async def replaced(self, asked: Asked) -> list[dict[str, Any]]:
        """The transcripts of a call that others took the place of."""
        seen = await visible_call(asked)
        return await self._late.replaced(seen["id"])

    async def go_back(self, asked: Asked) -> dict[str, Any]:
        """Put a transcript that was replaced in its old place; the record is read from it."""
        seen = await visible_call(asked)
        version = body_of(asked, GoBack).version
        await self._late.go_back(seen["id"], version, asked.who.name)
        asked.services.journal.note(
            seen["id"], "transcript.gone_back", {"version": version, "by": asked.who.name}
        )
        return {"ok": True}

    def operations(self) -> tuple[Operation, ...]:
        """The table's entries."""
        call = "/api/v1/calls/{call_id}"
        return (
            Operation(
                "POST",
                f"{call}/language",
                self.speak,
                "Recognise a running call, or a leg of it, in another language",
                STAFF,
                body=Speak,
                answer=Spoken,
            ),
            Operation(
                "POST",
                f"{call}/transcript/again",
                self.again,
                "Recognise a call again from its recording",
                STAFF,
                body=Again,
                answer=Waiting,
            ),
            Operation(
                "GET",
                f"{call}/transcript/replaced",
                self.replaced,
                "Transcripts that others took the place of",
                STAFF,
                answer=ReplacedTranscript,
                listed_as="transcripts",
            ),
            Operation(
                "POST",
                f"{call}/transcript/back",
                self.go_back,
                "Put a transcript that was replaced in its old place",
                STAFF,
                body=GoBack,
                answer=Done,
            ),
        )
