"""A floor manager's and an administrator's work at the console, on a whole hotline."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import picture, sign_in
from tests.e2e.raw_caller import RawCaller
from tests.integration.service.hotline import Hotline

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]

CALLER = "2125550177"
PROMPTLY_MS = 5_000


async def open_as_admin(hotline: Hotline, console: Any, page_name: str) -> Page:
    page = await console(hotline)
    lab = hotline.description["console"]
    await sign_in(page, lab["user"], lab["password"])
    await page.locator("header").get_by_text("● live").wait_for()
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name=page_name).click()
    return page


def place(page: Page, path: str) -> Locator:
    """The field of this place of the tuning document."""
    return page.locator(f'[data-place="{path}"]')


@pytest.fixture
async def tuned(hotline) -> AsyncIterator[Hotline]:
    """The hotline; whatever a test tunes is taken back."""
    before = await hotline.api("tuning")
    yield hotline
    now = await hotline.api("tuning")
    if now["document"] != before["document"]:
        back = {"why": "the test is over"}
        await hotline.api(f"tuning/versions/{before['version']}/restore", back)


async def test_strategy_is_changed_seen_in_force_and_taken_back(tuned, console):
    page = await open_as_admin(tuned, console, "Administration")
    await page.locator("summary", has_text="Emergency").click()
    await place(page, "queues.0.strategy").get_by_role("combobox").select_option("round_robin")
    bar = page.get_by_role("form", name="Save the changes")
    await expect(bar).to_contain_text("1 change, not saved")
    # Without a reason nothing is saved.
    await bar.get_by_role("button", name="Save").click()
    await expect(bar).to_contain_text("Say why")
    await bar.get_by_label("Why").fill("to be fair to everybody")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="is in force")).to_be_visible()
    assert (await tuned.api("queues"))["queues"][0]["strategy"] == "round_robin"

    await page.get_by_role("link", name="Versions").click()
    versions = page.get_by_role("list", name="Versions").locator("> li")
    await expect(versions.nth(0)).to_contain_text("admin · to be fair to everybody")
    await versions.nth(0).locator("summary").click()
    await expect(versions.nth(0)).to_contain_text("Strategy")
    await expect(versions.nth(0)).to_contain_text("round robin")
    await versions.nth(1).locator("summary").click()
    await versions.nth(1).get_by_label("Why").fill("it was better before")
    await versions.nth(1).get_by_role("button", name="Go back to version").click()
    await expect(page.get_by_text("it was better before").first).to_be_visible()
    assert (await tuned.api("queues"))["queues"][0]["strategy"] == "longest_idle"


async def test_refused_value_shows_the_reason_beside_its_field_and_changes_nothing(tuned, console):
    page = await open_as_admin(tuned, console, "Administration")
    await page.locator("summary", has_text="Emergency").click()
    field = place(page, "queues.0.ring_s")
    await field.get_by_label("A phone rings").fill("500")
    await expect(field).to_contain_text("120", timeout=PROMPTLY_MS)
    await expect(field.get_by_label("A phone rings")).to_have_attribute("aria-invalid", "true")
    bar = page.get_by_role("form", name="Save the changes")
    await bar.get_by_label("Why").fill("let it ring")
    await bar.get_by_role("button", name="Save").click()
    await expect(bar.get_by_role("alert")).to_contain_text("nothing was changed")
    await expect(page.get_by_role("link", name="1 to correct")).to_be_visible()
    assert (await tuned.api("tuning"))["document"]["queues"][0]["ring_s"] == 15
    # What is typed survives a look at another page, and is let go when it is discarded.
    await page.get_by_role("link", name="Floor").click()
    await page.go_back()
    await page.get_by_role("button", name="Discard").click()
    await expect(bar).to_have_count(0)


async def test_word_is_taught_in_the_form_and_what_it_lacks_is_told_beside_it(tuned, console):
    page = await open_as_admin(tuned, console, "Administration")
    await page.get_by_role("link", name="Words").click()
    await page.get_by_role("button", name="Add words").click()
    await place(page, "words.0.id").get_by_role("textbox").fill("bear")
    await place(page, "words.0.name").get_by_role("combobox").fill("wild_animal")
    says = place(page, "words.0.says")
    for word in ("(brown|black|) bear", "grizzly*"):
        await says.get_by_role("textbox", name="words").fill(word)
        await page.keyboard.press("Enter")
    bar = page.get_by_role("form", name="Save the changes")
    await bar.get_by_label("Why").fill("there are bears in the hills")
    await page.keyboard.press("Enter")
    level = place(page, "words.0.level")
    await expect(level).to_contain_text("say how urgent")
    await picture(page, "words-refused")
    assert (await tuned.api("tuning"))["document"]["words"] == []
    await level.get_by_role("combobox").select_option("red")
    await bar.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="is in force")).to_be_visible()
    await picture(page, "words")
    (taught,) = (await tuned.api("tuning"))["document"]["words"]
    assert taught == {
        "id": "bear",
        "language": "en",
        "means": "danger",
        "name": "wild_animal",
        "level": "red",
        "says": ["(brown|black|) bear", "grizzly*"],
    }


async def test_change_that_somebody_else_made_meanwhile_is_told_and_kept(tuned, console):
    page = await open_as_admin(tuned, console, "Administration")
    await page.locator("summary", has_text="Emergency").click()
    await place(page, "queues.0.ring_s").get_by_label("A phone rings").fill("21")
    theirs = await tuned.api("tuning")
    theirs["document"]["queues"][0]["wrap_up_s"] = 4
    body = {
        "document": theirs["document"],
        "why": "time to write",
        "based_on": theirs["version"],
    }
    await tuned.api("tuning", body, "PUT")
    bar = page.get_by_role("form", name="Save the changes")
    await bar.get_by_label("Why").fill("phones were not heard")
    await bar.get_by_role("button", name="Save").click()
    told = page.get_by_role("alert").filter(has_text="Not saved")
    await expect(told).to_contain_text("api-token made version")
    await expect(told).to_contain_text("time to write")
    await told.get_by_role("button", name="Put my changes on top").click()
    await bar.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="is in force")).to_be_visible()
    queue = (await tuned.api("tuning"))["document"]["queues"][0]
    assert (queue["ring_s"], queue["wrap_up_s"]) == (21, 4)


async def test_waiting_caller_is_prioritised_then_abandoned_called_back_and_told_in_figures(
    hotline, phone, console
):
    page = await open_as_admin(hotline, console, "Floor")
    sip = hotline.description["sip"]
    async with RawCaller(CALLER, "110", sip["host"], sip["port"]):
        row = page.get_by_role("row").filter(has_text=CALLER)
        await expect(row).to_contain_text("(no. 1)")
        await row.get_by_role("button", name="Change").click()
        change = page.get_by_role("group", name=f"Change {CALLER}")
        await change.get_by_label("Priority").fill("7")
        await page.keyboard.press("Enter")
        await expect(row).to_contain_text("set by hand", timeout=PROMPTLY_MS)
        call = await hotline.call_from(CALLER)
        assert call["priority_by_hand"] == 7
    await hotline.call_is(call["id"], state="closed")

    await page.get_by_role("link", name="Tasks").click()
    task = page.get_by_role("listitem", name=f"Task of {CALLER}")
    await expect(task).to_contain_text("Hung up after")
    seat = await phone("s01")
    await task.get_by_label("from seat").select_option("s01")
    await task.get_by_role("button", name="Call back").click()
    await seat.wait_ringing()
    await expect(task).to_contain_text("admin calls back from s01", timeout=PROMPTLY_MS)
    await seat.hang_up()
    await task.get_by_role("button", name="Close …").click()
    await task.get_by_label("Result").select_option("not_reached")
    await task.get_by_role("textbox", name="Note").fill("nobody answered")
    await task.get_by_role("button", name="Close the task").click()
    await expect(task).to_have_count(0)
    await page.get_by_label("Show").select_option("closed")
    await expect(task).to_contain_text("Not reached: nobody answered · closed by admin")

    await page.get_by_role("link", name="Figures").click()
    # Each figure's sentence stands in its row.
    abandoned = page.get_by_role(
        "row", name=re.compile("^Abandoned Arrived calls whose caller left")
    )
    await expect(abandoned.locator("td.all")).not_to_have_text("0")
    officer = page.get_by_role("row", name=re.compile("^Time to officer, mean Mean time from"))
    await expect(officer).to_be_visible()
