"""Recognises sound that is all there, with the segmenter and the decoder of live taps. Blocks."""

from __future__ import annotations

from collections.abc import Mapping

from asr.decoding import Decoder, Recognised, Report
from asr.events import RecordedSegment, Word
from asr.listening import Job, Listening, VoiceChange
from asr.recogniser import Recogniser

BYTES_PER_SAMPLE = 2
PIECE_MS = 1_000
STREAM = "offline"


def transcribe(
    recogniser: Recogniser, pcm: bytes, rate_hz: int, *, from_ms: int = 0
) -> list[RecordedSegment]:
    """What 16-bit samples of one channel say; the first was spoken at ``from_ms``."""
    told: list[RecordedSegment] = []

    def tell(report: Report) -> None:
        if isinstance(report, Recognised) and report.final and report.heard.text:
            told.append(_segment(report))

    known: Mapping[str, Recogniser] = {recogniser.language: recogniser}
    decoder = Decoder(known, tell)
    decoder.interim = False
    decoder.open(STREAM, recogniser.language, rate_hz)
    listening = Listening(STREAM, 0.0, rate_hz)
    piece_bytes = PIECE_MS * rate_hz // 1000 * BYTES_PER_SAMPLE
    for start in range(0, len(pcm), piece_bytes):
        piece = pcm[start : start + piece_bytes]
        end_s = from_ms / 1000 + (start + len(piece)) / BYTES_PER_SAMPLE / rate_hz
        _decode(decoder, listening.hear(piece, end_s))
    _decode(decoder, listening.finish())
    return told


def _decode(decoder: Decoder, what: list[VoiceChange | Job]) -> None:
    for each in what:
        if not isinstance(each, VoiceChange):
            decoder.put(STREAM, each)
    while decoder.step():
        pass


def _segment(report: Recognised) -> RecordedSegment:
    return RecordedSegment(
        start_ms=report.start_ms,
        end_ms=report.end_ms,
        text=report.heard.text,
        confidence=report.heard.confidence,
        engine=report.engine,
        model=report.model,
        language=report.language,
        words=tuple(
            Word(
                word.text,
                report.first_ms + word.start_ms,
                report.first_ms + word.end_ms,
                word.confidence,
            )
            for word in report.heard.words
        ),
    )
