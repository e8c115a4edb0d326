"""Processes of the lab: known by id and start time, stopped for certain, never mistaken.

A process id alone may by now be another program's; with the time at which the kernel started it,
it is this one or none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.lab.errors import LabError

LOG_MODE = 0o600
_NEVER = -1
"""The start of a process that ended before we could look."""

_STATE_FIELD = 0
_START_TIME_FIELD = 19
"""Fields of /proc/PID/stat after the command's closing bracket (proc(5): 3 and 22)."""
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process for all time: its id and its start in clock ticks since boot."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it runs (a zombie does not)."""
        return _start_time(self.pid) == self.started


def spawn(command: Sequence[str], log: Path, *, append: bool = False) -> ProcessId:
    """Start a program in a session of its own that may outlive us; it writes to ``log``."""
    program = shutil.which(command[0])
    if program is None:
        raise LabError(f"{command[0]} is not installed; run `make setup`")
    how = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
    pid = os.posix_spawn(
        program,
        list(command),
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), how, LOG_MODE),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return identify(pid) or ProcessId(pid, _NEVER)


def end_status(process: ProcessId) -> int | None:
    """How a process that we started ended (its status, or minus the signal); None: it runs."""
    if process.alive:
        return None
    try:
        _, status = os.waitpid(process.pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status)


def identify(pid: int) -> ProcessId | None:
    """The running process with this id."""
    started = _start_time(pid)
    return None if started is None else ProcessId(pid, started)


def _start_time(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[_STATE_FIELD] in "ZX":
        return None
    return int(fields[_START_TIME_FIELD])


def stop(process: ProcessId, *, within_s: float, group: bool = False) -> bool:
    """Ask a process to end, then make it; whether it ended by itself.

    With ``group`` what is left of its process group is killed too: workers must not outlive
    their service.
    """
    ended = True
    if process.alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
            # One that was stopped (SIGSTOP) would never hear of it.
            os.kill(process.pid, signal.SIGCONT)
        ended = _wait(process, within_s)
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            _wait(process, within_s)
    # Its id is nobody else's while one of its group lives; a stranger who has it by now is spared.
    if group and identify(process.pid) in (None, process):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return ended


def _wait(process: ProcessId, within_s: float) -> bool:
    until = time.monotonic() + within_s
    while process.alive:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_S)
    return True
