"""Whatever is wrong with a document is refused by field and reason, and nothing comes of it."""

from __future__ import annotations

import copy

import pytest

from callcenter.store.database import Database
from callcenter.tuning import apply
from callcenter.tuning.checks import check
from callcenter.tuning.document import read
from callcenter.tuning.errors import BadDocument
from tests.unit.tuning.conftest import Office
from tests.unit.tuning.documents import KNOWN, WRONG, Wrong, dice, valid

BAD_DOCUMENTS = 2000


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_what_is_wrong_is_refused_by_field_and_reason(wrong: Wrong) -> None:
    tries = -(-BAD_DOCUMENTS // len(WRONG))
    for seed in range(tries):
        document = valid(seed)
        path = wrong.make(document, dice(seed))
        with pytest.raises(BadDocument) as refused:
            check(read(document), KNOWN)
        flaws = refused.value.flaws
        named = [flaw for flaw in flaws if flaw.path.startswith(path)]
        assert named, f"{path} is not among {[flaw.path for flaw in flaws]}"
        assert all(flaw.reason for flaw in flaws)
        assert any(wrong.why in flaw.reason for flaw in named), named


def test_bad_documents_are_as_many_as_promised() -> None:
    tries = -(-BAD_DOCUMENTS // len(WRONG))
    assert tries * len(WRONG) >= BAD_DOCUMENTS


def test_rule_that_never_counts_is_warned_of() -> None:
    document = valid()
    rules = document["responsibility"]
    rules.insert(
        0, {"id": "all", "levels": ["red", "orange", "yellow", "blue"], "target": "precinct"}
    )
    rules.append({"id": "late", "categories": ["fraud"], "levels": ["red"], "target": "precinct"})
    told = {flaw.path: flaw.reason for flaw in check(read(document), KNOWN)}
    assert "rule late never counts: all before it" in told["responsibility.4"]
    assert "rule jams never counts" in told["responsibility.2"]
    assert "responsibility.1" not in told


def test_what_they_are_made_from_is_valid() -> None:
    for seed in range(50):
        document = read(valid(seed))
        check(document, KNOWN)
        assert read(document.to_json()) == document


async def test_nothing_of_a_refused_document_is_kept_or_in_force(office: Office) -> None:
    before = office.desk.in_force
    engine_before = apply.floor_settings(before.document, office.clock.now)
    entered, noted = list(office.entered), list(office.noted)
    for seed, wrong in enumerate(WRONG):
        document = valid(seed)
        wrong.make(document, dice(seed))
        with pytest.raises(BadDocument):
            await office.desk.change(document, who="ann", why="try", based_on=1)
    assert office.desk.in_force is before
    assert (office.entered, office.noted) == (entered, noted)
    assert [row.version for row in await office.versions.list()] == [1]
    assert apply.floor_settings(office.desk.in_force.document, office.clock.now) == engine_before


@pytest.mark.parametrize(
    "raw", [None, [], "x", 3, {"queues": float("inf")}, {1: 2, "lines": {2}}, object()]
)
async def test_what_is_no_document_at_all_is_refused(raw: object, database: Database) -> None:
    with pytest.raises(BadDocument):
        read(copy.copy(raw))


def test_all_flaws_are_told_at_once() -> None:
    document = valid()
    document["lines"][0]["queue"] = "nowhere"
    document["seats"][1]["phone"] = "p9"
    document["deadlines"]["officer_overlap_s"] = 30.0
    with pytest.raises(BadDocument) as refused:
        check(read(document), KNOWN)
    assert {flaw.path for flaw in refused.value.flaws} == {
        "lines.0.queue",
        "seats.1.phone",
        "deadlines.officer_overlap_s",
    }


def test_a_list_is_not_blamed_for_what_is_wrong_with_its_item() -> None:
    document = valid(0)
    document["queues"] = document["queues"][:1]
    document["queues"][0]["ring_s"] = 500
    with pytest.raises(BadDocument) as refused:
        read(document)
    assert [flaw.path for flaw in refused.value.flaws] == ["queues.0.ring_s"]
