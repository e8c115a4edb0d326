from callcenter.calls.ladder import Rung
from callcenter.calls.write_up import WriteUp
from callcenter.incidents.extract import Extractor
from callcenter.incidents.own_words import OwnWords
from tests.unit.calls.floor import TestFloor


def said(number: int, text: str, role: str = "caller") -> dict[str, object]:
    return {
        "id": f"w{number}",
        "leg": "1.1",
        "role": role,
        "party": role,
        "text": text,
        "start_ms": number * 1000,
        "end_ms": number * 1000 + 900,
        "final": True,
    }


async def spoken(floor: TestFloor, writing: WriteUp, *texts: str) -> None:
    call = floor.register.get("1.1")
    for number, text in enumerate(texts):
        segment = said(number, text)
        call.segments[str(segment["id"])] = segment
        writing.words(call, segment)
    await writing.settle(call)


def begun() -> tuple[TestFloor, WriteUp]:
    floor = TestFloor()
    floor.arrives("1.1")
    extractor = Extractor("en")
    return floor, WriteUp({"en": extractor}, floor.register, floor.bus, floor.note)


async def test_the_callers_first_words_are_a_rung_and_become_the_record() -> None:
    floor, writing = begun()
    await spoken(floor, writing, "A man with a gun took my bag, I have been robbed.")
    call = floor.register.get("1.1")
    assert Rung.FIRST_WORDS in call.ladder.reached_ms
    assert call.record["fields"]["category"] == "robbery"
    assert "record.changed" in floor.kinds()


async def test_the_number_to_call_back_is_the_lines_until_another_is_given() -> None:
    floor, writing = begun()
    await spoken(floor, writing, "There is a fire.")
    row = floor.register.get("1.1").record["evidence"]["callback"][0]
    assert (row["value"], row["source"]) == ("5", "line")


async def test_typing_what_was_also_heard_is_told_and_marked_as_typed() -> None:
    floor, writing = begun()
    await spoken(floor, writing, "A man with a gun took my bag, I have been robbed.")
    call = floor.register.get("1.1")
    floor.bus.told.clear()
    writing.edit(call, "category", "robbery", "s01", "2026-01-01T00:00:00Z")
    await writing.settle(call)
    assert call.record["evidence"]["category"][0]["source"] == "operator"
    assert any(told["type"] == "incident" for told in floor.bus.told)


async def test_what_was_typed_is_not_overwritten_by_later_words() -> None:
    floor, writing = begun()
    call = floor.register.get("1.1")
    writing.edit(call, "level", "blue", "s01", "2026-01-01T00:00:00Z")
    await writing.settle(call)
    await spoken(floor, writing, "A man with a gun took my bag, I have been robbed.")
    assert call.record["fields"]["level"] == "blue"
    assert call.record["contradictions"][0]["heard"] == "red"


async def test_what_was_typed_is_let_go_with_the_call() -> None:
    floor, writing = begun()
    floor.register.on_forget = writing.forget
    call = floor.register.get("1.1")
    writing.edit(call, "caller_name", "Kim", "s01", "2026-01-01T00:00:00Z")
    await writing.settle(call)
    floor.hangs_up("1.1")
    floor.clock.now += 400
    other = floor.arrives("1.9")
    floor.hangs_up("1.9")
    assert other.closed
    assert writing.typed("1.1") == {}


async def test_new_words_count_in_what_was_said_before_and_in_what_comes() -> None:
    floor, writing = begun()
    await spoken(floor, writing, "He is standing there with a chainsaw.")
    call = floor.register.get("1.1")
    assert call.record["fields"]["level"] != "red"
    saw = OwnWords("saw", "en", "danger", "chainsaw", ("chainsaw",), "red")
    wrong = OwnWords("old", "en", "danger", "wolf", ("<gone>",), "red")
    writing.use_words((wrong, saw))
    await writing.settle(call)
    assert call.record["fields"]["level"] == "red"
    assert writing.dangers_in("en", "a chainsaw") == {"chainsaw": "red"}
    writing.use_words(())
    await writing.settle(call)
    assert call.record["fields"]["level"] != "red"
