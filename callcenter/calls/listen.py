"""Listening to the legs of a call: one tap a leg, and what the taps bring.

A tap is a channel of its own, which brings a leg's sound to a recogniser worker
(`callcenter.asterisk.leg_taps`). Without a recogniser taps still tell when a leg has voice. A tap
that cannot be had costs the call nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog

from asr.errors import SpeechError
from asr.events import (
    Segment,
    SpeechEvent,
    SpeechStateChanged,
    TapClosed,
    TapOpened,
    Unheard,
    VoiceStarted,
    VoiceStopped,
    WorkerLost,
)
from asr.pool import SpeechPool
from callcenter.asterisk.errors import AmiError
from callcenter.asterisk.leg_taps import LegTaps
from callcenter.calls.call import Call
from callcenter.calls.errands import Errands
from callcenter.calls.legs import Leg
from callcenter.calls.register import CallRegister, Publisher
from callcenter.recognition.gaps import NO_TAP, Gaps, Mark
from callcenter.recognition.segments import live_segment

log = structlog.get_logger(__name__)


class Listener:
    """Keeps a tap on every leg worth hearing, and notes what is heard."""

    def __init__(
        self,
        pool: SpeechPool,
        leg_taps: LegTaps,
        register: CallRegister,
        errands: Errands,
        bus: Publisher,
        on_words: Callable[[Call, dict[str, Any]], None],
        on_voice: Callable[[Call, Leg], None],
        on_unheard: Mark,
        late_waiting: Callable[[], int] = lambda: 0,
        switched_on: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._leg_taps = leg_taps
        self._register = register
        self._errands = errands
        self._bus = bus
        self._on_words = on_words
        self._on_voice = on_voice
        self._on_unheard = on_unheard
        self._late_waiting = late_waiting
        self._switched_on = switched_on
        self._clock = clock
        self._gaps = Gaps(self._unheard)
        self._taps: dict[str, UUID | None] = {}
        self._again: dict[str, tuple[Call, Leg]] = {}

    def listen(self, call: Call, leg: Leg, *, after_s: float = 0.0) -> None:
        """Put a tap on the leg unless it has one; not before so many seconds have passed."""
        if leg.id in self._taps or call.closed:
            return
        self._taps[leg.id] = None
        self._gaps.begins(leg, None, NO_TAP)
        self._errands.run(f"taps-{call.id}", "tap", lambda: self._tap(call, leg, after_s))

    async def _tap(self, call: Call, leg: Leg, after_s: float) -> None:
        if after_s:
            await asyncio.sleep(after_s)
            if call.closed:
                self._taps.pop(leg.id, None)
                return
        try:
            tap = self._pool.open_tap(
                call.id, leg.id, leg.role.value, leg.language or call.language, call.started_at
            )
        except SpeechError as error:
            self._later(call, leg)
            log.warning("tap.refused", call_id=call.id, leg=leg.id, why=str(error))
            return
        self._taps[leg.id] = tap.uuid
        try:
            await self._leg_taps.open(leg.channel, call.channel, tap.host, tap.port, tap.uuid)
        except AmiError as error:
            self._later(call, leg)
            self._pool.close_tap(tap.uuid)
            log.warning("tap.failed", call_id=call.id, leg=leg.id, why=str(error))

    def _later(self, call: Call, leg: Leg) -> None:
        """Remember a leg that should have a tap and has none."""
        self._taps.pop(leg.id, None)
        leg.speaking = False
        self._again[leg.id] = (call, leg)

    def retry(self) -> None:
        """Tap what could not be tapped, or lost its tap, and is still there."""
        waiting, self._again = self._again, {}
        for call, leg in waiting.values():
            if not call.closed and leg.left_ms is None:
                self.listen(call, leg)

    def release(self, call: Call, leg: Leg) -> None:
        """Take the tap off a leg that ended."""
        self._again.pop(leg.id, None)
        self._gaps.leg_ended(call, leg, call.ms(self._clock()))
        uuid = self._taps.pop(leg.id, None)
        if uuid:
            self._pool.close_tap(uuid)
            self._errands.run(f"taps-{call.id}", "untap", lambda: self._hang_up_tap(uuid))

    def speak(self, call: Call, leg: Leg | None, language: str) -> None:
        """Recognise this leg, or without one all of the call, in another language from now on."""
        if leg is None:
            call.language = language
        for each in call.legs.values() if leg is None else (leg,):
            each.language = "" if leg is None else language
            uuid = self._taps.get(each.id)
            if uuid:
                self._pool.switch_language(uuid, language)
        self._register.changed(call)

    async def _hang_up_tap(self, uuid: UUID) -> None:
        try:
            await self._leg_taps.close(uuid)
        except AmiError:
            log.debug("tap.gone_already", tap=str(uuid))

    def forget(self, call: Call) -> None:
        """Take every tap off a call that ended."""
        for leg in call.legs.values():
            self.release(call, leg)

    def handle(self, event: SpeechEvent) -> None:
        """Note what a worker heard."""
        match event:
            case Segment():
                self._heard_words(event)
            case VoiceStarted() | VoiceStopped():
                self._heard_voice(event)
            case TapOpened():
                self._opened(event)
            case Unheard():
                self._left_out(event)
            case TapClosed():
                self._lost(event.call_id, event.leg)
            case WorkerLost():
                self._worker_lost(event)
            case SpeechStateChanged():
                self._bus.publish("speech", {"type": "speech", "speech": self.state()})
            case _:
                pass

    def _heard_words(self, event: Segment) -> None:
        call = self._register.find(event.call_id)
        if call is None:
            return
        leg = call.legs.get(event.leg)
        segment = live_segment(event, leg.party if leg else "")
        if event.text.strip():
            call.segments[event.id] = segment
        else:
            call.segments.pop(event.id, None)
        self._bus.publish(
            f"call:{call.id}", {"type": "segment", "call_id": call.id, "segment": segment}
        )
        self._on_words(call, segment)

    def _heard_voice(self, event: VoiceStarted | VoiceStopped) -> None:
        call = self._register.find(event.call_id)
        leg = call.legs.get(event.leg) if call else None
        if call is None or leg is None:
            return
        leg.voice_ms = event.at_ms
        leg.speaking = isinstance(event, VoiceStarted)
        if leg.speaking:
            self._gaps.voice_started(call, leg, event.at_ms)
        self._on_voice(call, leg)

    def _opened(self, event: TapOpened) -> None:
        call = self._register.find(event.call_id)
        leg = call.legs.get(event.leg) if call else None
        if call and leg:
            self._gaps.tap_opened(call, leg, event.at_ms)

    def _left_out(self, event: Unheard) -> None:
        call = self._register.find(event.call_id)
        leg = call.legs.get(event.leg) if call else None
        if call is None or leg is None:
            return
        if event.to_ms is not None:
            self._unheard(call, leg, event.from_ms, event.to_ms, event.why)
        elif call.closed or leg.left_ms is not None:
            self._unheard(call, leg, event.from_ms, call.ms(self._clock()), event.why)
        else:
            self._gaps.begins(leg, event.from_ms, event.why, words_lost=True)

    def _unheard(self, call: Call, leg: Leg, from_ms: int, to_ms: int, why: str) -> None:
        if self._switched_on:
            self._on_unheard(call, leg, from_ms, to_ms, why)

    def _worker_lost(self, event: WorkerLost) -> None:
        log.warning("speech.worker_lost", why=event.why, legs=len(event.legs))
        for tapped in event.legs:
            self._lost(tapped.call_id, tapped.leg)

    def _lost(self, call_id: str, leg_id: str) -> None:
        self._taps.pop(leg_id, None)
        call = self._register.find(call_id)
        leg = call.legs.get(leg_id) if call else None
        if call and leg and not call.closed:
            self._later(call, leg)

    def state(self) -> dict[str, Any]:
        """Whether speech is recognised, and if not, why."""
        if not self._switched_on:
            why = "speech recognition is switched off in the settings"
            return {"available": False, "why": why, "engines": {}, "interim": False}
        state = self._pool.state
        return {
            "available": state.available,
            "why": state.why,
            "engines": dict(state.engines),
            "interim": state.interim,
            "deferred_legs": state.deferred_legs,
            "late_waiting": self._late_waiting(),
        }
