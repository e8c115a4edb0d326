"""vosk-server beside us: its websocket server, run from a checkout of alphacep/vosk-server.

The server is its own program in a process of its own, with the same model files. Its handler has
two arguments, so it needs ``websockets`` before 14: where the checkout holds ``.venv/bin/python``
that one runs it. It is given sound at the model's own rate, with the upper band already filled in:
that costs it nothing and lets it recognise as well as we do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np

from asr.bandwidth import passage
from asr.recogniser import to_samples
from callcenter.bench.errors import BenchFailed
from callcenter.bench.speech_load import STAGGER_S, Loaded, Talk, cpu_s, loaded
from callcenter.bench.speech_words import Shown
from callcenter.lab.voice_match import RATE_HZ, Samples

SERVER = Path("websocket") / "asr_server.py"
HOST = "127.0.0.1"
STARTS_WITHIN_S = 90.0
STOPS_WITHIN_S = 5.0
LAST_ANSWER_S = 20.0
CHUNK_S = 0.2
"""What its own test client sends at a time."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server."""

    url: str
    pid: int
    rate_hz: int


@asynccontextmanager
async def peer(checkout: Path, model: Path, rate_hz: int, log: Path) -> AsyncIterator[Peer]:
    """Run it with this model; ended when the context is left.

    Raises:
        BenchFailed: it is not there or does not start; the end of its log says why.
    """
    program = (checkout / SERVER).absolute()
    if not program.is_file():
        raise BenchFailed(f"--peer {checkout}: no {SERVER}; expected alphacep/vosk-server")
    own = (checkout / ".venv" / "bin" / "python").absolute()
    port = _free_port()
    environment = os.environ | ONE_THREAD
    environment |= {"VOSK_SERVER_INTERFACE": HOST, "VOSK_SERVER_PORT": str(port)}
    environment |= {"VOSK_SAMPLE_RATE": str(rate_hz)}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            str(own) if own.exists() else sys.executable,
            str(program),
            str(model),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=environment,
        )
    try:
        await _answers(process, port, log)
        yield Peer(f"ws://{HOST}:{port}", process.pid, rate_hz)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOPS_WITHIN_S)
            except TimeoutError:
                process.kill()
                await process.wait()


class PeerPlayer:
    """Plays streams to the server, as `speech_pool.PoolPlayer` does to our pool."""

    def __init__(self, server: Peer) -> None:
        self._server = server

    async def play(self, streams: Sequence[Talk], language: str) -> Loaded:
        """All of them in real time; returns when the last words have come."""
        sounds = [await asyncio.to_thread(self._widened, talk.sound) for talk in streams]
        began, used = time.monotonic(), cpu_s()
        shown = [Shown(began + number * STAGGER_S) for number in range(len(streams))]
        await asyncio.gather(
            *(_stream(self._server, pcm, one) for pcm, one in zip(sounds, shown, strict=True))
        )
        return loaded(streams, shown, language, cpu_s() - used, time.monotonic() - began)

    def _widened(self, sound: Samples) -> bytes:
        """The sound at the model's rate, through the same front end as ours."""
        front = passage(RATE_HZ, self._server.rate_hz)
        wave = np.concatenate([front.feed(sound), front.finish()])
        return to_samples(wave).astype("<i2").tobytes()


async def _stream(server: Peer, pcm: bytes, shown: Shown) -> None:
    """One stream in real time, from the moment at which it is to begin."""
    await asyncio.sleep(max(0.0, shown.began - time.monotonic()))
    chunk = round(CHUNK_S * server.rate_hz) * 2
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.url, max_msg_size=0, heartbeat=None) as link,
    ):
        await link.send_str(json.dumps({"config": {"sample_rate": server.rate_hz}}))
        hearing = asyncio.create_task(_hear(link, shown), name="peer-hearing")
        try:
            for number, at in enumerate(range(0, len(pcm), chunk), 1):
                ahead = shown.began + number * CHUNK_S - time.monotonic()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                await link.send_bytes(pcm[at : at + chunk])
            await link.send_str('{"eof" : 1}')
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(hearing), LAST_ANSWER_S)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def _hear(link: aiohttp.ClientWebSocketResponse, shown: Shown) -> None:
    segment = 0
    chunks = 0
    async for message in link:
        if message.type is not aiohttp.WSMsgType.TEXT:
            continue
        now = time.monotonic()
        # It answers every chunk, in order.
        chunks += 1
        until_s = chunks * CHUNK_S
        answer = json.loads(message.data)
        if "partial" in answer:
            shown.interim(str(segment), answer["partial"], until_s, now)
        elif "text" in answer:
            words = answer.get("result", ())
            times = [(float(word["start"]), float(word["end"])) for word in words]
            shown.final(str(segment), answer["text"], times, until_s, now)
            segment += 1


async def _answers(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        if process.returncode is not None:
            break
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.2)
            continue
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return
    told = (await asyncio.to_thread(log.read_text, "utf-8", "replace")).strip().splitlines()
    raise BenchFailed("vosk-server did not start: " + " | ".join(told[-5:]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
