"""The document as a file: TOML with a ``format`` number, and what became of older formats.

Format 1 is a settings file, of which the queues, seats, lines and deadlines are tunable. Format 2
is the document of `callcenter.tuning.document`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from callcenter import settings as file_settings
from callcenter.tuning.document import FORMAT, Document, read
from callcenter.tuning.errors import BadDocument, BadFile, Flaw
from callcenter.tuning.first import document_of_sections
from callcenter.tuning.toml import written

HEAD = """\
# What is tuned while calls run. Change it, then: callcenter config import FILE --why TEXT
"""
LARGEST_FILE_BYTES = 16 * 1024 * 1024
SETTINGS_SECTIONS = frozenset(file_settings.Settings.model_fields)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A document that was in a file; ``remarks`` say what of the file is not in it."""

    document: Document
    format: int
    remarks: tuple[str, ...] = ()


def export(document: Document, *, version: int | None = None) -> str:
    """The document as a file that `parse` reads back to an equal one."""
    head = HEAD if version is None else f"{HEAD}# This is version {version}.\n"
    return head + "\n" + written({"format": FORMAT} | document.to_json())


def parse(text: str, name: str = "the file") -> ReadFile:
    """The document in a file's text, TOML or JSON, of this format or an older one.

    Raises:
        BadFile: it is neither, or of a format that is not known.
        BadDocument: a field is wrong; paths are those of the file's format.
    """
    raw = _values(text, name)
    number = raw.pop("format", 1)
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise BadFile(f"{name}: format: expected a number from 1 to {FORMAT}")
    if number > FORMAT:
        raise BadFile(
            f"{name}: format {number} was written by a later version; this one knows formats up to"
            f" {FORMAT}. Import it with that version, or export it there again"
        )
    if number == 1:
        return _from_format_1(raw)
    return ReadFile(read(raw), number)


def migrated(raw: Mapping[str, Any], number: int) -> Document:
    """A document that was stored by an older version.

    Raises:
        BadFile: a later version stored it.
        BadDocument: it was valid then and is not now.
    """
    return parse(json.dumps({**raw, "format": number}), "the stored document").document


def _values(text: str, name: str) -> dict[str, Any]:
    if len(text) > LARGEST_FILE_BYTES:
        raise BadFile(f"{name}: larger than {LARGEST_FILE_BYTES} bytes")
    if text.lstrip().startswith("{"):
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadFile(f"{name}: {error}; expected JSON or TOML") from None
    else:
        try:
            raw = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise BadFile(f"{name}: {error}; expected TOML") from None
    plain = _plain(raw)
    if not isinstance(plain, dict):
        raise BadFile(f"{name}: expected tables")
    return plain


def _plain(value: Any) -> Any:
    """TOML's own days and times as the text that JSON has for them."""
    match value:
        case dict():
            return {key: _plain(entry) for key, entry in value.items()}
        case list():
            return [_plain(entry) for entry in value]
        case datetime() | date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
    return value


_OLD_SECTIONS: Final[Mapping[str, type[BaseModel]]] = {
    "queues": file_settings.Queue,
    "lines": file_settings.Line,
    "seats": file_settings.Seat,
}


def _from_format_1(raw: dict[str, Any]) -> ReadFile:
    unknown = sorted(raw.keys() - SETTINGS_SECTIONS)
    if unknown:
        reason = "not a section of a settings file; a file of format 2 says `format = 2` at its top"
        raise BadDocument(Flaw(name, reason) for name in unknown)
    flaws: list[Flaw] = []
    sections: dict[str, list[dict[str, Any]]] = {}
    for name, model in _OLD_SECTIONS.items():
        entries = raw.get(name, [])
        if not isinstance(entries, list):
            raise BadDocument([Flaw(name, "expected a list of tables")])
        sections[name] = [
            _dumped(model, entry, f"{name}.{at}", flaws) for at, entry in enumerate(entries)
        ]
    deadlines = _dumped(file_settings.Deadlines, raw.get("deadlines", {}), "deadlines", flaws)
    if flaws:
        raise BadDocument(flaws)
    left = sorted(raw.keys() - _OLD_SECTIONS.keys() - {"deadlines"})
    remarks = [f"{name}: not tuned while calls run; it stays in the settings file" for name in left]
    return ReadFile(document_of_sections(sections, deadlines), 1, tuple(remarks))


def _dumped(model: type[BaseModel], raw: Any, path: str, flaws: list[Flaw]) -> dict[str, Any]:
    try:
        return model.model_validate(raw).model_dump()
    except ValidationError as error:
        flaws += [
            Flaw(".".join((path, *map(str, entry["loc"]))), entry["msg"])
            for entry in error.errors(include_url=False, include_input=False)
        ]
        return {}
