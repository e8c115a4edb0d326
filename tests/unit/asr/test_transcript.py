from asr.events import Segment
from asr.transcript import Transcript


def said(
    id: str, leg: str, start_ms: int, end_ms: int, text: str, *, final: bool = True
) -> Segment:
    role = {"c": "caller", "o": "operator"}[leg]
    return Segment(id, "1.1", leg, role, start_ms, end_ms, text, final, None, "e", "m", "en")


def test_legs_are_merged_in_the_order_they_spoke() -> None:
    transcript = Transcript(
        [
            said("c.1", "c", 4_000, 5_000, "Help."),
            said("o.1", "o", 1_000, 3_000, "Emergency."),
            said("o.2", "o", 6_000, 7_000, "Where?"),
        ]
    )
    assert [segment.text for segment in transcript] == ["Emergency.", "Help.", "Where?"]


def test_interim_is_replaced_by_what_it_becomes() -> None:
    transcript = Transcript([said("c.1", "c", 0, 500, "he", final=False)])
    assert transcript.finals() == ()
    assert transcript.add(said("c.1", "c", 0, 900, "Help me"))
    assert [(s.text, s.final) for s in transcript] == [("Help me", True)]


def test_final_stays_when_an_interim_comes_late() -> None:
    transcript = Transcript([said("c.1", "c", 0, 900, "Help me")])
    assert not transcript.add(said("c.1", "c", 0, 500, "he", final=False))
    assert [s.text for s in transcript] == ["Help me"]


def test_final_without_text_takes_its_interim_back() -> None:
    transcript = Transcript([said("c.1", "c", 0, 500, "you", final=False)])
    assert transcript.add(said("c.1", "c", 0, 500, ""))
    assert len(transcript) == 0
    assert not transcript.add(said("c.2", "c", 0, 500, ""))


def test_same_segment_twice_changes_nothing() -> None:
    transcript = Transcript([said("c.1", "c", 0, 900, "Help me")])
    assert not transcript.add(said("c.1", "c", 0, 900, "Help me"))


def test_one_breath_is_one_turn_unless_another_speaks() -> None:
    transcript = Transcript(
        [
            said("c.1", "c", 0, 1_000, "There is a man"),
            said("c.2", "c", 1_600, 2_000, "with a gun."),
            said("o.1", "o", 2_100, 2_500, "Where?"),
            said("c.3", "c", 2_600, 3_000, "Here."),
            said("c.4", "c", 9_000, 9_500, "Hurry."),
        ]
    )
    assert [(turn.role, turn.text) for turn in transcript.turns()] == [
        ("caller", "There is a man with a gun."),
        ("operator", "Where?"),
        ("caller", "Here."),
        ("caller", "Hurry."),
    ]
    assert transcript.turns()[0].end_ms == 2_000
