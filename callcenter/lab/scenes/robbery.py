"""A robbery: from the first INVITE to the officer who talks with the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callcenter.lab import screen
from callcenter.lab.play import Player
from callcenter.lab.played import Played
from callcenter.lab.scenes.stage import SceneBroken, Stage
from callcenter.lab.script import Script

SCRIPT = Path(__file__).parents[1] / "scripts" / "robbery.json"
PRECINCT = "19"
LEVELS = ("red", "orange")


async def play(stage: Stage) -> None:
    """Play the script and check what the service made of it."""
    stage.open_scene("robbery", "a caller, a seat, the officer of the precinct")
    script = Script.load(SCRIPT)
    player = Player(stage.lab, stage.api, stage.phones, script, SCRIPT, tell=stage.tell)
    played = await player.play()
    for fault in played.faults:
        stage.check("a step of the call", False, fault)
    if played.call_id is None or not played.call:
        raise SceneBroken("the call did not come about")
    _check_turns(stage, script, played)
    _check_words(stage, played)
    _check_record(stage, played.call)
    for kept in played.call["recordings"]:
        stage.check_recording(kept)
    screen.timeline(stage.console, played.rows)
    screen.record(stage.console, played.call)


def _check_turns(stage: Stage, script: Script, played: Played) -> None:
    delays = [heard["delay_ms"] for turn in played.turns for heard in turn["heard_by"].values()]
    stage.check(
        f"all {len(script.turns)} turns were spoken and heard by everybody on the line",
        len(played.turns) == len(script.turns) and all(turn["heard_by"] for turn in played.turns),
        f"mouth to ear at most {max(delays, default=0)} ms",
    )
    for step, text in (
        ("answered", "the seat answered"),
        ("officer_ringing", "the officer's phone rang"),
        ("officer_took", "the officer heard the brief and pressed 1"),
        ("both_heard", "caller and officer heard each other"),
        ("operator_left", "the operator left, the others went on"),
        ("closed", "the call closed"),
    ):
        ms = played.measured_ms.get(step)
        seen = "not seen" if ms is None else f"{ms:,} ms after the first INVITE"
        stage.check(text, ms is not None, seen)


def _check_words(stage: Stage, played: Played) -> None:
    """Words must have come while people spoke, not afterwards."""
    for role in ("caller", "operator", "officer"):
        turn = next((turn for turn in played.turns if turn["who"] == role), None)
        first_at = stage.words.first_at.get((str(played.call_id), role))
        closed_at = played.started_at + played.measured_ms.get("closed", 0) / 1000
        late_ms = 0
        if turn is not None and first_at is not None:
            late_ms = round((first_at - played.started_at) * 1000) - int(turn["start_ms"])
        stage.check(
            f"the {role}'s words appeared while they spoke",
            first_at is not None and first_at < closed_at,
            f"first text {late_ms:,} ms after the first sound" if first_at else "no text",
        )


def _check_record(stage: Stage, call: dict[str, Any]) -> None:
    fields = (call.get("incident") or {}).get("fields") or {}
    evidence = (call.get("incident") or {}).get("evidence") or {}
    place = fields.get("place") or {}
    stage.check(
        "the category was found", fields.get("category") == "robbery", fields.get("category")
    )
    stage.check("the level was found", fields.get("level") in LEVELS, fields.get("level"))
    stage.check("the place was found", bool(place.get("text")), place.get("text"))
    stage.check("it lies in the right precinct", place.get("precinct") == PRECINCT)
    officer = next((one for one in stage.lab.officers if one.id == call.get("officer")), None)
    stage.check(
        "that precinct's officer took the call",
        officer is not None and officer.precinct == PRECINCT,
        call.get("officer"),
    )
    stage.check(
        "each of them has its evidence",
        all(evidence.get(name) for name in ("category", "level", "place")),
    )
