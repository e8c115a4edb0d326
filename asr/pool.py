"""The service's door to speech: taps on legs of calls, and what is heard on them.

The pool keeps as many worker processes as it was told. A worker that ends is replaced, with
back-off; one that has grown above the memory ceiling takes no more taps, is replaced at once
and ends when its last tap has. A worker that cannot keep up gives up interim text first, then the
words of legs (`asr.admission`); whatever gets no text is told as `Unheard`. Nothing here ever
blocks or fails a call: without workers `open_tap` raises `SpeechOff`, without models there is
voice activity but no text, and `SpeechPool.state` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import structlog

from asr.afterwards import Afterwards
from asr.control import (
    Close,
    Closed,
    Configure,
    Expect,
    LateDone,
    LateMore,
    Message,
    Missed,
    Opened,
    Pong,
    Switch,
    Text,
    Voice,
)
from asr.errors import SpeechOff
from asr.events import (
    RecordedSegment,
    SpeechEvent,
    SpeechState,
    SpeechStateChanged,
    TapClosed,
    TapOpened,
    TappedLeg,
    Unheard,
    WorkerLost,
)
from asr.steering import Steering
from asr.taps import OpenTap, Taps
from asr.worker_process import WorkerProcess

log = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 10.0
FIRST_BACK_OFF_S = 0.5
LONGEST_BACK_OFF_S = 30.0
HEALTHY_S = 60.0
"""A worker that lived so long did not fail at its start."""
START_S = 10.0
LOADING_DEATHS = 2
"""A model that ended so many workers while being loaded is not tried again."""
OVERGROWN = 1.5
"""A draining worker is ended at once above this many times the ceiling."""
MOST_TAPS = 120
"""Of one worker, whatever they cost."""


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """How the pool is to be."""

    workers: int = 0
    """0: as many as there are cores."""
    host: str = "127.0.0.1"
    first_port: int = 9100
    """Worker n listens on ``first_port + n``; its replacement, while it drains, on
    ``first_port + workers + n``."""
    models_dir: Path = Path("models")
    engines: tuple[str, ...] = ("vosk", "moonshine")
    memory_mib: int = 4096
    """Of one worker."""
    languages: tuple[str, ...] = ("en", "ko", "zh")


@dataclass(frozen=True, slots=True)
class Tap:
    """What Asterisk is to be told: AudioSocket/host:port/uuid, within 10 s."""

    uuid: UUID
    host: str
    port: int


class SpeechPool:
    """Worker processes and the taps they serve. Used from one event loop."""

    def __init__(self, config: PoolConfig, on_event: Callable[[SpeechEvent], None]) -> None:
        self._config = config
        self._count = config.workers or os.cpu_count() or 1
        self._on_event = on_event
        self._taps = Taps()
        self._steering = Steering()
        self._afterwards = Afterwards(self._steering.has_room)
        self._workers: list[WorkerProcess] = []
        self._draining: set[WorkerProcess] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._turn = 0
        self._deaths_loading: Counter[str] = Counter()
        self._last_loss = "the pool was not started"
        self._state = SpeechState(False, self._last_loss)
        self._changed = asyncio.Event()

    @property
    def state(self) -> SpeechState:
        """Whether words are recognised, and if not, why."""
        return self._state

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """The processes that are running."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None)

    async def start(self) -> None:
        """Start the workers; gives back when they take taps, models load meanwhile.

        Never raises for lack of speech: after `START_S` it gives back anyway and `state` tells.
        """
        self._last_loss = "the workers are starting"
        self._review()
        for slot in range(self._count):
            self._spawn(self._keep(slot), f"asr-slot-{slot}")
        await self._until(
            lambda: len(self._workers) >= self._count and all(w.port for w in self._workers),
            START_S,
        )

    async def ready(self, timeout_s: float = 60.0) -> bool:
        """Wait until every worker has loaded its models; False if that took too long."""
        return await self._until(
            lambda: sum(bool(w.port and w.models) for w in self._fresh()) >= self._count,
            timeout_s,
        )

    async def stop(self) -> None:
        """Let the workers finish what they began (a few seconds), then end them."""
        self._stopping = True
        for worker in tuple(self._workers):
            worker.stop()
        await self._until(lambda: not self._workers, 10.0)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def open_tap(
        self, call_id: str, leg: str, role: str, language: str, call_started_at: float
    ) -> Tap:
        """Make a worker expect Asterisk's connection for a leg.

        ``call_started_at`` is `time.monotonic` of the call's start: all times of its events
        count from there. Raises `SpeechOff`.
        """
        ready = self._takers()
        if not ready or self._stopping:
            raise SpeechOff(self._state.why or self._last_loss)
        ready = [each for each in ready if len(self._taps.of(each)) < MOST_TAPS]
        if not ready:
            raise SpeechOff(f"every worker has {MOST_TAPS} taps")
        self._turn += 1
        turn = self._turn
        worker = min(
            enumerate(ready),
            key=lambda each: (
                self._steering.defers(each[1], role),
                len(self._taps.of(each[1])),
                (each[0] + turn) % len(ready),
            ),
        )[1]
        tapped = TappedLeg(uuid4(), call_id, leg, role, language, call_started_at)
        tap = OpenTap(tapped, worker, time.monotonic())
        self._taps.add(tap)
        worker.send(Expect(tapped.uuid.hex, language, call_started_at, CONNECT_WITHIN_S))
        self._steering.came(tap)
        self._review()
        return Tap(tapped.uuid, self._config.host, worker.port or 0)

    def switch_language(self, uuid: UUID, language: str) -> None:
        """Recognise another language on a tap, from the next utterance on."""
        tap = self._taps.get(uuid)
        if tap is not None:
            tap.tapped = dataclasses.replace(tap.tapped, language=language)
            tap.worker.send(Switch(uuid.hex, language))

    @property
    def has_room(self) -> bool:
        """Whether a worker has room for a recording beside its calls."""
        return any(self._steering.has_room(worker) for worker in self._fresh())

    async def recognise_recorded(
        self, read: Callable[[int], bytes], *, rate_hz: int, language: str, from_ms: int
    ) -> list[RecordedSegment]:
        """What a stretch of a recording says, decoded whenever its worker has room.

        ``read`` gives the next so many bytes of 16-bit samples of one channel, none at the end; it
        runs in a thread. ``from_ms``: when the first sample was spoken, from the call's start.
        Raises `SpeechOff` when no worker has room or knows the language, or one is lost meanwhile;
        nothing of the stretch counts then.
        """
        able = [
            worker
            for worker in self._fresh()
            if worker.models and language in worker.models.engines
            if self._steering.has_room(worker)
        ]
        if not able:
            raise SpeechOff(f"no worker has room for a recording in {language}")
        return await self._afterwards.recognise(
            min(able, key=self._steering.demand),
            read,
            rate_hz=rate_hz,
            language=language,
            from_ms=from_ms,
        )

    def close_tap(self, uuid: UUID) -> None:
        """End a tap; its last words still come, then `TapClosed`. Unknown ones are no matter."""
        tap = self._taps.get(uuid)
        if tap is not None:
            tap.worker.send(Close(uuid.hex))

    # Workers.

    async def _keep(self, slot: int) -> None:
        """Keep one worker running in a slot until the pool stops."""
        back_off_s = FIRST_BACK_OFF_S
        port = self._config.first_port + slot
        other_port = port + self._count
        while not self._stopping:
            worker = WorkerProcess(self._configuration(port), self._hear)
            self._workers.append(worker)
            running = asyncio.create_task(self._run(worker), name=f"asr-worker-{slot}")
            self._own(running)
            began = time.monotonic()
            await self._until(lambda: worker in self._draining or running.done(), None)  # noqa: B023 # awaited here
            if not running.done():
                port, other_port = other_port, port
                continue
            if time.monotonic() - began > HEALTHY_S:
                back_off_s = FIRST_BACK_OFF_S
            if not self._stopping:
                await asyncio.sleep(back_off_s * random.uniform(0.8, 1.2))  # noqa: S311 # jitter
                back_off_s = min(back_off_s * 2, LONGEST_BACK_OFF_S)

    async def _run(self, worker: WorkerProcess) -> None:
        try:
            why = await worker.run()
        finally:
            self._workers.remove(worker)
            self._draining.discard(worker)
        if worker.loading is not None:
            self._deaths_loading[worker.loading] += 1
            why = f"{why} while it loaded {worker.loading}"
        lost = self._taps.of(worker)
        self._steering.forget(worker)
        self._afterwards.lost(worker, f"a worker was lost: {why}")
        for tap in lost:
            self._taps.remove(tap.tapped.uuid)
            for segment in tap.rescued():
                self._tell(segment)
            if tap.done_to_ms is not None:
                self._tell_unheard(tap, tap.done_to_ms, None, f"a worker was lost: {why}")
        self._last_loss = "the pool was stopped" if self._stopping else f"a worker was lost: {why}"
        log_as = log.info if self._stopping and not lost else log.warning
        log_as("speech_worker_ended", why=why, taps=len(lost))
        if not self._stopping or lost:
            self._tell(WorkerLost(why, tuple(tap.tapped for tap in lost)))
        self._review()

    def _configuration(self, port: int) -> Configure:
        return Configure(
            host=self._config.host,
            port=port,
            models_dir=str(self._config.models_dir.absolute()),
            engines=list(self._config.engines),
            languages=list(self._config.languages),
            skip=[m for m, deaths in self._deaths_loading.items() if deaths >= LOADING_DEATHS],
        )

    def _hear(self, worker: WorkerProcess, message: Message) -> None:
        if isinstance(message, Text | LateMore | LateDone) and self._afterwards.hear(message):
            return
        if isinstance(message, Text | Voice | Opened | Missed | Closed):
            self._hear_of_tap(message)
            return
        if isinstance(message, Pong):
            self._steering.look(worker, message, self._taps.of(worker))
            self._look_after(worker, message)
        self._review()

    def _hear_of_tap(self, message: Text | Voice | Opened | Missed | Closed) -> None:
        tap = self._taps.get(UUID(message.uuid))
        if tap is None:
            return
        call_id, leg = tap.tapped.call_id, tap.tapped.leg
        if isinstance(message, Text):
            self._tell(tap.segment(message))
        elif isinstance(message, Voice):
            self._tell(tap.voice(message))
        elif isinstance(message, Opened):
            tap.done_to(message.at_ms)
            self._tell(TapOpened(call_id, leg, message.at_ms))
        elif isinstance(message, Missed):
            tap.done_to(message.to_ms)
            self._tell_unheard(tap, message.from_ms, message.to_ms, message.why)
        else:
            self._taps.remove(tap.tapped.uuid)
            self._tell(TapClosed(call_id, leg, message.why))
            self._review()

    def _tell_unheard(self, tap: OpenTap, from_ms: int, to_ms: int | None, why: str) -> None:
        self._tell(Unheard(tap.tapped.call_id, tap.tapped.leg, from_ms, to_ms, why))

    def _look_after(self, worker: WorkerProcess, health: Pong) -> None:
        ceiling = self._config.memory_mib
        if worker.born_mib is None or worker.born_mib > ceiling:
            return  # recycling would only bring the same again; `state` tells
        if health.memory_mib > ceiling and worker not in self._draining:
            log.warning("speech_worker_recycled", memory_mib=health.memory_mib, ceiling_mib=ceiling)
            self._draining.add(worker)
        if worker not in self._draining:
            return
        if not any(each.port and each.models for each in self._fresh()):
            return
        if health.memory_mib > ceiling * OVERGROWN:
            worker.kill(f"it had grown to {health.memory_mib} MiB; {ceiling} are allowed")
        elif not self._taps.of(worker):
            worker.stop()

    def _fresh(self) -> list[WorkerProcess]:
        return [worker for worker in self._workers if worker not in self._draining]

    def _takers(self) -> list[WorkerProcess]:
        """Who takes new taps: not a draining worker, unless there is no other yet."""
        return [w for w in self._fresh() if w.port] or [w for w in self._workers if w.port]

    # What the service is told.

    def _review(self) -> None:
        """Bring the state up to date and wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()
        state = self._look()
        if state != self._state:
            self._state = state
            self._tell(SpeechStateChanged(state))

    def _look(self) -> SpeechState:
        listening = self._takers()
        if not listening:
            return SpeechState(False, self._last_loss)
        loaded = next((w.models for w in listening if w.models), None)
        if loaded is None:
            return SpeechState(False, "the models are being loaded")
        problems = list(loaded.problems)
        given = [self._steering.given(worker) for worker in self._workers]
        interim = all(each.interim for each in given)
        deferred_legs = sum(len(each.deferred) for each in given)
        if not interim:
            problems.append("the machine is full: text comes when a sentence is complete")
        if deferred_legs:
            problems.append(f"{deferred_legs} legs are transcribed after their calls")
        born_mib = max((w.born_mib or 0 for w in listening), default=0)
        if born_mib > self._config.memory_mib:
            problems.append(
                f"the models alone need {born_mib} MiB a worker, "
                f"more than the ceiling of {self._config.memory_mib} MiB"
            )
        return SpeechState(
            bool(loaded.engines), "; ".join(problems), dict(loaded.engines), interim, deferred_legs
        )

    def _tell(self, event: SpeechEvent) -> None:
        try:
            self._on_event(event)
        except Exception as error:
            # A listener that fails must not end the worker that spoke.
            log.error("speech_listener_failed", event_kind=type(event).__name__, error=repr(error))

    async def _until(self, true: Callable[[], bool], timeout_s: float | None) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not true():
                    await self._changed.wait()
        return true()

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        self._own(asyncio.create_task(work, name=name))

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()
        self._changed = asyncio.Event()
        if not task.cancelled() and task.exception() is not None:
            log.error("speech_task_failed", task=task.get_name(), error=repr(task.exception()))
