"""An operator brings others to a call at the console: who is on the line, apart, and rung."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.e2e.test_console import CALLER, talking

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]


async def test_operator_speaks_with_the_ambulance_first_and_takes_it_to_the_caller(
    hotline, phone, console
):
    ambulance = await phone("ambulance")
    page = await console(hotline, "s01")
    _, caller = await talking(phone)
    await page.get_by_role("link").filter(has_text=CALLER).first.click()
    line = page.get_by_role("region", name="On the line")
    await line.get_by_label("Bring").select_option(label="Ambulance desk")
    await line.get_by_role("button", name="Speak with them first").click()
    await expect(line).to_contain_text("Caller on hold, with music")
    await expect(line).to_contain_text("ambulance rings; you speak with them first")
    await ambulance.wait_ringing()
    await ambulance.answer()
    await ambulance.press("1")
    await expect(line).to_contain_text("ambulance apart from the caller")
    await line.get_by_role("button", name="Back to the caller").click()
    await expect(line).to_contain_text("ambulance on the line")
    await expect(line).to_contain_text("Caller on the line")
    await line.get_by_role("button", name="Take ambulance off the call").click()
    await expect(line.get_by_role("listitem")).to_have_count(2)
    await ambulance.wait_closed()
    await caller.hang_up()
