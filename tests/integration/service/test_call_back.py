"""A caller whom nobody talked with is called back, on the real Asterisk, with real phones."""

from __future__ import annotations

import pytest

from callcenter.lab.phone import Phone
from tests.integration.service.hotline import Refused

pytestmark = pytest.mark.asterisk

CALLER = "2125550177"


async def task_of(hotline, number, **wanted):
    """The open task of that number, as soon as those of its values are so."""

    async def look():
        tasks = (await hotline.api("tasks"))["tasks"]
        return next(
            (
                task
                for task in tasks
                if task["number"] == number
                and all(task[name] == value for name, value in wanted.items())
            ),
            None,
        )

    return await hotline.until(look, f"a task of {number} with {wanted}")


async def test_caller_who_gave_up_is_called_back_and_the_task_closed(
    hotline, phone, converse, tmp_path
):
    caller = await phone(CALLER)
    for _ in range(2):
        await caller.dial("110")
        await caller.wait_established()
        call = await hotline.call_from(CALLER)
        await caller.hang_up()
        await hotline.call_is(call["id"], state="closed")
    task = await task_of(hotline, CALLER, tries=2)
    assert task["can_call"] and task["kind"] == "abandoned"
    assert task["known"]["line"] == "110" and task["waited_ms"] > 0

    sip, outside = (hotline.description[name] for name in ("sip", "outbound"))
    folder = tmp_path / "home"
    async with Phone(
        CALLER, None, sip["host"], sip["port"], folder, sip_port=outside["port"]
    ) as home:
        seat = await phone("s01")
        path = f"tasks/{task['id']}"
        taken = await hotline.api(f"{path}/call", {"seat": "s01"})
        with pytest.raises(Refused, match="calling this number back"):
            await hotline.api(f"{path}/call", {"seat": "s02"})
        # From the first ring on the seat is nobody else's.
        assert (await hotline.seat("s01"))["state"] == "talking"
        await seat.wait_ringing()
        await seat.answer()
        await home.wait_ringing()
        await home.answer()
        back = taken["calling"]["call_id"]
        await hotline.call_is(back, state="talking", seat="s01")

        await converse(seat, home, back)
        await home.hang_up()
        await seat.wait_closed()
    call = await hotline.call_is(back, state="closed")
    assert [leg["role"] for leg in call["legs"]] == ["caller", "operator"]
    await hotline.seat_is("s01", "ready")

    async def kept():
        return (await hotline.api(f"calls/{back}"))["recordings"]

    assert await hotline.until(kept, "the call-back's recording")
    task = await task_of(hotline, CALLER, calling=None)
    assert [(one["what"], one["heard"]) for one in task["calls"]] == [
        ("abandoned", False),
        ("abandoned", False),
        ("called_back", True),
    ]
    closed = await hotline.api(f"{path}/close", {"result": "reached", "note": "safe at home"})
    assert (closed["state"], closed["result"], closed["closed_by"]) == (
        "closed",
        "reached",
        "api-token",
    )
    # The house's own call is in no figure; those of the caller are.
    live = await hotline.api("figures/live?by=line")
    assert live["figures"]["abandoned"] >= 2
    assert all(group["key"] in {"110", "911"} for group in live["groups"])
