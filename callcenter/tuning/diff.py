"""What differs between two documents, field by field.

Things in a list are named by what they are (``queues.emergency.ring_s``), not by where they stand,
so that moving one is no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

NAMES: Final = ("id", "number", "precinct", "skill", "date")
"""By the first of these that all entries of a list have, each its own, they are known again."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field. None stands for nothing: it was added, or taken away."""

    path: str
    old: Any
    new: Any

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """What differs from one JSON document to another."""
    if old == new and type(old) is type(new):
        return
    pair = _fields(old, new)
    if pair is None:
        if old != new:
            yield Change(path, old, new)
        return
    before, after = pair
    for name in [*before, *(name for name in after if name not in before)]:
        inner = f"{path}.{name}" if path else name
        yield from changes(before.get(name), after.get(name), inner)


def _fields(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Both as named fields, where they can be compared so."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old, new
    if not (isinstance(old, list) and isinstance(new, list)):
        return None
    for name in NAMES:
        before, after = _named(old, name), _named(new, name)
        if before is not None and after is not None and (before or after):
            return before, after
    return None


def _named(entries: list[Any], name: str) -> dict[str, Any] | None:
    if not all(isinstance(entry, dict) and name in entry for entry in entries):
        return None
    named = {str(entry[name]): entry for entry in entries}
    return named if len(named) == len(entries) else None
