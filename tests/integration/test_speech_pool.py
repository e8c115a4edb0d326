"""Worker processes and taps as Asterisk makes them, without any model."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asr import worker_process
from asr.audiosocket import silence
from asr.control import Pong, encode
from asr.errors import SpeechOff
from asr.events import (
    Segment,
    SpeechEvent,
    TapClosed,
    TapOpened,
    VoiceStarted,
    VoiceStopped,
    WorkerLost,
)
from asr.pool import PoolConfig, SpeechPool
from tests.integration.speech_floor import a_voice, floor, free_ports, play, quiet


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def test_voice_of_a_leg_is_heard_without_any_model(tmp_path: Path) -> None:
    async with floor(tmp_path, languages=("en",)) as it:
        assert not it.pool.state.available
        assert it.pool.state.why == "en: no model is installed; callcenter models get en"
        back = await play(it.tap("leg1"), quiet(1) + a_voice(1) + quiet(1))
        await it.until(lambda: it.of(TapClosed))
        assert [type(e) for e in it.told if not isinstance(e, Segment)][-4:] == [
            TapOpened,
            VoiceStarted,
            VoiceStopped,
            TapClosed,
        ]
        assert it.of(Segment) == []
        assert back >= len(silence())


async def test_times_count_from_the_start_of_the_call(tmp_path: Path) -> None:
    async with floor(tmp_path) as it:
        started = time.monotonic() - 60
        tap = it.pool.open_tap("7.1", "leg1", "caller", "en", started)
        await play(tap, quiet(1) + a_voice(1) + quiet(1), speed=1.0)
        await it.until(lambda: it.of(VoiceStopped))
        (voice,) = it.of(VoiceStarted)
        assert isinstance(voice, VoiceStarted)
        assert voice.at_ms == pytest.approx(61_000, abs=250)


async def test_legs_are_spread_over_the_workers(tmp_path: Path) -> None:
    async with floor(tmp_path, workers=2) as it:
        assert len({it.tap(f"leg{k}").port for k in range(4)}) == 2


async def test_killed_worker_is_told_with_its_legs_and_replaced(tmp_path: Path) -> None:
    async with floor(tmp_path) as it:
        tap = it.tap("leg1")
        playing = asyncio.create_task(play(tap, quiet(30), speed=1.0))
        await it.until(lambda: it.of(TapOpened))
        (pid,) = it.pool.worker_pids
        os.kill(pid, signal.SIGKILL)
        await it.until(lambda: it.of(WorkerLost))
        (lost,) = it.of(WorkerLost)
        assert isinstance(lost, WorkerLost)
        assert lost.why == "it was ended by signal 9"
        assert [(leg.uuid, leg.call_id, leg.leg) for leg in lost.legs] == [
            (tap.uuid, "7.1", "leg1")
        ]
        playing.cancel()
        with pytest.raises(SpeechOff, match="a worker was lost: it was ended by signal 9"):
            it.tap("leg1")
        assert await it.pool.ready()
        assert it.pool.worker_pids != (pid,)
        await play(it.tap("leg1"), quiet(1) + a_voice(1) + quiet(1))
        await it.until(lambda: it.of(VoiceStopped))


async def test_other_workers_go_on_when_one_is_killed(tmp_path: Path) -> None:
    async with floor(tmp_path, workers=2) as it:
        os.kill(it.pool.worker_pids[0], signal.SIGKILL)
        await it.until(lambda: it.of(WorkerLost))
        await play(it.tap("leg1"), quiet(1) + a_voice(1) + quiet(1))
        await it.until(lambda: it.of(VoiceStopped))


async def test_hanging_worker_is_ended_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "PING_S", 0.2)
    monkeypatch.setattr(worker_process, "ANSWER_S", 1.5)
    async with floor(tmp_path) as it:
        it.tap("leg1")
        os.kill(it.pool.worker_pids[0], signal.SIGSTOP)
        await it.until(lambda: it.of(WorkerLost))
        (lost,) = it.of(WorkerLost)
        assert isinstance(lost, WorkerLost)
        assert "has not answered" in lost.why
        assert len(lost.legs) == 1
        assert await it.pool.ready()


async def test_overgrown_worker_serves_its_calls_and_takes_no_new_ones(tmp_path: Path) -> None:
    async with floor(tmp_path) as it:
        old = it.tap("leg1")
        playing = asyncio.create_task(play(old, quiet(2) + a_voice(1) + quiet(1), speed=1.0))
        await it.until(lambda: it.of(TapOpened))
        worker = it.pool._workers[0]
        worker.data_received(encode(Pong(0, 100, 1, 0.0, 0, 0)))
        worker.data_received(encode(Pong(1, it.pool._config.memory_mib + 1, 1, 0.0, 0, 0)))
        assert await it.pool.ready()
        assert it.tap("leg2").port != old.port
        await playing
        await it.until(lambda: it.of(TapClosed))
        assert it.of(VoiceStopped)
        await it.until(lambda: it.of(WorkerLost))
        assert it.of(WorkerLost) == [WorkerLost("it was asked to stop", ())]
        assert len(it.pool.worker_pids) == 1


async def test_port_that_is_taken_is_named_and_does_not_hold_up_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asr.pool.START_S", 1.5)
    first = free_ports(2)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first))
        other.listen()
        pool = SpeechPool(PoolConfig(1, first_port=first, models_dir=tmp_path), lambda event: None)
        await pool.start()
        assert not pool.state.available
        assert f"127.0.0.1:{first}" in pool.state.why
        with pytest.raises(SpeechOff, match="its port is not to be had"):
            pool.open_tap("7.1", "leg1", "caller", "en", 0.0)
        await pool.stop()


async def test_tap_that_nobody_connects_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asr.pool.CONNECT_WITHIN_S", 0.1)
    async with floor(tmp_path) as it:
        it.tap("leg1")
        await it.until(lambda: it.of(TapClosed))
        assert it.of(TapClosed) == [TapClosed("7.1", "leg1", "Asterisk did not connect in time")]


async def test_closed_tap_is_hung_up_on(tmp_path: Path) -> None:
    async with floor(tmp_path) as it:
        tap = it.tap("leg1")
        playing = asyncio.create_task(play(tap, quiet(1), hang_up=False))
        await it.until(lambda: it.of(TapOpened))
        it.pool.close_tap(tap.uuid)
        await it.until(lambda: it.of(TapClosed))
        assert await playing
        it.pool.close_tap(tap.uuid)


async def test_listener_that_fails_ends_nothing(tmp_path: Path) -> None:
    def fail(event: SpeechEvent) -> None:
        raise RuntimeError("the listener erred")

    pool = SpeechPool(PoolConfig(1, first_port=free_ports(2), languages=()), fail)
    await pool.start()
    assert await pool.ready()
    pool.open_tap("7.1", "leg1", "caller", "en", 0.0)
    await pool.stop()
    with pytest.raises(SpeechOff, match="the pool was stopped"):
        pool.open_tap("7.1", "leg1", "caller", "en", 0.0)


SERVICE = """
import asyncio, sys
from asr.pool import PoolConfig, SpeechPool

async def main():
    pool = SpeechPool(PoolConfig(2, first_port=int(sys.argv[1]), languages=()), print)
    await pool.start()
    await pool.ready()
    print("pids", *pool.worker_pids, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_service_that_is_killed_leaves_no_worker_behind(stopped: bool) -> None:
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(free_ports(4))], stdout=subprocess.PIPE, text=True
    )
    try:
        assert service.stdout is not None
        line = next(line for line in service.stdout if line.startswith("pids"))
        pids = [int(pid) for pid in line.split()[1:]]
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        if stopped:
            os.kill(pids[0], signal.SIGSTOP)
    finally:
        service.kill()
        service.communicate()
    until = time.monotonic() + 5
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)
