"""Processes known for certain and stopped for certain."""

from __future__ import annotations

import os
import signal
import time

import pytest

from callcenter.lab.errors import LabError
from callcenter.lab.processes import ProcessId, end_status, identify, spawn, stop


@pytest.fixture
def started(tmp_path):
    processes = []

    def start(*command):
        process = spawn(command, tmp_path / "log")
        processes.append(process)
        return process

    yield start
    for process in processes:
        stop(process, within_s=1, group=True)


def ended(process):
    until = time.monotonic() + 2
    while process.alive and time.monotonic() < until:
        time.sleep(0.01)
    return not process.alive


def test_another_process_with_the_same_id_is_not_mistaken_for_it():
    own = identify(os.getpid())
    assert own is not None
    assert own.alive
    assert not ProcessId(own.pid, own.started - 1).alive


def test_stop_lets_a_process_end_by_itself(started):
    process = started("sleep", "60")
    assert stop(process, within_s=2)
    assert ended(process)


def test_process_that_was_stopped_by_a_signal_is_ended_too(started):
    process = started("sleep", "60")
    os.kill(process.pid, signal.SIGSTOP)
    assert stop(process, within_s=2)
    assert ended(process)


def test_process_that_does_not_listen_is_killed(started, tmp_path):
    ready = tmp_path / "ready"
    process = started("sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 0.05; done")
    while not ready.exists():
        time.sleep(0.01)
    assert not stop(process, within_s=0.3)
    assert ended(process)


def test_workers_do_not_outlive_their_service(started, tmp_path):
    file = tmp_path / "worker"
    process = started("sh", "-c", f"sleep 60 & echo $! > {file}; wait")
    while not file.exists() or not file.read_text().strip():
        time.sleep(0.01)
    worker = identify(int(file.read_text()))
    assert worker is not None
    os.kill(process.pid, signal.SIGKILL)
    assert ended(process)
    stop(process, within_s=1, group=True)
    assert ended(worker)


def test_end_of_a_process_says_its_status(started):
    process = started("sh", "-c", "exit 7")
    assert ended(process)
    assert end_status(process) == 7


def test_what_a_process_says_is_in_its_log(started, tmp_path):
    assert ended(started("sh", "-c", "echo out; echo err >&2"))
    assert (tmp_path / "log").read_text() == "out\nerr\n"


def test_program_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LabError, match="no-such-program"):
        spawn(["no-such-program"], tmp_path / "log")
