"""How many callers a second Asterisk alone takes in, and how soon each is answered.

No service and no seats: every call is recorded and waits in the fallback queue. Printed as one
line of JSON. The floor under it: no call lost, an answer within the 3 s that a caller may wait.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from callcenter.lab.exchange import exchange

CALLS_PER_S = 20
CALLS = 200
TALK_MS = 3000
ANSWER_WITHIN_MS = 3000


@pytest.mark.asterisk
def test_callers_taken_in_per_second(tmp_path: Path) -> None:
    with exchange(tmp_path / "exchange") as asterisk:
        sip = asterisk.settings.sip
        sipp = subprocess.run(
            [
                *("sipp", f"{sip.host}:{sip.port}", "-sn", "uac", "-s", "110"),
                *("-r", str(CALLS_PER_S), "-m", str(CALLS), "-d", str(TALK_MS)),
                *("-i", "127.0.0.1", "-trace_rtt", "-rtt_freq", "1", "-nostdin"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert sipp.returncode == 0, sipp.stdout[-2000:]
        legs = len(list(asterisk.settings.asterisk.recordings.glob("*-rx.sln")))
    rows = next(tmp_path.glob("*_rtt.csv")).read_text().splitlines()[1:]
    answer_ms = np.array([float(row.split(";")[1]) for row in rows])
    print(
        "\n"
        + json.dumps(
            {
                "bench": "dialplan_rate",
                "calls": CALLS,
                "calls_per_s": CALLS_PER_S,
                "recorded": legs,
                "start_s": round(asterisk.started_in_s, 2),
                "answer_ms": {
                    "median": round(float(np.median(answer_ms)), 1),
                    "p95": round(float(np.percentile(answer_ms, 95)), 1),
                    "most": round(float(answer_ms.max()), 1),
                },
            }
        )
    )
    assert legs == CALLS
    assert answer_ms.max() < ANSWER_WITHIN_MS
