"""A real SIP phone for demos and tests: one headless baresip process that talks and listens.

    phone = Phone("s01", password, "127.0.0.1", 5060, folder)
    await phone.start()
    await phone.registered()
    await phone.wait_ringing(timeout_s=5)
    await phone.answer()
    said = await phone.say(Path("hello.wav"))
    heard = await other.hears(said)

Without a password the phone does not register; its user is the number that it calls from. What
it waits for has a timeout, and every error names the phone and what it was doing. A phone takes
one call at a time and answers a second one with 486.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import numpy as np

from callcenter.lab import baresip_process
from callcenter.lab.phone_call import HeardSpeech, HeardVoice, PhoneCall, Said
from callcenter.lab.phone_errors import CallGone, PhoneDied, PhoneError, PhoneMisused, PhoneTimeout
from callcenter.lab.phone_line import PhoneLine
from callcenter.lab.speech_file import SILENCE_S, read_speech, resampled, write_padded
from callcenter.lab.voice_match import (
    FRAME_SAMPLES,
    RATE_HZ,
    VOICE_DBFS,
    find_speech,
    first_voiced_sample,
    frame_levels_dbfs,
)

EAR_PERIOD_S = 0.02


class Phone(PhoneLine):
    """One SIP phone. Use it as an async context manager, or call `start` and `stop`."""

    _utterances = 0

    async def say(self, wav: Path) -> Said:
        """Begin to say a WAV file (mono, 16 bit, 8 kHz or its own rate); `finish` waits for it.

        What was being said is cut off.
        """
        self._talking("speak")
        spoken = read_speech(wav, self.rate_hz)
        samples = resampled(spoken, self.rate_hz, RATE_HZ)
        self._utterances += 1
        name = f"say-{self._utterances % 2}.wav"
        write_padded(spoken, self.folder / name, self.rate_hz)
        started = time.monotonic()
        await self._link.command("ausrc", f"aufile,{name}")
        self._own(self._fall_silent(self._utterances, len(samples) / RATE_HZ), "silence")
        return Said(samples, started, started + len(samples) / RATE_HZ)

    async def finish(self, said: Said) -> None:
        """Wait until it is said. `CallGone` if the call ends before."""
        call = self._talking("speak")
        try:
            await self._until(
                lambda: not call.open, "", max(said.ends_at - time.monotonic(), 0.0), watch=False
            )
        except PhoneTimeout:
            return
        raise CallGone(f"{self.name}: the call ended while it spoke ({call.closed_why})")

    async def _fall_silent(self, number: int, after_s: float) -> None:
        # The silence behind the words ends some day, and with it the call: renew it before.
        await asyncio.sleep(after_s + SILENCE_S / 2)
        while self._utterances == number and self.call is not None and self.call.talking:
            with contextlib.suppress(PhoneError):
                await self._link.command("ausrc", f"aufile,{baresip_process.SILENCE_FILE}")
            await asyncio.sleep(SILENCE_S / 2)

    def heard(self) -> Path:
        """What the present or last call brought to this ear so far, as a WAV file."""
        if not self.calls:
            raise PhoneMisused(f"{self.name}: has had no call in which to hear anything")
        number = len(self.calls)
        self.calls[-1].ear.follow(time.monotonic())
        return self.calls[-1].ear.write_wav(self.folder / f"call-{number}-heard.wav")

    def heard_voice(self, since: float) -> HeardVoice:
        """How much voice arrived since a moment (monotonic); music and prompts count too."""
        if not self.calls:
            return HeardVoice(0, None, None)
        ear = self.calls[-1].ear
        ear.follow(time.monotonic())
        first, samples = ear.since(since)
        voiced = np.flatnonzero(frame_levels_dbfs(samples) > VOICE_DBFS)
        if not len(voiced):
            return HeardVoice(0, None, None)
        begin, end = int(voiced[0]) * FRAME_SAMPLES, int(voiced[-1]) * FRAME_SAMPLES
        return HeardVoice(len(voiced) * 20, ear.time_of(first + begin), ear.time_of(first + end))

    async def wait_voice(
        self, since: float, voiced_ms: int = 200, timeout_s: float = 10.0
    ) -> HeardVoice:
        """Wait until that much voice has arrived since a moment."""
        deadline = time.monotonic() + timeout_s
        while (voice := self.heard_voice(since)).voiced_ms < voiced_ms:
            self._still_talking("hear a voice")
            if time.monotonic() > deadline:
                raise PhoneTimeout(
                    f"{self.name}: heard {voice.voiced_ms} ms of voice within {timeout_s:g} s,"
                    f" waited for {voiced_ms}"
                )
            await asyncio.sleep(EAR_PERIOD_S)
        return voice

    def find(self, said: Said) -> HeardSpeech | None:
        """Find what another phone said in what this one heard since; None if it is not there."""
        if not self.calls:
            return None
        ear = self.calls[-1].ear
        ear.follow(time.monotonic())
        first, samples = ear.since(said.started_at)
        match = find_speech(samples, said.samples)
        onset = first_voiced_sample(said.samples)
        if match is None or onset is None:
            return None
        heard_at = ear.time_of(first + match.offset_samples + onset)
        delay_s = heard_at - (said.started_at + onset / RATE_HZ)
        return HeardSpeech(heard_at, round(delay_s * 1000), match.score)

    async def hears(self, said: Said, timeout_s: float = 5.0) -> HeardSpeech:
        """Wait until this phone has heard what another one says: the very same sound."""
        deadline = time.monotonic() + timeout_s
        while (found := self.find(said)) is None:
            self._still_talking("hear the other side")
            if time.monotonic() > deadline:
                voice = self.heard_voice(said.started_at)
                raise PhoneTimeout(
                    f"{self.name}: did not hear what the other side said within {timeout_s:g} s"
                    f" ({voice.voiced_ms} ms of other sound)"
                )
            await asyncio.sleep(0.1)
        return found

    def _on_established(self, call: PhoneCall) -> None:
        self._own(self._listen(call), "ear")
        self._own(self._fall_silent(self._utterances, 0.0), "silence")

    async def _listen(self, call: PhoneCall) -> None:
        while call.open and not self._lost:
            call.ear.follow(time.monotonic())
            await asyncio.sleep(EAR_PERIOD_S)

    def _still_talking(self, what: str) -> None:
        if self._lost:
            raise PhoneDied(f"{self.name}: {self._lost}")
        if self.call is None or not self.call.open:
            why = self.call.closed_why if self.call is not None else "no call"
            raise CallGone(f"{self.name}: the call ended while it waited to {what} ({why})")
