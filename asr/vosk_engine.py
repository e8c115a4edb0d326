"""Vosk, the product's engine: streaming Kaldi recognition in many languages.

A model is trained on sound of one bandwidth. Telephone sound for a wideband model goes through
a front end (`asr.bandwidth`) first; passing 8 kHz as it is makes such a model fall apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asr.babble import babble
from asr.bandwidth import Passage, passage
from asr.errors import ModelBroken
from asr.recogniser import Heard, HeardWord, Samples, to_samples

ENGINE = "vosk"
INTERIM_SPACING_MS = 200
FLUSH_MS = 300
"""Silence after which the recogniser has decoded everything before it."""
LAST_MS = 100
MOST_SPARE = 8
"""Recognisers of legs that have gone which are kept for legs that come."""
READY = 4
"""So many are made ready in advance."""
MAKES_READY_S = 6.0
"""Of sound like speech. What comes then costs a fifth of what it costs one that heard nothing."""
MOST_HEARD_S = 240.0
"""A recogniser keeps every path that it has tried, some hundred MiB by then: after so much sound it
gives way to another, between two utterances. What it knows of line and speaker goes with it."""
MAKING_READY_MS = 100
"""Sound at a time: about 40 ms of work."""


class VoskRecogniser:
    """One loaded Vosk model. Raises `ModelBroken` if it cannot be loaded.

    ``trained_hz`` is the sampling rate of the sound that the model was trained on.
    """

    engine = ENGINE

    def __init__(self, folder: Path, model: str, language: str, trained_hz: int) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self.model = model
        self.language = language
        self.trained_hz = trained_hz
        try:
            self._model: Any = vosk.Model(str(folder))
        except Exception as error:
            # The binding raises a bare Exception for whatever its C side refused.
            raise ModelBroken(f"{ENGINE}/{model} in {folder}: {error}") from error
        self._new: Callable[[Any, float], Any] = vosk.KaldiRecognizer
        self._spare: list[Counted] = []
        self._next: Counted | None = None
        """That is being made ready."""

    def open(self, rate_hz: int) -> VoskStream:
        """Begin a stream of sound of this rate."""
        return VoskStream(self, passage(rate_hz, self.trained_hz))

    def lend(self) -> Counted:
        """A recogniser for a leg: one that is ready, if there is one."""
        return self._spare.pop() if self._spare else self._fresh()

    def is_full(self, recogniser: Counted) -> bool:
        """Whether it has heard as much as one may."""
        return recogniser.taken >= MOST_HEARD_S * self.trained_hz

    def prepare(self) -> bool:
        """Let a recogniser that no leg has yet hear something like speech.

        One that has heard nothing works out the paths through its model's graph as it meets them,
        and needs a second of time for the first words of a leg.
        """
        if self._next is None:
            if len(self._spare) >= READY:
                return False
            self._next = self._fresh()
            return True
        sound = babble(MAKES_READY_S, self.trained_hz)
        piece = sound[self._next.taken :][: self.trained_hz * MAKING_READY_MS // 1000]
        self._next.of_vosk.AcceptWaveform(piece.tobytes())
        self._next.taken += len(piece)
        if self._next.taken >= len(sound):
            self.take_back(self._next)
            self._next = None
        return True

    def _fresh(self) -> Counted:
        recogniser = self._new(self._model, float(self.trained_hz))
        recogniser.SetWords(True)
        return Counted(recogniser)

    def take_back(self, recogniser: Counted) -> None:
        """Keep it for a leg that comes: a final result makes it forget line and speaker.

        It does so only while something is being said. The paths stay.
        """
        if len(self._spare) >= MOST_SPARE or self.is_full(recogniser):
            return
        last = np.zeros(self.trained_hz * LAST_MS // 1000, np.int16)
        recogniser.of_vosk.AcceptWaveform(last.tobytes())
        recogniser.of_vosk.FinalResult()
        recogniser.taken += len(last)
        self._spare.append(recogniser)


@dataclass(slots=True)
class Counted:
    """A recogniser of Vosk, and how many samples it was given: word times count from there."""

    of_vosk: Any
    taken: int = 0


class VoskStream:
    """The utterances of one leg."""

    def __init__(self, lender: VoskRecogniser, front: Passage) -> None:
        self._lender = lender
        self._rate_hz = lender.trained_hz
        self._front = front
        self._counted = lender.lend()
        self._begin()

    def _begin(self) -> None:
        self._began = self._counted.taken
        self._looked = self._counted.taken
        self._parts: list[dict[str, Any]] = []

    def accept(self, samples: Samples, *, voiced: bool) -> None:
        """Decode more of the utterance."""
        self._take(to_samples(self._front.feed(samples)))

    def interim_due(self) -> bool:
        """Every fifth of a second; looking costs next to nothing."""
        return (self._counted.taken - self._looked) * 1000 >= INTERIM_SPACING_MS * self._rate_hz

    def interim(self) -> Heard:
        """Text of the utterance so far."""
        self._looked = self._counted.taken
        partial = json.loads(self._counted.of_vosk.PartialResult()).get("partial", "")
        said = [part.get("text", "") for part in self._parts]
        return Heard(" ".join(text for text in (*said, partial) if text))

    def finish(self) -> Heard:
        """Text of the whole utterance, with word times."""
        self._take(to_samples(self._front.finish()))
        # FinalResult would throw away what the recogniser has learnt of speaker and line, and a
        # tenth of the characters with it. Silence brings the last words out instead.
        self._take(np.zeros(self._rate_hz * FLUSH_MS // 1000, np.int16))
        self._parts.append(json.loads(self._counted.of_vosk.Result()))
        words = tuple(self._word(entry) for part in self._parts for entry in part.get("result", ()))
        text = " ".join(part["text"] for part in self._parts if part.get("text"))
        sure = [word.confidence for word in words if word.confidence is not None]
        if self._lender.is_full(self._counted):
            self._counted = self._lender.lend()
        self._begin()
        return Heard(text, sum(sure) / len(sure) if sure else None, words)

    def close(self) -> None:
        """Leave the recogniser to another leg."""
        self._lender.take_back(self._counted)

    def _take(self, samples: Samples) -> None:
        if not samples.size:
            return
        self._counted.taken += len(samples)
        if self._counted.of_vosk.AcceptWaveform(samples.tobytes()):
            # The model's own idea of an end: keep what it said, the utterance goes on.
            self._parts.append(json.loads(self._counted.of_vosk.Result()))

    def _word(self, entry: dict[str, Any]) -> HeardWord:
        began_s = self._began / self._rate_hz
        return HeardWord(
            text=entry["word"],
            start_ms=max(0, round((entry["start"] - began_s) * 1000)),
            end_ms=max(0, round((entry["end"] - began_s) * 1000)),
            confidence=entry.get("conf"),
        )
