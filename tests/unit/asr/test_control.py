import pytest

from asr.control import MAX_LINE_BYTES, Expect, Lines, Ping, Text, encode
from asr.errors import ControlError

TEXT = Text("ab", "ab.1", 1, 2, "어디에요\n", True, None, "e", "m", "ko", [["어디에요", 1, 2, 0.5]])


def test_messages_come_out_as_they_went_in_however_split() -> None:
    data = encode(Expect("ab", "ko", 12.5, 10.0)) + encode(TEXT) + encode(Ping(3))
    lines = Lines()
    out = [message for byte in data for message in lines.feed(bytes([byte]))]
    assert out == [Expect("ab", "ko", 12.5, 10.0), TEXT, Ping(3)]


@pytest.mark.parametrize(
    "line",
    [b"hello\n", b"{}\n", b"[1]\n", b'{"is": "Ping"}\n', b'{"is": "os.system", "number": 1}\n'],
)
def test_line_that_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ControlError):
        Lines().feed(line)


def test_line_without_end_is_refused() -> None:
    with pytest.raises(ControlError, match="more than"):
        Lines().feed(b"x" * (MAX_LINE_BYTES + 1))
