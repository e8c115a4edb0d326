"""Scripts of calls: who says what to whom, in JSON.

    {"id": "robbery", "lang": "en", "voice": "rms", "line": "110", "from": "2125550123",
     "turns": [{"who": "caller", "text": "I have been robbed."},
               {"who": "operator", "audio": "where-are-you.wav"},
               {"who": "officer", "text": "We are on our way."}]}

Turns are spoken one after another. Each has either ``text``, which a voice speaks, or ``audio``,
a sound file beside the script (WAV; FLAC and others where sox is installed). ``voice`` is the
caller's; without it, and for the others, each role has a voice of its own. Everything but ``id``
and ``turns`` may be left out. ``expected`` is the record that the call ought to bring
(`callcenter.lab.expected`); playing takes no notice of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from callcenter.lab.expected import WANTED, Expected, fields_at
from ivr.speech_out import FLITE_VOICES

Who = Literal["caller", "operator", "officer"]
LONGEST_TEXT = 500
MOST_TURNS = 100

_EXPECTED = {
    "id": "a short name of letters, digits, - and _",
    "lang": "one of en, ko, zh",
    "voice": "the name of a voice, for English one of " + ", ".join(FLITE_VOICES),
    "line": "the number to dial, in digits",
    "from": "the caller's number, in digits, with or without + in front",
    "turns": f"1 to {MOST_TURNS} turns, each {{who, text}} or {{who, audio}}",
    "who": "one of caller, operator, officer",
    "text": f"what is said, 1 to {LONGEST_TEXT} characters",
    "audio": "the name of a sound file beside the script",
}


class ScriptError(Exception):
    """A script is wrong; the message names the file, the place in it and what was expected."""


class Turn(BaseModel):
    """One person says one thing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Who
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = None
    audio: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.audio is None):
            raise ValueError("expected either text or audio")
        if self.text is not None and not self.text.strip():
            raise ValueError("text is empty; expected what is said")
        return self


class Script(BaseModel):
    """One call, as it is to be played."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    lang: Literal["en", "ko", "zh"] = "en"
    voice: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+-]{1,32}$")] | None = None
    line: Annotated[str, Field(pattern=r"^[0-9]{2,15}$")] | None = None
    """None: the first line of the lab."""
    from_number: Annotated[str, Field(alias="from", pattern=r"^\+?[0-9]{3,15}$")] = "2125550100"
    turns: Annotated[tuple[Turn, ...], Field(min_length=1, max_length=MOST_TURNS)]
    expected: Expected | None = None

    @model_validator(mode="after")
    def _officer_is_called_by_somebody(self) -> Self:
        if self.turns[0].who == "officer":
            raise ValueError(
                "turns[0]: the officer speaks first; expected a turn of caller or operator before"
            )
        if self.lang == "en" and self.voice is not None and self.voice not in FLITE_VOICES:
            raise ValueError(f"voice: {self.voice} is not known; expected {_EXPECTED['voice']}")
        return self

    @property
    def has_officer(self) -> bool:
        """Whether an officer is put on the line."""
        return any(turn.who == "officer" for turn in self.turns)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a script; `ScriptError` says what is wrong with it. Nothing is played before."""
        try:
            raw = json.loads(file.read_text("utf-8"))
        except json.JSONDecodeError as error:
            raise ScriptError(
                f"{file}: line {error.lineno}, column {error.colno}: {error.msg}; expected JSON"
            ) from None
        except FileNotFoundError:
            raise ScriptError(f"{file}: no such file; expected a script (JSON)") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ScriptError(f"{file}: {error}; expected a script (JSON, UTF-8)") from None
        if not isinstance(raw, dict):
            raise ScriptError(f"{file}: expected a JSON object with id and turns")
        return cls.parse(raw, file, str(file))

    @classmethod
    def parse(cls, raw: Mapping[str, Any], file: Path, whence: str) -> Self:
        """Take a script that was read from ``file``; ``whence``: how messages name the place."""
        try:
            script = cls.model_validate(raw)
        except ValidationError as error:
            raise ScriptError(_explain(whence, error)) from None
        for number, turn in enumerate(script.turns):
            if turn.audio is not None and not (file.parent / turn.audio).is_file():
                raise ScriptError(
                    f"{whence}: turns[{number}].audio: {turn.audio}: no such file;"
                    f" expected {_EXPECTED['audio']}"
                )
        return script


def _explain(whence: str, error: ValidationError) -> str:
    first = error.errors()[0]
    place = _place(first["loc"])
    where = f"{whence}: {place}" if place else whence
    if first["type"] == "extra_forbidden":
        message = f"{where}: not known here; expected {_known(first['loc'])}"
    elif first["type"] == "value_error":
        message = f"{where}: {str(first['msg']).removeprefix('Value error, ')}"
    else:
        of_record = first["loc"][0] == "expected"
        wanted = WANTED if of_record else _EXPECTED
        name = next((str(part) for part in reversed(first["loc"]) if part in wanted), "")
        expected = "a turn {who, text} or {who, audio}"
        if name and (of_record or not isinstance(first["loc"][-1], int)):
            expected = wanted[name]
        got = "missing" if first["type"] == "missing" else f"got {_short(first['input'])}"
        message = f"{where}: {got}; expected {expected}"
    more = error.error_count() - 1
    return message + (f" (and {more} more)" if more else "")


def _place(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _known(parts: tuple[int | str, ...]) -> str:
    if parts[0] == "expected" and len(parts) > 1:
        return fields_at(parts)
    if "turns" in parts:
        return "who, text, audio"
    return "id, lang, voice, line, from, turns, expected"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"
