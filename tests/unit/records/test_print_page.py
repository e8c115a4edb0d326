"""The printed page says everything and runs nothing."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from callcenter.records import print_page

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "small", "strong", "span"),
    *("table", "tbody", "thead", "tr", "th", "td", "footer"),
}
SEGMENT = {"role": "caller", "text": "somebody took my bag", "start_ms": 61_000, "final": True}


def call(**changes):
    return {
        "id": "1.1",
        "line": "110",
        "from": "2125550123",
        "state": "closed",
        "arrived_at": "2026-03-01T12:00:00.000Z",
        "answered_at": "2026-03-01T12:00:02.000Z",
        "closed_at": "2026-03-01T12:05:00.000Z",
        "seat": "s01",
        "officer": "o19a",
        "language": "en",
        "fields": {},
        "transcript": [SEGMENT],
        "recordings": [{"sha256": "ab12", "duration_ms": 300_000, "url": "/x"}],
    } | changes


def incident(**changes):
    return {
        "id": "inc-1.1",
        "fields": {"category": "domestic_violence", "level": "red", "weapons": []},
        "evidence": {},
        "contradictions": [],
        "finished": True,
        "complete": True,
        "calls": [call()],
        "joins": [],
        "separated": [],
        "history": {},
    } | changes


def page(**changes):
    return print_page.page(
        incident(**changes), printed_at="2026-03-02T08:00:00.000Z", printed_by="boss"
    )


def text_of(html):
    body = html[html.index("<body>") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, attributes))


def test_whatever_people_said_or_typed_is_text_on_the_page():
    join = {
        "incident": HOSTILE,
        "into": HOSTILE,
        "at": HOSTILE,
        "by": HOSTILE,
        "why": HOSTILE,
        "separated_at": HOSTILE,
        "separated_by": HOSTILE,
        "separated_why": HOSTILE,
    }
    row = {"source": "caller_words", "words": HOSTILE, "start_ms": 1, "confidence": 0.5}
    typed = {"source": "operator", "confirmed_by": HOSTILE, "confirmed_at": HOSTILE}
    but = {"field": "category", "heard": HOSTILE, "words": HOSTILE}
    edit = {"at": HOSTILE, "by": HOSTILE, "value": HOSTILE, "before": {"text": HOSTILE}}
    hostile_call = {name: HOSTILE for name in call()} | {
        "transcript": [{"role": HOSTILE, "text": HOSTILE, "start_ms": 0}],
        "recordings": [{"sha256": HOSTILE, "duration_ms": 1}],
    }
    html = page(
        id=HOSTILE,
        fields={name: HOSTILE for name in print_page.NAMES} | {"place": {"text": HOSTILE}},
        evidence={"category": [row, typed], "place": [row | {"source": HOSTILE}]},
        contradictions=[but],
        calls=[hostile_call],
        joins=[join],
        separated=[join],
        history={"category": [edit], HOSTILE: [edit]},
    )
    tags = Tags()
    tags.feed(html)
    assert {tag for tag, _ in tags.seen} <= TAGS
    names = {name for _, attributes in tags.seen for name, _ in attributes}
    assert names <= {"lang", "charset", "class"}
    assert html.count("alert(1)") > 25


def test_the_page_needs_nothing_else_and_its_policy_names_its_own_style():
    style = re.search(r"<style>(.*?)</style>", page(), re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in print_page.POLICY
    assert "script" not in print_page.POLICY and "default-src 'none'" in print_page.POLICY
    assert not re.search(r"\b(src|href|url)\b", page())
    assert "size: A4" in style


def test_the_record_with_its_words_contradictions_and_edits_is_there():
    heard = {
        "source": "caller_words",
        "words": "robbed",
        "start_ms": 61_000,
        "confidence": 0.8,
        "call_id": "1.2",
    }
    line = {"source": "line", "value": "5551", "call_id": "1.2", "confidence": 0.9}
    text = text_of(
        page(
            calls=[call(), call(id="1.2", **{"from": ""})],
            evidence={"category": [heard], "callback": [line]},
            contradictions=[
                {"field": "weapons", "heard": ["gun"], "words": "a gun", "call_id": "1.2"}
            ],
            history={
                "level": [
                    {
                        "at": "2026-03-01T12:03:00.000Z",
                        "by": "s01",
                        "value": "red",
                        "before": "blue",
                    }
                ]
            },
        )
    )
    for said in (
        "Domestic violence incident",
        "2 calls",
        "call 2: caller said at 1:01: “robbed” (80 % sure)",
        "Weapons None But heard in call 2: gun (“a gun”)",
        "2026-03-01 12:03:00 s01 Level blue red",
        "call 2: line 5551 (90 % sure)",
        "from a withheld number on line 110",
        "1:01 Caller somebody took my bag",
        "SHA-256 ab12",
        "Printed 2026-03-02 08:00:00 by boss",
    ):
        assert said in text, said


def test_what_was_never_said_is_empty():
    row = re.search(r"<tr><th>Suspects</th><td>(.*?)</td>", page())
    assert row[1] == ""


def test_a_page_that_may_lack_calls_says_so():
    assert "Not complete" in text_of(page(complete=False))
    assert "Not complete" not in text_of(page())
