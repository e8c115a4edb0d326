"""A fraud call rings the anti-fraud desk, by boundaries and rules that came while calls run."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests.integration.service.test_seats_and_callers import talking

pytestmark = pytest.mark.asterisk

NEW_YORK = [[-74.3, 40.4], [-73.6, 40.4], [-73.6, 41.0], [-74.3, 41.0], [-74.3, 40.4]]
DESK = "fraud_desk"


async def imported(hotline, folder, kind, area):
    file = folder / f"{kind}.geojson"
    feature = {
        "type": "Feature",
        "properties": {"precinct": area},
        "geometry": {"type": "Polygon", "coordinates": [NEW_YORK]},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "precincts", "import", str(file)),
        *("--kind", kind, "--label", "fraud desk"),
        *("--settings", hotline.description["settings"]),
    )
    assert await command.wait() == 0

    async def taken():
        kinds = (await hotline.api("tuning"))["choices"]["kinds"]
        return kind in kinds

    await hotline.until(taken, f"boundaries of kind {kind}", 20)


async def tuned(hotline, rules):
    now = await hotline.api("tuning")
    document = now["document"] | {"responsibility": rules}
    change = {"document": document, "why": "test", "based_on": now["version"]}
    await hotline.api("tuning", change, method="PUT")


async def test_fraud_call_rings_the_anti_fraud_desk_and_then_the_partner_is_for_enquiries(
    hotline, phone, hear_each_other, tmp_path
):
    await imported(hotline, tmp_path, "anti_fraud", "city")
    desk = {"name": "Desk", "precinct": "anti_fraud:city", "role": "desk", "numbers": ["o19a"]}
    await hotline.api(f"officers/{DESK}", desk, method="PUT")
    partner = hotline.description["partners"][0]["id"]
    await tuned(
        hotline,
        [
            {"id": "fraud", "categories": ["fraud"], "target": "anti_fraud"},
            {"id": "rest", "categories": ["enquiry"], "to": "partner", "target": partner},
        ],
    )
    try:
        at_desk = await phone("o19a")
        at_partner = await phone(partner)
        _, caller, call_id = await talking(hotline, phone)
        wanted = {"field": "category", "value": "fraud"}
        await hotline.api(f"incidents/{call_id}", wanted, method="PATCH")

        async def known():
            call = await hotline.api(f"calls/{call_id}")
            return call["responsible"] and call["responsible"]["rule"] == "fraud" and call

        call = await hotline.until(known, "the fraud desk on the call's page")
        assert call["responsible"]["text"] == "fraud desk city, because category fraud"
        answer = await hotline.api(f"calls/{call_id}/officer", {})
        assert answer["officers"] == [DESK]
        await at_desk.wait_ringing()
        await at_desk.answer()
        await hotline.call_is(call_id, officer_state="briefed")
        await at_desk.press("1")
        await hotline.call_is(call_id, state="with_officer", officer=DESK)
        await hear_each_other(at_desk, caller)

        async def noted():
            return await hotline.journalled(call_id, "officer.hunt")

        hunt = await hotline.until(noted, "the hunt in the journal")
        assert hunt["responsible"]["because"] == "category fraud"

        wanted = {"field": "category", "value": "enquiry"}
        await hotline.api(f"incidents/{call_id}", wanted, method="PATCH")
        await hotline.until(lambda: belongs_to(hotline, call_id, partner), "the partner")
        answer = await hotline.api(f"calls/{call_id}/officer", {})
        assert (answer["officers"], answer["partner"]) == ([], partner)
        await at_partner.wait_ringing()
    finally:
        await tuned(hotline, [])
        await hotline.api(f"officers/{DESK}", method="DELETE")


async def belongs_to(hotline, call_id, partner):
    found = (await hotline.api(f"calls/{call_id}"))["responsible"]
    return found is not None and (found["to"], found["key"]) == ("partner", partner)
