"""The intake against a channel that is a list."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.errors import BadCommand, ChannelGone, IvrError, PeerSilent
from ivr.flow import MENU_WAIT_MS, intake
from ivr.prompts import PromptSet


class Prompts(PromptSet):
    """Prompts that are all there, without a disk."""

    def has(self, language: str, name: str) -> bool:
        return True


PROMPTS = Prompts(Path("/sounds"))


class Caller:
    """Presses ``keys`` one after another (``""``: none), and notes what was done to them."""

    def __init__(self, *keys: str, error: IvrError | None = None, at: int = 0) -> None:
        self.done: list[tuple[str, ...]] = []
        self._keys = list(keys)
        self._error = error
        self._at = at

    def _step(self, *step: str) -> None:
        if self._error is not None and len(self.done) == self._at:
            raise self._error
        self.done.append(step)

    def _key(self) -> str:
        return self._keys.pop(0) if self._keys else ""

    async def stream_file(self, name: str, escape_digits: str = "") -> str:
        self._step("play", name, escape_digits)
        key = self._key() if escape_digits else ""
        return key if key in escape_digits else ""

    async def wait_for_digit(self, timeout_ms: int) -> str:
        self._step("wait", str(timeout_ms))
        return self._key()

    async def set_variable(self, name: str, value: str) -> None:
        self._step("set", name, value)


async def test_one_language_is_greeted_at_once() -> None:
    caller = Caller()
    assert await intake(caller, ["ko"], PROMPTS) == "ko"
    assert caller.done == [
        ("set", "CHANNEL(language)", "ko"),
        ("play", "/sounds/ko/greeting", ""),
    ]


async def test_several_languages_are_offered_in_their_own_words() -> None:
    caller = Caller("", "", "", "3")
    assert await intake(caller, ["en", "ko", "zh"], PROMPTS) == "zh"
    assert caller.done == [
        ("play", "/sounds/en/menu-1", "123"),
        ("play", "/sounds/ko/menu-2", "123"),
        ("play", "/sounds/zh/menu-3", "123"),
        ("wait", str(MENU_WAIT_MS)),
        ("set", "CHANNEL(language)", "zh"),
        ("play", "/sounds/zh/greeting", ""),
    ]


async def test_key_cuts_the_menu_short() -> None:
    caller = Caller("2")
    assert await intake(caller, ["en", "ko", "zh"], PROMPTS) == "ko"
    assert [step[0] for step in caller.done] == ["play", "set", "play"]


async def test_caller_who_presses_nothing_gets_the_first_language() -> None:
    caller = Caller()
    assert await intake(caller, ["zh", "en"], PROMPTS) == "zh"
    assert [step[0] for step in caller.done].count("wait") == 1


@pytest.mark.parametrize(("keys", "language"), [(["9", "2"], "ko"), (["9", "#"], "en")])
async def test_wrong_key_is_overlooked_once(keys: list[str], language: str) -> None:
    caller = Caller("", "", *keys)
    assert await intake(caller, ["en", "ko"], PROMPTS) == language
    assert [step[0] for step in caller.done].count("wait") == 2


@pytest.mark.parametrize("error", [PeerSilent("late"), BadCommand("510")])
@pytest.mark.parametrize("at", range(5))
async def test_failing_prompt_does_not_keep_the_caller(error: IvrError, at: int) -> None:
    caller = Caller("", "", "2", error=error, at=at)
    assert await intake(caller, ["en", "ko"], PROMPTS) == ("en" if at < 3 else "ko")


@pytest.mark.parametrize("at", range(5))
async def test_caller_who_leaves_ends_the_intake(at: int) -> None:
    with pytest.raises(ChannelGone):
        await intake(Caller("", "", "2", error=ChannelGone("left"), at=at), ["en", "ko"], PROMPTS)


async def test_missing_prompt_is_not_asked_for(tmp_path: Path) -> None:
    caller = Caller("2")
    with capture_logs() as logs:
        assert await intake(caller, ["en", "ko"], PromptSet(tmp_path)) == "ko"
    assert caller.done == [("wait", str(MENU_WAIT_MS)), ("set", "CHANNEL(language)", "ko")]
    assert [entry["event"] for entry in logs] == ["prompt_missing"] * 3


async def test_line_without_a_language_is_our_error() -> None:
    with pytest.raises(ValueError, match="language"):
        await intake(Caller(), [], PROMPTS)
