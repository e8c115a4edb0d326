"""Two books of the same calls: the service's journal, and what Asterisk itself wrote down.

Asterisk's are its channel event log (CEL) and its call detail records (CDR). The product runs
without either; here they are switched on in the lab's rendered configuration.
"""

from __future__ import annotations

import asyncio
import csv
import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.bench.errors import BenchFailed
from callcenter.bench.hotline import BenchHotline
from callcenter.lab.layout import LabFolders

TRUNK = "PJSIP/trunk-"
CEL_COLUMNS = ("event", "at", "channel", "uniqueid", "linkedid", "context", "application", "peer")
_CDR_CHANNEL, _CDR_UNIQUEID = 5, 16
"""Columns of cdr_csv's own, with the unique id and the user field at the end."""

_CDR = "[general]\nenable = yes\nunanswered = yes\n\n[csv]\nusegmtime = yes\nloguniqueid = yes\n"
_CEL = (
    "[general]\nenable = yes\ndateformat = %s\n"
    "events = CHAN_START,CHAN_END,ANSWER,HANGUP,BRIDGE_ENTER,BRIDGE_EXIT\n"
)
_CEL_CUSTOM = (
    "[mappings]\nMaster.csv => ${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventtime})},"
    "${CSV_QUOTE(${CHANNEL(channame)})},${CSV_QUOTE(${CHANNEL(uniqueid)})},"
    "${CSV_QUOTE(${CHANNEL(linkedid)})},${CSV_QUOTE(${CHANNEL(context)})},"
    "${CSV_QUOTE(${CHANNEL(appname)})},${CSV_QUOTE(${CHANNEL(peer)})}\n"
)


@dataclass(slots=True)
class Books:
    """What both say; calls by id (Asterisk's Linkedid)."""

    asterisk_calls: set[str] = field(default_factory=set)
    asterisk_ended: set[str] = field(default_factory=set)
    asterisk_seats: set[tuple[str, str]] = field(default_factory=set)
    """(call, seat) of every seat's phone that came into a call's bridge."""
    cdr_calls: set[str] = field(default_factory=set)
    journal_calls: set[str] = field(default_factory=set)
    journal_ended: set[str] = field(default_factory=set)
    journal_seats: set[tuple[str, str]] = field(default_factory=set)

    @property
    def both(self) -> set[str]:
        """Calls in either's first page."""
        return self.asterisk_calls & self.journal_calls & self.cdr_calls


def compare(kept: Books) -> dict[str, set[str]]:
    """What does not agree, and for which calls."""

    def told(pairs: Iterable[tuple[str, str]]) -> set[str]:
        return {f"{call_id} {seat}" for call_id, seat in pairs}

    return {
        "in Asterisk's events, not in the journal": kept.asterisk_calls - kept.journal_calls,
        "in the journal, not in Asterisk's events": kept.journal_calls - kept.asterisk_calls,
        "in Asterisk's events, not in its records": kept.asterisk_calls - kept.cdr_calls,
        "not ended in the journal": kept.journal_calls - kept.journal_ended,
        "not ended in Asterisk": kept.asterisk_calls - kept.asterisk_ended,
        "at a seat in Asterisk only": told(kept.asterisk_seats - kept.journal_seats),
        "at a seat in the journal only": told(kept.journal_seats - kept.asterisk_seats),
    }


async def open_books(floor: BenchHotline) -> None:
    """Have Asterisk write down every call from now on."""
    asterisk = LabFolders(floor.folder).asterisk
    config, log = asterisk / "config", asterisk / "log"
    owner = log.stat()
    for name in ("cdr-csv", "cel-custom"):
        (log / name).mkdir(exist_ok=True)
        shutil.chown(log / name, owner.st_uid, owner.st_gid)
    for name, text in (("cdr.conf", _CDR), ("cel.conf", _CEL), ("cel_custom.conf", _CEL_CUSTOM)):
        (config / name).write_text(text, "utf-8")
        shutil.chown(config / name, owner.st_uid, owner.st_gid)
    for command in (
        "module load func_cdr.so",
        "module load res_cdrel_custom.so",
        "module load cdr_csv.so",
        "module load cel_custom.so",
        "module reload cdr",
        "module reload cel",
    ):
        await floor.cli(command)
    for command in ("cdr show status", "cel show status"):
        said = await floor.cli(command)
        if "Enabled" not in said:
            raise BenchFailed(f"Asterisk does not write calls down: {said.strip()[:300]}")


async def close_books(floor: BenchHotline) -> Books:
    """Read both."""
    log = LabFolders(floor.folder).asterisk / "log"
    await asyncio.sleep(1.0)  # the journal commits what has gathered
    kept = Books()
    database = Path(floor.settings.database.partition(":///")[2])
    read_cel(log / "cel-custom" / "Master.csv", floor.seats, kept)
    read_cdr(log / "cdr-csv" / "Master.csv", kept)
    read_journal(database, kept)
    return kept


def read_cel(file: Path, seats: frozenset[str], kept: Books) -> None:
    """Calls, their ends, and which seats came into them."""
    for row in _rows(file):
        if len(row) < len(CEL_COLUMNS):
            continue
        one: Mapping[str, str] = dict(zip(CEL_COLUMNS, row, strict=False))
        caller = one["channel"].startswith(TRUNK)
        if caller and one["uniqueid"] == one["linkedid"]:
            if one["event"] == "CHAN_START":
                kept.asterisk_calls.add(one["linkedid"])
            elif one["event"] == "CHAN_END":
                kept.asterisk_ended.add(one["linkedid"])
        seat = one["channel"].removeprefix("PJSIP/").rpartition("-")[0]
        if seat in seats and one["event"] == "BRIDGE_ENTER" and one["application"] == "ConfBridge":
            kept.asterisk_seats.add((one["linkedid"], seat))


def read_cdr(file: Path, kept: Books) -> None:
    """Calls that have a record."""
    for row in _rows(file):
        if len(row) > _CDR_UNIQUEID and row[_CDR_CHANNEL].startswith(TRUNK):
            kept.cdr_calls.add(row[_CDR_UNIQUEID])


def read_journal(database: Path, kept: Books) -> None:
    """The same from the service's journal."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT call_id, kind, payload FROM journal ORDER BY id")
        for call_id, kind, payload in rows:
            if kind == "call.arrived":
                kept.journal_calls.add(call_id)
            elif kind == "call.ended":
                kept.journal_ended.add(call_id)
            elif kind == "leg.joined":
                leg = json.loads(payload)
                if leg["role"] == "operator":
                    kept.journal_seats.add((call_id, leg["party"]))


def _rows(file: Path) -> list[list[str]]:
    if not file.exists():
        raise BenchFailed(f"{file}: Asterisk has written nothing")
    with file.open(newline="", encoding="utf-8", errors="replace") as lines:
        return list(csv.reader(lines))
