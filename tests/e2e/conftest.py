"""The console in a real browser, on a whole hotline with real phones."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from callcenter.lab import lab as labs
from callcenter.lab.layout import PROJECT, LabOptions
from ivr.speech_out import synthesise_wav
from tests.integration.service.conftest import hotline, phone  # noqa: F401  # fixtures used here
from tests.integration.service.hotline import Hotline, Refused

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""What `setup/setup.sh` takes for a browser, in its order."""
CHROMIUM_ARGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()
VOICES = {"caller": "rms", "operator": "slt", "officer": "kal16"}
_REFUSED = re.compile(
    # What the browser itself says of answers that are refusals, and of a service that is away.
    r"Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_)"
    r"|WebSocket connection to .* failed"
)

OpenConsole = Callable[..., Awaitable[Page]]
Speech = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def running_hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline that understands English."""
    if not (PROJECT / "callcenter/console/dist/index.html").is_file():
        pytest.fail("build the console first: cd callcenter/console && npm ci && npm run build")
    folder = tmp_path_factory.mktemp("hotline") / "lab"
    labs.up(LabOptions(folder, seats=2, officers=4, language="en"), lambda line: None)
    try:
        yield Hotline(folder)
    finally:
        labs.down(folder)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        assert program, f"none of {', '.join(BROWSERS)} is installed; `make setup` does that"
        chromium = await playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def console(browser: Browser) -> AsyncIterator[OpenConsole]:
    """Opens the console of a hotline; without ``name`` nobody signs in.

    Whatever the page reports as an error (its security policy too) fails the test.
    """
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not _REFUSED.match(message.text):
            complaints.append(message.text)

    async def open_console(hotline: Hotline, name: str = "") -> Page:  # noqa: F811  # a value
        context = await browser.new_context(viewport={"width": 1366, "height": 850})
        await people_are_known(hotline)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(hotline.description["console"]["url"])
        if name:
            await sign_in(page, name, hotline.password(name) or "")
            await page.locator("header").get_by_text("● live").wait_for()
        return page

    yield open_console
    assert complaints == []


async def people_are_known(hotline: Hotline) -> None:  # noqa: F811  # a value
    """Wait until seats may sign in: a service takes calls before it knows people."""

    async def known() -> bool:
        body = {"name": "s01", "password": hotline.password("s01")}
        try:
            await hotline.api("sign-in", body)
        except Refused:
            await asyncio.sleep(1)
            return False
        return True

    await hotline.until(known, "people may sign in")


async def sign_in(page: Page, name: str, password: str) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    """A WAV file of somebody saying something: ``speech("caller", "Help!")``."""
    folder = tmp_path_factory.mktemp("speech")
    made: dict[tuple[str, str], Path] = {}

    def say(who: str, text: str) -> Path:
        file = made.get((who, text))
        if file is None:
            file = made[who, text] = folder / f"{len(made)}.wav"
            # In a thread of its own: the caller's event loop is running.
            _in_thread(file, text, VOICES[who])
        return file

    return say


def _in_thread(file: Path, text: str, voice: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(synthesise_wav(text, "en", file, voice))).result()


async def picture(page: Page, name: str) -> None:
    """A screenshot, for whoever wants to look (`CALLCENTER_PICTURES=folder`)."""
    folder = os.environ.get("CALLCENTER_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")
