"""Taps: one leg's sound, sent as AudioSocket to whoever listens at an address.

``ChanSpy`` brings 8 kHz whatever the leg's codec. A leg with a wideband codec on a wideband bridge
is tapped by a snoop channel (`callcenter.asterisk.snoops`), which brings 16 kHz; where that cannot
be had, 8 kHz are better than nothing. Every other leg has no more than 8 kHz to bring: its codec
has not, or the bridge takes the rest away before a tap hears it. It must not be called 16 kHz, lest
a recogniser trained on wideband sound misses what such sound has.
"""

from __future__ import annotations

from uuid import UUID

import structlog

from callcenter.asterisk.actions import GetVariable, Hangup, OriginateApplication
from callcenter.asterisk.connection import AmiLink
from callcenter.asterisk.errors import ActionFailed, NotConnected
from callcenter.asterisk.snoops import Snoops

log = structlog.get_logger(__name__)

SPY_OPTIONS = "qoS"
"""Quiet, only what comes from this leg, end with the leg."""
CODEC = "CHANNEL(audionativeformat)"
WIDEBAND = "(g722)"
"""And no other besides: which one of several comes is not known."""
CALL_BAND = "CALL_BAND"
"""On the caller's channel; set by the dialplan, which chooses the bridge by it."""
WIDE = "-wide"


class LegTaps:
    """Opens and closes taps. Without ``snoops`` all of them are narrowband."""

    def __init__(self, link: AmiLink, snoops: Snoops | None = None) -> None:
        self._link = link
        self._snoops = snoops

    async def open(self, channel: str, caller: str, host: str, port: int, uuid: UUID) -> None:
        """Send a leg's sound to ``host:port`` as the AudioSocket connection ``uuid``.

        ``caller`` is the channel of the call's caller. Raises `AmiError`: it may not be hoped for.
        """
        to = f"{host}:{port}/{uuid}"
        if self._snoops is not None and self._snoops.connected:
            try:
                if await self._is_wide(channel, caller):
                    await self._snoops.open(channel, to, _name(uuid))
                    return
            except (ActionFailed, NotConnected) as error:
                log.warning("tap.narrowband", channel=channel, why=str(error))
        await self._link.send(
            OriginateApplication(
                channel=f"AudioSocket/{to}",
                application="ChanSpy",
                data=f"{channel},{SPY_OPTIONS}",
                channel_id=_name(uuid),
            )
        )

    async def close(self, uuid: UUID) -> None:
        """Take the tap off. Raises `AmiError`, also when it has gone already."""
        await self._link.send(Hangup(channel=_name(uuid)))

    async def _is_wide(self, channel: str, caller: str) -> bool:
        if await self._read(channel, CODEC) != WIDEBAND:
            return False
        return await self._read(caller, CALL_BAND) == WIDE

    async def _read(self, channel: str, name: str) -> str:
        reply = await self._link.send(GetVariable(channel, name))
        return reply.response["value"]


def _name(uuid: UUID) -> str:
    return f"tap-{uuid}"
