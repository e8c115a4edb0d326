"""One incident as a page to print: HTML that needs nothing else, on A4. Pure.

Everything that people said or typed is escaped; the page has no script, and `POLICY` lets none
run and nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from callcenter.incidents.record import FIELDS

STYLE = """
@page {
  size: A4; margin: 18mm 16mm 18mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif }
}
html {
  font: 10pt/1.4 system-ui, "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK KR", sans-serif;
  color: #000; background: #fff;
}
body { max-width: 178mm; margin: 6mm auto; overflow-wrap: anywhere }
h1 { font-size: 16pt; margin: 0 0 1mm }
h2 { font-size: 11pt; margin: 6mm 0 1.5mm; border-bottom: .3mm solid #000; break-after: avoid }
p { margin: 0 0 1mm }
.quiet { color: #444 }
table { width: 100%; border-collapse: collapse }
th, td { text-align: left; vertical-align: top; padding: 1mm 2mm 1mm 0 }
tr > * { border-bottom: .1mm solid #999 }
thead { display: table-header-group }
thead th { font-weight: normal; font-size: 8pt; color: #444 }
tr { break-inside: avoid }
tbody th { width: 32mm; font-weight: normal; color: #444 }
td strong { font-size: 11pt }
td small, .said small { display: block; color: #444; font-size: 8pt }
.but { border-left: 1mm solid #000; padding-left: 2mm; margin-top: 1mm }
.level { border: .4mm solid #000; padding: 0 1.5mm; text-transform: uppercase; font-weight: bold }
.time { width: 14mm; white-space: nowrap; font-variant-numeric: tabular-nums }
.who { width: 20mm }
.when { width: 36mm; font-variant-numeric: tabular-nums }
footer { margin-top: 8mm; font-size: 8pt; color: #444; break-inside: avoid }
@media print { body { margin: 0; max-width: none } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The page's Content-Security-Policy."""
NAMES = {
    "category": "What",
    "level": "Level",
    "place": "Where",
    "when": "When",
    "caller_name": "Caller's name",
    "callback": "Call back",
    "injured": "Injured",
    "suspects": "Suspects",
    "weapons": "Weapons",
    "dangers": "Dangers",
    "asked_for": "Asked for",
}
SOURCES = {
    "caller_words": "caller said",
    "operator_words": "operator said",
    "officer_words": "officer said",
    "line": "line",
}
WORDS_SHOWN = 3
"""Of each field, so many of the newest sayings it rests on; all are in the JSON."""

Json = Mapping[str, Any]


def page(incident: Json, *, printed_at: str, printed_by: str) -> str:
    """The page of an incident as `callcenter.records.desk.whole` gives it."""
    fields = incident["fields"]
    title = " ".join(filter(None, (_capital(_words(fields.get("category"))), "incident")))
    level = fields.get("level")
    began = min(call["arrived_at"] for call in incident["calls"])
    parts = [
        f"<h1>{_level(level)} {escape(title)}</h1>",
        f"<p>{escape(incident['id'])} · began {_moment(began)} · {_count(incident['calls'])}"
        f" · {'finished' if incident['finished'] else 'still going on'}</p>",
        ""
        if incident["complete"]
        else "<p><strong>Not complete: the database did not answer."
        " Other calls may belong to it.</strong></p>",
        "<h2>Record</h2>",
        _record(incident),
        *_joins(incident),
        *_history(incident),
        *(_call(number, call) for number, call in enumerate(incident["calls"], 1)),
        f"<footer>Printed {_moment(printed_at)} by {escape(printed_by)}. Times are UTC. What"
        " nobody said is left empty. Who printed this is in the journal.</footer>",
    ]
    body = "\n".join(filter(None, parts))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(incident['id'])}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _record(incident: Json) -> str:
    numbers = {call["id"]: number for number, call in enumerate(incident["calls"], 1)}
    only = len(numbers) == 1
    rows = []
    for name in FIELDS:
        value = incident["fields"].get(name)
        said = incident["evidence"].get(name) or []
        heard = [row for row in said if row.get("source") != "operator"][-WORDS_SHOWN:]
        typed = [row for row in said if row.get("source") == "operator"]
        shown = [_source(row, None if only else numbers.get(row.get("call_id"))) for row in typed]
        shown += [_source(row, None if only else numbers.get(row.get("call_id"))) for row in heard]
        shown += [
            _but(each, None if only else numbers.get(each.get("call_id")))
            for each in incident["contradictions"]
            if each.get("field") == name
        ]
        rows.append(
            f"<tr><th>{NAMES[name]}</th><td>{_value(name, value)}{''.join(shown)}</td></tr>"
        )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name == "place" and isinstance(value, Mapping):
        found = f"precinct {_words(value['precinct'])}" if value.get("precinct") else ""
        lat, lon = value.get("lat"), value.get("lon")
        at = f"{lat:.5f}, {lon:.5f}" if lat is not None and lon is not None else ""
        more = " · ".join(filter(None, (found or "not found on the map", at)))
        return f"<strong>{escape(_words(value.get('text')))}</strong> {escape(more)}"
    return f"<strong>{escape(_capital(_words(value)) or 'None')}</strong>"


def _source(row: Json, number: int | None) -> str:
    where = "" if number is None else f"call {number}: "
    if row.get("source") == "operator":
        by = f" by {row['confirmed_by']}" if row.get("confirmed_by") else ""
        at = f", {row['confirmed_at']}" if row.get("confirmed_at") else ""
        return f"<small>{escape(f'{where}typed{by}{at}')}</small>"
    label = SOURCES.get(str(row.get("source")), _words(row.get("source")))
    at = f" at {_clock(row['start_ms'])}" if row.get("start_ms") is not None else ""
    words = f": “{row['words']}”" if row.get("words") else ""
    if row.get("source") == "line":
        # Each call of an incident came by a number of its own.
        words = f" {_words(row.get('value'))}"
    sure = row.get("confidence")
    share = f" ({round(sure * 100)} % sure)" if isinstance(sure, int | float) else ""
    return f"<small>{escape(f'{where}{label}{at}{words}{share}')}</small>"


def _but(each: Json, number: int | None) -> str:
    heard = each.get("heard")
    value = heard.get("text") if isinstance(heard, Mapping) and "text" in heard else heard
    verb = "typed" if each.get("source") == "typed" else "heard"
    where = "" if number is None else f" in call {number}"
    words = f" (“{each['words']}”)" if each.get("words") else ""
    text = f"But {verb}{where}: {_words(value) or 'none'}{words}"
    return f'<p class="but">{escape(text)}</p>'


def _joins(incident: Json) -> Iterable[str]:
    rows = [
        f"{_moment(each['at'])}: {escape(each['incident'])} was joined to {escape(each['into'])}"
        f" by {escape(each['by'])}{_because(each['why'])}"
        for each in (*incident["joins"], *incident["separated"])
    ] + [
        f"{_moment(each['separated_at'])}: {escape(each['incident'])} was separated from"
        f" {escape(each['into'])} by {escape(each['separated_by'] or '')}"
        f"{_because(each['separated_why'] or '')}"
        for each in incident["separated"]
    ]
    if rows:
        yield "<h2>Joined and separated</h2>"
        yield from (f"<p>{row}</p>" for row in sorted(rows))


def _history(incident: Json) -> Iterable[str]:
    edits = sorted(
        ((name, edit) for name, known in incident["history"].items() for edit in known),
        key=lambda each: each[1]["at"],
    )
    if not edits:
        return
    yield "<h2>Typed by people</h2>"
    rows = [
        f'<tr><td class="when">{_moment(edit["at"])}</td>'
        f"<td>{escape(str(edit.get('by') or ''))}</td>"
        f"<td>{escape(NAMES.get(name, name))}</td><td>{_plain(edit.get('before'))}</td>"
        f"<td>{_plain(edit.get('value')) or 'taken back'}</td></tr>"
        for name, edit in edits
    ]
    yield (
        "<table><thead><tr><th>When</th><th>Who</th><th>Field</th><th>Before</th><th>Typed</th>"
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _call(number: int, call: Json) -> str:
    who = escape(call["from"] or "a withheld number")
    facts = [
        f"from {who} on line {escape(call['line'])}",
        f"arrived {_moment(call['arrived_at'])}",
        f"answered {_moment(call['answered_at'])}" if call.get("answered_at") else "not answered",
        f"ended {_moment(call['closed_at'])}" if call.get("closed_at") else "going on",
        f"seat {escape(call['seat'])}" if call.get("seat") else "",
        f"officer {escape(call['officer'])}" if call.get("officer") else "",
    ]
    said = [
        f'<tr><td class="time">{_clock(each["start_ms"])}</td>'
        f'<td class="who">{escape(_capital(_words(each.get("role"))))}</td>'
        f'<td lang="{escape(str(call.get("language") or "en"), quote=True)}">'
        f"{escape(str(each.get('text') or ''))}</td></tr>"
        for each in call.get("transcript", ())
        if each.get("final", True)
    ]
    recordings = [
        f'<p class="quiet">Recording of {_clock(each["duration_ms"])}, SHA-256 '
        f"{escape(each['sha256'])}</p>"
        for each in call.get("recordings", ())
    ]
    words = (
        f'<table class="said"><tbody>{"".join(said)}</tbody></table>'
        if said
        else '<p class="quiet">Nothing was written down.</p>'
    )
    return (
        f"<h2>Call {number} · {escape(call['id'])}</h2><p>{' · '.join(filter(None, facts))}</p>"
        f"{words}{''.join(recordings)}"
    )


def _level(level: Any) -> str:
    return f'<span class="level">{escape(_words(level))}</span>' if level else ""


def _because(why: str) -> str:
    return f" ({escape(why)})" if why else ""


def _plain(value: Any) -> str:
    if isinstance(value, Mapping) and "text" in value:
        value = value["text"]
    return escape(_words(value))


def _words(value: Any) -> str:
    """Any value as words: the service's own names without underscores, lists with semicolons."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(_words(entry) for entry in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_words(inner)}" for name, inner in value.items())
    text = str(value)
    own = text.replace("_", "").isalpha() and text.isascii() and text.islower()
    return text.replace("_", " ") if own else text


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _count(calls: Sequence[Any]) -> str:
    return "1 call" if len(calls) == 1 else f"{len(calls)} calls"


def _moment(moment: str | None) -> str:
    """2026-03-01T12:00:00.250Z as 2026-03-01 12:00:00."""
    return escape((moment or "")[:19].replace("T", " "))


def _clock(ms: int) -> str:
    seconds = max(0, int(ms) // 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
