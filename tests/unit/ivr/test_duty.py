"""The service number against a channel that is a list."""

from __future__ import annotations

import pytest

from ivr.duty import ask_duty, refuse_duty
from ivr.errors import ChannelGone, PeerSilent
from tests.unit.ivr.test_flow import PROMPTS, Caller


async def ask(caller, *, on_duty=True, works=True):
    noted = []

    async def set_duty(on):
        noted.append(on)
        return works

    await ask_duty(caller, "ko", PROMPTS, on_duty=on_duty, set_duty=set_duty)
    return noted


def played(caller):
    return [step[1].rpartition("/")[2] for step in caller.done if step[0] == "play"]


@pytest.mark.parametrize(
    ("on_duty", "key", "noted", "heard"),
    [
        (True, "2", [False], ["duty-is-on", "duty-now-off"]),
        (False, "1", [True], ["duty-is-off", "duty-now-on"]),
        (False, "", [], ["duty-is-off", "duty-is-off"]),
    ],
)
async def test_officer_hears_how_it_stands_and_changes_it_by_a_key(on_duty, key, noted, heard):
    caller = Caller(key)
    assert await ask(caller, on_duty=on_duty) == noted
    assert played(caller) == heard


async def test_key_after_the_question_counts_and_a_wrong_one_is_asked_again():
    caller = Caller("", "9", "1")
    assert await ask(caller, on_duty=False) == [True]
    assert played(caller) == ["duty-is-off", "duty-is-off", "duty-now-on"]


async def test_what_could_not_be_noted_is_not_confirmed():
    caller = Caller("1")
    assert await ask(caller, works=False) == [True]
    assert played(caller)[-1] == "duty-failed"


async def test_nothing_is_noted_of_an_officer_who_hangs_up():
    with pytest.raises(ChannelGone):
        await ask(Caller("1", error=ChannelGone("gone"), at=0))
    assert await ask(Caller("1", error=PeerSilent("silent"), at=0)) == []


async def test_phone_of_no_officer_is_told_so():
    caller = Caller()
    await refuse_duty(caller, "en", PROMPTS)
    assert played(caller) == ["duty-unknown"]
