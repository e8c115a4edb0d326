"""The machine that figures were measured on: without it they say nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_KIB_PER_GIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts; ``load`` is the average of the last minute before the run."""

    cores: int
    processor: str
    memory_gib: float
    kernel: str
    python: str
    load: float

    @classmethod
    def this_one(cls) -> Machine:
        """As it is now."""
        return cls(
            cores=len(os.sched_getaffinity(0)),
            processor=field_of(_read("/proc/cpuinfo"), "model name"),
            memory_gib=round(
                int(field_of(_read("/proc/meminfo"), "MemTotal").split()[0]) / _KIB_PER_GIB, 1
            ),
            kernel=platform.release(),
            python=platform.python_version(),
            load=round(os.getloadavg()[0], 2),
        )

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return asdict(self)

    @property
    def line(self) -> str:
        """In one line."""
        return (
            f"{self.cores} cores ({self.processor}), {self.memory_gib} GiB, "
            f"Linux {self.kernel}, Python {self.python}, load {self.load}"
        )


def field_of(text: str, name: str) -> str:
    """The value of the first line ``name : value``; ``0`` when there is none."""
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() == name:
            return value.strip()
    return "0"


def resident_mib(pid: int) -> float:
    """Memory that a process holds now (VmRSS)."""
    return int(field_of(_read(f"/proc/{pid}/status"), "VmRSS").split()[0]) / 1024


def _read(path: str) -> str:
    return Path(path).read_text("utf-8", errors="replace")
