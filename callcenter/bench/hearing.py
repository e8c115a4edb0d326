"""Hears sound as a speech worker does, but as fast as the machine can: no waiting for time to pass.

The same code cuts the sound into utterances (`asr.listening`) and has them decoded in order
(`asr.decoding`) as behind a live tap; the clock is the sound's own. Interim text is not made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asr.catalogue import Catalogue, Entry
from asr.decoding import Decoder, Recognised, Report
from asr.errors import ModelError
from asr.listening import Job, Listening
from asr.loading import load_models, load_recogniser
from asr.models import find_model
from asr.recogniser import Recogniser
from callcenter.bench.errors import BenchFailed
from callcenter.lab.layout import MODELS
from callcenter.lab.voice_match import RATE_HZ, Samples

ENGINES = ("vosk", "moonshine")
"""In the order in which a hotline prefers them."""
FRAME_MS = 20
ENDING_S = 1.0
"""Silence behind the last sound, in which the last utterance ends."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said from pause to pause; times in ms from the first sample."""

    leg: str
    id: str
    text: str
    start_ms: int
    end_ms: int


class Ear:
    """Recognisers that hear whole legs."""

    def __init__(self, recognisers: Mapping[str, Recogniser]) -> None:
        self.recognisers = recognisers

    @classmethod
    def for_languages(cls, languages: Sequence[str]) -> Ear:
        """The models that a hotline would use; languages without one are not in it."""
        return cls(load_models(MODELS, ENGINES, languages).recognisers)

    def engine_of(self, language: str) -> str | None:
        """Engine and model, as segments say it."""
        recogniser = self.recognisers.get(language)
        return f"{recogniser.engine}/{recogniser.model}" if recogniser else None

    def hear(self, legs: Mapping[str, Samples], language: str) -> list[Utterance]:
        """All utterances of a call in the order in which they began.

        ``legs``: the sound of each from the call's start, at 8 kHz.
        """
        heard: list[Utterance] = []

        def tell(report: Report) -> None:
            if isinstance(report, Recognised) and report.final and report.heard.text.strip():
                heard.append(
                    Utterance(
                        report.stream,
                        report.segment,
                        report.heard.text,
                        report.start_ms,
                        report.end_ms,
                    )
                )

        for leg, samples in legs.items():
            decoder = Decoder(self.recognisers, tell)
            decoder.interim = False
            decoder.open(leg, language, RATE_HZ)
            self._listen(decoder, leg, samples)
        return sorted(heard, key=lambda utterance: utterance.start_ms)

    def _listen(self, decoder: Decoder, leg: str, samples: Samples) -> None:
        listening = Listening(leg, 0.0, RATE_HZ)
        frame = RATE_HZ * FRAME_MS // 1000
        pcm = samples.astype("<i2").tobytes() + bytes(round(ENDING_S * RATE_HZ) * 2)
        for number, at in enumerate(range(0, len(pcm), 2 * frame), 1):
            for what in listening.hear(pcm[at : at + 2 * frame], number * FRAME_MS / 1000):
                if isinstance(what, Job):
                    decoder.put(leg, what)
            while decoder.step():
                pass
        for what in listening.finish():
            if isinstance(what, Job):
                decoder.put(leg, what)
        decoder.close(leg)
        while decoder.step():
            pass


def load(entry: Entry) -> Recogniser:
    """One model of the catalogue. `BenchFailed` when it is not here."""
    try:
        return load_recogniser(entry, find_model(entry, MODELS))
    except ModelError as error:
        raise BenchFailed(str(error)) from error


def installed(languages: Sequence[str]) -> list[Entry]:
    """The models of these languages that are on this machine, best engine first."""
    found = []
    for entry in Catalogue.load(MODELS).entries:
        if entry.language not in languages:
            continue
        try:
            find_model(entry, MODELS)
        except ModelError:
            continue
        found.append(entry)
    return found
