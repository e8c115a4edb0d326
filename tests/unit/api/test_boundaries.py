"""Boundaries over HTTP: what holds, what is planned, and the faults on their map."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callcenter.api import boundaries as shapes
from callcenter.precincts.city import load_territories
from callcenter.store.boundaries import BoundaryVersions, GivenSet
from tests.unit.api.conftest import sign_in

NOW = datetime.now(UTC)
GAP = {
    "kind": "gap",
    "text": "12 m² are enclosed and belong to nobody",
    "feature": None,
    "id": None,
    "lat": 40.705,
    "lon": -73.995,
    "area_m2": 12.0,
    "other": None,
    "refuses": False,
    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
}


async def asked(session, path):
    async with session.request("GET", f"/api/v1/precincts/kinds{path}") as answer:
        return answer.status, await answer.json()


async def imported(api, kind, *ids, days=0.0):
    ring = [[106.0, 26.0], [107.0, 26.0], [107.0, 26.001], [107.0, 27.0], [106.0, 26.0]]
    features = [
        {
            "type": "Feature",
            "properties": {"precinct": each},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for each in ids
    ]
    return await BoundaryVersions(api.database).add(
        kind,
        GivenSet("city.geojson", "1" * 64, {}, features, [GAP]),
        holds_from=NOW + timedelta(days=days),
        who="ann",
        why="reform",
        now=NOW,
    )


async def test_without_an_import_the_products_own_precincts_are_shown(api, program):
    status, body = await asked(program, "")
    (kind,) = [shapes.KindOfBoundaries.model_validate(each) for each in body["kinds"]]
    assert status == 200 and kind.kind == "precinct"
    assert [(each.version, each.state, each.areas) for each in kind.versions] == [(0, "holds", 2)]
    status, body = await asked(program, "/precinct")
    shown = shapes.BoundaryMap.model_validate(body)
    assert [each["properties"]["precinct"] for each in shown.features] == ["18", "19"]
    assert (shown.version, shown.holds_from, shown.faults) == (0, None, [])


async def test_kinds_and_planned_versions_are_shown_with_their_faults(api, program):
    await imported(api, "harbour", "a", "b")
    await imported(api, "harbour", "c", days=8)
    api.territories.now = await load_territories(api.database)
    _, body = await asked(program, "")
    assert [each["kind"] for each in body["kinds"]] == ["precinct", "harbour"]
    told = [(each["version"], each["state"]) for each in body["kinds"][1]["versions"]]
    assert told == [(2, "planned"), (1, "holds")]
    shown = shapes.BoundaryMap.model_validate((await asked(program, "/harbour"))[1])
    assert (shown.version, shown.label, len(shown.features)) == (1, "harbour", 2)
    assert shown.faults[0].geometry == GAP["geometry"]
    planned = shapes.BoundaryMap.model_validate((await asked(program, "/harbour?version=2"))[1])
    assert (planned.state, planned.features[0]["properties"]) == ("planned", {"precinct": "c"})


async def test_borders_may_be_drawn_with_fewer_corners(api, program):
    await imported(api, "harbour", "a")
    api.territories.now = await load_territories(api.database)

    async def corners(path):
        (feature,) = (await asked(program, path))[1]["features"]
        return len(feature["geometry"]["coordinates"][0])

    assert await corners("/harbour") == 5
    assert await corners("/harbour?within_m=500") == 4


async def test_what_is_not_there_is_said(api, program):
    for path in ("/harbour", "/precinct?version=7", "/Harbour", "/precinct?version=-1"):
        status, body = await asked(program, path)
        assert status in (400, 404), path
        assert body["error"]["message"] and body["error"]["next"]


async def test_operators_and_officers_do_not_see_plans(api):
    for name, expected in (("boss", 200), ("admin", 200), ("s01", 403), ("o19a", 403)):
        async with api.browser() as browser:
            await sign_in(browser, name)
            assert (await asked(browser, ""))[0] == expected


async def test_precincts_about_a_point_are_drawn_and_half_a_point_is_refused(program):
    async def about(query):
        async with program.request("GET", f"/api/v1/precincts{query}") as answer:
            return answer.status, await answer.json()

    status, body = await about("?lat=40.75&lon=-73.99&reach_m=2700")
    assert (status, body["features"]) == (200, [{"about": [40.75, -73.99, 2700.0]}])
    assert (await about(""))[1]["features"] == []
    for wrong in ("?lat=40.75", "?lat=90&lon=0", "?lat=nan&lon=0", "?lat=1&lon=1&reach_m=1e9"):
        status, body = await about(wrong)
        assert (status, body["error"]["code"] if "error" in body else body["code"]) == (
            400,
            "bad_input",
        )
