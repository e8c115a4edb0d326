"""An officer after the call: the page on a phone, from taking it to the report that is accepted."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.conftest import BROWSERS, CHROMIUM_ARGS, people_are_known, sign_in
from tests.e2e.test_console import RECOGNISED_MS, say

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.speech]

CALLER = "2125550161"
OFFICER = "o1a"
PHONE = {"width": 390, "height": 844}
DICTATED = "The back door was broken. A neighbour saw two men."


@pytest.fixture
async def officers_phone(hotline, speech) -> AsyncIterator[Page]:
    """The console on a phone whose microphone hears the dictation, signed in as the officer."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    microphone = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={speech('officer', DICTATED)}%noloop",
    ]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=program, args=[*CHROMIUM_ARGS, *microphone]
        )
        context = await chromium.new_context(
            viewport=PHONE, is_mobile=True, has_touch=True, permissions=["microphone"]
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        await people_are_known(hotline)
        await page.goto(hotline.description["console"]["url"])
        await sign_in(page, OFFICER, hotline.password(OFFICER) or "")
        await page.locator("header").get_by_text("● live").wait_for()
        complaints.clear()  # before signing in the page asks who is there, and is refused
        yield page
        await chromium.close()
    assert complaints == []


async def officer_takes_a_call(hotline: Any, phone: Any, speech: Any) -> str:
    """A call that the officer took, talked on and left; its id."""
    seat, caller, officer = await phone("s01"), await phone(CALLER), await phone(OFFICER)
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    await caller.wait_established()
    call_id = (await hotline.call_from(CALLER))["id"]
    await hotline.api(f"calls/{call_id}/officer", {"officer": OFFICER})
    await officer.wait_ringing()
    await officer.answer()
    await hotline.call_is(call_id, officer_state="briefed")
    await officer.press("1")
    await hotline.call_is(call_id, officer_state="joined")
    await say(officer, caller, speech("officer", "I am on my way to you."))
    await say(caller, officer, speech("caller", "Thank you."))
    await hotline.call_is(call_id, officer_state="heard")
    await seat.hang_up()
    await caller.hang_up()
    await hotline.call_is(call_id, state="closed")
    return call_id


async def test_officer_goes_there_dictates_and_reports_and_the_hotline_accepts(
    hotline, phone, console, speech, officers_phone
):
    page = officers_phone
    await expect(page.get_by_text("You are at nothing now.")).to_be_visible()
    call_id = await officer_takes_a_call(hotline, phone, speech)
    card = page.get_by_role("listitem", name=f"Response to call {call_id}")
    await expect(card).to_contain_text(re.compile(r"taken .+ left"))
    await card.get_by_role("button", name="On the way").tap()
    await expect(card).to_contain_text("on the way")
    await card.get_by_role("button", name="There").tap()
    await expect(card.get_by_role("button", name="There")).to_have_count(0)

    await card.get_by_role("button", name="Dictate").tap()
    await expect(card.get_by_role("button", name="Stop dictating")).to_be_visible()
    await page.wait_for_timeout(6_000)  # the microphone speaks this long
    await card.get_by_role("button", name="Stop dictating").tap()
    note = card.get_by_label("Note", exact=True)
    await expect(note).to_have_value(re.compile("door.+neighb", re.I), timeout=RECOGNISED_MS)
    await card.get_by_role("button", name="Keep the note").tap()
    await expect(card.get_by_role("list", name="Notes")).to_contain_text("dictated")

    await card.get_by_role("button", name="Done").tap()
    report = card.get_by_role("form", name="Report")
    await expect(report.get_by_role("textbox", name="Report")).to_have_value(
        re.compile("on my way.+door", re.S)
    )
    if folder := os.environ.get("CALLCENTER_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/officer.png", full_page=True)
    wider_px = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wider_px == 0
    await report.get_by_label("Result").select_option("report_taken")
    await report.get_by_label("It was").select_option("theft")
    await report.get_by_role("checkbox").check()
    await report.get_by_label("An open question").fill("Who saw the two men?")
    await report.get_by_role("button", name="Send the report").tap()
    await expect(card).to_have_count(0)

    desk = await console(hotline, "s01")
    await desk.get_by_role("link", name="Responses").click()
    await desk.get_by_label("Show").select_option("reported")
    row = desk.get_by_role("listitem", name=f"Response to call {call_id}")
    await expect(row).to_contain_text("A report was taken")
    await row.get_by_role("button", name="Accept the report").click()
    await expect(row).to_have_count(0)
    assert (await hotline.api(f"calls/{call_id}"))["category"] == "theft"
    await desk.get_by_role("link", name="Tasks").click()
    await expect(desk.get_by_role("listitem", name=f"Task of {CALLER}")).to_contain_text(
        "Who saw the two men?"
    )
