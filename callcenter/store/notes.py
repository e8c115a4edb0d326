"""Turns what happened into a journal note that every database takes. Never raises."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .chain import Note
from .tables import CALL_ID_CHARS, KIND_CHARS

PAYLOAD_LIMIT_CHARS = 64 * 1024
_BEGINNING_CHARS = 1000


def make_note(
    call_id: str | None, kind: str, payload: Mapping[str, Any], at: datetime | None = None
) -> Note:
    """A note of this moment, or of ``at`` if that has a zone.

    What JSON does not know becomes text; a payload that cannot be written or is beyond
    `PAYLOAD_LIMIT_CHARS` is replaced by a word about it, since the call must go on.
    """
    return Note(
        entry_id=uuid.uuid4().hex,
        at=at if at is not None and at.tzinfo is not None else datetime.now(UTC),
        call_id=None if call_id is None else _clean(call_id, CALL_ID_CHARS),
        kind=_clean(kind, KIND_CHARS),
        payload=_payload_text(payload),
    )


def _clean(text: str, most: int) -> str:
    return str(text).replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:most]


def _payload_text(payload: Mapping[str, Any]) -> str:
    try:
        text = _json(dict(payload))
    except Exception:  # objects may raise anything when they are turned into text
        text = _json({"unreadable": type(payload).__name__})
    if len(text) > PAYLOAD_LIMIT_CHARS:
        text = _json({"oversized_chars": len(text), "beginning": text[:_BEGINNING_CHARS]})
    return text


def _json(payload: dict[str, Any]) -> str:
    text = json.dumps(
        payload, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False
    )
    return _clean(text, len(text))
