"""Rosters at the console, and an officer's own page, on a whole hotline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.e2e.test_management import open_as_admin

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]


async def on_duty(hotline, officer_id):
    officers = (await hotline.api("officers"))["officers"]
    return next(each for each in officers if each["id"] == officer_id)["on_duty"] is not None


async def test_shift_is_planned_refused_and_taken_out_and_a_hole_is_shown(hotline, console):
    page = await open_as_admin(hotline, console, "Rosters")
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    await expect(page.get_by_role("status").filter(has_text="Nothing is wrong")).to_be_visible()

    await page.get_by_role("button", name="New shift", exact=True).click()
    form = page.get_by_role("form", name="New shift")
    await form.get_by_label("Officer").select_option("o18a")
    await form.get_by_label("From").fill(f"{day}T16:00")
    await form.get_by_label("To", exact=True).fill(f"{day}T08:00")
    await form.get_by_role("button", name="Plan the shift").click()
    await expect(form.get_by_role("alert")).to_contain_text("ends before it begins")
    await form.get_by_label("To", exact=True).fill(f"{day}T23:30")
    await form.get_by_role("button", name="Plan the shift").click()

    week = page.get_by_role("table", name="The week")
    shift = week.get_by_role("row", name="o18a").get_by_role("button", name="16:00–23:30")
    await expect(shift).to_be_visible()
    wrong = page.get_by_role("list", name="What will not work")
    await expect(wrong).to_contain_text("precinct 18 has nobody on duty")

    await page.get_by_text("Who changed what").click()
    changes = page.get_by_role("table", name="Changes of the roster")
    await expect(changes.get_by_role("row").nth(1)).to_contain_text("o18a (shift)")
    await shift.click()
    form = page.get_by_role("form", name="Change the shift")
    await form.get_by_role("button", name="Take out").click()
    await expect(shift).to_have_count(0)
    await expect(page.get_by_role("status").filter(has_text="Nothing is wrong")).to_be_visible()


async def test_file_is_imported_from_the_page_and_each_wrong_line_is_named(hotline, console):
    page = await open_as_admin(hotline, console, "Rosters")
    text = "officer,from,to\no18a,2031-03-01 08:00,2031-03-01 07:00\no99,2031-03-01,2031-03-02\n"
    file = {"name": "march.csv", "mimeType": "text/csv", "buffer": text.encode()}
    field = page.get_by_label("Import a file")
    await field.set_input_files(file)
    await expect(
        page.get_by_role("listitem").filter(has_text="line 2: the shift ends")
    ).to_be_visible()
    await expect(
        page.get_by_role("listitem").filter(has_text="line 3: no officer 'o99'")
    ).to_be_visible()


async def test_officer_goes_off_and_on_duty_by_their_own_link_without_signing_in(hotline, browser):
    link = await hotline.api("officers/o18a/link", {})
    context = await browser.new_context(
        viewport={"width": 390, "height": 800},
        geolocation={"latitude": 40.7631, "longitude": -73.9840},
        permissions=["geolocation"],
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(hotline.description["console"]["url"].rstrip("/") + link["path"])
    duty = page.get_by_role("region", name="My duty")
    await duty.get_by_role("button", name="I am off duty").click()
    await expect(duty.get_by_role("status")).to_contain_text("off duty")
    assert not await on_duty(hotline, "o18a")
    await duty.get_by_role("button", name="I am on duty").click()
    await expect(duty.get_by_role("status")).to_contain_text("on duty (duty, precinct 18)")
    assert await on_duty(hotline, "o18a")
    await duty.get_by_role("checkbox").check()
    await expect(duty).to_contain_text("Told at")
    officers = (await hotline.api("officers"))["officers"]
    (known,) = [each["position"] for each in officers if each["id"] == "o18a"]
    assert (known["lat"], known["fresh"]) == (40.7631, True)
    await context.close()
