"""The thread that decodes: it loads the models, then does what a `Decoder` has to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from asr.decoding import Decoder, Report
from asr.listening import Job
from asr.load_meter import Totals
from asr.recogniser import Recogniser
from asr.waiting import Mark


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

    def open(self, name: str, language: str, rate_hz: int, *, late: bool = False) -> None:
        """Begin a stream, as `Decoder.open` does."""
        self._decoder.open(name, language, rate_hz, late=late)

    def put(self, name: str, job: Job | Mark) -> None:
        """Queue work for a stream; never blocks."""
        self._decoder.put(name, job)
        self._work.set()

    def defer(self, name: str, on: bool) -> None:
        """Leave what is said from now on for later, or do not any more."""
        self._decoder.defer(name, on)

    def switch(self, name: str, language: str) -> None:
        """Recognise another language from the next utterance on."""
        self._decoder.switch(name, language)
        self._work.set()

    def set_interim(self, on: bool) -> None:
        """Make interim text or do not."""
        self._decoder.interim = on

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
    def left_out_ms(self) -> int:
        """Voice that was left for later, ever."""
        return self._decoder.left_out_ms

    @property
    def totals(self) -> Totals:
        """What live work that must be done has taken, ever."""
        return self._decoder.totals

    def _run(self) -> None:
        self._recognisers.update(self._load())
        while True:
            self._work.clear()
            self._work_off()
            self._work.wait()

    def _work_off(self) -> None:
        while True:
            self._step_began = time.monotonic()
            if not self._decoder.step() and not self._decoder.prepare():
                break
        self._step_began = None
