"""The one thread of a worker that decodes, and the order in which it does so.

Every stream has one FIFO. Work that must be done (sound, ends) goes oldest first over all
streams. Interim text is made only when nothing else waits, for the stream that has waited
longest: under load it is the first thing to be given up. Recordings come last, when no live stream
wants anything. Sound for which a FIFO has no room is left out, and that is told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import structlog

from asr.listening import Begin, Feed, Finish, Job
from asr.load_meter import Totals
from asr.recogniser import NOTHING, Heard, Recogniser, RecogniserStream
from asr.speech_likeness import SpeechLikeness
from asr.waiting import Close, LeftOut, Mark, Switch, WaitingWork, Work

log = structlog.get_logger(__name__)

FAILED = "the recogniser failed"


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
    language: str


@dataclass(frozen=True, slots=True)
class Missed:
    """Voice of a stream that is not decoded: it is to be recognised later."""

    stream: str
    what: LeftOut


@dataclass(frozen=True, slots=True)
class Reached:
    """All that was queued before the mark has been decoded."""

    stream: str


@dataclass(frozen=True, slots=True)
class Drained:
    """A closed stream has been decoded to its end."""

    stream: str


Report = Recognised | Missed | Reached | Drained


@dataclass(frozen=True, slots=True)
class Look:
    """Make interim text."""


@dataclass(slots=True)
class _Utterance:
    begin: Begin
    until_ms: int
    likeness: SpeechLikeness
    shown: str = ""


@dataclass(slots=True)
class _Stream:
    name: str
    language: str
    rate_hz: int
    work: WaitingWork
    late: bool
    wanted: str
    """The language of the utterances to come."""
    recogniser: Recogniser | None = None
    recognition: RecogniserStream | None = None
    utterance: _Utterance | None = None
    failed_from_ms: int | None = None
    looked_at: int = 0


class Decoder:
    """Streams and their work; `step` does the next piece of it.

    Any thread may call `open`, `put` and their like; only one may call `step`. ``tell`` is called
    from all of them.
    """

    def __init__(
        self,
        recognisers: Mapping[str, Recogniser],
        tell: Callable[[Report], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recognisers = recognisers
        self._clock = clock
        self._tell = tell
        self._streams: dict[str, _Stream] = {}
        self._order = 0
        self._lock = threading.Lock()
        self.interim = True
        """Whether interim text is made."""
        self.left_out_ms = 0
        """Voice that was left for later, ever."""
        self._prepares = True
        self._busy_s = 0.0
        self._taken_ms = 0
        self._put_ms = 0

    def open(self, name: str, language: str, rate_hz: int, *, late: bool = False) -> None:
        """Begin a stream; ``late``: of a recording, which waits for all that is live."""
        with self._lock:
            self._streams[name] = _Stream(
                name, language, rate_hz, WaitingWork(rate_hz), late, language
            )

    def put(self, name: str, job: Job | Mark) -> None:
        """Queue work for a stream. Sound beyond the bound is left out."""
        self._put(name, job)

    def defer(self, name: str, on: bool) -> None:
        """Leave what is not being decoded yet for later, or do not any more."""
        with self._lock:
            stream = self._streams.get(name)
            left_out = stream.work.defer(on) if stream else []
        for each in left_out:
            self._miss(name, each)

    def switch(self, name: str, language: str) -> None:
        """Recognise another language from the next utterance on."""
        self._put(name, Switch(language))

    def close(self, name: str) -> None:
        """End a stream once its work is done; `Drained` is told then."""
        self._put(name, Close())

    def _put(self, name: str, work: Work) -> None:
        with self._lock:
            stream = self._streams.get(name)
            if stream is None:
                return
            self._order += 1
            waited_ms = stream.work.waiting_ms
            left_out = stream.work.put(self._order, work)
            if not stream.late:
                self._put_ms += max(0, stream.work.waiting_ms - waited_ms)
        if left_out is not None:
            self._miss(name, left_out)

    def _miss(self, name: str, left_out: LeftOut) -> None:
        self.left_out_ms += left_out.to_ms - left_out.from_ms
        self._tell(Missed(name, left_out))

    @property
    def totals(self) -> Totals:
        """Live work that must be done, ever."""
        return Totals(self._busy_s, self._taken_ms, self._put_ms)

    @property
    def backlog_ms(self) -> int:
        """Sound that waits, of the live stream that is latest."""
        with self._lock:
            waiting = (s.work.waiting_ms for s in self._streams.values() if not s.late)
            return max(waiting, default=0)

    def step(self) -> bool:
        """Do the most urgent piece of work. False: there was none."""
        taken = self._take()
        if taken is None:
            return False
        stream, job = taken
        began = self._clock()
        try:
            self._do(stream, job)
        except Exception as error:
            # Engines raise what their C libraries said. One utterance is lost, not the stream.
            log.error("recogniser_failed", stream=stream.name, error=repr(error))
            self._give_up(stream)
            if isinstance(job, Finish):
                self._failed(stream, job)
        # Opening a stream is paid once; it tells nothing of what its sound costs.
        if not stream.late and isinstance(job, Feed | Finish):
            self._busy_s += self._clock() - began
            self._taken_ms += stream.work.length_ms(job)
        return True

    def prepare(self) -> bool:
        """When there is nothing to do: make legs that come cheaper. False: that is done, too."""
        if not self._prepares:
            return False
        try:
            return any(recogniser.prepare() for recogniser in self._recognisers.values())
        except Exception as error:
            # Legs come all the same, only dearer.
            log.error("recogniser_not_prepared", error=repr(error))
            self._prepares = False
            return False

    def _take(self) -> tuple[_Stream, Work | Look] | None:
        with self._lock:
            busy = [stream for stream in self._streams.values() if stream.work]
            live = [stream for stream in busy if not stream.late]
            if live:
                return self._oldest(live)
            talking = [
                s for s in self._streams.values() if s.utterance and s.recognition and not s.late
            ]
        if self.interim:
            due = [s for s in talking if s.recognition is not None and s.recognition.interim_due()]
            if due:
                return min(due, key=lambda stream: stream.looked_at), Look()
        with self._lock:
            return self._oldest(busy) if busy else None

    @staticmethod
    def _oldest(streams: list[_Stream]) -> tuple[_Stream, Work]:
        stream = min(streams, key=lambda stream: stream.work.first_order)
        return stream, stream.work.take()

    def _do(self, stream: _Stream, job: Work | Look) -> None:
        if isinstance(job, Close):
            with self._lock:
                del self._streams[stream.name]
            self._leave(stream)
            self._tell(Drained(stream.name))
        elif isinstance(job, Mark):
            self._tell(Reached(stream.name))
        elif isinstance(job, Switch):
            stream.wanted = job.language
        elif isinstance(job, Look):
            self._look(stream)
        elif isinstance(job, Begin):
            self._begin(stream, job)
        elif isinstance(job, Finish) and stream.failed_from_ms is not None:
            self._failed(stream, job)
        elif stream.utterance is None or stream.recognition is None:
            return
        elif isinstance(job, Feed):
            if job.voiced:
                stream.utterance.until_ms = job.until_ms
            samples = np.frombuffer(job.pcm, np.int16)
            stream.utterance.likeness.hear(samples)
            stream.recognition.accept(samples, voiced=job.voiced)
        else:
            self._finish(stream, stream.utterance, stream.recognition.finish(), job.voice_to_ms)

    def _begin(self, stream: _Stream, job: Begin) -> None:
        stream.failed_from_ms = None
        if stream.wanted != stream.language:
            self._leave(stream)
            stream.language = stream.wanted
        if stream.recognition is None:
            stream.recogniser = self._recognisers.get(stream.language)
            if stream.recogniser is None:
                return
            stream.recognition = stream.recogniser.open(stream.rate_hz)
        stream.utterance = _Utterance(job, job.voice_from_ms, SpeechLikeness(stream.rate_hz))

    @staticmethod
    def _leave(stream: _Stream) -> None:
        recognition, stream.recognition = stream.recognition, None
        if recognition is not None:
            recognition.close()

    def _look(self, stream: _Stream) -> None:
        if stream.recognition is None or stream.utterance is None:
            return
        self._order += 1
        stream.looked_at = self._order
        heard = stream.recognition.interim()
        if not stream.utterance.likeness.possible:
            return
        if heard.text and heard.text != stream.utterance.shown:
            stream.utterance.shown = heard.text
            self._report(stream, stream.utterance, heard, stream.utterance.until_ms, final=False)

    def _finish(
        self, stream: _Stream, utterance: _Utterance, heard: Heard, voice_to_ms: int
    ) -> None:
        stream.utterance = None
        if not utterance.likeness.possible:
            # Engines answer sirens, keys and hiss with words that nobody said.
            heard = NOTHING
        if heard.text or utterance.shown:
            self._report(stream, utterance, heard, voice_to_ms, final=True)

    def _give_up(self, stream: _Stream) -> None:
        utterance, stream.utterance = stream.utterance, None
        if utterance is not None:
            stream.failed_from_ms = utterance.begin.first_ms
            if utterance.shown:
                self._report(
                    stream, utterance, Heard(utterance.shown), utterance.until_ms, final=True
                )
        stream.recognition = None

    def _failed(self, stream: _Stream, end: Finish) -> None:
        from_ms, stream.failed_from_ms = stream.failed_from_ms, None
        if from_ms is not None:
            self._miss(stream.name, LeftOut(from_ms, max(end.voice_to_ms, from_ms), FAILED))

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
                language=stream.recogniser.language,
            )
        )
