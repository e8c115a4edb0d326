import asyncio

from callcenter.calls.errands import HIGH_WATER, Errands


async def test_errands_of_one_call_keep_their_order() -> None:
    errands, done = Errands(), []

    async def slow() -> None:
        await asyncio.sleep(0)
        done.append("slow")

    async def fast() -> None:
        done.append("fast")

    errands.run("1.1", "slow", slow)
    errands.run("1.1", "fast", fast)
    await errands.drain(1)
    assert done == ["slow", "fast"]


async def test_one_call_does_not_wait_for_another() -> None:
    errands, done = Errands(), []
    gate = asyncio.Event()

    async def stuck() -> None:
        await gate.wait()

    async def quick() -> None:
        done.append("quick")

    errands.run("1.1", "stuck", stuck)
    errands.run("1.2", "quick", quick)
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == ["quick"]
    gate.set()
    await errands.drain(1)


async def test_a_failed_errand_does_not_stop_the_next() -> None:
    errands, done = Errands(), []

    async def broken() -> None:
        raise RuntimeError("no")

    async def fine() -> None:
        done.append("fine")

    errands.run("1.1", "broken", broken)
    errands.run("1.1", "fine", fine)
    await errands.drain(1)
    assert done == ["fine"]


async def test_a_call_cannot_pile_up_errands_without_bound() -> None:
    errands, done = Errands(), []

    async def count() -> None:
        done.append(1)

    for _ in range(HIGH_WATER + 50):
        errands.run("1.1", "count", count)
    await errands.drain(1)
    assert len(done) == HIGH_WATER


async def test_stop_ends_what_hangs() -> None:
    errands = Errands()
    errands.run("1.1", "hang", asyncio.Event().wait)  # type: ignore[arg-type]  # never set
    await asyncio.sleep(0)
    await asyncio.wait_for(errands.stop(), 1)
