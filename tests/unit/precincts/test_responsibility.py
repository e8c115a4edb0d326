"""Rules by category and level choose the kind of boundaries, and nobody falls between two."""

from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from callcenter.precincts.boundaries import Boundaries, Precinct
from callcenter.precincts.responsibility import Matter, Responsible, Rule, responsible
from callcenter.precincts.territories import Territories, Territory

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def square(name: str, west: float, size: float = 0.01) -> Precinct:
    return Precinct(name, shapely.box(west, 40.7, west + size, 40.71))


def territory(kind: str, *areas: Precinct) -> Territory:
    return Territory(kind, kind.replace("_", " "), 1, NOW, Boundaries(areas))


CITY = Territories(
    [
        territory("precinct", square("14", -74.0), square("18", -73.99)),
        territory("traffic_section", square("3", -74.0), square("4", -73.97)),
        territory("anti_fraud", square("city", -74.0, 0.02)),
    ]
)
RULES = (
    Rule("jams", "areas", "precinct", frozenset({"traffic"}), frozenset({"red"})),
    Rule("traffic", "areas", "traffic_section", frozenset({"traffic"})),
    Rule("fraud", "areas", "anti_fraud", frozenset({"fraud"})),
    Rule("not-police", "partner", "municipal", frozenset({"enquiry", "nuisance"})),
    Rule("harbour", "areas", "harbour", frozenset({"hazard"})),
)


def matter(category: str | None, level: str = "yellow", lon: float | None = -73.995) -> Matter:
    if lon is None:
        return Matter(category, level)
    return Matter(category, level, CITY.find(40.705, lon).precinct, 40.705, lon)


def found(what: Matter, **options: object) -> Responsible | None:
    options.setdefault("partners", {"municipal"})
    return responsible(RULES, what, CITY, **options)  # type: ignore[arg-type]


def told(what: Matter, **options: object) -> tuple[str, str, str] | None:
    who = found(what, **options)
    return (who.key, who.text, who.instead) if who else None


def test_category_that_no_rule_names_belongs_to_the_precinct_of_the_place() -> None:
    assert told(matter("robbery")) == ("14", "precinct 14, because the place", "")


def test_traffic_goes_to_its_section_and_says_why() -> None:
    expected = ("traffic_section:3", "traffic section 3, because category traffic", "")
    assert told(matter("traffic")) == expected


def test_first_rule_that_fits_counts() -> None:
    assert told(matter("traffic", "red")) == (
        "14",
        "precinct 14, because category traffic, level red",
        "",
    )


def test_fraud_goes_to_the_desk_of_the_whole_city_before_there_is_a_place() -> None:
    key, text, _ = told(matter("fraud", lon=None)) or ("", "", "")
    assert (key, text) == ("anti_fraud:city", "anti fraud city, because category fraud")


def test_section_waits_for_the_place() -> None:
    assert found(matter("traffic", lon=None)) is None
    only_precinct = Matter("traffic", "yellow", precinct="14")
    assert told(only_precinct) == (
        "14",
        "precinct 14, because the place",
        "the exact place is not known",
    )


def test_what_is_not_for_the_police_goes_to_a_partner() -> None:
    who = found(matter("enquiry", lon=None))
    assert who is not None
    assert (who.to, who.key, who.rule) == ("partner", "municipal", "not-police")


@pytest.mark.parametrize(
    ("what", "options", "instead"),
    [
        (matter("traffic", lon=-73.985), {}, "no traffic section has the place"),
        (matter("hazard"), {}, "no boundaries of kind harbour hold"),
        (matter("enquiry"), {"partners": ()}, "there is no partner municipal"),
        (
            matter("traffic"),
            {"staffed": lambda key: key != "traffic_section:3"},
            "nobody of traffic section 3 is on duty",
        ),
    ],
)
def test_where_a_rule_leads_to_nobody_the_precinct_has_it_and_why_is_said(
    what: Matter, options: dict[str, object], instead: str
) -> None:
    who = found(what, **options)
    assert who is not None
    assert (who.kind, who.key, who.because) == ("precinct", what.precinct, "the place")
    assert who.instead == instead
    assert who.rule is not None


@given(
    category=st.sampled_from(["traffic", "fraud", "enquiry", "hazard", "robbery", None]),
    level=st.sampled_from(["red", "blue", None]),
    lon=st.floats(-74.01, -73.96),
    staffed=st.booleans(),
    partners=st.sampled_from([(), ("municipal",)]),
)
def test_call_whose_place_is_in_a_precinct_always_belongs_to_somebody(
    category: str | None, level: str | None, lon: float, staffed: bool, partners: tuple[str, ...]
) -> None:
    precinct = CITY.find(40.705, lon).precinct
    who = responsible(
        RULES,
        Matter(category, level, precinct, 40.705, lon),
        CITY,
        partners=partners,
        staffed=lambda key: staffed,
    )
    assert (who is not None) or precinct is None
