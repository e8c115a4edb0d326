"""Recorded speech with reference texts, as a telephone line would bring it.

A folder of test data has, for each language, ``speech_<language>/transcripts.tsv`` with at least
the columns ``file`` (relative to it) and ``text``, better also ``speaker``. Files are WAV, or what
sox can read.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.bench.errors import BenchFailed, BenchSkipped
from callcenter.bench.telephone import telephone
from callcenter.lab.layout import PROJECT
from callcenter.lab.script import ScriptError
from callcenter.lab.speech_file import read_speech
from callcenter.lab.voice_match import RATE_HZ, Samples
from callcenter.lab.voices import convert

DATA_VARIABLE = "CALLCENTER_TEST_DATA"
DEFAULT_DATA = PROJECT.parent / "shared" / "data"
LIST = "transcripts.tsv"
LANGUAGES = ("en", "ko", "zh")
COLUMNS = ("file", "text")
FEWEST_CLIPS = 2


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording and what is said in it."""

    language: str
    file: Path
    text: str
    speaker: str
    """Clips of one speaker have the same; a clip without one has its own file's name."""

    def sound(self) -> Samples:
        """At 8 kHz after G.711 µ-law. `BenchFailed` when it cannot be read."""
        try:
            return telephone(read_speech(convert(self.file)))
        except ScriptError as error:
            raise BenchFailed(str(error)) from error


def data_folder(given: Path | None) -> Path:
    """The folder that is meant."""
    return given or Path(os.environ.get(DATA_VARIABLE, DEFAULT_DATA))


def read_clips(data: Path, about_s: float | None = None) -> dict[str, list[Clip]]:
    """Clips by language; ``about_s``: only so many seconds of each, spread over the list.

    `BenchFailed` names the file, the line and what was expected; `BenchSkipped`: no speech.
    """
    lists = {language: data / f"speech_{language}" / LIST for language in LANGUAGES}
    clips = {
        language: _spread(_read(language, file), about_s)
        for language, file in lists.items()
        if file.is_file()
    }
    if not clips:
        raise BenchSkipped(
            f"{data}: no speech in it; expected speech_en/{LIST} or another language's"
            f" (--data, or {DATA_VARIABLE})"
        )
    return clips


def seconds(clips: Sequence[Samples]) -> float:
    """How long they are together."""
    return sum(len(clip) for clip in clips) / RATE_HZ


def _read(language: str, file: Path) -> list[Clip]:
    clips = []
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise BenchFailed(f"{file}: line 1: no column {', '.join(missing)}")
            for number, row in enumerate(rows, 2):
                sound = file.parent / str(row["file"])
                if not row["text"] or not sound.is_file():
                    what = f"{row['file']}: no such file" if row["text"] else "no text"
                    raise BenchFailed(f"{file}: line {number}: {what}")
                clips.append(
                    Clip(language, sound, row["text"], row.get("speaker") or str(row["file"]))
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BenchFailed(f"{file}: {error}") from None
    return clips


def _spread(clips: list[Clip], about_s: float | None) -> list[Clip]:
    if about_s is None:
        return clips
    lengths = [seconds([clip.sound()]) for clip in clips]
    count = max(FEWEST_CLIPS, round(len(clips) * about_s / sum(lengths)))
    return [clips[number * len(clips) // count] for number in range(min(count, len(clips)))]
