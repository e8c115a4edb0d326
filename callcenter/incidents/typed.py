"""What a person may type into a field of a record."""

from __future__ import annotations

from typing import Any

from callcenter.incidents.record import CATEGORIES, FIELDS, LEVELS

TEXT_CHARACTERS = 500
LIST_ENTRIES = 20
CHOICES = {"category": CATEGORIES, "level": LEVELS}
LISTS = frozenset({"suspects", "weapons", "dangers", "asked_for"})
MOST_INJURED = 10_000


class TypedRefused(Exception):
    """The field cannot hold that; ``expected`` says what it can."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.expected = expected


def typed_value(field: str, value: Any) -> Any:
    """The value as the field holds it; None for nothing (null, a blank text, an empty list).

    A list field takes a list of texts, or one text with commas; ``injured`` takes a number too.

    Raises:
        TypedRefused: there is no such field, or it cannot hold this.
    """
    if field not in FIELDS:
        raise TypedRefused(field, f"one of {', '.join(FIELDS)}")
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    if field in CHOICES:
        if value not in CHOICES[field]:
            raise TypedRefused(field, f"one of {', '.join(CHOICES[field])}")
        return value
    if field == "injured":
        return _count(value)
    if field in LISTS:
        entries = value.split(",") if isinstance(value, str) else value
        if not isinstance(entries, list) or len(entries) > LIST_ENTRIES:
            raise TypedRefused(field, f"at most {LIST_ENTRIES} texts")
        return [_text(field, entry) for entry in entries]
    return _text(field, value)


def _count(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_INJURED:
        raise TypedRefused("injured", "how many people, 0 or more")
    return value


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_CHARACTERS:
        raise TypedRefused(field, f"a text of 1 to {TEXT_CHARACTERS} characters")
    return value.strip()
