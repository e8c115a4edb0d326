"""What the journal says of a call that is over: was somebody there for the caller? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from callcenter.figures.lives import Lives
from callcenter.store.journal_pages import JournalRow
from callcenter.store.tasks import EndedCall
from callcenter.tasks.numbers import kept

CALL_BACK_WANTED: Final = "call.call_back_wanted"
CALLED_BACK: Final = "call.called_back"
RESPONSE_DONE: Final = "response.done"
DIVERTED: Final = "call.divert_taken"
_WAITED: Final = frozenset({"arrived", "waiting", "offered", "fallback"})
_KNOWN: Final = ("language", "category", "level", "precinct")


def verdict(rows: Sequence[JournalRow]) -> EndedCall | None:
    """What became of the call whose entries these are, in order; None before its end is noted."""
    ended = next((row for row in reversed(rows) if row.kind == "call.ended"), None)
    if ended is None or ended.call_id is None:
        return None
    lives = Lives()
    for row in rows:
        lives.feed(row)
    life = lives.of(ended.call_id)
    if life is None:
        # Its arrival is not in the journal; what the end says is all there is.
        arrived_s = ended.at.timestamp() - _ms(ended.payload) / 1000
        number, line, queue = (_text(ended.payload, name) for name in ("from", "line", "queue"))
    else:
        arrived_s, number, line, queue = life.arrived_s, life.caller, life.line, life.queue
    outgoing = next((row for row in rows if row.kind == CALLED_BACK), None)
    known: dict[str, Any] = {
        "line": line,
        "queue": queue,
        "place_text": ended.payload.get("place"),
        **{name: ended.payload.get(name) for name in _KNOWN},
    }
    if life is not None and life.agent_seen:
        known |= {"seat": life.seat, "heard": life.answered}
    what = "called_back" if outgoing else _what(rows, ended, lives)
    return EndedCall(
        call_id=ended.call_id,
        what=what,
        number=kept(number),
        arrived_at=datetime.fromtimestamp(arrived_s, UTC),
        wait_ms=_wait_ms(what, ended, lives),
        known={name: value for name, value in known.items() if value not in (None, "")},
        task_id=_task(outgoing),
    )


def follow_up(ended: EndedCall, rows: Sequence[JournalRow]) -> EndedCall:
    """The same call, as one whose caller is to be called after the officer was there, if so.

    A call that somebody must look after anyway stays what it is, and so does one without a number.
    """
    asked = [row for row in rows if row.kind == RESPONSE_DONE]
    question = asked[-1].payload.get("call_back") if asked else None
    if ended.what != "answered" or not ended.number or not isinstance(question, str):
        return ended
    return replace(ended, what="follow_up", known={**ended.known, "question": question})


def _what(rows: Sequence[JournalRow], ended: JournalRow, lives: Lives) -> str:
    kinds = {row.kind for row in rows}
    if CALL_BACK_WANTED in kinds:
        return "call_back"
    life = lives.of(ended.call_id or "")
    if DIVERTED in kinds:
        return "answered"
    if life is None:
        return "abandoned"
    if life.agent_seen and _waited_again(rows, ended):
        return "cut_off"
    if life.answered:
        return "answered"
    if life.unseen_end:
        return "unseen"
    return "unheard" if life.agent_seen else "abandoned"


def _waited_again(rows: Sequence[JournalRow], ended: JournalRow) -> bool:
    """Whether the caller was sent back to wait, and left before anybody came again."""
    last = ""
    for row in rows:
        joined = row.kind == "leg.joined" and row.payload.get("role") != "caller"
        if joined or row.kind == "call.returned":
            last = row.kind
    return last == "call.returned" and ended.payload.get("was") in _WAITED


def _wait_ms(what: str, ended: JournalRow, lives: Lives) -> int:
    life = lives.of(ended.call_id or "")
    if what in {"answered", "called_back"} and life is not None and life.answered_ms is not None:
        return round(life.answered_ms)
    return round(_ms(ended.payload))


def _task(outgoing: JournalRow | None) -> int | None:
    task = outgoing.payload.get("task") if outgoing else None
    return task if isinstance(task, int) else None


def _ms(payload: dict[str, Any]) -> float:
    value = payload.get("ms")
    return float(value) if isinstance(value, int | float) else 0.0


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""
