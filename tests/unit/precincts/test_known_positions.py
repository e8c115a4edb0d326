"""Positions and names in Chinese."""

from typing import NamedTuple

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.gazetteer_rows import GazetteerRows, Landmark
from callcenter.precincts.known_positions import KnownPosition
from callcenter.precincts.places import PlaceFinder


class Said(NamedTuple):
    who: str
    text: str


def test_position_chooses_between_two_chinese_places_of_one_name(boundaries: Boundaries) -> None:
    rows = GazetteerRows(
        landmarks=[
            Landmark("人民医院", "hospital", "南明区", 26.5685, 106.7147),
            Landmark("人民医院", "hospital", "云岩区", 26.6100, 106.7200),
        ]
    )
    finder = PlaceFinder(Gazetteer(rows), boundaries)
    said = [Said("caller", "我在人民医院门口")]
    alone = finder.resolve(said, "zh")
    near = finder.resolve(said, "zh", handset=KnownPosition("handset", 26.6101, 106.7201, 30.0))
    assert alone is not None
    assert not alone.resolved
    assert near is not None
    assert (near.resolved, near.source, near.district) == (True, "words", "云岩区")
