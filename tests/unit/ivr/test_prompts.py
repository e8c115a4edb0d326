"""The prompts that callers hear, made by the real programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr import prompts
from ivr.errors import SpeechOutError
from ivr.hold_music import write_hold_music
from ivr.prompts import GREETING, PromptSet, menu, render_prompts, texts
from tests.unit.ivr.sound import measure


def write_words(out: Path, words: str) -> int:
    return out.write_text(words)


async def fake_synthesise(text: str, language: str, out: Path, **how: object) -> int:
    return write_words(out, f"{language} says {text}")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "synthesise", fake_synthesise)


async def test_prompts_of_every_language_are_made_and_the_greeting_is_short(
    tmp_path: Path,
) -> None:
    made = await render_prompts(tmp_path, ["en", "ko", "zh", "en"])
    assert made[0] == tmp_path / "moh" / "calm.sln"
    assert len(made) == len(set(made)) == 1 + 3 * len(texts("en"))
    for sound in made[1:]:
        assert measure(sound).rms_dbfs == pytest.approx(-20, abs=0.5), sound
    for language in ("en", "ko", "zh"):
        greeting = measure(PromptSet(tmp_path).file(language, GREETING))
        assert 500 < greeting.ms <= 1000
    assert await render_prompts(tmp_path, ["en", "ko", "zh"]) == []


def test_languages_have_the_same_prompts() -> None:
    assert texts("en").keys() == texts("ko").keys() == texts("zh").keys()
    assert "2" in texts("ko")[menu("2")]


def test_asterisk_is_told_a_sound_without_its_extension() -> None:
    prompt_set = PromptSet(Path("/sounds"))
    assert prompt_set.sound("ko", GREETING) + ".sln" == str(prompt_set.file("ko", GREETING))


@pytest.mark.usefixtures("quick")
async def test_prompt_is_made_anew_when_its_text_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await render_prompts(tmp_path, ["en"])
    monkeypatch.setattr(prompts, "texts", lambda language: {**texts(language), GREETING: "Hi."})
    assert await render_prompts(tmp_path, ["en"]) == [tmp_path / "en" / "greeting.sln"]
    assert (tmp_path / "en" / "greeting.sln").read_text() == "en says Hi."


@pytest.mark.usefixtures("quick")
async def test_recorded_prompt_is_never_overwritten(tmp_path: Path) -> None:
    recorded = tmp_path / "en" / "greeting.sln"
    recorded.parent.mkdir()
    recorded.write_bytes(b"a human voice")
    made = await render_prompts(tmp_path, ["en"])
    assert recorded not in made
    assert recorded.read_bytes() == b"a human voice"


@pytest.mark.usefixtures("quick")
async def test_prompt_without_sound_is_made_again(tmp_path: Path) -> None:
    await render_prompts(tmp_path, ["en"])
    (tmp_path / "en" / "greeting.sln").write_bytes(b"")
    (tmp_path / "en" / "hold-comfort.sln").unlink()
    made = await render_prompts(tmp_path, ["en"])
    assert sorted(sound.stem for sound in made) == ["greeting", "hold-comfort"]


async def test_killed_between_two_texts_no_prompt_says_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    async def killed(text: str, language: str, out: Path, **how: object) -> int:
        raise Killed

    monkeypatch.setattr(prompts, "synthesise", fake_synthesise)
    await render_prompts(tmp_path, ["en"])
    monkeypatch.setattr(prompts, "texts", lambda language: {GREETING: "Hi."})
    monkeypatch.setattr(prompts, "synthesise", killed)
    with pytest.raises(Killed):
        await render_prompts(tmp_path, ["en"])
    assert not (tmp_path / "en" / "greeting.sln").exists()
    monkeypatch.setattr(prompts, "synthesise", fake_synthesise)
    await render_prompts(tmp_path, ["en"])
    assert (tmp_path / "en" / "greeting.sln").read_text() == "en says Hi."


async def test_missing_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeechOutError, match="flite"):
        await render_prompts(tmp_path, ["en"])


def test_hold_music_is_quiet_smooth_and_can_be_looped(tmp_path: Path) -> None:
    out = tmp_path / "calm.sln"
    assert write_hold_music(out) == 20_000
    sound = measure(out)
    assert sound.rms_dbfs == pytest.approx(-32, abs=0.5)
    assert sound.peak < 0.25
    samples = np.frombuffer(out.read_bytes(), "<i2").astype(int)
    largest_step = np.abs(np.diff(samples)).max()
    assert abs(samples[0] - samples[-1]) <= largest_step
    seconds = samples.reshape(20, -1)
    loudness_db = 20 * np.log10(np.sqrt((seconds**2.0).mean(axis=1)))
    assert loudness_db.max() - loudness_db.min() < 8, "it neither stops nor startles"
