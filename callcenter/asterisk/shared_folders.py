"""Folders in which Asterisk and the service meet, and which nobody else may look into."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

SHARED_MODE = 0o2770
"""For the owner and Asterisk's group; what is made inside belongs to that group too."""


def share_with_asterisk(legs: Path, briefs: Path) -> None:
    """Close the folders with callers' voices and places to everybody else.

    The group is that of ``legs``, into which Asterisk writes. What cannot be done is logged.
    """
    try:
        for folder in (legs, briefs):
            folder.mkdir(parents=True, exist_ok=True)
        os.chown(briefs, -1, legs.stat().st_gid)
        for folder in (legs, briefs):
            folder.chmod(SHARED_MODE)
    except OSError as error:
        log.warning("folders.not_shared", why=str(error))
