"""The codec alone: bytes in, events out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.agi import (
    MAX_COMMAND_BYTES,
    MAX_ENVIRONMENT_BYTES,
    MAX_HEADERS,
    MAX_LINE_BYTES,
    MAX_USAGE_LINES,
    AgiEvent,
    AgiRequest,
    AgiSession,
    HangUp,
    Reply,
    State,
    quote,
)
from ivr.errors import BadCommand, ProtocolError

ENVIRONMENT = (
    b"agi_network: yes\n"
    b"agi_network_script: intake?call_id=1700000000.12&line=110&from=+82%2010\n"
    b"agi_request: agi://127.0.0.1:14573/intake?call_id=1700000000.12&line=110\n"
    b"agi_channel: PJSIP/trunk-00000001\n"
    b"agi_language: en\n"
    b"agi_uniqueid: 1700000000.12\n"
    b"agi_callerid: 5551234\n"
    b"agi_calleridname: \xea\xb9\x80: name with: colons\n"
    b"agi_accountcode: \n"
    b"\n"
)
USAGE = (
    b"520-Invalid command syntax.  Proper usage follows:\n"
    b"Usage: STREAM FILE <filename> <escape digits>\n"
    b"\n"
    b"  HANGUP\n"
    b"HANGUP\n"
    b"520 End of proper usage.\n"
)


def idle_session() -> AgiSession:
    session = AgiSession()
    session.feed(ENVIRONMENT)
    assert isinstance(session.next_event(), AgiRequest)
    return session


def awaiting_session() -> AgiSession:
    session = idle_session()
    session.send("ANSWER")
    return session


def events(session: AgiSession) -> list[AgiEvent | str]:
    found: list[AgiEvent | str] = []
    try:
        while (event := session.next_event()) is not None:
            found.append(event)
    except ProtocolError as error:
        found.append(f"broken: {error}")
    return found


def test_environment_becomes_a_request() -> None:
    session = AgiSession()
    session.feed(ENVIRONMENT)
    request = session.next_event()
    assert isinstance(request, AgiRequest)
    assert request.channel == "PJSIP/trunk-00000001"
    assert request.uniqueid == "1700000000.12"
    assert request.callerid == "5551234"
    assert request.script == "intake"
    assert request.variables["calleridname"] == "김: name with: colons"
    assert request.variables["accountcode"] == ""
    assert session.state is State.IDLE


def test_query_keeps_the_plus_of_a_number() -> None:
    session = AgiSession()
    session.feed(ENVIRONMENT)
    request = session.next_event()
    assert isinstance(request, AgiRequest)
    assert request.query == {"call_id": "1700000000.12", "line": "110", "from": "+82 10"}


def test_caller_without_a_number_is_empty_not_unknown() -> None:
    assert AgiRequest({"callerid": "unknown"}).callerid == ""


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"200 result=0", Reply(200, "0")),
        (b"200 result=", Reply(200, "")),
        (b"200 result=1 (two) words (nested))", Reply(200, "1", "two) words (nested)")),
        (b"200 result=1 ()", Reply(200, "1", "")),
        (b"200 result=49 endpos=8000", Reply(200, "49", None, "endpos=8000")),
        (b"200 result=0 (timeout) endpos=160", Reply(200, "0", "timeout", "endpos=160")),
        (b"510 Invalid or unknown command", Reply(510, text="Invalid or unknown command")),
        (
            b"511 result=-1 Command Not Permitted on a dead channel or intercept routine",
            Reply(511, "-1", text="Command Not Permitted on a dead channel or intercept routine"),
        ),
        (
            b"511 Command Not Permitted on a dead channel",
            Reply(511, text="Command Not Permitted on a dead channel"),
        ),
        (
            b"520 Invalid command syntax.  Proper usage not available.",
            Reply(520, text="Invalid command syntax.  Proper usage not available."),
        ),
    ],
)
def test_reply_is_read(line: bytes, reply: Reply) -> None:
    session = awaiting_session()
    session.feed(line + b"\n")
    assert session.next_event() == reply
    assert session.state is State.IDLE


def test_endpos_is_read_from_a_reply() -> None:
    assert Reply(200, "0", text="endpos=8000").endpos_samples == 8000
    assert Reply(200, "0").endpos_samples is None


def test_usage_message_is_one_reply() -> None:
    session = awaiting_session()
    session.feed(USAGE)
    reply = session.next_event()
    assert isinstance(reply, Reply)
    assert reply.code == 520
    assert reply.text.startswith("Usage: STREAM FILE")
    assert session.next_event() is None
    assert not session.hung_up


def test_hang_up_is_told_while_nothing_is_asked() -> None:
    session = idle_session()
    session.feed(b"HANGUP\n")
    assert session.next_event() == HangUp()
    assert session.hung_up


def test_hang_up_does_not_take_the_place_of_the_reply() -> None:
    session = awaiting_session()
    session.feed(b"HANGUP\n200 result=-1\n")
    assert events(session) == [HangUp(), Reply(200, "-1")]


STREAM = [
    ENVIRONMENT,
    b"200 result=0 endpos=1\n",
    b"HANGUP\n",
    USAGE,
    b"511 dead\n",
    b"garbage\n",
]


def converse(pieces: list[bytes]) -> list[AgiEvent | str]:
    """Feed pieces; after the request and each reply the next command is sent at once."""
    session = AgiSession()
    found: list[AgiEvent | str] = []
    for piece in pieces:
        session.feed(piece)
        try:
            while (event := session.next_event()) is not None:
                found.append(event)
                if session.state is State.IDLE:
                    session.send("NOOP")
        except ProtocolError as error:
            found.append(f"broken: {error}")
            break
    return found


def test_every_single_split_gives_the_same_events() -> None:
    stream = b"".join(STREAM)
    whole = converse([stream])
    assert [type(event).__name__ for event in whole] == [
        "AgiRequest",
        "Reply",
        "HangUp",
        "Reply",
        "Reply",
        "str",
    ]
    for at in range(len(stream) + 1):
        assert converse([stream[:at], stream[at:]]) == whole
    assert converse([bytes([byte]) for byte in stream]) == whole


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*STREAM, b"\r\n", b"x" * 9000, b"\xff\n", b"200 "])),
    st.lists(st.integers(0, 2000), max_size=30),
)
def test_however_it_is_split_the_events_are_the_same(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(lines)
    edges = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert converse(pieces or [b""]) == converse([stream])


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_events_or_a_refusal(data: bytes) -> None:
    for session in (AgiSession(), idle_session(), awaiting_session()):
        session.feed(data)
        events(session)  # anything but ProtocolError would fail the test


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\n",
        b"\n",
        b"agi_channel: x\n\n",
        b"agi_request: a\nagi_request: b\n\n",
        b"agi_request: a\0b\n\n",
        b"agi_request: " + b"x" * MAX_LINE_BYTES,
        b"agi_request: x\n" + b"".join(b"agi_arg_%d: x\n" % n for n in range(MAX_HEADERS)),
        b"".join(
            b"agi_arg_%d: " % n + b"x" * 8000 + b"\n"
            for n in range(MAX_ENVIRONMENT_BYTES // 8000 + 1)
        ),
    ],
    ids=[
        "http",
        "empty",
        "without request",
        "twice",
        "nul",
        "endless line",
        "many headers",
        "many bytes",
    ],
)
def test_environment_that_is_none_is_refused(data: bytes) -> None:
    session = AgiSession()
    session.feed(data)
    with pytest.raises(ProtocolError):
        session.next_event()
    assert session.state is State.BROKEN
    session.feed(ENVIRONMENT)
    with pytest.raises(ProtocolError):
        session.next_event()


@pytest.mark.parametrize(
    "data",
    [
        b"hello\n",
        b"200 result=1\n200 result=1\n",
        b"HANGUP\nHANGUP\n",
        b"520-Usage\n" + b"line\n" * (MAX_USAGE_LINES + 1),
        b"\x80\x81\n",
        b"200result=1\n",
        b"x" * (MAX_LINE_BYTES + 1),
        b"200 result=" + b"x" * MAX_LINE_BYTES + b"\n",
    ],
    ids=[
        "words",
        "two replies",
        "two hang-ups",
        "endless usage",
        "binary",
        "glued",
        "endless",
        "too long",
    ],
)
def test_reply_that_is_none_is_refused(data: bytes) -> None:
    session = awaiting_session()
    session.feed(data)
    with pytest.raises(ProtocolError):
        for _ in range(3):
            session.next_event()


def test_reply_that_nobody_asked_for_is_refused() -> None:
    session = idle_session()
    session.feed(b"200 result=1\n")
    with pytest.raises(ProtocolError, match="nobody asked"):
        session.next_event()


def asterisk_reads(line: bytes) -> list[str]:
    """The words of a command as res_agi.c takes them apart."""
    words, word, quoted, escaped, started = [], "", False, False, False
    for char in line.decode().rstrip("\n"):
        if escaped:
            word, escaped = word + char, False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted, started = not quoted, True
        elif char in " \t" and not quoted:
            if started or word:
                words.append(word)
            word, started = "", False
        else:
            word += char
    return [*words, word] if started or word else words


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200),
)
def test_arguments_arrive_as_they_were(name: str, value: str) -> None:
    line = idle_session().send("SET VARIABLE", name, value)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert asterisk_reads(line) == ["SET", "VARIABLE", name, value]


@pytest.mark.parametrize("bad", ["a\nHANGUP", "a\rb", "a\0b", "\x1b[2J", "\ud800"])
def test_argument_that_would_break_the_line_is_refused(bad: str) -> None:
    session = idle_session()
    with pytest.raises(BadCommand):
        session.send("SET VARIABLE", "NAME", bad)
    assert session.state is State.IDLE


def test_command_longer_than_asterisk_reads_is_refused() -> None:
    session = idle_session()
    assert MAX_COMMAND_BYTES == 2047
    fits = MAX_COMMAND_BYTES - len(b'VERBOSE ""\n')
    with pytest.raises(BadCommand):
        session.send("VERBOSE", "x" * (fits + 1))
    assert len(session.send("VERBOSE", "x" * fits)) == MAX_COMMAND_BYTES


def test_second_command_waits_for_the_first_reply() -> None:
    session = awaiting_session()
    with pytest.raises(BadCommand, match="out of turn"):
        session.send("ANSWER")
    with pytest.raises(BadCommand, match="out of turn"):
        AgiSession().send("ANSWER")


def test_quote_escapes_quotes_and_backslashes() -> None:
    assert quote('a "b" \\') == '"a \\"b\\" \\\\"'
