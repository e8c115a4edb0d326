"""The intake: what a caller hears and keys in the second or two before a seat is looked for.

One language: a greeting. Several: a menu that any of its keys cuts short, then the greeting.
Nothing here may keep a caller from being answered: whatever fails except the channel itself,
the first language stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from ivr.errors import BadCommand, PeerError
from ivr.prompts import GREETING, MENU_KEYS, PromptSet, menu

MENU_WAIT_MS = 5000
"""How long after the menu a key is waited for."""
WRONG_KEYS = 1
"""So many keys of no language are overlooked, then the first language is taken."""

log = structlog.get_logger("ivr.flow")


class CallerChannel(Protocol):
    """What the intake needs of a channel; `ivr.fastagi.AgiChannel` is one."""

    async def stream_file(self, name: str, escape_digits: str = "") -> str:
        """Play; the key that cut it short."""

    async def wait_for_digit(self, timeout_ms: int) -> str:
        """The next key."""

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable."""


async def intake(channel: CallerChannel, languages: Sequence[str], prompts: PromptSet) -> str:
    """Find the caller's language, set ``CHANNEL(language)`` to it, greet; the language.

    Raises `ChannelGone` when the caller leaves, ValueError when ``languages`` is empty.
    """
    if not languages:
        raise ValueError("a line has at least one language")
    language = languages[0]
    try:
        if len(languages) > 1:
            language = await _chosen(channel, languages, prompts)
        await channel.set_variable("CHANNEL(language)", language)
        await play(channel, prompts, language, GREETING)
    except (PeerError, BadCommand) as error:
        log.warning("intake_cut_short", error=type(error).__name__, why=str(error))
    return language


async def _chosen(channel: CallerChannel, languages: Sequence[str], prompts: PromptSet) -> str:
    keys = dict(zip(MENU_KEYS, languages, strict=False))
    escape_digits = "".join(keys)
    for key, language in keys.items():
        pressed = await play(channel, prompts, language, menu(key), escape_digits)
        if pressed in keys:
            return keys[pressed]
    for _ in range(1 + WRONG_KEYS):
        pressed = await channel.wait_for_digit(MENU_WAIT_MS)
        if pressed in keys:
            return keys[pressed]
        if not pressed:
            break
    return languages[0]


async def play(
    channel: CallerChannel, prompts: PromptSet, language: str, name: str, escape_digits: str = ""
) -> str:
    """Play a prompt if there is one: asked for a missing sound, Asterisk ends the session."""
    if not prompts.has(language, name):
        log.error("prompt_missing", language=language, name=name)
        return ""
    return await channel.stream_file(prompts.sound(language, name), escape_digits)
