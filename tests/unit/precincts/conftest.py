"""New York as it comes with the product, loaded once."""

import pytest

from callcenter.precincts.boundaries import Boundaries
from callcenter.precincts.city import CITY_BOUNDARIES
from callcenter.precincts.gazetteer import Gazetteer
from callcenter.precincts.places import PlaceFinder


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(())


@pytest.fixture(scope="session")
def boundaries() -> Boundaries:
    return Boundaries.load(CITY_BOUNDARIES)


@pytest.fixture(scope="session")
def finder(gazetteer: Gazetteer, boundaries: Boundaries) -> PlaceFinder:
    return PlaceFinder(gazetteer, boundaries)
