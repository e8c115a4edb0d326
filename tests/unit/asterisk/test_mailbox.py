"""The bounded queue between the socket and the service."""

import asyncio

import pytest
from structlog.testing import capture_logs

from callcenter.asterisk.errors import LinkLost
from callcenter.asterisk.headers import Headers
from callcenter.asterisk.mailbox import Mailbox


def event(name: str = "X") -> Headers:
    return Headers([("Event", name)])


def test_events_come_out_in_the_order_they_went_in() -> None:
    mailbox = Mailbox()
    for name in "abc":
        mailbox.put(event(name))

    taken = [mailbox.take() for _ in range(4)]

    assert [headers["event"] if headers else None for headers in taken] == ["a", "b", "c", None]


def test_full_mailbox_gives_everything_up_instead_of_losing_one_event() -> None:
    mailbox = Mailbox(limit=3, high_water=2)
    for _ in range(3):
        mailbox.put(event())

    with pytest.raises(LinkLost, match="3 events behind"):
        mailbox.put(event())

    assert len(mailbox) == 0
    assert mailbox.take() is None


def test_being_behind_is_said_once_and_so_is_having_caught_up() -> None:
    mailbox = Mailbox(limit=100, high_water=10)
    with capture_logs() as logs:
        for _ in range(20):
            mailbox.put(event())
        while mailbox.take():
            pass

    assert [entry["event"] for entry in logs] == ["ami_events_behind", "ami_events_caught_up"]


async def test_waiting_ends_when_an_event_comes_and_not_before() -> None:
    mailbox = Mailbox()
    mailbox.put(event())
    mailbox.take()
    mailbox.take()
    waiting = asyncio.create_task(mailbox.wait())

    done_before, _ = await asyncio.wait([waiting], timeout=0.01)
    mailbox.put(event())
    done_after, _ = await asyncio.wait([waiting], timeout=1)

    assert not done_before
    assert done_after
