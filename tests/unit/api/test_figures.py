"""Figures over HTTP and to Prometheus."""

from __future__ import annotations

import pytest

from callcenter.api.figures import Figures
from callcenter.store.errors import StoreUnavailable
from tests.unit.api.conftest import sign_in


async def asked(session, path):
    async with session.get(f"/api/v1/{path}") as answer:
        return answer.status, await answer.json()


async def test_figures_of_a_period_come_with_their_definitions(api, program):
    status, body = await asked(program, "figures?from=2026-03-01&to=2026-03-02&by=half_hour")
    assert status == 200 and api.figures.asked == [("2026-03-01", "2026-03-02", "half_hour")]
    Figures.model_validate(body)
    assert body["definitions"]


async def test_nothing_asked_is_today_and_undivided(api, program):
    assert (await asked(program, "figures"))[0] == 200
    assert (await asked(program, "figures/live?by=seat"))[0] == 200
    assert api.figures.asked == [("", "", None), ("live", "seat")]


async def test_figures_of_officers_are_divided_by_what_divides_hunts(api, program):
    status, body = await asked(program, "figures/officers?from=2026-03-01&by=rung")
    assert status == 200 and api.figures.asked == [("officers", "2026-03-01", "", "rung")]
    Figures.model_validate(body)
    for query, name in (("by=queue", "by"), ("from=never", "from"), ("officer=o1", "officer")):
        status, body = await asked(program, f"figures/officers?{query}")
        assert status == 400 and body["error"]["message"].startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("by=officer", "by"),
        ("by=", "by"),
        ("from=never", "from"),
        ("from=" + "1" * 41, "from"),
        ("form=2026-03-01", "form"),
        ("by=line&by=seat", "by"),
    ],
)
async def test_bad_parameter_is_named_with_the_reason(api, program, query, name):
    status, body = await asked(program, f"figures?{query}")
    assert status == 400 and body["error"]["code"] == "bad_input"
    assert body["error"]["message"].startswith(f"{name}: ")
    assert api.figures.asked == []


@pytest.mark.parametrize(("name", "expected"), [("s01", 403), ("o19a", 403), ("boss", 200)])
async def test_figures_are_for_leaders(api, name, expected):
    async with api.browser() as person:
        await sign_in(person, name)
        for path in ("figures", "figures/live", "figures/officers"):
            assert (await asked(person, path))[0] == expected


async def test_parameters_are_described(program):
    _, description = await asked(program, "openapi.json")
    parameters = description["paths"]["/api/v1/figures"]["get"]["parameters"]
    assert [one["name"] for one in parameters] == ["from", "to", "by"]
    assert all(one["in"] == "query" for one in parameters)


async def test_prometheus_is_told_the_service_level(program):
    async with program.get("/metrics") as answer:
        text = await answer.text()
    assert 'callcenter_service_level{of="all",threshold_s="3",window="today"} 0.9' in text
    assert 'callcenter_service_level{of="all",threshold_s="3",window="hour"} 0.5' in text
    assert 'callcenter_wait_seconds{quantile="0.9",window="today"} 1.5' in text
    assert 'callcenter_arrived_calls{window="today"} 3.0' in text
    assert 'callcenter_abandoned_share{window="today"} NaN' in text


async def test_prometheus_is_told_the_rest_while_the_database_is_gone(api, program, monkeypatch):
    async def gone(_by=None):
        raise StoreUnavailable("locked")

    monkeypatch.setattr(api.figures, "live", gone)
    async with program.get("/metrics") as answer:
        assert answer.status == 200 and "callcenter_seats" in await answer.text()
