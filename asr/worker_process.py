"""One worker process as the service sees it: started, asked how it is, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from typing import cast

import structlog

from asr.control import (
    CannotListen,
    Configure,
    Lines,
    Listening,
    Loaded,
    Loading,
    Message,
    Ping,
    Pong,
    Stop,
    encode,
)
from asr.errors import ControlError

log = structlog.get_logger(__name__)

PING_S = 1.0
ANSWER_S = 6.0
"""A worker that has not answered for so long hangs."""
STUCK_S = 30.0
"""A single step of decoding that takes so long will not end."""
LOAD_S = 180.0
"""A model that takes so long to load will not be loaded."""
STOP_S = 7.0
UNREAD_BYTES = 1 << 20
"""With so much unread by the worker, it hangs."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""There is a worker for every core: libraries must not multiply that."""


class WorkerProcess(asyncio.Protocol):
    """A worker. ``hear`` gets what it says, `Pong` included; `run` ends when the process does."""

    def __init__(
        self, configuration: Configure, hear: Callable[[WorkerProcess, Message], None]
    ) -> None:
        self.configuration = configuration
        self.port: int | None = None
        """Where it takes taps, once it does."""
        self.loading: str | None = None
        """The model that is being loaded now."""
        self.models: Loaded | None = None
        self.health: Pong | None = None
        self.born_mib: int | None = None
        """Its memory when all models were loaded and little was heard yet."""
        self._hear = hear
        self._lines = Lines()
        self._transport: asyncio.Transport | None = None
        self._process: Process | None = None
        self._why: str | None = None
        self._answered_at = time.monotonic()
        self._loading_since = 0.0

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    async def run(self) -> str:
        """Start the process and stay until it has ended; says why it ended."""
        try:
            process = await self._start()
        except OSError as error:
            return f"a worker could not be started: {error}"
        pinging = asyncio.create_task(self._ping_forever(), name="asr-ping")
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            self.kill("the service stops")
            await process.wait()
            raise
        finally:
            pinging.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pinging
            self.port = None
            if self._transport is not None:
                self._transport.close()
        return self._why or _ended(status)

    def send(self, message: Message) -> None:
        """Say something to the worker; never blocks."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(encode(message))
        if self._transport.get_write_buffer_size() > UNREAD_BYTES:
            self.kill("it does not read")

    def stop(self) -> None:
        """Ask it to finish what it began and end; after `STOP_S` it is killed."""
        self._why = self._why or "it was asked to stop"
        self.port = None
        self.send(Stop())
        loop = asyncio.get_running_loop()
        loop.call_later(STOP_S, self.kill, "it did not stop when asked")

    def kill(self, why: str) -> None:
        """End it now."""
        self._why = self._why or why
        self.port = None
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _start(self) -> Process:
        ours, theirs = socket.socketpair()
        try:
            ours.setblocking(False)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "asr.worker",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=DEVNULL,
                stdout=DEVNULL,
                env={**os.environ, **ONE_THREAD},
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, sock=ours)
        self._answered_at = time.monotonic()
        self.send(self.configuration)
        return self._process

    async def _ping_forever(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(PING_S)
            number += 1
            self.send(Ping(number))
            if time.monotonic() - self._answered_at > ANSWER_S:
                self.kill(f"it has not answered for {ANSWER_S:.0f} s")
            if self.models and self.health and self.health.decoding_s > STUCK_S:
                self.kill(f"decoding has been stuck for {STUCK_S:.0f} s")
            if self.loading and time.monotonic() - self._loading_since > LOAD_S:
                self.kill(f"{LOAD_S:.0f} s were not enough")

    # asyncio.Protocol: the control channel.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the worker."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take what the worker says; one that talks nonsense is ended."""
        try:
            messages = self._lines.feed(data)
        except ControlError as error:
            self.kill(str(error))
            return
        self._answered_at = time.monotonic()
        for message in messages:
            self._note(message)
            self._hear(self, message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Without the channel the worker ends itself."""
        self.port = None

    def _note(self, message: Message) -> None:
        if isinstance(message, Listening):
            self.port = message.port
        elif isinstance(message, CannotListen):
            self._why = f"its port is not to be had: {message.why}"
        elif isinstance(message, Loading):
            self.loading, self._loading_since = message.model, time.monotonic()
        elif isinstance(message, Loaded):
            self.loading, self.models = None, message
        elif isinstance(message, Pong):
            self.health = message
            if self.models and self.born_mib is None:
                self.born_mib = message.memory_mib


def _ended(status: int) -> str:
    return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
