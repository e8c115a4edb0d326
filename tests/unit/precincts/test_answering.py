"""Officers who do not answer are asked later, for a while."""

from callcenter.precincts.answering import Answering
from callcenter.precincts.hunt import Candidate, Outcome, Result, Rung

LADDER = (
    Candidate("duty", Rung.DUTY),
    Candidate("deputy", Rung.DEPUTY),
    Candidate("desk", Rung.DESK),
    Candidate("beside", Rung.NEIGHBOUR),
)


def came(outcome: Outcome, at: float, officer: str = "duty", attempt: str = "h-1") -> Result:
    return Result(attempt, officer, Rung.DUTY, outcome, at - 5, at)


def names(answering: Answering, now: float) -> list[str]:
    return [each.officer_id for each in answering.order(LADDER, now)]


def test_officer_who_did_not_answer_twice_is_asked_after_the_others_of_the_precinct() -> None:
    answering = Answering(600)
    assert answering.note([came(Outcome.NO_ANSWER, 10)]) == ()
    assert names(answering, 11) == ["duty", "deputy", "desk", "beside"]
    assert answering.note([came(Outcome.SILENT, 20)]) == ("duty",)
    assert names(answering, 21) == ["deputy", "desk", "duty", "beside"]
    assert [(each.officer_id, each.times) for each in answering.missed(21)] == [("duty", 2)]


def test_such_an_officer_is_first_again_after_a_while() -> None:
    answering = Answering(600)
    answering.note([came(Outcome.NO_ANSWER, 10)])
    answering.note([came(Outcome.NO_ANSWER, 20)])
    assert names(answering, 619)[0] == "deputy"
    assert names(answering, 620)[0] == "duty"
    assert answering.missed(620) == ()


def test_such_an_officer_is_first_again_after_an_answer_even_if_it_was_handed_on() -> None:
    answering = Answering(600)
    answering.note([came(Outcome.NO_ANSWER, 10)])
    answering.note([came(Outcome.NO_ANSWER, 20)])
    answering.note([came(Outcome.HANDED_ON, 30)])
    assert names(answering, 31)[0] == "duty"


def test_officer_of_two_phones_misses_one_hunt_not_two() -> None:
    answering = Answering(600)
    both = [came(Outcome.NO_ANSWER, 10), came(Outcome.NO_ANSWER, 15, attempt="h-2")]
    assert answering.note(both) == ()
    assert names(answering, 16)[0] == "duty"


def test_phone_that_was_stopped_for_another_officer_says_nothing_of_its_own() -> None:
    answering = Answering(600)
    for at in (10, 20, 30):
        answering.note([came(Outcome.NOT_NEEDED, at)])
    assert names(answering, 31)[0] == "duty"


def test_order_stays_when_nobody_of_the_precinct_answers() -> None:
    answering = Answering(600)
    for officer in ("duty", "deputy", "desk"):
        for at in (10, 20):
            answering.note([came(Outcome.NO_ANSWER, at, officer)])
    assert names(answering, 21) == ["duty", "deputy", "desk", "beside"]


def test_officer_who_was_chosen_by_hand_is_rung_all_the_same() -> None:
    answering = Answering(600)
    for at in (10, 20):
        answering.note([came(Outcome.NO_ANSWER, at)])
    chosen = (Candidate("duty", Rung.CHOSEN),)
    assert answering.order(chosen, 21) == chosen
