"""How soon a service that starts under 200 calls knows them all. One line of JSON."""

from __future__ import annotations

import json

import pytest

from callcenter.bench.hotline import hotline
from callcenter.bench.phones import Plan
from tests.integration.service.full_house import taken_over

TALKING, WAITING = 60, 140
WITHIN_S = 5.0
"""From the moment when the service says that it takes calls."""


@pytest.mark.asterisk
async def test_service_start_under_200_calls() -> None:
    async with hotline(
        "service-start", seats=TALKING, plan=lambda seat: Plan(), say=lambda text: None
    ) as (floor, phones):
        found = await taken_over(floor, phones, WAITING)
    print("\n" + json.dumps({"bench": "service_start"} | found.to_json()))
    assert (found.wrong, found.lost, found.rung_again) == ((), 0, 0)
    assert found.adopted_s < WITHIN_S
