"""TOML that people like to read: a table for each thing, one field a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

LINE_CHARS = 100


def written(document: Mapping[str, Any]) -> str:
    """These JSON values as TOML. What is None is left out: TOML has no word for it."""
    return "\n".join([*_table(document, ()), ""])


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    later: list[tuple[str, Any]] = []
    for name, value in table.items():
        if value is None:
            continue
        if not path and (isinstance(value, Mapping) or _is_tables(value)):
            later.append((name, value))
        else:
            yield f"{_key(name)} = {_value(value, len(name) + 3)}"
    for name, value in later:
        here = (*path, name)
        if isinstance(value, Mapping):
            yield from ("", f"[{_dotted(here)}]", *_table(value, here))
        else:
            for entry in value:
                yield from ("", f"[[{_dotted(here)}]]", *_table(entry, here))


def _is_tables(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(entry, Mapping) for entry in value)
    )


def _value(value: Any, indent: int = 0) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            # JSON's escapes are TOML's too; only DEL may stand as it is in JSON, not in TOML.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case Mapping():
            inner = (
                f"{_key(name)} = {_value(entry)}"
                for name, entry in value.items()
                if entry is not None
            )
            fields = ", ".join(inner)
            return f"{{ {fields} }}" if fields else "{}"
        case list():
            entries = [_value(entry) for entry in value]
            line = f"[{', '.join(entries)}]"
            if indent + len(line) <= LINE_CHARS and not (entries and _is_tables(value)):
                return line
            return "\n".join(["[", *(f"    {entry}," for entry in entries), "]"])
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isalnum() and plain.isascii() else _value(name)


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(_key(name) for name in path)
