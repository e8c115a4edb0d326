"""Two callers, one robbery: joined and taken apart again at the console, searched and printed."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.raw_caller import RawCaller
from tests.integration.service.hotline import Hotline

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]

FIRST, SECOND = "2125550181", "2125550182"
PLACE = "Madison Avenue and East 79th Street"
HOSTILE = "<img src=x onerror=alert(1)>"
PROMPTLY_MS = 8_000


def field(page: Page, name: str) -> Locator:
    return page.locator(".record > div").filter(has=page.get_by_text(name, exact=True))


async def robbery(hotline: Hotline, call_id: str, **fields: object) -> None:
    told = {"category": "robbery", "place": PLACE} | fields
    for name, value in told.items():
        await hotline.api(f"incidents/{call_id}", {"field": name, "value": value}, "PATCH")


async def type_into(page: Page, name: str, value: str) -> None:
    await page.get_by_role("button", name=f"Edit {name}").click()
    await page.get_by_role("textbox", name=name).fill(value)
    await page.keyboard.press("Enter")


async def test_duplicate_is_offered_joined_and_taken_back_exactly(hotline, console):
    sip = hotline.description["sip"]
    page = await console(hotline, "s01")
    async with RawCaller(FIRST, "110", sip["host"], sip["port"]):
        first = await hotline.call_from(FIRST)
        await robbery(hotline, first["id"], weapons=["gun"], caller_name="Rosa")
        async with RawCaller(SECOND, "110", sip["host"], sip["port"]):
            second = await hotline.call_from(SECOND)
            await robbery(hotline, second["id"], weapons=["knife"])
            before = [await hotline.api(f"incidents/{call['id']}") for call in (first, second)]

            await page.get_by_role("list", name="Waiting").get_by_text(SECOND).click()
            # Other tests may have had robberies there.
            offers = page.get_by_role("region", name="Possible duplicates").get_by_role("listitem")
            offer = offers.filter(has_text=FIRST)
            await expect(offer).to_contain_text("both robbery, the same spot", timeout=PROMPTLY_MS)
            await offer.get_by_role("button", name=re.compile("^Join Robbery")).click()
            joined = page.get_by_role("region", name="Joined calls")
            await expect(joined).to_contain_text("One incident of 2 calls", timeout=PROMPTLY_MS)
            await expect(offer).to_have_count(0)

            await joined.get_by_role("link", name="One incident of 2 calls").click()
            whole = page.get_by_role("region", name="The incident")
            await expect(whole).to_contain_text(f"inc-{first['id']}")
            await expect(field(page, "Weapons")).to_contain_text("Knife")
            await expect(field(page, "Weapons")).to_contain_text("But typed in call 1: gun")
            await expect(field(page, "Caller's name")).to_contain_text("Rosa")
            await expect(whole.get_by_role("region", name=re.compile("^Call [12]$"))).to_have_count(
                2
            )

            await whole.get_by_role("button", name=f"Undo the join of inc-{second['id']}").click()
            await expect(whole).to_contain_text("1 call ·")
            await expect(field(page, "Weapons")).to_contain_text("Gun")
            after = [await hotline.api(f"incidents/{call['id']}") for call in (first, second)]
            assert [{**each, "separated": []} for each in after] == before
            await expect(offers.filter(has_text=SECOND)).to_contain_text(
                "separated before by s01", timeout=PROMPTLY_MS
            )


async def test_corrected_after_the_call_found_again_and_printed(hotline, console):
    sip = hotline.description["sip"]
    async with RawCaller(FIRST, "110", sip["host"], sip["port"]):
        call = await hotline.call_from(FIRST)
        await robbery(hotline, call["id"])
    await hotline.call_is(call["id"], state="closed")
    page = await console(hotline)
    lab = hotline.description["console"]
    await sign_in(page, lab["user"], lab["password"])
    await page.locator("header").get_by_text("● live").wait_for()
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Incidents").click()
    search = page.get_by_role("form", name="Search")
    await search.get_by_label("What").select_option("robbery")
    await search.get_by_label("Precinct").fill("19")
    await search.get_by_label("Place or number").fill(FIRST)
    await page.keyboard.press("Enter")
    lines = page.get_by_role("table", name="Incidents").locator("tbody tr")
    await expect(lines.first).to_contain_text("Madison Avenue")
    await search.get_by_label("What").select_option("fire")
    await page.keyboard.press("Enter")
    await search.get_by_role("button", name="Search").click()
    await expect(page.get_by_text("No incident began then")).to_be_visible()
    await search.get_by_label("What").select_option("robbery")
    await search.get_by_role("button", name="Search").click()
    await lines.first.get_by_role("link").click()

    await type_into(page, "Caller's name", HOSTILE)
    await expect(field(page, "Caller's name")).to_contain_text(HOSTILE, timeout=PROMPTLY_MS)
    await type_into(page, "Caller's name", "Rosa Alvarez")
    name = field(page, "Caller's name")
    await expect(name.locator("strong").first).to_have_text("Rosa Alvarez", timeout=PROMPTLY_MS)
    await name.get_by_text("Typed 2 times").click()
    await expect(name).to_contain_text(f"(before: {HOSTILE}, typed by admin)")

    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Print page").click()
    printed = await opened.value
    await expect(printed.locator("body")).to_contain_text("Rosa Alvarez")
    await expect(printed.locator("body")).to_contain_text(HOSTILE)
    await expect(printed.locator("img, script")).to_have_count(0)
    # Its own style is let through by its policy: 16 pt.
    size = await printed.locator("h1").evaluate("node => getComputedStyle(node).fontSize")
    assert size.startswith("21.3")

    async def noted(kind: str) -> bool:
        return await hotline.journalled(call["id"], kind) is not None

    await hotline.until(lambda: noted("record.viewed"), "the look is in the journal")
    await hotline.until(lambda: noted("record.exported"), "the export is in the journal")
