"""Briefs as text: what is sent, signed, and what happens when nobody takes it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter.calls.brief_webhook import SIGNATURE, BriefWebhook, signature
from callcenter.settings import BriefMessages
from tests.unit.calls.floor import TestFloor

SECRET = "the-secret"


class Receiver:
    def __init__(self) -> None:
        self.statuses = [204]
        self.got: list[tuple[bytes, str]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), request.headers[SIGNATURE]))
        status = self.statuses.pop(0)
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(status=status, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/briefs", receiver.take)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    receiver.url = str(server.make_url("/briefs"))
    yield receiver
    await server.close()


async def sent(url: str) -> TestFloor:
    floor = TestFloor()
    call = floor.arrives("1.1")
    settings = BriefMessages(url=url, console="https://hotline.example/", timeout_s=1)
    webhook = BriefWebhook(settings, SECRET, floor.errands, floor.note)
    webhook.send(call, "1.1.1.abc-1", "o14a", "Robbery, red. “He ran.”", "en")
    await floor.errands.drain(5)
    return floor


async def test_an_officer_gets_the_brief_as_text_with_a_link_and_a_signature(receiver):
    floor = await sent(receiver.url)
    ((body, signed),) = receiver.got
    assert json.loads(body) == {
        "call_id": "1.1",
        "officer": "o14a",
        "language": "en",
        "text": "Robbery, red. “He ran.”",
        "link": "https://hotline.example/#call/1.1",
    }
    assert signed == f"sha256={signature(SECRET.encode(), body)}"
    assert ("1.1", "brief.sent", {"officer": "o14a", "status": 204}) in floor.journal


async def test_what_fails_once_is_sent_again(receiver):
    receiver.statuses = [500, 200]
    floor = await sent(receiver.url)
    assert len(receiver.got) == 2 and "brief.sent" in floor.kinds()


@pytest.mark.parametrize("status", [500, 302])
async def test_what_nobody_takes_is_journalled_and_goes_nowhere_else(receiver, status):
    receiver.statuses = [status, status]
    floor = await sent(receiver.url)
    assert len(receiver.got) == 2
    assert ("1.1", "brief.unsent", {"officer": "o14a", "why": f"status {status}"}) in floor.journal


async def test_an_address_that_does_not_answer_holds_up_nobody():
    floor = await sent("http://127.0.0.1:9/briefs")
    assert "brief.unsent" in floor.kinds()


async def test_without_an_address_nothing_is_sent():
    floor = await sent("")
    assert [kind for kind in floor.kinds() if kind.startswith("brief.")] == []


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://127.0.0.1/", "https://", "https://me:secret@example.org/", "x"],
)
def test_an_address_that_others_could_read_or_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="expected"):
        BriefMessages(url=url)
