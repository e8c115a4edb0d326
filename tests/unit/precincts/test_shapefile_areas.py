"""Shapefiles: their datum, their holes, and what is missing or broken."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from callcenter.precincts.boundary_faults import examine_file
from callcenter.precincts.datum import Datum
from callcenter.precincts.errors import BoundaryFileError

shapefile = pytest.importorskip("shapefile", reason="pyshp is not installed yet")

WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
STATE_PLANE = f'PROJCS["NAD_1983_StatePlane_New_York_Long_Island_FIPS_3104_Feet",{WGS84}]'
Ring = Sequence[tuple[float, float]]


def square(west: float, south: float, size: float = 0.01) -> list[tuple[float, float]]:
    """Clockwise, as an outer ring of a shapefile turns."""
    east, north = west + size, south + size
    return [(west, south), (west, north), (east, north), (east, south), (west, south)]


def parts(
    *shapes: tuple[object, Sequence[Ring]],
    prj: str | None = WGS84,
    encoding: str = "utf-8",
    cpg: str | None = None,
) -> dict[str, bytes]:
    files = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("station", "C", size=40)
        for name, rings in shapes:
            writer.record(name)
            writer.poly([list(map(list, ring)) for ring in rings])
    made = {f".{name}": file.getvalue() for name, file in files.items()}
    if prj is not None:
        made[".prj"] = prj.encode()
    if cpg is not None:
        made[".cpg"] = cpg.encode()
    return made


def written(folder: Path, made: dict[str, bytes]) -> Path:
    for suffix, content in made.items():
        (folder / f"city{suffix}").write_bytes(content)
    return folder / "city.shp"


def zipped(folder: Path, made: dict[str, bytes], stem: str = "gis/city") -> Path:
    file = folder / "city.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for suffix, content in made.items():
            packed.writestr(f"{stem}{suffix}", content)
    return file


TWO = (("1", [square(-74.0, 40.7)]), ("2", [square(-73.99, 40.7)]))


@pytest.mark.parametrize("write", [written, zipped])
def test_areas_and_ids_are_read(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    found = examine_file(write(tmp_path, parts(*TWO)), "station")
    assert (found.faults, found.datum) == ([], Datum.WGS84)
    assert found.boundaries().find(40.705, -73.985).precinct == "2"


def test_without_prj_nobody_knows_the_datum_until_it_is_said(tmp_path: Path) -> None:
    file = written(tmp_path, parts(*TWO, prj=None))
    assert [fault.kind.value for fault in examine_file(file, "station").faults] == ["no_datum"]
    assert not examine_file(file, "station", datum=Datum.WGS84).refused


def test_projected_shapefile_is_refused_by_the_name_of_its_projection(tmp_path: Path) -> None:
    feet = [(980_000.0, 200_000.0), (980_000.0, 210_000.0), (990_000.0, 210_000.0)]
    file = written(tmp_path, parts(("1", [[*feet, feet[0]]]), prj=STATE_PLANE))
    (fault,) = examine_file(file, "station", datum=Datum.WGS84).faults
    assert fault.kind.value == "unknown_datum"
    assert "StatePlane" in fault.text


def test_hole_belongs_to_the_smallest_ring_around_it(tmp_path: Path) -> None:
    hole = square(-73.996, 40.704, 0.002)[::-1]
    far = square(-73.95, 40.7)
    file = written(tmp_path, parts(("1", [far, square(-74.0, 40.7), hole])))
    found = examine_file(file, "station")
    assert not found.refused
    city = found.boundaries()
    assert city.find(40.705, -73.995).precinct is None
    assert city.find(40.701, -73.995).precinct == city.find(40.705, -73.945).precinct == "1"


def test_hole_that_nothing_surrounds_is_a_fault(tmp_path: Path) -> None:
    hole = square(-73.9, 40.7, 0.002)[::-1]
    file = written(tmp_path, parts(("1", [square(-74.0, 40.7), hole])))
    assert [fault.kind.value for fault in examine_file(file, "station").faults] == ["hole_outside"]


def test_missing_and_doubled_ids_are_named_by_their_record(tmp_path: Path) -> None:
    file = written(tmp_path, parts(("", [square(-74.0, 40.7)]), *TWO[1:], ("2", TWO[0][1])))
    told = [(fault.kind.value, fault.feature) for fault in examine_file(file, "station").faults]
    assert told == [("missing_id", 1), ("doubled_id", 3)]


def test_ids_in_another_encoding_are_read_with_a_cpg_and_refused_without(tmp_path: Path) -> None:
    shapes = (("南明分局", [square(106.7, 26.5)]),)
    file = written(tmp_path, parts(*shapes, encoding="gbk", cpg="GBK"))
    assert examine_file(file, "station").areas[0].id == "南明分局"
    (tmp_path / "city.cpg").unlink()
    with pytest.raises(BoundaryFileError, match=r"put a \.cpg"):
        examine_file(file, "station")


@pytest.mark.parametrize("part", [".shp", ".dbf"])
def test_missing_part_is_named(tmp_path: Path, part: str) -> None:
    made = parts(*TWO)
    del made[part]
    written(tmp_path, made)
    with pytest.raises(BoundaryFileError, match=rf"city\.shx: its {part} is missing"):
        examine_file(tmp_path / "city.shx", "station")


@pytest.mark.parametrize("part", [".shp", ".dbf", ".shx"])
@pytest.mark.parametrize("kept", [0, 50, 150])
def test_part_that_is_cut_off_is_refused(tmp_path: Path, part: str, kept: int) -> None:
    made = parts(*TWO)
    made[part] = made[part][:kept]
    file = written(tmp_path, made)
    try:
        found = examine_file(file, "station")
    except BoundaryFileError as error:
        assert "city.shp" in str(error)
    else:
        assert found.refused or len(found.areas) == 2


def test_lines_are_no_areas(tmp_path: Path) -> None:
    files = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files, shapeType=shapefile.POLYLINE) as writer:
        writer.field("station", "C", size=40)
        writer.record("1")
        writer.line([[[0, 0], [1, 1]]])
    made = {f".{name}": file.getvalue() for name, file in files.items()}
    with pytest.raises(BoundaryFileError, match="expected polygons, found polyline"):
        examine_file(written(tmp_path, made | {".prj": WGS84.encode()}), "station")


def test_zip_with_no_or_two_shapefiles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BoundaryFileError, match=r"expected one \.shp in the zip, found none"):
        examine_file(zipped(tmp_path, {".txt": b"x"}), "station")
    made = parts(*TWO)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as packed:
        for stem in ("a", "b"):
            packed.writestr(f"{stem}.shp", made[".shp"])
    with pytest.raises(BoundaryFileError, match=r"found a\.shp, b\.shp"):
        examine_file(tmp_path / "two.zip", "station")


def test_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path, parts(*TWO))
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(BoundaryFileError, match="cannot be unpacked"):
        examine_file(file, "station")
