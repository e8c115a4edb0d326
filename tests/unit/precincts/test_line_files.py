"""Files of registered lines."""

from pathlib import Path

import pytest

from callcenter.precincts.errors import GazetteerFileError
from callcenter.precincts.line_files import examine_lines

HEADER = "number,address,lat,lon\n"


def test_lines_are_read_and_wrong_rows_are_listed_with_their_numbers(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(
        HEADER
        + "+1 (212) 555-0100,1433 3 Avenue,40.773,-73.958\n"
        + "12125550100,again,40.7,-73.9\n"
        + "anonymous,somewhere,40.7,-73.9\n"
        + "2125550101,,40.7,-73.9\n"
        + "2125550102,on the moon,400,-73.9\n"
        + "2125550103,too few\n"
    )
    read = examine_lines(file)
    assert [(line.number, line.address) for line in read.lines] == [
        ("12125550100", "1433 3 Avenue")
    ]
    assert [bad.line for bad in read.bad] == [3, 4, 5, 6, 7]


def test_other_columns_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text("phone,lat,lon\n1,2,3\n")
    with pytest.raises(GazetteerFileError, match="expected number, address, lat, lon"):
        examine_lines(file)
