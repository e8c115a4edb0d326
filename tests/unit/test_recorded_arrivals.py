"""Files of recorded calls: what is in them, and what is said of those that are wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from acd.scenario import DAY_S, RecordedCall
from callcenter.recorded_arrivals import ArrivalsError, read_arrivals

DATA = Path(os.environ.get("CALLCENTER_TEST_DATA", "../shared/data"))
BANK = DATA / "arrivals" / "anonymous_bank_1999-02.tsv"
BANK_HEADER = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start"
    "\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\n"
)


def bank_row(**cells: str) -> str:
    row = {
        "line": "AA0101",
        "call_id": "1",
        "customer": "0",
        "priority": "0",
        "type": "PS",
        "date": "990201",
        "entry": "8:19:42",
        "exit": "8:19:47",
        "menu": "5",
        "q_start": "0:00:00",
        "q_exit": "0:00:00",
        "waited": "0",
        "outcome": "AGENT",
        "ser_start": "0:00:00",
        "ser_exit": "0:00:00",
        "talked": "0",
        "server": "NO_SERVER",
    } | cells
    return "\t".join(row.values()) + "\n"


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "calls.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_time_is_that_of_the_clock_on_the_wall(file):
    calls = read_arrivals(
        file("arrived,handling_s\n1970-01-03T08:30:00,90\n1970-01-02T08:30:00+02:00,60\n")
    )
    assert [call.at_s for call in calls] == [DAY_S + 30_600, 2 * DAY_S + 30_600]
    assert calls[1] == RecordedCall(2 * DAY_S + 30_600, "110", 0.0, True, 90.0)


def test_all_that_is_known_of_a_call_is_taken(file):
    (call,) = read_arrivals(
        file(
            "seat,arrived,answered,waited_s,handling_s,queue,line,caller,priority\n"
            "a,12.5,no,7,,119,119,5551234,2\n"
        )
    )
    assert call == RecordedCall(12.5, "119", 7.0, False, None, "a", "5551234", 2, "119")


def test_a_row_of_the_bank_is_a_call_when_it_left_the_menu(file):
    served = bank_row(customer="48178511", priority="2", waited="34", talked="104", server="MICHAL")
    left = bank_row(exit="8:19:48", outcome="HANG", waited="5")
    unclear = bank_row(exit="8:19:49", outcome="PHANTOM", waited="24", talked="38")
    calls = read_arrivals(file(BANK_HEADER + unclear + left + served))
    day_s = 10_623 * DAY_S  # 1999-02-01
    at_s = day_s + 8 * 3600 + 19 * 60 + 47
    assert calls == [
        RecordedCall(at_s, "PS", 34.0, True, 104.0, "MICHAL", "48178511", 1),
        RecordedCall(at_s + 1, "PS", 5.0, False),
        RecordedCall(at_s + 2, "PS", 24.0, False),
    ]


def test_a_caller_who_was_in_the_menu_at_midnight_arrives_on_the_next_day(file):
    (call,) = read_arrivals(file(BANK_HEADER + bank_row(entry="23:59:55", exit="0:00:03")))
    assert call.at_s % DAY_S == 3
    assert call.at_s // DAY_S == 10_624


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "line 1: expected a header with the column arrived"),
        ("when,who\n1,2\n", "line 1: expected a header with the column arrived"),
        ("arrived\n", "has no calls"),
        ("arrived,queue\n1\n", "line 2: 1 fields, expected 2"),
        ("arrived\n1\n\nnoon\n", "line 4: arrived is 'noon'"),
        ("arrived\nnan\n", "line 2: arrived is 'nan'"),
        ("arrived,waited_s\n1,-3\n", "line 2: waited_s is '-3', expected 0 or more"),
        ("arrived,handling_s\n1,long\n", "line 2: handling_s is 'long', expected a number"),
        ("arrived,answered\n1,maybe\n", "line 2: answered is 'maybe', expected yes or no"),
        ("arrived,priority\n1,high\n", "line 2: priority is 'high'"),
        (BANK_HEADER + bank_row(outcome="LOST"), "line 2: outcome is 'LOST'"),
        (BANK_HEADER + bank_row(date="31.2."), "line 2: date is '31.2.'"),
        (BANK_HEADER + bank_row(exit="8:61:00"), "line 2: vru_exit is '8:61:00'"),
        (b"arrived\n\xff\n", "is not UTF-8"),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_field(file, text, named):
    path = file(text)
    with pytest.raises(ArrivalsError) as refused:
        read_arrivals(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert named in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ArrivalsError, match="No such file"):
        read_arrivals(tmp_path / "none.csv")


@pytest.mark.skipif(not BANK.is_file(), reason=f"no test data in {DATA} (CALLCENTER_TEST_DATA)")
def test_a_month_of_a_real_call_centre_is_read_as_it_is():
    calls = read_arrivals(BANK)
    assert len(calls) == 33_344
    assert sum(call.answered for call in calls) == 27_162
    assert len({call.seat for call in calls if call.seat}) == 24
