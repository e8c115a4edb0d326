"""Checks that settings have in common: each says who, which field, what it is, what it may be."""

from __future__ import annotations

import math
from collections.abc import Iterable

from acd.errors import InvalidSettings


def expect_number(
    who: str,
    field: str,
    value: float,
    *,
    at_least: float | None = None,
    more_than: float | None = None,
) -> None:
    """Refuse what is no finite number, or too small."""
    if at_least is not None and not (math.isfinite(value) and value >= at_least):
        raise InvalidSettings(f"{who}: {field} is {value}, expected at least {at_least:g}")
    if more_than is not None and not (math.isfinite(value) and value > more_than):
        raise InvalidSettings(f"{who}: {field} is {value}, expected more than {more_than:g}")


def refuse_twice(kind: str, ids: Iterable[str]) -> None:
    """Refuse an id that is named a second time."""
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise InvalidSettings(f"{kind} {name} is named twice")
        seen.add(name)
