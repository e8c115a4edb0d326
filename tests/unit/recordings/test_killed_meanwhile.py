"""kill -9 before every single step that changes the disk: old state or new state, never between.

A child process does the work and dies, without any clean-up, when it is about to take its n-th
step; its parent looks at what is left, and finishes the work again.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recordings.legs import discard, find
from recordings.mixdown import two_channel
from recordings.vault import Vault
from tests.unit.recordings.spool import CALL, channels, pcm, record

STEPS = ("fsync", "rename", "unlink", "chmod", "open", "mkdir", "fdopen")
KILLED = 9
NEVER = 0
CONTENT = ([1, 2, 3], [4, 5, 0])


def finish(folder: Path) -> None:
    legs = find(folder / "raw", CALL)
    mixed = two_channel(legs, folder / "raw" / f"{CALL}.wav")
    Vault(folder / "kept").store(CALL, mixed.path, "")
    discard(legs)


def killed_at(step: int, work: Callable[[], None], cross_device: bool) -> bool:
    """Do the work in a child that dies before its ``step``-th step; whether it died."""
    child = os.fork()
    if child == 0:
        _die_at(step, cross_device)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), "the work failed by itself"
    return code == KILLED


def _die_at(step: int, cross_device: bool) -> None:
    taken = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal taken
            taken += 1
            if taken == step:
                os._exit(KILLED)
            return real(*arguments, **options)

        return call

    if cross_device:
        real_rename = os.rename

        def rename(source: Path, target: Path) -> None:
            if source.parent != target.parent:
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            real_rename(source, target)

        os.rename = rename
    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    shutil.copyfileobj = counted(shutil.copyfileobj)


@pytest.mark.parametrize("cross_device", [False, True])
def test_killed_at_any_step_the_call_is_kept_in_the_end(cross_device: bool, tmp_path: Path) -> None:
    died = 0
    for step in range(1, 200):
        folder = tmp_path / str(step)
        record(folder / "raw", pcm(1, 2, 3), pcm(4, 5))
        legs = find(folder / "raw", CALL)
        if not killed_at(step, lambda folder=folder: finish(folder), cross_device):
            break
        died += 1

        kept, mixed = folder / "kept" / f"{CALL}.wav", folder / "raw" / f"{CALL}.wav"
        for file in (kept, mixed):
            if file.exists():
                assert channels(file) == CONTENT, "a part stands under the name of a whole file"
        legs_there = all(leg and leg.exists() for leg in (legs.caller, legs.heard))
        assert legs_there or kept.exists(), "the call is nowhere"

        vault = Vault(folder / "kept")
        if legs_there:
            assert not killed_at(NEVER, lambda folder=folder: finish(folder), cross_device)
        entry = vault.stored(CALL, "")
        assert channels(entry.path) == CONTENT
        assert vault.verify([entry]) == ()
        assert [file.name for file in (folder / "kept").iterdir()] == [f"{CALL}.wav"]
    else:
        pytest.fail("the work has no end")
    assert died > 10, "the steps were not seen"
