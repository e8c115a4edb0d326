"""``lab.json``: what phones, checks and people need to know of a running lab."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from callcenter.lab.layout import LabFolders, LabOptions
from callcenter.settings import SECRETS_MODE, Secrets, Settings

ADMIN = "admin"


def describe(
    options: LabOptions,
    folders: LabFolders,
    settings: Settings,
    secrets: Secrets,
    pids: dict[str, int],
    restart: str,
) -> dict[str, Any]:
    """The description of a lab."""
    url = f"http://{settings.api.host}:{settings.api.port}"
    return {
        "sip": {"host": settings.sip.host, "port": settings.sip.port},
        "outbound": {"host": settings.sip.outbound.host, "port": settings.sip.outbound.port},
        "lines": [{"number": line.number, "queue": line.queue} for line in settings.lines],
        "seats": [
            {"id": seat.id, "user": seat.phone_id, "password": secrets.phones[seat.phone_id]}
            for seat in settings.seats
        ],
        "officers": [
            {
                "id": officer.id,
                "precinct": officer.precinct,
                "user": officer.id,
                "password": secrets.phones[officer.id],
            }
            for officer in settings.officers
        ],
        "partners": [
            {
                "id": each.id,
                "kind": each.kind,
                "user": each.phone_id,
                "password": secrets.phones[each.phone_id],
            }
            for each in settings.partners
        ],
        "api": {"url": url, "token": secrets.api_token},
        "console": {"url": url, "user": ADMIN, "password": secrets.admin_password},
        "recordings": str(settings.recordings.directory),
        "recording_legs": str(settings.asterisk.recordings),
        "asterisk_cli": str(folders.asterisk_cli),
        "pids": pids,
        "restart": restart,
        "settings": str(folders.settings),
        "language": options.language,
    }


def write(file: Path, value: dict[str, Any]) -> None:
    """Write a JSON file with passwords in it, whole, mode 0600."""
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRETS_MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(value, out, indent=2, ensure_ascii=False)
        out.write("\n")
    partial.replace(file)


def read(file: Path) -> dict[str, Any] | None:
    """What a JSON file says; None when it is missing or not whole."""
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
