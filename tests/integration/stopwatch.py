"""How long people wait for something in a fault: a line of JSON each, for docs/faults.md."""

from __future__ import annotations

import json
import time


def took(what: str, since: float) -> None:
    """Say what was waited for since that moment (``time.monotonic()``)."""
    print(json.dumps({"fault": what, "s": round(time.monotonic() - since, 1)}))
