import asyncio

import pytest

from callcenter.live.bus import Bus


async def test_a_subscriber_gets_what_is_published_afterwards_in_order():
    bus = Bus()
    bus.publish("calls", {"n": 0})
    async with bus.subscribe() as messages:
        bus.publish("calls", {"n": 1})
        bus.publish("seats", {"n": 2})
        assert [await anext(messages), await anext(messages)] == [{"n": 1}, {"n": 2}]


async def test_a_subscriber_gets_only_what_it_wants():
    bus = Bus()
    async with bus.subscribe(lambda topic, message: topic == "calls") as messages:
        bus.publish("seats", {"n": 1})
        bus.publish("calls", {"n": 2})
        assert await anext(messages) == {"n": 2}


async def test_a_slow_subscriber_is_told_to_resync_and_gets_only_what_came_after():
    bus = Bus()
    async with bus.subscribe(queue_messages=3) as slow, bus.subscribe() as quick:
        for n in range(4):
            bus.publish("calls", {"n": n})
        assert await anext(slow) == {"type": "resync"}
        assert await anext(slow) == {"n": 3}
        assert [(await anext(quick))["n"] for _ in range(4)] == [0, 1, 2, 3]


async def test_a_subscriber_that_never_reads_holds_a_bounded_queue():
    bus = Bus()
    async with bus.subscribe(queue_messages=10) as stuck:
        for n in range(100_000):
            bus.publish("calls", {"n": n})
        assert len(stuck._queue) <= 10
        assert await anext(stuck) == {"type": "resync"}, "however often, it is told first"


async def test_a_waiting_subscriber_wakes_up():
    bus = Bus()
    async with bus.subscribe() as messages:
        waiting = asyncio.create_task(anext(messages))
        await asyncio.sleep(0)
        bus.publish("calls", {"n": 1})
        assert await asyncio.wait_for(waiting, 1) == {"n": 1}


async def test_closing_the_bus_ends_the_iteration_after_what_waits():
    bus = Bus()
    async with bus.subscribe() as messages:
        bus.publish("calls", {"n": 1})
        bus.close()
        assert [message async for message in messages] == [{"n": 1}]


async def test_who_left_is_forgotten():
    bus = Bus()
    async with bus.subscribe():
        assert bus.subscribers == 1
    assert bus.subscribers == 0


async def test_a_queue_too_short_for_the_notice_is_refused():
    with pytest.raises(ValueError, match="resync"):
        async with Bus().subscribe(queue_messages=1):
            pass
