"""Taps: one leg's sound, sent as AudioSocket to whoever listens at an address.

``ChanSpy`` brings 8 kHz whatever the leg's codec. A leg whose codec is wideband is tapped by a
snoop channel (`callcenter.asterisk.snoops`), which brings 16 kHz; where that cannot be had, 8 kHz
are better than nothing.
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
WIDEBAND = "g722"


class LegTaps:
    """Opens and closes taps. Without ``snoops`` all of them are narrowband."""

    def __init__(self, link: AmiLink, snoops: Snoops | None = None) -> None:
        self._link = link
        self._snoops = snoops

    async def open(self, channel: str, host: str, port: int, uuid: UUID) -> None:
        """Send a leg's sound to ``host:port`` as the AudioSocket connection ``uuid``.

        Raises `AmiError`: it may not be hoped for.
        """
        to = f"{host}:{port}/{uuid}"
        if self._snoops is not None and self._snoops.connected and await self._is_wide(channel):
            try:
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

    async def _is_wide(self, channel: str) -> bool:
        reply = await self._link.send(GetVariable(channel, CODEC))
        return WIDEBAND in reply.response["value"]


def _name(uuid: UUID) -> str:
    return f"tap-{uuid}"
