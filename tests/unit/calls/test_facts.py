"""Who calls and from where, as the signalling has it; anything may stand there."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.facts import identity_of, origin_of


@pytest.mark.parametrize("number", ["2125550100", "+12125550100", "110", " 2125550100 "])
def test_a_number_knows_its_caller_again(number: str) -> None:
    assert identity_of(number) == number.strip().removeprefix("+")


@pytest.mark.parametrize(
    "number",
    ["", "anonymous", "Anonymous", "unavailable", "restricted", "s01", "12", "+", "٣٤٥٦", "1" * 19],
)
def test_callers_who_withhold_their_number_are_not_one_caller(number: str) -> None:
    assert identity_of(number) == ""


@pytest.mark.parametrize(
    ("header", "origin"),
    [
        (
            "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=2340200010000A",
            "utran-cell-id-3gpp=2340200010000a",
        ),
        ('3GPP-GERAN; cgi-3gpp="26201F0A1"; network-provided', "cgi-3gpp=26201f0a1"),
        ("3GPP-NR;NR-Cell-Id-3gpp=310260ABC", "nr-cell-id-3gpp=310260abc"),
        ("3GPP-E-UTRAN-FDD", ""),
        ("3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=$(reboot)", ""),
        ("3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=1", ""),
        ("3GPP; utran-cell-id-3gpp=" + "9" * 65, ""),
        ("", ""),
    ],
)
def test_the_cell_is_read_from_the_networks_header_and_nothing_else_is(header, origin) -> None:
    assert origin_of(quote(header), "") == origin


def test_neighbours_who_send_their_position_come_from_one_place() -> None:
    one = origin_of("", quote("<geo:40.74861,-73.98567;u=30>"))
    other = origin_of("", quote("<geo:40.74912,-73.98611>"))
    assert one == other == "geo:40.75,-73.99"


@pytest.mark.parametrize("uri", ["<cid:target@example.com>", "<geo:91.0,0.0>", "geo:1,2", "x"])
def test_a_location_that_is_no_position_by_itself_is_no_origin(uri: str) -> None:
    assert origin_of("", quote(uri)) == ""


@given(st.text(), st.text())
def test_whatever_stands_in_a_header_an_origin_is_short_and_plain(access, geolocation) -> None:
    for found in (origin_of(access, geolocation), origin_of(quote(access), quote(geolocation))):
        assert len(found) <= 100
        assert found.isascii() and found.isprintable() and " " not in found
