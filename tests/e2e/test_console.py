"""An operator's work at the console: what is seen, pressed and typed while real phones talk."""

from __future__ import annotations

import asyncio
import re
import signal

import pytest
from playwright.async_api import Locator, Page, expect

from callcenter.lab import lab as labs
from callcenter.lab.layout import LabOptions
from tests.e2e.conftest import sign_in
from tests.e2e.raw_caller import RawCaller
from tests.integration.service.hotline import Hotline

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]

CALLER = "2125550123"
HOSTILE = "<img src=x onerror=alert(1)>"
RECOGNISED_MS = 20_000


def calls_under(page: Page, heading: str) -> Locator:
    return page.get_by_role("list", name=heading, exact=True).get_by_role("link")


def field(page: Page, name: str) -> Locator:
    return page.locator(".record > div").filter(has=page.get_by_text(name, exact=True))


def step(page: Page, name: str) -> Locator:
    return page.get_by_role("rowheader", name=name, exact=True)


async def say(speaker, listener, wav):
    said = await speaker.say(wav)
    await listener.hears(said)
    await speaker.finish(said)


async def talking(phone):
    """One call with seat s01."""
    seat, caller = await phone("s01"), await phone(CALLER)
    await caller.dial("110")
    await seat.wait_ringing()
    await seat.answer()
    await caller.wait_established()
    return seat, caller


async def test_wrong_password_says_what_to_do_and_the_right_one_opens_the_floor(hotline, console):
    page = await console(hotline)
    await expect(page.get_by_label("Name")).to_be_focused()
    await sign_in(page, "s01", "wrong")
    await expect(page.get_by_role("alert")).to_contain_text("Check both")
    await page.get_by_label("Password").fill(hotline.password("s01"))
    await page.keyboard.press("Enter")
    await expect(page.locator("header").get_by_role("status")).to_have_text("● live")
    await expect(page.get_by_text("s01 (operator)")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("s01 (operator)")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Name")).to_be_visible()


async def test_waiting_caller_is_listed_with_a_running_clock(hotline, phone, console):
    page = await console(hotline, "s01")
    caller = await phone(CALLER)
    await caller.dial("110")
    line = calls_under(page, "Waiting").filter(has_text=CALLER)
    await expect(line).to_contain_text("waiting")
    clock = line.locator(".clock")
    await expect(clock).to_have_text("0:02")
    await expect(clock).to_have_text("0:03")
    await expect(page).to_have_title(re.compile(r"^\(1\)"))
    await caller.hang_up()
    await expect(calls_under(page, "Closed").filter(has_text=CALLER).first).to_be_visible()
    await expect(line).to_have_count(0)


@pytest.mark.speech
async def test_call_is_written_down_and_the_key_o_puts_the_officer_on_the_line(
    hotline, phone, console, speech
):
    page = await console(hotline, "s01")
    seat, caller = await phone("s01"), await phone(CALLER)
    officer = await phone("o19a")
    await caller.dial("110")
    await seat.wait_ringing()
    # The operator's own call opens by itself while the phone rings.
    await expect(page.get_by_role("heading", name=f"Call from {CALLER}")).to_be_visible()
    await expect(page.locator(".headline")).to_contain_text("ringing at s01")
    await seat.answer()
    await caller.wait_established()
    await expect(page.locator(".headline")).to_contain_text("talking with s01")

    words = page.get_by_role("log", name="Transcript").get_by_role("listitem")
    await say(seat, caller, speech("operator", "Emergency hotline. What is your emergency?"))
    await expect(words.filter(has_text="Operator").filter(has_text="mergency")).to_be_visible(
        timeout=RECOGNISED_MS
    )
    await say(caller, seat, speech("caller", "I have been robbed! A man with a gun took my bag."))
    await expect(words.filter(has_text="Caller").filter(has_text="gun").first).to_be_visible(
        timeout=RECOGNISED_MS
    )
    await expect(field(page, "What")).to_contain_text("Robbery", timeout=RECOGNISED_MS)
    await expect(field(page, "What")).to_contain_text(re.compile(r"caller said at 0:\d\d: “.+”"))
    await expect(page.locator(".headline .level")).to_be_visible()

    place = "I am at Madison Avenue and East Seventy Ninth Street."
    await say(caller, seat, speech("caller", place))
    where = field(page, "Where")
    await expect(where).to_contain_text("Madison Avenue", timeout=RECOGNISED_MS)
    await expect(where).to_contain_text("precinct 19", timeout=RECOGNISED_MS)
    # Heard with doubt, it is offered as the runner-up, and one press makes it the place.
    take = where.get_by_role("button", name="It is Madison Avenue and East 79")
    if await take.count():
        await take.click()
    await expect(where.locator(".precinct")).to_have_text("precinct 19")
    await expect(page.get_by_role("img", name="lies in precinct 19")).to_be_visible()
    await expect(page.locator(".map path.own")).to_have_count(1)

    evidence = where.get_by_role("button", name="caller said").first
    await evidence.click()
    await expect(page.locator(".transcript .shown")).to_have_count(1)

    await page.keyboard.press("o")
    await officer.wait_ringing()
    await expect(page.get_by_role("button", name="The officer's phone rings")).to_be_disabled()
    await officer.answer()
    await expect(page.get_by_role("button", name="The officer hears the brief")).to_be_disabled()
    await officer.press("1")
    await expect(page.locator(".headline")).to_contain_text("with officer o19a and s01")
    await say(officer, caller, speech("officer", "Officer speaking. Are you hurt?"))
    await expect(words.filter(has_text="Officer").filter(has_text="hurt")).to_be_visible(
        timeout=RECOGNISED_MS
    )
    await say(caller, officer, speech("caller", "I am not hurt. He ran into Central Park."))
    for name in ("Answered", "First words", "Officer's phone rings", "Officer took it"):
        await expect(step(page, name)).to_be_visible()
    await expect(step(page, "Caller and officer heard")).to_be_visible()
    await expect(page.get_by_role("button", name="Both were heard: leave")).to_be_visible()
    await page.keyboard.press("l")
    await seat.wait_closed()
    await expect(step(page, "Operator left")).to_be_visible()
    await caller.hang_up()
    await expect(page.locator(".headline")).to_contain_text("closed")
    await expect(page.locator("audio")).to_have_count(1)
    # Whose call it was may correct its record afterwards.
    await expect(page.get_by_role("button", name="Edit Where")).to_have_count(1)
    length_s = await page.evaluate(
        """() => new Promise((resolve, reject) => {
            const audio = document.querySelector("audio");
            audio.onloadedmetadata = () => resolve(audio.duration);
            audio.onerror = () => reject(new Error("the recording cannot be played"));
            audio.preload = "metadata";
            audio.load();
        })"""
    )
    assert length_s > 10


async def test_key_o_is_a_letter_while_somebody_types(hotline, phone, console):
    page = await console(hotline, "s01")
    _seat, caller = await talking(phone)
    await page.get_by_role("button", name="Edit Caller's name").click()
    entry = page.get_by_role("textbox", name="Caller's name")
    await expect(entry).to_be_focused()
    await page.keyboard.type("Otto")
    await expect(entry).to_have_value("Otto")
    await page.keyboard.press("Escape")
    await expect(entry).to_have_count(0)
    call = await hotline.call_from(CALLER)
    assert call["officer_state"] is None
    # Nobody is known for a place that nobody knows: the console says what to do.
    await page.keyboard.press("o")
    await expect(page.get_by_role("alert")).to_contain_text("choose an officer from the list")
    officer = await phone("o14a")
    await page.get_by_label("Which officer").select_option("o14a")
    await page.get_by_role("button", name="Put the officer on the line").press("Enter")
    await officer.wait_ringing()
    await caller.hang_up()


async def test_typed_value_wins_and_is_marked_as_typed(hotline, phone, console, speech):
    page = await console(hotline, "s01")
    seat, caller = await talking(phone)
    await page.get_by_role("button", name="Edit What").click()
    await page.get_by_role("combobox", name="What").select_option("fire")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(field(page, "What")).to_contain_text("Fire")
    await expect(field(page, "What")).to_contain_text("typed by s01")
    await expect(page.get_by_role("heading", name=f"Fire from {CALLER}")).to_be_visible()
    await say(caller, seat, speech("caller", "I have been robbed! A man with a gun took my bag."))
    await expect(field(page, "What")).to_contain_text(
        "But heard: robbery", timeout=RECOGNISED_MS, ignore_case=True
    )
    await expect(field(page, "What").locator("dd > strong")).to_have_text("Fire")
    await caller.hang_up()


async def test_what_callers_and_operators_send_is_shown_as_text(hotline, console):
    page = await console(hotline, "s01")
    sip = hotline.description["sip"]
    async with RawCaller(HOSTILE, "110", sip["host"], sip["port"]):
        waiting = calls_under(page, "Waiting")
        await waiting.click()
        call = (await hotline.calls())[0]
        await expect(waiting).to_contain_text(call["from"])
        await expect(page.get_by_role("heading", level=2).first).to_contain_text(call["from"])
        for name, value in (
            ("caller_name", HOSTILE),
            ("place", HOSTILE),
            ("suspects", [HOSTILE]),
        ):
            edit = {"field": name, "value": value}
            await hotline.api(f"incidents/{call['id']}", edit, "PATCH")
        for name in ("Caller's name", "Where", "Suspects"):
            await expect(field(page, name)).to_contain_text(HOSTILE, ignore_case=True)
        await expect(waiting).to_contain_text(HOSTILE)
        assert await page.locator("img").count() == 0
    await hotline.call_is(call["id"], state="closed")


async def test_operator_sets_the_own_seat_not_ready_and_ready_again(hotline, phone, console):
    page = await console(hotline, "s01")
    await expect(page.get_by_text("Your phone is not registered")).to_be_visible()
    await phone("s01")
    own = page.get_by_role("list", name="Seats").get_by_role("listitem").first
    await expect(own).to_contain_text("Your seat s01")
    await own.get_by_label("Set s01 not ready").select_option("paperwork")
    await expect(own).to_contain_text("not ready (paperwork)")
    assert (await hotline.seat("s01"))["state"] == "not_ready"
    await own.get_by_role("button", name="Set s01 ready").click()
    await expect(own).to_contain_text(re.compile(r"Your seat s01\s*ready"))
    assert await page.get_by_label("Set s02 not ready").count() == 0


async def test_notice_leads_to_its_call_and_is_dismissed(hotline, phone, console):
    page = await console(hotline, "s02")
    caller = await phone(CALLER)
    await caller.dial("110")
    notice = page.get_by_role("list", name="Notices").get_by_role("listitem")
    await expect(notice).to_contain_text("waited too long")
    await notice.get_by_role("link", name=CALLER).click()
    await expect(page.get_by_role("heading", name=CALLER)).to_be_visible()
    await notice.get_by_role("button", name="Dismiss").click()
    await expect(notice).to_have_count(0)
    await caller.hang_up()


async def test_console_outlives_a_killed_service_and_its_session_too(hotline, phone, console):
    page = await console(hotline, "s01")
    seat, caller = await talking(phone)
    await expect(page.locator(".headline")).to_contain_text("talking with s01")
    hotline.signal_service(signal.SIGKILL)
    await expect(page.get_by_role("alert")).to_contain_text("Not connected")
    await expect(page.locator("header").get_by_role("status")).to_have_text("○ not connected")
    await hotline.restart_service()
    await expect(page.locator("header").get_by_role("status")).to_have_text(
        "● live", timeout=20_000
    )
    await expect(page.get_by_text("s01 (operator)")).to_be_visible()
    await expect(page.locator(".headline")).to_contain_text("taken over after a restart")
    await expect(page.locator(".headline")).to_contain_text("talking with s01")
    await seat.hang_up()
    await expect(page.locator(".headline")).to_contain_text("closed")
    await caller.wait_closed()


async def test_console_notices_a_service_that_hangs(hotline, console):
    page = await console(hotline, "s01")
    hotline.signal_service(signal.SIGSTOP)
    try:
        await expect(page.get_by_role("alert")).to_contain_text("Not connected", timeout=15_000)
    finally:
        hotline.signal_service(signal.SIGCONT)
    await expect(page.locator("header").get_by_role("status")).to_have_text(
        "● live", timeout=20_000
    )


async def test_narrow_window_scrolls_down_only(hotline, phone, console):
    page = await console(hotline, "s01")
    _seat, caller = await talking(phone)
    await expect(page.get_by_role("button", name="Put the officer on the line")).to_be_visible()
    await page.set_viewport_size({"width": 360, "height": 700})
    wider_px = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wider_px == 0
    await caller.hang_up()


async def test_console_says_that_speech_is_off_and_why(tmp_path, console):
    folder = tmp_path / "lab"
    await asyncio.to_thread(
        labs.up, LabOptions(folder, seats=1, officers=1, language="none"), lambda line: None
    )
    try:
        hotline = Hotline(folder)
        page = await console(hotline, "s01")
        banner = page.get_by_role("status").filter(has_text="Speech is off:")
        await expect(banner).to_contain_text(re.compile(r"Speech is off: \w+"))
    finally:
        await asyncio.to_thread(labs.down, folder)
