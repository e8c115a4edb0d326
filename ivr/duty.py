"""The service number by which officers say that they are on duty, or off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from ivr.errors import BadCommand, PeerError
from ivr.flow import CallerChannel, play
from ivr.prompts import (
    DUTY_FAILED,
    DUTY_IS_OFF,
    DUTY_IS_ON,
    DUTY_NOW_OFF,
    DUTY_NOW_ON,
    DUTY_UNKNOWN,
    PromptSet,
)

ON_KEY, OFF_KEY = "1", "2"
KEY_WAIT_MS = 5000
TRIES = 2
"""The question is asked so often."""

log = structlog.get_logger("ivr.duty")

SetDuty = Callable[[bool], Awaitable[bool]]
"""Puts the officer on (True) or off duty; False when that could not be noted."""


async def ask_duty(
    channel: CallerChannel,
    language: str,
    prompts: PromptSet,
    *,
    on_duty: bool,
    set_duty: SetDuty,
) -> bool | None:
    """Say how it stands, wait for a key, do it, and say that it is done.

    The answer that was given; None: no key, so that all stays as it was. Raises `ChannelGone`.
    """
    if not prompts.has(language, DUTY_IS_ON):
        language = "en"
    question = DUTY_IS_ON if on_duty else DUTY_IS_OFF
    try:
        for _ in range(TRIES):
            key = await play(channel, prompts, language, question, ON_KEY + OFF_KEY)
            key = key or await channel.wait_for_digit(KEY_WAIT_MS)
            if key in (ON_KEY, OFF_KEY):
                wanted = key == ON_KEY
                done = await set_duty(wanted)
                told = (DUTY_NOW_ON if wanted else DUTY_NOW_OFF) if done else DUTY_FAILED
                await play(channel, prompts, language, told)
                return wanted
    except (PeerError, BadCommand) as error:
        log.warning("duty_cut_short", error=type(error).__name__, why=str(error))
    return None


async def refuse_duty(channel: CallerChannel, language: str, prompts: PromptSet) -> None:
    """Tell whoever calls from a phone of no officer. Raises `ChannelGone`."""
    try:
        await play(channel, prompts, language, DUTY_UNKNOWN)
    except (PeerError, BadCommand) as error:
        log.warning("duty_cut_short", error=type(error).__name__, why=str(error))
