"""What officers do after the call: on the way, there, done, and the report of it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, get_args

from aiohttp import hdrs
from pydantic import AfterValidator, Field

from asr.errors import SpeechOff
from asr.events import RecordedSegment
from callcenter.incidents.record import CATEGORIES
from callcenter.responses.desk import ResponseDesk
from callcenter.responses.dictation import BODY_BYTES, Dictation, NotSound
from callcenter.responses.draft import LONGEST
from callcenter.responses.steps import Result, Step
from callcenter.store.people import Role

from .errors import BadInput, Forbidden, NotNow, TooLarge, WrongType
from .operations import BODY_TIMEOUT_S, EVERYONE, STAFF, Asked, Operation, body_of, query_of
from .shapes import Answer, Body, CallId, writable

NOTE_CHARS = 2000
QUESTION_CHARS = 500


def _category(name: str) -> str:
    if name not in CATEGORIES:
        raise ValueError(f"expected one of {', '.join(CATEGORIES)}")
    return name


Written = AfterValidator(lambda text: writable(text).strip())
StepName = Literal["taken", "on_the_way", "there", "done", "returned", "accepted"]
ResultName = Literal[
    "settled", "arrest", "report_taken", "handed_on", "nobody_found", "false_alarm", "other"
]
if set(get_args(ResultName)) != set(Result) or set(get_args(StepName)) != set(Step):
    raise TypeError("the API's names of steps and results are not those of the responses")


class ResponsesAsked(Body):
    """Which responses: with the officer, with a report to be judged, or over."""

    state: Literal["open", "reported", "closed"] = "open"


class NextStep(Body):
    """The officer's next step."""

    step: Literal["on_the_way", "there"]


class CloseResponse(Body):
    """What came of it. ``call_back``: a question to the caller; empty: how they were served."""

    result: ResultName
    category: Annotated[str, AfterValidator(_category)]
    report: Annotated[str, Field(max_length=LONGEST), Written]
    call_back: Annotated[str, Field(max_length=QUESTION_CHARS), Written] | None = None


class AddNote(Body):
    """A note of the officer."""

    text: Annotated[str, Field(min_length=1, max_length=NOTE_CHARS), Written]
    how: Literal["typed", "dictated"] = "typed"


class GiveBack(Body):
    """What is to be mended in a report."""

    question: Annotated[str, Field(min_length=1, max_length=QUESTION_CHARS), Written]


class ResponseNote(Answer):
    """A note of the officer."""

    at: datetime
    by: str
    text: str
    how: Literal["typed", "dictated"]


class Response(Answer):
    """An officer's response to a call."""

    id: int
    call_id: CallId
    officer: str
    step: StepName
    taken_at: datetime
    on_the_way_at: datetime | None
    there_at: datetime | None
    done_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    due_at: datetime | None
    """When somebody is to be there, while nobody is."""
    late: bool
    number: str
    level: str | None
    category: str | None
    place_text: str | None
    precinct: str | None
    result: ResultName | None
    report: str
    question: str
    """Why the report came back."""
    notes: list[ResponseNote]


class DraftedResponse(Response):
    """A response with the draft of its report."""

    draft: str


class Dictated(Answer):
    """What was understood; it is kept only when it is sent as a note."""

    text: str


class Recogniser(Protocol):
    """What is needed of `asr.pool.SpeechPool`."""

    async def recognise_recorded(
        self, read: Any, *, rate_hz: int, language: str, from_ms: int
    ) -> list[RecordedSegment]:
        """What a stretch says."""


class ResponseOperations:
    """The operations on one service's responses. Officers see and move only their own."""

    def __init__(self, desk: ResponseDesk, recogniser: Recogniser) -> None:
        self._desk = desk
        self._recogniser = recogniser

    async def responses(self, asked: Asked) -> list[dict[str, Any]]:
        """Responses, the newest first."""
        which = query_of(asked, ResponsesAsked).state
        return list(await self._desk.list(which, _own(asked)))

    async def response(self, asked: Asked) -> dict[str, Any]:
        """One response, with the draft of its report."""
        shown = await self._desk.get(_id(asked), _own(asked))
        asked.services.viewings.note(asked, shown["call_id"], "response")
        return shown

    async def move(self, asked: Asked) -> dict[str, Any]:
        """The officer's next step, told by the officer or for them."""
        step = Step(body_of(asked, NextStep).step)
        return await self._desk.step(_id(asked), step, _own(asked), asked.who.name)

    async def close(self, asked: Asked) -> dict[str, Any]:
        """The result and the report."""
        closing = body_of(asked, CloseResponse)
        if closing.result == "other" and not closing.report:
            raise BadInput("report: expected what came of it, since the result is other")
        return await self._desk.done(
            _id(asked),
            result=Result(closing.result),
            category=closing.category,
            report=closing.report,
            call_back=closing.call_back,
            officer=_own(asked),
            by=asked.who.name,
        )

    async def note(self, asked: Asked) -> dict[str, Any]:
        """A note of the officer."""
        note = body_of(asked, AddNote)
        if not note.text:
            raise BadInput("text: expected more than blanks")
        return await self._desk.add_note(
            _id(asked), note.text, note.how, _own(asked), asked.who.name
        )

    async def dictate(self, asked: Asked) -> dict[str, Any]:
        """Recognise what an officer says, as a WAV file of one channel with 16-bit samples."""
        language = await self._desk.language(_id(asked), _own(asked))
        try:
            dictation = Dictation(await _sound(asked))
        except NotSound as error:
            raise BadInput(f"the sound: {error}") from None
        try:
            heard = await self._recogniser.recognise_recorded(
                dictation.read, rate_hz=dictation.rate_hz, language=language, from_ms=0
            )
        except SpeechOff as error:
            raise NotNow(str(error), "Type the note, or dictate it again in a minute.") from None
        await self._desk.dictated(_id(asked), _own(asked), dictation.ms, asked.who.name)
        return {"text": " ".join(each.text for each in heard if each.text)}

    async def accept(self, asked: Asked) -> dict[str, Any]:
        """Accept a report."""
        return await self._desk.accept(_id(asked), asked.who.name)

    async def give_back(self, asked: Asked) -> dict[str, Any]:
        """Give a report back to the officer."""
        question = body_of(asked, GiveBack).question
        if not question:
            raise BadInput("question: expected what is to be mended")
        return await self._desk.give_back(_id(asked), question, asked.who.name)

    def operations(self) -> tuple[Operation, ...]:
        """The table's entries."""
        one = "/api/v1/responses/{response_id}"
        return (
            Operation(
                "GET",
                "/api/v1/responses",
                self.responses,
                "What officers do about the calls that they took",
                EVERYONE,
                query=ResponsesAsked,
                answer=Response,
                listed_as="responses",
            ),
            Operation(
                "GET",
                one,
                self.response,
                "A response with the draft of its report",
                EVERYONE,
                answer=DraftedResponse,
            ),
            Operation(
                "POST",
                f"{one}/step",
                self.move,
                "The officer is on the way, or there",
                EVERYONE,
                body=NextStep,
                answer=Response,
            ),
            Operation(
                "POST",
                f"{one}/done",
                self.close,
                "The result, the confirmed category and the report",
                EVERYONE,
                body=CloseResponse,
                answer=Response,
            ),
            Operation(
                "POST",
                f"{one}/notes",
                self.note,
                "Keep a note of the officer",
                EVERYONE,
                body=AddNote,
                answer=Response,
            ),
            Operation(
                "POST",
                f"{one}/dictation",
                self.dictate,
                "Recognise a dictated note (body: audio/wav); it is kept only when sent as a note",
                EVERYONE,
                answer=Dictated,
            ),
            Operation(
                "POST",
                f"{one}/accept",
                self.accept,
                "Accept a report; the response is over",
                STAFF,
                answer=Response,
            ),
            Operation(
                "POST",
                f"{one}/return",
                self.give_back,
                "Give a report back to the officer with a question",
                STAFF,
                body=GiveBack,
                answer=Response,
            ),
        )


def _own(asked: Asked) -> str | None:
    """The officer whose responses may be seen; None: everybody's."""
    if asked.who.role is not Role.OFFICER:
        return None
    if asked.who.officer is None:
        raise Forbidden("you are no officer of the roster", "Ask an administrator to say which.")
    return asked.who.officer


def _id(asked: Asked) -> int:
    return int(asked.request.match_info["response_id"])


async def _sound(asked: Asked) -> bytes:
    if asked.request.headers.get(hdrs.CONTENT_TYPE, "").split(";")[0] not in {
        "audio/wav",
        "audio/x-wav",
    }:
        raise WrongType("the body is not declared as WAV", "Send Content-Type: audio/wav.")
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for part in asked.request.content.iter_any():
                content += part
                if len(content) > BODY_BYTES:
                    raise TooLarge(
                        f"the sound is larger than {BODY_BYTES} bytes",
                        "Dictate in parts of a few minutes.",
                    )
    except TimeoutError:
        raise BadInput("the body did not arrive in time", code="slow_body") from None
    return bytes(content)
