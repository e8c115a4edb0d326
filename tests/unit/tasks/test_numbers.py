"""What of a caller's number is kept, and what is dialled: never more than digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.settings import Outbound
from callcenter.tasks.numbers import called_back_as, dialled, kept, may_be_called_back


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("2125550100", "2125550100"),
        ("110", "110"),
        ("+8613800000000", "008613800000000"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_number_is_dialled_as_digits(number, digits):
    assert dialled(number, "00") == digits


HOSTILE = [
    "",
    "1",
    "12",
    "1234567890123456",
    "+12345678901234",  # too long with its prefix
    "2125550100\r\nAction: Originate",
    "2125550100\n",
    "2125550100@evil.example",
    "2125550100,30,rU(x)",
    "2125550100&PJSIP/s01",
    "${SHELL(id)}",
    "<script>alert(1)</script>",
    "*43",
    "#31#2125550100",
    "++2125550100",
    "+",
    "٢١٢٥٥٥٠١٠٠",
    "212555０１００",
    "2" * 100_000,
    "anonymous",
    "\x002125550100",
]


@pytest.mark.parametrize("number", HOSTILE, ids=[repr(number[:30]) for number in HOSTILE])
def test_what_is_no_number_is_not_dialled(number):
    assert dialled(number, "00") is None


@pytest.mark.parametrize(
    ("digits", "call_back_to", "may"),
    [
        ("2125550100", (), True),
        ("0088299912345", (), False),  # seen to call from abroad
        ("110", (), False),  # a line of ours
        ("2125550100", ("212", "718"), True),
        ("9005550100", ("212", "718"), False),
        ("0044205550100", ("212", "0044"), True),
    ],
)
def test_who_calls_in_does_not_choose_what_is_dialled(digits, call_back_to, may):
    outbound = Outbound(host="192.0.2.10", call_back_to=call_back_to)
    assert may_be_called_back(digits, outbound, {"110"}) is may


@pytest.mark.parametrize(
    ("number", "host", "digits"),
    [
        (" 2125550100", "192.0.2.10", "2125550100"),
        ("+442079460000", "192.0.2.10", None),
        ("anonymous", "192.0.2.10", None),
        ("110", "192.0.2.10", None),
        ("2125550100", "", None),
    ],
)
def test_who_is_promised_a_call_back_can_be_called_by_the_trunk(number, host, digits):
    assert called_back_as(number, Outbound(host=host), {"110"}) == digits


@given(st.text(max_size=40))
def test_nothing_but_digits_is_ever_dialled(number):
    digits = dialled(number, "00")
    assert digits is None or (digits.isascii() and digits.isdigit() and len(digits) <= 15)


@given(st.text(max_size=200))
def test_what_is_kept_fits_a_column_and_a_line(number):
    stays = kept(number)
    assert len(stays) <= 64 and stays == kept(stays)
    assert not set(stays) & {"\r", "\n", "\0", "\u2028"}
    stays.encode("utf-8")
