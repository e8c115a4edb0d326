"""What callers say runs nothing in a spreadsheet, and comes back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.records import csv_lines


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def cell(name, value):
    (row,) = read(csv_lines.lines([{name: value}]))
    return row[csv_lines.COLUMNS.index(name)]


@pytest.mark.parametrize(
    "said",
    [
        '=HYPERLINK("//x","y")',
        "+12125550142",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1,2)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\uff1d1+1",
    ],
)
def test_a_cell_that_would_be_a_formula_is_text(said):
    assert cell("caller_name", said) == f"'{said}"


@pytest.mark.parametrize("said", ["Madison Avenue", "5 = five", "a+b", "O'Brien", "張", ""])
def test_other_cells_are_as_they_were_said(said):
    assert cell("caller_name", said) == said


words = st.text("=+-@\t\r\n\0 '\",;aZ0\u00a0\uff1d\ud800\U0001f600", max_size=6)


@given(st.sampled_from(csv_lines.COLUMNS), words | st.lists(words, max_size=3))
def test_no_cell_begins_with_what_a_formula_begins_with(column, said):
    text = csv_lines.lines([{column: said}])
    text.encode("utf-8")
    (row,) = read(text)
    assert len(row) == len(csv_lines.COLUMNS)
    assert not [each for each in row if each.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_what_was_said_can_be_read_back_to_the_letter(said):
    got = cell("place", said)
    assert got == csv_lines.neutral(said) and got.removeprefix("'" if got != said else "") == said


def test_lines_end_as_rfc_4180_wants_it_and_the_file_begins_with_the_mark_of_utf_8():
    text = csv_lines.heading() + csv_lines.lines([{"place": 'a "b", c\nd'}])
    assert text.encode().startswith(b"\xef\xbb\xbfincident,began_at,")
    assert text.endswith("\r\n") and '"a ""b"", c\nd"' in text
    assert len(read(text)) == 2


def test_what_was_denied_says_none_and_what_was_never_said_is_empty():
    assert cell("weapons", []) == "none"
    assert cell("weapons", None) == ""
    assert cell("injured", 0) == "0"
    assert cell("suspects", ["tall man", "woman"]) == "tall man; woman"
