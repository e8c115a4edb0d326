"""What is tuned while calls run: look, change, try out, go back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import Field, JsonValue

from callcenter.figures.period import PeriodError
from callcenter.store.errors import StoreUnavailable
from callcenter.store.people import Role
from callcenter.tuning import errors as tuning_errors
from callcenter.tuning.desk import WHY_CHARS, Desk, InForce
from callcenter.tuning.document import Document

from .errors import ApiError, BadInput, Conflict, Missing, NotNow, Unfit
from .operations import LEADERS, Asked, Operation, body_of
from .shapes import Answer, Body

DOCUMENT_BYTES: Final = 4 * 1024 * 1024
"""Thousands of seats and numbers fit."""
ADMINS: Final = frozenset({Role.ADMIN})
VERSIONS_A_PAGE: Final = 100
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")

Preview = Callable[
    [Document, Document, datetime | None, datetime | None], Awaitable[dict[str, Any]]
]
"""(in force, proposed, from, to) → what `callcenter.tuning.preview` answers."""

Why = Annotated[str, Field(min_length=1, max_length=WHY_CHARS, pattern=r"\S")]
Json = dict[str, JsonValue]


class Change(Body):
    """A whole new document, why, and the version that it was made from."""

    document: Json
    why: Why
    based_on: Annotated[int, Field(ge=0)]


class Proposal(Body):
    """A document that is only looked at."""

    document: Json


class PreviewWanted(Body):
    """A document, and whose calls to replay with it; by default those of yesterday, local time."""

    document: Json
    from_: Annotated[str | None, Field(alias="from", max_length=40)] = None
    """RFC 3339 with zone."""
    to: Annotated[str, Field(max_length=40)] | None = None


class Restoration(Body):
    """Why one goes back; ``based_on`` refuses when somebody else has changed something since."""

    why: Why
    based_on: Annotated[int, Field(ge=0)] | None = None


class FieldFlaw(Answer):
    """One field, and what is wrong with it."""

    path: str
    reason: str


class FieldChange(Answer):
    """One field that differs; null: it was added or taken away."""

    path: str
    old: Any
    new: Any


class TuningVersion(Answer):
    """One version: its number, who made it, when and why."""

    version: int
    at: datetime
    who: str
    why: str
    restored: int | None = None


class Tuning(TuningVersion):
    """A version with its document; ``warnings`` do not refuse it."""

    document: dict[str, Any]
    warnings: list[FieldFlaw]


class TuningChanged(Tuning):
    """The version that is in force now, and what differs from the one before."""

    changes: list[FieldChange]


class Validation(Answer):
    """A document that may be put in force, and what would differ from what is."""

    ok: Literal[True]
    warnings: list[FieldFlaw]
    changes: list[FieldChange]


class Way(Answer):
    """So many calls that would have gone to somebody else."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    calls: int


class MovedCalls(Answer):
    """Calls whose responsible area or partner would have been another one."""

    calls: int
    moved: int
    ways: list[Way]
    examples: list[dict[str, str]]
    remark: str


class ReadOtherwise(Answer):
    """So many calls in which a field of the record would have been another."""

    field: str
    from_: Annotated[str, Field(alias="from")]
    to: str
    calls: int


class RereadCalls(Answer):
    """Calls in which other words would have been understood."""

    calls: int
    changed: int
    ways: list[ReadOtherwise]
    examples: list[dict[str, str]]
    remark: str


class PreviewAnswer(Answer):
    """Two sets of figures over the same calls, and which calls fare otherwise."""

    period: dict[str, Any]
    calls: int
    current: dict[str, Any]
    proposed: dict[str, Any]
    differences: dict[str, Any]
    remarks: list[str]
    responsibility: MovedCalls | None = None
    """Null when the rules of responsibility are the same."""
    words: RereadCalls | None = None
    """Null when the words are the same."""


class Choices(Protocol):
    """What there is to choose from in a form: announcements, numbers, officers, phones."""

    def __call__(self) -> dict[str, list[str]]: ...  # noqa: D102 - the class says it


class UnfitDocument(Unfit):
    """The document is refused; ``fields`` names every flaw that was found."""

    code = "unfit_document"

    def __init__(self, flaws: tuple[tuning_errors.Flaw, ...]) -> None:
        super().__init__(
            f"{len(flaws)} {'field is' if len(flaws) == 1 else 'fields are'} wrong;"
            f" the first: {flaws[0]}",
            "Correct the fields and try again; nothing was changed.",
        )
        self._flaws = flaws

    @property
    def body(self) -> dict[str, Any]:
        """The problem as JSON, with its fields."""
        body = super().body
        body["error"]["fields"] = _flaws(self._flaws)
        return body


def problem(error: tuning_errors.TuningError) -> ApiError:
    """The problem that a refusal of tuning is to the asker."""
    match error:
        case tuning_errors.BadDocument(flaws=flaws):
            return UnfitDocument(flaws)
        case tuning_errors.ChangedMeanwhile():
            return Conflict(
                str(error),
                "Load the newest version, look at what differs, and make your change on it.",
                code="changed_meanwhile",
            )
        case tuning_errors.UnknownVersion():
            return Missing(str(error), "GET /api/v1/tuning/versions lists those that there are.")
        case tuning_errors.BadFile():
            return Unfit(str(error))
        case tuning_errors.PreviewFailed():
            return NotNow(str(error), "Choose a shorter period, or try again later.")
    return NotNow(str(error), "Nothing was changed; try again.")


class TuningOperations:
    """The operations on one service's settings."""

    def __init__(self, desk: Desk, preview: Preview, choices: Choices = dict) -> None:
        self._desk = desk
        self._preview = preview
        self._choices = choices
        self._previewing = asyncio.Lock()

    async def show(self, asked: Asked) -> dict[str, Any]:
        """What is in force, and what forms may offer."""
        return _shown(self._desk.in_force) | {"choices": self._choices()}

    async def change(self, asked: Asked) -> dict[str, Any]:
        """Put a new document in force from the next decision on; no call is dropped for it."""
        wanted = body_of(asked, Change)
        before = self._desk.in_force.document
        with _said_what_it_means():
            entered = await self._desk.change(
                wanted.document, who=asked.who.name, why=wanted.why, based_on=wanted.based_on
            )
        return self._with_changes(before, entered)

    async def validate(self, asked: Asked) -> dict[str, Any]:
        """Check a document without changing anything."""
        raw = body_of(asked, Proposal).document
        document, warnings = await asyncio.to_thread(self._desk.checked, raw)
        changes = self._desk.changes(self._desk.in_force.document, document)
        return {
            "ok": True,
            "warnings": _flaws(warnings),
            "changes": [change.to_json() for change in changes],
        }

    async def preview(self, asked: Asked) -> dict[str, Any]:
        """What this document would have done to the calls of a period."""
        wanted = body_of(asked, PreviewWanted)
        begin, end = _moment("from", wanted.from_), _moment("to", wanted.to)
        document, _ = await asyncio.to_thread(self._desk.checked, wanted.document)
        if self._previewing.locked():
            raise Conflict("another preview is running", "Wait until it is done: a minute at most.")
        async with self._previewing:
            try:
                return await self._preview(self._desk.in_force.document, document, begin, end)
            except PeriodError as error:
                raise BadInput(str(error)) from None

    async def versions(self, asked: Asked) -> list[dict[str, Any]]:
        """The newest versions; older ones with ``?before=<version>``."""
        before = asked.request.query.get("before")
        number = None if before is None else _number(before)
        return [
            {
                "version": row.version,
                "at": row.at.isoformat(),
                "who": row.who,
                "why": row.why,
                "restored": row.restored,
            }
            for row in await self._desk.list(VERSIONS_A_PAGE, before=number)
        ]

    async def version(self, asked: Asked) -> dict[str, Any]:
        """One version, and what it changed."""
        number = _number(asked.request.match_info["version"])
        found = await self._desk.version(number)
        try:
            before = (await self._desk.version(number - 1)).document
        except tuning_errors.TuningError:
            return _shown(found) | {"changes": []}
        return self._with_changes(before, found)

    async def restore(self, asked: Asked) -> dict[str, Any]:
        """Go back to a version: a new one, equal to it."""
        wanted = body_of(asked, Restoration)
        before = self._desk.in_force.document
        with _said_what_it_means():
            entered = await self._desk.restore(
                _number(asked.request.match_info["version"]),
                who=asked.who.name,
                why=wanted.why,
                based_on=wanted.based_on,
            )
        return self._with_changes(before, entered)

    def _with_changes(self, before: Document, entered: InForce) -> dict[str, Any]:
        changes = self._desk.changes(before, entered.document)
        return _shown(entered) | {"changes": [change.to_json() for change in changes]}

    def operations(self) -> tuple[Operation, ...]:
        """The table of operations."""
        return (
            Operation(
                "GET", _TUNING, self.show, "What is tuned, as in force", LEADERS, answer=Tuning
            ),
            Operation(
                "PUT",
                _TUNING,
                self.change,
                "Put other settings in force",
                ADMINS,
                body=Change,
                body_bytes=DOCUMENT_BYTES,
                answer=TuningChanged,
            ),
            Operation(
                "POST",
                f"{_TUNING}/validate",
                self.validate,
                "Check settings without changing anything",
                LEADERS,
                body=Proposal,
                body_bytes=DOCUMENT_BYTES,
                answer=Validation,
            ),
            Operation(
                "POST",
                f"{_TUNING}/preview",
                self.preview,
                "Replay past calls with other settings",
                LEADERS,
                body=PreviewWanted,
                body_bytes=DOCUMENT_BYTES,
                answer=PreviewAnswer,
            ),
            Operation(
                "GET",
                f"{_TUNING}/versions",
                self.versions,
                "Who changed what, when and why",
                LEADERS,
                answer=TuningVersion,
                listed_as="versions",
            ),
            Operation(
                "GET",
                f"{_TUNING}/versions/{{version}}",
                self.version,
                "One version, and what it changed",
                LEADERS,
                answer=TuningChanged,
            ),
            Operation(
                "POST",
                f"{_TUNING}/versions/{{version}}/restore",
                self.restore,
                "Go back to a version",
                ADMINS,
                body=Restoration,
                answer=TuningChanged,
            ),
        )


_TUNING: Final = "/api/v1/tuning"


@contextmanager
def _said_what_it_means() -> Iterator[None]:
    """A database that does not answer means that nothing was changed."""
    try:
        yield
    except StoreUnavailable:
        raise NotNow(
            "the database does not answer, so the change could not be kept and is not in force",
            "Calls go on with the settings as they were. Try again in a few seconds.",
        ) from None


def _shown(version: InForce) -> dict[str, Any]:
    return {
        "version": version.version,
        "at": version.at.isoformat(),
        "who": version.who,
        "why": version.why,
        "document": version.document.to_json(),
        "warnings": _flaws(version.warnings),
    }


def _flaws(flaws: tuple[tuning_errors.Flaw, ...]) -> list[dict[str, str]]:
    return [{"path": flaw.path, "reason": flaw.reason} for flaw in flaws]


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Missing("there is no such version")
    return int(text)


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise BadInput(f"{name}: expected a moment with zone, as 2026-03-01T00:00:00Z")
    return at
