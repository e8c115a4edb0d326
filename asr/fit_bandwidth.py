"""Makes ``bandwidth.json``: fits the map of `asr.bandwidth` on wideband English speech.

A programmer's tool, which the service never runs: ``python -m asr.fit_bandwidth FOLDER``, where
``FOLDER/speech_en/transcripts.tsv`` lists recordings of LibriSpeech (columns ``corpus`` and
``file``). The map is not tested on what it is fitted on: recognition of Korean is
(`tests/integration/test_speech_recognition.py`).
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import soxr

from asr.bandwidth import (
    FRAME,
    HOP,
    LEVEL_FALL,
    MAP_FILE,
    TINY,
    USUAL_LEVEL,
    band_energies,
    design,
    high_edges,
    low_energies,
    spectrum,
)
from asr.recogniser import Wave, to_wave

RIDGE = 1e-3
SPEECH_BELOW_LEVEL = 9.0
"""Frames more than this (ln energy) below the speech level are not speech."""


def read(file: Path, rate_hz: int) -> Wave:
    """Sound of a file at this rate."""
    to = ["-t", "raw", "-r", str(rate_hz), "-c", "1", "-e", "signed", "-b", "16", "-"]
    program = shutil.which("sox")
    if program is None:
        sys.exit("sox is not installed (apt install sox)")
    command = [program, "-D", str(file), *to]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603  # no shell
    return to_wave(np.frombuffer(done.stdout, np.int16))


def mu_law(wave: Wave) -> Wave:
    """What G.711 leaves of it."""
    code = np.rint(np.sign(wave) * np.log1p(255 * np.abs(wave)) / np.log(256) * 127) / 127
    heard: Wave = (np.sign(code) * np.expm1(np.abs(code) * np.log(256)) / 255).astype(np.float32)
    return heard


def main(data: Path) -> None:
    """Fit and write."""
    inputs, outputs = [], []
    with (data / "speech_en/transcripts.tsv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines, delimiter="\t") if "LibriSpeech" in r["corpus"]]
    for row in rows:
        file = data / "speech_en" / row["file"]
        wide, narrow = read(file, 16_000), soxr.resample(mu_law(read(file, 8_000)), 8_000, 16_000)
        count = (min(len(wide), len(narrow)) - FRAME) // HOP
        shape, loudness = low_energies(spectrum(narrow, count))
        levels, level = np.empty_like(loudness), USUAL_LEVEL
        for k, loud in enumerate(loudness):
            level = max(level - LEVEL_FALL, float(loud))
            levels[k] = level
        wanted = np.log(band_energies(spectrum(wide, count), high_edges()) + TINY)
        speech = loudness > np.quantile(loudness, 0.9) - SPEECH_BELOW_LEVEL
        inputs.append(design(shape, loudness, levels)[speech])
        outputs.append((wanted - loudness[:, None])[speech])
    x, y = np.concatenate(inputs).astype(np.float64), np.concatenate(outputs).astype(np.float64)
    ridge = RIDGE * len(x) * np.eye(x.shape[1])
    ridge[-1, -1] = 0
    weights = np.linalg.solve(x.T @ x + ridge, x.T @ y)
    explained = 1 - ((y - x @ weights) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)
    print(f"{len(x)} frames, explained: {np.round(explained, 2)}")
    text = json.dumps({"weights": [[round(float(w), 4) for w in row] for row in weights]})
    MAP_FILE.write_text(text.replace("], [", "],\n[") + "\n", "ascii")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m asr.fit_bandwidth FOLDER")
    main(Path(sys.argv[1]))
