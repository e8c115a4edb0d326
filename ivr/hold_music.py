"""Music on hold, of our own making: slow soft chords that somebody in fear can bear.

Four chords of pure tones with long fades, quiet (about -32 dBFS), without rhythm or melody. The
last fade meets the first, so that the file can be looped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ivr.speech_out import RATE_HZ, Samples, write_sln

LEVEL_DBFS = -32.0
CHORD_S = 5.0

_C_MAJOR = (130.81, 196.00, 261.63, 329.63)
_A_MINOR = (110.00, 220.00, 261.63, 329.63)
_F_MAJOR = (174.61, 220.00, 261.63, 349.23)
_G_MAJOR = (146.83, 196.00, 246.94, 293.66)
CHORDS_HZ = (_C_MAJOR, _A_MINOR, _F_MAJOR, _G_MAJOR)


def write_hold_music(out: Path) -> int:
    """Write the music (headerless, 8 kHz, 16 bit, 20 s); its length in ms."""
    return write_sln(hold_music(), out)


def hold_music() -> Samples:
    """The music as samples between -1 and 1."""
    chord_samples = int(CHORD_S * RATE_HZ)
    total = chord_samples * len(CHORDS_HZ)
    music = np.zeros(total)
    # Each chord lasts twice its share and fades in and out over all of it: neighbours overlap by
    # half, their fades add up to one, and the last flows into the first.
    time_s = np.arange(2 * chord_samples) / RATE_HZ
    fade = np.sin(np.pi * np.arange(2 * chord_samples) / (2 * chord_samples)) ** 2
    for number, chord_hz in enumerate(CHORDS_HZ):
        tones = sum(_tone(hz, time_s) for hz in chord_hz)
        at = (number * chord_samples + np.arange(2 * chord_samples)) % total
        music[at] += fade * tones
    rms = float(np.sqrt((music**2).mean()))
    level: Samples = music * (10 ** (LEVEL_DBFS / 20) / rms)
    return level


def _tone(hz: float, time_s: Samples) -> Samples:
    """One note: a faint second voice a hair apart makes it breathe; a little of its octave."""
    slow_beat_hz = 0.2
    note: Samples = (
        np.sin(2 * np.pi * hz * time_s)
        + 0.3 * np.sin(2 * np.pi * (hz + slow_beat_hz) * time_s)
        + 0.3 * np.sin(4 * np.pi * hz * time_s)
    )
    return note
