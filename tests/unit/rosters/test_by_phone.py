"""Whose phone it is that calls the service number."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.rosters.by_phone import DutyLine
from callcenter.rosters.model import Officer
from ivr.prompts import PromptSet


@pytest.mark.parametrize(
    ("phone", "number", "whose"),
    [
        ("o14a", "", "o14a"),
        ("s01", "", None),
        ("", "19175550101", "o14c"),
        ("", "+19175550101", "o14c"),
        ("", "+821055501", "o18c"),
        ("", "9175550101", None),
        ("", "", None),
        ("", "o14a", None),
        ("desk14", "", None),
    ],
)
async def test_officer_is_known_by_a_phone_of_their_own(desk, phone, number, whose):
    await desk.put_officer(Officer("o14c", "Di", "14", numbers=("19175550101", "desk14")), "boss")
    await desk.put_officer(Officer("o18c", "Ed", "18", numbers=("+821055501", "desk14")), "boss")
    officer = DutyLine(desk, PromptSet(Path("/x")), "en").officer_at(phone, number)
    assert (officer and officer.id) == whose
