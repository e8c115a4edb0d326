"""From plain values, as TOML or JSON give them, to the frozen dataclasses that the engine takes.

The types of the fields say what is expected, so a new setting needs no line here. All that is wrong
is said at once, each with the path of its field.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from acd.errors import InvalidSettings

Kind = TypeVar("Kind")

_LEVELS: Final = tuple[tuple[str, int], ...]
_NAMES: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field; an empty path is the whole."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class _Wrong(Exception):
    """Something below is wrong and has been noted."""


class Reader:
    """Reads, and notes what is wrong in `problems`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, path: str, reason: str) -> None:
        """Something is wrong with this field."""
        self.problems.append(Problem(path, reason))

    def read(self, kind: type[Kind], value: object, path: str = "") -> Kind | None:
        """A value of this dataclass; None when something is wrong with it."""
        try:
            read: Kind = self._dataclass(kind, value, path)
        except _Wrong:
            return None
        return read

    def _wrong(self, path: str, reason: str) -> _Wrong:
        self.note(path, reason)
        return _Wrong()

    def _value(self, kind: Any, value: object, path: str) -> Any:
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._value(get_args(kind)[0], value, path)
        if kind == _LEVELS and isinstance(value, Mapping):
            return tuple(
                (name, self._value(int, level, f"{path}.{name}")) for name, level in value.items()
            )
        if origin is tuple:
            return self._list(get_args(kind)[0], value, path)
        if origin is not None and issubclass(origin, Mapping):
            if not isinstance(value, Mapping):
                raise self._wrong(path, f"expected a table, not {_shown(value)}")
            return dict(value)
        if is_dataclass(kind):
            return self._dataclass(kind, value, path)
        if issubclass(kind, StrEnum):
            if value not in [member.value for member in kind]:
                expected = ", ".join(member.value for member in kind)
                raise self._wrong(path, f"is {_shown(value)}, expected one of {expected}")
            return kind(value)
        return self._simple(kind, value, path)

    def _simple(self, kind: type, value: object, path: str) -> Any:
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self._wrong(path, f"is {_shown(value)}, expected {_NAMES[kind]}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._wrong(path, f"is {value}, expected a finite number")
        return value

    def _list(self, kind: Any, value: object, path: str) -> tuple[Any, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self._wrong(path, f"is {_shown(value)}, expected a list")
        read, wrong = [], False
        for number, item in enumerate(value):
            try:
                read.append(self._value(kind, item, f"{path}[{number}]"))
            except _Wrong:
                wrong = True
        if wrong:
            raise _Wrong
        return tuple(read)

    def _dataclass(self, kind: Any, value: object, path: str) -> Any:
        if not isinstance(value, Mapping):
            raise self._wrong(path, f"expected a table, not {_shown(value)}")
        hints = get_type_hints(kind)
        known = {field.name: field for field in fields(kind)}
        wrong = False
        read = {}
        for name in value:
            if name not in known:
                self.note(_join(path, str(name)), f"is not known; known are {', '.join(known)}")
                wrong = True
        for name, field in known.items():
            if name in value:
                try:
                    read[name] = self._value(hints[name], value[name], _join(path, name))
                except _Wrong:
                    wrong = True
            elif field.default is MISSING and field.default_factory is MISSING:
                self.note(_join(path, name), "is missing")
                wrong = True
        if wrong:
            raise _Wrong
        try:
            return kind(**read)
        except (InvalidSettings, ValueError) as error:
            raise self._wrong(path, str(error)) from error


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
