from typing import Any

import pytest

from callcenter.incidents.typed import TypedRefused, typed_value


@pytest.mark.parametrize(
    ("field", "typed", "held"),
    [
        ("level", "red", "red"),
        ("place", " 8 Avenue and West 42 Street ", "8 Avenue and West 42 Street"),
        ("injured", "2", 2),
        ("injured", 0, 0),
        ("weapons", "gun, knife", ["gun", "knife"]),
        ("suspects", ["a tall man"], ["a tall man"]),
        ("level", "", None),
        ("injured", " ", None),
        ("place", None, None),
        ("weapons", [], None),
    ],
)
def test_what_a_field_can_hold_is_taken(field: str, typed: Any, held: Any) -> None:
    assert typed_value(field, typed) == held


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("level", "purple", "expected one of red"),
        ("category", ["robbery"], "expected one of violence"),
        ("injured", True, "how many people"),
        ("injured", "-1", "how many people"),
        ("place", {"lat": 1}, "a text"),
        ("callback", "1" * 501, "a text"),
        ("weapons", ["gun", 3], "a text"),
        ("weapons", ["gun"] * 21, "at most 20"),
        ("colour", "red", "expected one of category"),
    ],
)
def test_what_it_cannot_hold_is_refused_with_what_it_can(field: str, typed: Any, said: str) -> None:
    with pytest.raises(TypedRefused, match=said):
        typed_value(field, typed)
