"""The one thread of a worker that decodes, and the order in which it does so.

Every stream has one FIFO. Work that must be done (sound, ends) goes oldest first over all
streams. Interim text is made only when nothing else waits, for the stream that has waited
longest: under load it is the first thing to be shed. A FIFO that grows beyond its bound sheds
sound, and says how much.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import structlog

from asr.listening import Begin, Feed, Finish, Job
from asr.recogniser import NOTHING, Heard, Recogniser, RecogniserStream

log = structlog.get_logger(__name__)

MAX_BACKLOG_MS = 20_000
"""Sound of one stream that may wait."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Words of one segment of one stream."""

    stream: str
    segment: str
    first_ms: int
    start_ms: int
    end_ms: int
    heard: Heard
    final: bool
    engine: str
    model: str


@dataclass(frozen=True, slots=True)
class Drained:
    """A closed stream has been decoded to its end."""

    stream: str


Report = Recognised | Drained


@dataclass(slots=True)
class _Utterance:
    begin: Begin
    until_ms: int
    shown: str = ""


@dataclass(slots=True)
class _Stream:
    name: str
    language: str
    rate_hz: int
    jobs: deque[tuple[int, Job | Literal["close"]]] = field(default_factory=deque)
    waiting_ms: int = 0
    recogniser: Recogniser | None = None
    recognition: RecogniserStream | None = None
    utterance: _Utterance | None = None
    looked_at: int = 0


class Decoder:
    """Streams and their work; `step` does the next piece of it.

    Any thread may call `open`, `put` and `close`; only one may call `step`. ``tell`` is called
    from `step`.
    """

    def __init__(self, recognisers: Mapping[str, Recogniser], tell: Callable[[Report], None]):
        self._recognisers = recognisers
        self._tell = tell
        self._streams: dict[str, _Stream] = {}
        self._order = 0
        self._lock = threading.Lock()
        self.shed_ms = 0

    def open(self, name: str, language: str, rate_hz: int) -> None:
        """Begin a stream."""
        with self._lock:
            self._streams[name] = _Stream(name, language, rate_hz)

    def put(self, name: str, job: Job) -> None:
        """Queue work for a stream. Sound beyond the bound is shed."""
        with self._lock:
            stream = self._streams[name]
            length_ms = _length_ms(job, stream)
            if stream.waiting_ms + length_ms > MAX_BACKLOG_MS:
                self.shed_ms += length_ms
                return
            stream.waiting_ms += length_ms
            self._append(stream, job)

    def close(self, name: str) -> None:
        """End a stream once its work is done; `Drained` is told then."""
        with self._lock:
            if name in self._streams:
                self._append(self._streams[name], "close")

    @property
    def backlog_ms(self) -> int:
        """Sound that waits, of the stream that is latest."""
        with self._lock:
            return max((stream.waiting_ms for stream in self._streams.values()), default=0)

    def step(self) -> bool:
        """Do the most urgent piece of work. False: there was none."""
        taken = self._take()
        if taken is None:
            return False
        stream, job = taken
        try:
            self._do(stream, job)
        except Exception as error:
            # Engines raise what their C libraries said. One utterance is lost, not the stream.
            log.error("recogniser_failed", stream=stream.name, error=repr(error))
            self._give_up(stream)
        return True

    def _append(self, stream: _Stream, job: Job | Literal["close"]) -> None:
        self._order += 1
        stream.jobs.append((self._order, job))

    def _take(self) -> tuple[_Stream, Job | Literal["close", "look"]] | None:
        with self._lock:
            busy = [stream for stream in self._streams.values() if stream.jobs]
            if busy:
                stream = min(busy, key=lambda stream: stream.jobs[0][0])
                job = stream.jobs.popleft()[1]
                stream.waiting_ms -= _length_ms(job, stream)
                return stream, job
            talking = [s for s in self._streams.values() if s.utterance and s.recognition]
        due = [s for s in talking if s.recognition is not None and s.recognition.interim_due()]
        if not due:
            return None
        return min(due, key=lambda stream: stream.looked_at), "look"

    def _do(self, stream: _Stream, job: Job | Literal["close", "look"]) -> None:
        if job == "close":
            with self._lock:
                del self._streams[stream.name]
            self._tell(Drained(stream.name))
        elif job == "look":
            self._look(stream)
        elif isinstance(job, Begin):
            self._begin(stream, job)
        elif stream.utterance is None or stream.recognition is None:
            return
        elif isinstance(job, Feed):
            if job.voiced:
                stream.utterance.until_ms = job.until_ms
            stream.recognition.accept(np.frombuffer(job.pcm, np.int16), voiced=job.voiced)
        elif isinstance(job, Finish):
            self._finish(stream, stream.utterance, stream.recognition.finish(), job.voice_to_ms)

    def _begin(self, stream: _Stream, job: Begin) -> None:
        if stream.recognition is None:
            stream.recogniser = self._recognisers.get(stream.language)
            if stream.recogniser is None:
                return
            stream.recognition = stream.recogniser.open(stream.rate_hz)
        stream.utterance = _Utterance(job, job.voice_from_ms)

    def _look(self, stream: _Stream) -> None:
        if stream.recognition is None or stream.utterance is None:
            return
        self._order += 1
        stream.looked_at = self._order
        heard = stream.recognition.interim()
        if heard.text and heard.text != stream.utterance.shown:
            stream.utterance.shown = heard.text
            self._report(stream, stream.utterance, heard, stream.utterance.until_ms, final=False)

    def _finish(
        self, stream: _Stream, utterance: _Utterance, heard: Heard, voice_to_ms: int
    ) -> None:
        stream.utterance = None
        if heard.text or utterance.shown:
            self._report(stream, utterance, heard, voice_to_ms, final=True)

    def _give_up(self, stream: _Stream) -> None:
        utterance, stream.utterance = stream.utterance, None
        if utterance is not None and utterance.shown:
            self._report(stream, utterance, Heard(utterance.shown), utterance.until_ms, final=True)
        stream.recognition = None

    def _report(
        self,
        stream: _Stream,
        utterance: _Utterance,
        heard: Heard,
        end_ms: int,
        *,
        final: bool,
    ) -> None:
        if stream.recogniser is None:
            return
        self._tell(
            Recognised(
                stream=stream.name,
                segment=utterance.begin.segment,
                first_ms=utterance.begin.first_ms,
                start_ms=utterance.begin.voice_from_ms,
                end_ms=max(end_ms, utterance.begin.voice_from_ms),
                heard=heard if heard.text else NOTHING,
                final=final,
                engine=stream.recogniser.engine,
                model=stream.recogniser.model,
            )
        )


def _length_ms(job: Job | str, stream: _Stream) -> int:
    return len(job.pcm) * 500 // stream.rate_hz if isinstance(job, Feed) else 0


class DecodingThread:
    """Runs a `Decoder` in a thread of its own, after ``load`` has given the recognisers."""

    def __init__(
        self,
        load: Callable[[], Mapping[str, Recogniser]],
        tell: Callable[[Report], None],
    ) -> None:
        self._load = load
        self._recognisers: dict[str, Recogniser] = {}
        self._decoder = Decoder(self._recognisers, tell)
        self._work = threading.Event()
        self._step_began: float | None = None
        self._thread = threading.Thread(target=self._run, name="decoding", daemon=True)

    def start(self) -> None:
        """Begin to load models, then to decode."""
        self._thread.start()

    def open(self, name: str, language: str, rate_hz: int) -> None:
        """Begin a stream."""
        self._decoder.open(name, language, rate_hz)

    def put(self, name: str, job: Job) -> None:
        """Queue work for a stream; never blocks."""
        self._decoder.put(name, job)
        self._work.set()

    def close(self, name: str) -> None:
        """End a stream once its work is done."""
        self._decoder.close(name)
        self._work.set()

    @property
    def decoding_s(self) -> float:
        """How long the present step has been going on."""
        began = self._step_began
        return 0.0 if began is None else time.monotonic() - began

    @property
    def backlog_ms(self) -> int:
        """Sound that waits, of the stream that is latest."""
        return self._decoder.backlog_ms

    @property
    def shed_ms(self) -> int:
        """Sound that was given up, ever."""
        return self._decoder.shed_ms

    def _run(self) -> None:
        self._recognisers.update(self._load())
        while True:
            self._work.wait()
            self._work.clear()
            while True:
                self._step_began = time.monotonic()
                if not self._decoder.step():
                    break
            self._step_began = None
