"""A demo in which a step did not happen says which, and ends with a status that is not 0."""

from __future__ import annotations

import hashlib
import io
import signal
import wave
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console
from typer.testing import CliRunner

from callcenter.cli import app
from callcenter.lab import demo
from callcenter.lab.errors import LabError
from callcenter.lab.hotline_api import ApiFault, HotlineApi
from callcenter.lab.lab_file import LabFile
from callcenter.lab.lab_phones import LabPhones
from callcenter.lab.live_words import LiveWords
from callcenter.lab.phone_errors import PhoneTimeout
from callcenter.lab.scenes.stage import SceneBroken, Stage

Scene = Callable[[Stage], Awaitable[None]]


@pytest.fixture
def screen() -> Console:
    return Console(file=io.StringIO(), width=120)


@pytest.fixture
def stage(screen: Console) -> Stage:
    """A stage without a lab: what is tried here needs none."""
    nobody = cast(Any, None)
    return Stage(
        cast(LabFile, nobody),
        cast(HotlineApi, nobody),
        cast(LabPhones, nobody),
        screen,
        cast(LiveWords, nobody),
        scene="robbery",
    )


def shown(screen: Console) -> str:
    return cast(io.StringIO, screen.file).getvalue()


def test_a_step_that_happened_is_no_fault(stage: Stage, screen: Console) -> None:
    assert stage.check("the seat answered", True, "480 ms")
    assert stage.faults == []
    assert "ok     the seat answered (480 ms)" in shown(screen)


def test_a_step_that_did_not_happen_is_kept_with_its_scene_and_what_was_seen(
    stage: Stage, screen: Console
) -> None:
    assert not stage.check("the seat answered", False, "not seen")
    assert stage.faults == ["robbery: the seat answered (not seen)"]
    assert "NOT OK the seat answered (not seen)" in shown(screen)


def test_what_is_seen_is_shown_as_it_is(stage: Stage, screen: Console) -> None:
    stage.check("the place was found", False, "[bold]nowhere[/]")
    assert "[bold]nowhere[/]" in shown(screen)


async def test_a_step_that_is_waited_for_in_vain_is_a_fault_and_ends_the_scene(
    stage: Stage,
) -> None:
    async def never() -> bool:
        return False

    with pytest.raises(SceneBroken):
        await stage.until("2125550100 waits", never, 0.1)
    assert stage.faults == ["robbery: 2125550100 waits (not within 0.1 s)"]


async def test_an_api_that_fails_while_a_step_is_waited_for_is_named(stage: Stage) -> None:
    async def broken() -> bool:
        raise ApiFault("GET /calls: 503: no store")

    with pytest.raises(SceneBroken):
        await stage.until("2125550100 waits", broken, 0.0)
    assert stage.faults == ["robbery: 2125550100 waits (GET /calls: 503: no store)"]


@pytest.mark.parametrize(
    "error", [SceneBroken("no call"), PhoneTimeout("s01: timed out"), ApiFault("GET /calls: 500")]
)
async def test_a_scene_that_breaks_off_is_a_fault_whatever_broke_it(
    stage: Stage, error: Exception
) -> None:
    async def scene(stage: Stage) -> None:
        raise error

    await demo._play_scene(stage, scene)
    assert stage.faults == [f"robbery: the scene was played to its end ({error})"]


async def test_a_scene_that_breaks_off_over_a_named_step_is_told_once(stage: Stage) -> None:
    async def scene(stage: Stage) -> None:
        stage.check("the seat answered", False)
        raise SceneBroken("the seat answered")

    await demo._play_scene(stage, scene)
    assert stage.faults == ["robbery: the seat answered"]


async def test_a_phone_that_fails_after_a_fault_is_told_beside_it(stage: Stage) -> None:
    async def scene(stage: Stage) -> None:
        stage.check("the level was found", False)
        raise PhoneTimeout("s01: timed out")

    await demo._play_scene(stage, scene)
    assert stage.faults == [
        "robbery: the level was found",
        "robbery: the scene was played to its end (s01: timed out)",
    ]


def recording(file: Path, channels: int = 2) -> dict[str, Any]:
    """A recording of one second, as it was filed."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * channels * 8000))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"path": str(file), "sha256": digest, "duration_ms": 1000}


def test_a_recording_that_is_whole_is_no_fault(stage: Stage, tmp_path: Path) -> None:
    stage.check_recording(recording(tmp_path / "call.wav"))
    assert stage.faults == []


@pytest.mark.parametrize("wrong", ["missing", "changed", "one channel", "shorter than filed"])
def test_a_recording_that_is_not_what_was_filed_is_a_fault(
    stage: Stage, tmp_path: Path, wrong: str
) -> None:
    file = tmp_path / "call.wav"
    kept = recording(file, channels=1 if wrong == "one channel" else 2)
    if wrong == "missing":
        file.unlink()
    elif wrong == "changed":
        file.write_bytes(file.read_bytes()[:-1] + b"\1")
    elif wrong == "shorter than filed":
        kept["duration_ms"] = 2000
    stage.check_recording(kept)
    assert stage.faults == ["robbery: its recording is whole and has the hash that was filed"]


# The whole command, with a lab that only pretends to run and scenes that only check.


@pytest.fixture
def labs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """What was done with the lab, in order."""
    done: list[str] = []
    monkeypatch.setattr(demo.labs, "up", lambda options, say: done.append("up"))
    monkeypatch.setattr(demo.labs, "down", lambda folder: done.append("down"))
    lab = SimpleNamespace(
        api=SimpleNamespace(url="http://127.0.0.1:1", token="token"),
        folder=tmp_path,
        seats=(),
        officers=(),
        sip=None,
    )
    monkeypatch.setattr(demo.LabFile, "load", lambda file: lab)
    monkeypatch.setattr(demo, "left_running", lambda base, before=frozenset(): [])
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield done
    for number, handler in before.items():
        signal.signal(number, handler)
    assert done[-1] == "down", "the lab was left running"


def plays(monkeypatch: pytest.MonkeyPatch, scenes: dict[str, Scene]) -> None:
    monkeypatch.setattr(demo, "SCENES", scenes)


async def good(stage: Stage) -> None:
    stage.open_scene("good", "all is well")
    stage.check("a good step", True)


async def bad(stage: Stage) -> None:
    stage.open_scene("bad", "one step fails")
    stage.check("a good step", True)
    stage.check("the officer's phone rang", False, "not seen")


def demo_command(folder: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["demo", "--dir", str(folder), *options])
    return result.exit_code, result.output


def test_a_demo_whose_every_step_happened_ends_with_0(
    labs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plays(monkeypatch, {"robbery": good})
    status, said = demo_command(tmp_path)
    assert status == 0
    assert "every step happened" in said
    assert labs == ["down", "up", "down"]


@pytest.mark.parametrize("order", [(bad, good), (good, bad)], ids=["first", "last"])
def test_a_step_that_failed_in_any_scene_ends_with_1_and_is_named_at_the_end(
    labs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, order: Sequence[Scene]
) -> None:
    plays(monkeypatch, dict(zip(("robbery", "full-floor"), order, strict=True)))
    status, said = demo_command(tmp_path)
    assert status == 1
    end = said.partition("the end")[2]
    assert "1 steps did not happen" in end
    assert "bad: the officer's phone rang (not seen)" in end
    assert "every step happened" not in said
    assert said.count("a good step") == 2, "the other scene was not played"


def test_a_process_that_is_left_running_ends_with_1_and_is_named(
    labs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plays(monkeypatch, {"robbery": good})
    monkeypatch.setattr(demo, "left_running", lambda base, before=frozenset(): ["77 asterisk"])
    status, said = demo_command(tmp_path)
    assert status == 1
    assert "left running: 77 asterisk" in said
    assert "no process is left" not in said


def test_a_demo_that_takes_too_long_ends_with_1(
    labs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plays(monkeypatch, {"robbery": good})
    monkeypatch.setattr(demo, "AT_MOST_S", 0.0)
    status, said = demo_command(tmp_path)
    assert status == 1
    assert "expected less than 0 s" in said


def test_a_lab_that_does_not_start_ends_with_2(
    labs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(options: Any, say: Any) -> None:
        raise LabError("no Asterisk here")

    monkeypatch.setattr(demo.labs, "up", refuse)
    status, said = demo_command(tmp_path)
    assert status == 2
    assert "no Asterisk here" in said


def test_a_scene_that_is_broken_off_ends_with_130_and_takes_the_lab_down(
    labs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def interrupted(stage: Stage) -> None:
        raise KeyboardInterrupt

    plays(monkeypatch, {"robbery": interrupted})
    status, said = demo_command(tmp_path)
    assert status == 130
    assert "every step happened" not in said
