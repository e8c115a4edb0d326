"""The way out for call-backs takes numbers and nothing else, whoever asks Asterisk for what."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.asterisk

NUMBER = "2125550177"
HOSTILE = ("21255501*43", "2125550177a", "2125550177&PJSIP", '2" | "1', "1" * 16, "11")
NOT_ALLOWED = ("00442079460000", "110")
"""Another country's by the outbound trunk, and a line of ours."""
OF_A_TASK = ("__CALL_ID=cb1.test", "__CALL_BACK_TASK=7", "__CALL_BACK_SEAT=s01")


def dial(actor, exten: str, *variables: str) -> None:
    actor.ask(
        Action="Originate",
        Channel=f"Local/{exten}@call-back/n",
        Application="Wait",
        Data="5",
        Async="true",
        Variable=[*variables, "__CALL_BACK_LINE=110", "__CALL_BACK_QUEUE=emergency"],
    )


async def test_only_digits_of_a_task_are_dialled(line, actor, events):
    refused = (*HOSTILE, *NOT_ALLOWED)
    for number in refused:
        dial(actor, number, *OF_A_TASK)
    dial(actor, NUMBER)
    # Each was refused before anything was rung; both halves of each are gone.
    await events.wait("Hangup", count=2 * (len(refused) + 1))
    assert events.of("CallBackDialled") == []
    dial(actor, NUMBER, *OF_A_TASK)
    rung = await events.wait("CallBackDialled")
    assert (rung["Number"], rung["CallId"], rung["Seat"]) == (NUMBER, "cb1.test", "s01")
    assert rung["Channel"].startswith("PJSIP/outbound-")
    assert [row for row in line.channels() if "s01" in row[0]] == []
    for channel in line.channels():
        line.cli(f"channel request hangup {channel[0]}")
