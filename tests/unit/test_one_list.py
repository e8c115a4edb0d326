"""What is written in two places, because one may not import the other, says the same in both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from callcenter import heartbeat
from callcenter.api import shapes
from callcenter.asterisk import render
from callcenter.calls.ladder import Rung
from callcenter.incidents import record
from callcenter.lab import timeline

CONSOLE_VALUES = Path(heartbeat.__file__).parent / "console" / "src" / "record-values.ts"


def console_list(name: str) -> tuple[str, ...]:
    """A constant list of strings in the console's source."""
    found = re.search(
        rf"const {name} = \[(.*?)\] as const", CONSOLE_VALUES.read_text("utf-8"), re.S
    )
    assert found, f"{CONSOLE_VALUES.name} has no list {name}"
    return tuple(re.findall(r'"([a-z_]+)"', found[1]))


def test_api_takes_every_field_of_the_record_and_no_other() -> None:
    assert get_args(shapes.RecordField) == record.FIELDS


def test_ladder_api_and_lab_have_the_same_steps_in_the_same_order() -> None:
    rungs = tuple(rung.value for rung in Rung)
    assert get_args(shapes.Step.model_fields["step"].annotation) == rungs
    assert rungs == timeline.STEPS


def test_console_offers_what_the_record_can_hold() -> None:
    assert console_list("CATEGORIES") == record.CATEGORIES
    assert console_list("LEVELS") == record.LEVELS
    assert sorted(console_list("FIELDS")) == sorted(record.FIELDS)


def test_service_takes_itself_for_alive_as_long_as_the_dialplan_does() -> None:
    assert heartbeat.FRESH_S == render.HEARTBEAT_STALE_S
