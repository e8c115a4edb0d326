"""The map of boundaries, and rules of responsibility at the console, on a whole hotline."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import picture
from tests.e2e.test_management import open_as_admin, place, tuned  # noqa: F401  # a fixture
from tests.integration.service.test_seats_and_callers import talking

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]

LABEL = "traffic section"


def square(west, south, size=0.05):
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


async def imported(hotline, file, areas, *more):
    features = [
        {
            "type": "Feature",
            "properties": {"precinct": name},
            "geometry": {"type": "Polygon", "coordinates": [list(ring), *holes]},
        }
        for name, (ring, *holes) in areas.items()
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "precincts", "import", str(file)),
        *("--kind", "traffic_section", "--label", LABEL, "--why", "reform", *more),
        *("--settings", hotline.description["settings"]),
    )
    assert await command.wait() == 0


async def taken(hotline, number):
    async def known():
        kinds = (await hotline.api("precincts/kinds"))["kinds"]
        found = [each for kind in kinds for each in kind["versions"]]
        return any((each["version"], each["state"]) == (number, "holds") for each in found)

    await hotline.until(known, f"version {number} in use", 20)


async def test_kinds_versions_and_faults_are_seen_on_a_map(hotline, console, tmp_path):
    west, south = -74.05, 40.68
    sections = {
        # A hole in the first that nobody fills, and a sliver that both others have.
        "1": (square(west, south), square(west + 0.02, south + 0.02, 0.01)),
        "2": (square(west + 0.05, south),),
        "3": (square(west + 0.0999, south),),
    }
    await imported(hotline, tmp_path / "sections.geojson", sections)
    later = (datetime.now(UTC) + timedelta(days=8)).date().isoformat()
    planned = {"north": (square(west, south, 0.1),)}
    await imported(hotline, tmp_path / "reform.geojson", planned, "--from", later)
    await taken(hotline, 1)

    page = await open_as_admin(hotline, console, "Boundaries")
    status = page.get_by_role("status").filter(has_text="areas")
    await expect(status).to_contain_text("77 areas, nothing imported")
    await expect(page.get_by_role("img", name="Map of 77 areas")).to_be_visible()
    await picture(page, "boundaries-precincts")
    await page.get_by_role("combobox", name="Kind").select_option(LABEL)
    await expect(status).to_contain_text("3 areas, version 1, holds since")
    await expect(page.get_by_role("img", name="Map of 3 areas")).to_be_visible()
    faults = page.get_by_role("list", name="Faults")
    await expect(faults.get_by_role("listitem")).to_have_count(2)
    await expect(faults).to_contain_text("enclosed and belong to nobody")
    await expect(faults).to_contain_text("also belong to 3")
    await expect(page.locator("svg.areas path.fault.gap")).to_have_count(1)
    await picture(page, "boundaries")

    whole = await page.locator("svg.areas").get_attribute("viewBox")
    await faults.get_by_role("button", name="gap").click()
    await expect(page.locator("svg.areas")).not_to_have_attribute("viewBox", whole or "")
    await picture(page, "boundaries-gap")

    versions = page.get_by_role("table", name="Versions")
    await expect(versions.get_by_role("row", name="planned")).to_contain_text("reform")
    await versions.get_by_role("row", name="planned").get_by_role("button").click()
    await expect(status).to_contain_text("1 areas, version 2, will hold from")


async def test_rule_of_responsibility_is_made_in_the_form_and_tried_on_past_calls(
    tuned,  # noqa: F811  # the fixture
    console,
    tmp_path,
):
    sections = {"1": (square(-74.05, 40.68),)}
    await imported(tuned, tmp_path / "sections.geojson", sections)
    page = await open_as_admin(tuned, console, "Administration")
    await page.get_by_role("link", name="Responsibility").click()
    await page.get_by_role("button", name="Add a rule").click()
    await place(page, "responsibility.0.id").get_by_role("textbox").fill("traffic")
    rule = page.locator('[data-place="responsibility.0.categories"]')
    await rule.get_by_label("traffic").check()
    await place(page, "responsibility.0.target").get_by_role("combobox").fill("traffic_section")
    await page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    await expect(preview).to_contain_text("would have been somebody else's", timeout=60_000)
    await picture(page, "responsibility")
    bar = page.get_by_role("form", name="Save the changes")
    await bar.get_by_label("Why").fill("traffic has sections now")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="is in force")).to_be_visible()
    (rule_now,) = (await tuned.api("tuning"))["document"]["responsibility"]
    assert rule_now == {
        "id": "traffic",
        "categories": ["traffic"],
        "levels": [],
        "to": "areas",
        "target": "traffic_section",
    }


async def test_operator_reads_whose_the_call_is_and_why(
    tuned,  # noqa: F811  # the fixture
    console,
    phone,
    tmp_path,
):
    sections = {"3": (square(-74.3, 40.4, 0.7),)}
    await imported(tuned, tmp_path / "sections.geojson", sections)
    newest = (await tuned.api("precincts/kinds"))["kinds"][1]["versions"][0]["version"]
    await taken(tuned, newest)
    now = await tuned.api("tuning")
    rule = {"id": "traffic", "categories": ["traffic"], "target": "traffic_section"}
    document = now["document"] | {"responsibility": [rule]}
    change = {"document": document, "why": "test", "based_on": now["version"]}
    await tuned.api("tuning", change, method="PUT")
    officer = {"name": "Tess", "precinct": "traffic_section:3", "numbers": ["o18a"]}
    await tuned.api("officers/t3", officer, method="PUT")
    try:
        seat, caller, call_id = await talking(tuned, phone)
        for field, value in (("category", "traffic"), ("place", "Times Square")):
            wanted = {"field": field, "value": value}
            await tuned.api(f"incidents/{call_id}", wanted, method="PATCH")
        page = await console(tuned, "s01")
        await page.goto(f"{tuned.description['console']['url']}#call/{call_id}")
        control = page.locator(".officer-control")
        await expect(control.locator(".responsible")).to_have_text(
            "traffic section 3, because category traffic"
        )
        await expect(control.get_by_role("combobox")).to_contain_text("traffic section 3")
        await picture(page, "responsible")
        await tuned.api("officers/t3/duty", {"on": False})
        await expect(control.locator(".responsible")).to_have_text(
            "precinct 14, because the place: nobody of traffic section 3 is on duty"
        )
        await caller.hang_up()
        await seat.wait_closed()
    finally:
        await tuned.api("officers/t3", method="DELETE")
