from __future__ import annotations

import numpy as np

from asr.decoding import FAILED, Decoder, Drained, Missed, Reached, Recognised, Report
from asr.listening import Begin, Feed, Finish
from asr.load_meter import Totals
from asr.recogniser import Heard, Samples
from asr.waiting import DEFERRED, MAX_BACKLOG_MS, TOO_LATE, LeftOut, Mark

SECOND = bytes(16_000)


class Parrot:
    """Says how many tenths of a second it was given; fails on demand."""

    engine, model = "parrot", "p1"

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.language = "en"
        self.fail = False
        self.now = self.slow_s = 0.0
        self.opened = 0
        self.closed = 0
        self.to_prepare = 0

    def prepare(self) -> bool:
        if self.fail:
            raise RuntimeError("the library said something")
        self.to_prepare -= 1
        return self.to_prepare >= 0

    def open(self, rate_hz: int) -> ParrotStream:
        self.opened += 1
        return ParrotStream(self, rate_hz)


class ParrotStream:
    def __init__(self, parrot: Parrot, rate_hz: int) -> None:
        self.parrot, self.rate_hz, self.samples, self.looked = parrot, rate_hz, 0, 0

    def accept(self, samples: Samples, *, voiced: bool) -> None:
        assert samples.dtype == np.int16
        if self.parrot.fail:
            raise RuntimeError("the library said something")
        self.parrot.log.append("accept")
        self.parrot.now += self.parrot.slow_s
        self.samples += len(samples)

    def interim_due(self) -> bool:
        return self.samples > self.looked

    def interim(self) -> Heard:
        self.parrot.log.append("interim")
        self.looked = self.samples
        return Heard(f"{self.samples * 10 // self.rate_hz} tenths")

    def finish(self) -> Heard:
        self.parrot.log.append("finish")
        heard = Heard(f"{self.samples * 10 // self.rate_hz} tenths") if self.samples else Heard("")
        self.samples = self.looked = 0
        return heard

    def close(self) -> None:
        self.parrot.closed += 1


def decoder(log: list[str] | None = None) -> tuple[Decoder, list[Report], Parrot]:
    told: list[Report] = []
    parrot = Parrot(log if log is not None else [])
    return Decoder({"en": parrot}, told.append), told, parrot


def run(decoder: Decoder) -> None:
    while decoder.step():
        pass


def texts(told: list[Report]) -> list[tuple[str, bool]]:
    return [(each.heard.text, each.final) for each in told if isinstance(each, Recognised)]


def test_segment_is_told_while_it_grows_and_when_it_is_complete() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 700, 1_000))
    it.put("a", Feed(SECOND, True, 2_000))
    run(it)
    it.put("a", Finish(1_950))
    run(it)
    assert texts(told) == [("10 tenths", False), ("10 tenths", True)]
    final = told[-1]
    assert isinstance(final, Recognised)
    assert (final.segment, final.first_ms, final.start_ms, final.end_ms) == (
        "a.1",
        700,
        1_000,
        1_950,
    )
    assert (final.engine, final.model) == ("parrot", "p1")


def test_interim_is_made_only_when_nothing_else_waits() -> None:
    log: list[str] = []
    it, _, _ = decoder(log)
    for name in ("a", "b"):
        it.open(name, "en", 8_000)
        it.put(name, Begin(f"{name}.1", 0, 0))
        it.put(name, Feed(SECOND, True, 1_000))
    it.put("b", Finish(1_000))
    run(it)
    assert log == ["accept", "accept", "finish", "interim"]


def test_unchanged_interim_is_not_told_again() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    for k in range(3):
        it.put("a", Feed(bytes(16), True, k))
        run(it)
    assert texts(told) == [("0 tenths", False)]


def test_oldest_work_goes_first_over_all_streams() -> None:
    it, told, _ = decoder()
    for name in ("a", "b"):
        it.open(name, "en", 8_000)
        it.put(name, Begin(f"{name}.1", 0, 0))
    it.put("b", Feed(SECOND, True, 1_000))
    it.put("b", Finish(1_000))
    it.put("a", Feed(SECOND, True, 1_000))
    it.put("a", Finish(1_000))
    run(it)
    assert [each.stream for each in told if isinstance(each, Recognised) and each.final] == [
        "b",
        "a",
    ]


def test_stream_is_drained_after_its_last_words() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    it.put("a", Finish(1_000))
    it.close("a")
    run(it)
    assert isinstance(told[-2], Recognised)
    assert told[-1] == Drained("a")


def test_language_without_a_model_costs_nothing_and_says_nothing() -> None:
    it, told, parrot = decoder()
    it.open("a", "zh", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    it.put("a", Finish(1_000))
    it.close("a")
    run(it)
    assert told == [Drained("a")]
    assert parrot.opened == 0


def test_library_that_fails_loses_one_utterance_not_the_stream() -> None:
    it, told, parrot = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    run(it)
    parrot.fail = True
    it.put("a", Feed(SECOND, True, 2_000))
    it.put("a", Finish(2_000))
    run(it)
    parrot.fail = False
    it.put("a", Begin("a.2", 3_000, 3_000))
    it.put("a", Feed(SECOND, True, 4_000))
    it.put("a", Finish(4_000))
    run(it)
    finals = [each for each in told if isinstance(each, Recognised) and each.final]
    assert [(each.segment, each.heard.text) for each in finals] == [
        ("a.1", "10 tenths"),
        ("a.2", "10 tenths"),
    ]


def test_interim_that_came_to_nothing_is_taken_back() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    run(it)
    stream = it._streams["a"].recognition
    assert isinstance(stream, ParrotStream)
    stream.samples = 0
    it.put("a", Finish(1_000))
    run(it)
    assert texts(told)[-1] == ("", True)


def say(it: Decoder, name: str, number: int, first_ms: int, seconds: int) -> None:
    """Queue a whole utterance."""
    it.put(name, Begin(f"{name}.{number}", first_ms, first_ms))
    for k in range(seconds):
        it.put(name, Feed(SECOND, True, first_ms + (k + 1) * 1000))
    it.put(name, Finish(first_ms + seconds * 1000))


def test_utterance_that_does_not_fit_is_left_out_whole_and_told() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    say(it, "a", 1, 0, 12)
    say(it, "a", 2, 13_000, 12)
    assert it.backlog_ms == 12_000
    assert told == [Missed("a", LeftOut(13_000, 25_000, TOO_LATE))]
    assert it.left_out_ms == 12_000
    run(it)
    say(it, "a", 3, 26_000, 2)
    run(it)
    finals = [each for each in told if isinstance(each, Recognised) and each.final]
    assert [(each.segment, each.heard.text) for each in finals] == [
        ("a.1", "120 tenths"),
        ("a.3", "20 tenths"),
    ]


def test_stream_that_was_full_takes_nothing_before_half_of_it_is_done() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    say(it, "a", 1, 0, 12)
    say(it, "a", 2, 13_000, 12)
    it.step()
    it.step()
    say(it, "a", 3, 26_000, 1)
    assert told[-1] == Missed("a", LeftOut(26_000, 27_000, TOO_LATE))


def test_utterance_that_is_being_decoded_ends_where_no_room_is_left() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.step()
    seconds = MAX_BACKLOG_MS // 1000
    for k in range(seconds + 7):
        it.put("a", Feed(SECOND, True, (k + 1) * 1000))
    it.put("a", Finish(27_000))
    assert it.backlog_ms == MAX_BACKLOG_MS
    assert told == [Missed("a", LeftOut(20_000, 27_000, TOO_LATE))]
    run(it)
    assert texts(told)[-1] == (f"{seconds * 10} tenths", True)


def test_deferred_stream_completes_its_utterance_and_tells_the_next_ones_as_missed() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.step()
    it.put("a", Feed(SECOND, True, 1_000))
    it.defer("a", True)
    it.put("a", Feed(SECOND, True, 2_000))
    it.put("a", Finish(2_000))
    say(it, "a", 2, 3_000, 1)
    it.defer("a", False)
    say(it, "a", 3, 5_000, 1)
    run(it)
    assert [each for each in told if isinstance(each, Missed)] == [
        Missed("a", LeftOut(3_000, 4_000, DEFERRED))
    ]
    assert [text for text, final in texts(told) if final] == ["20 tenths", "10 tenths"]


def test_stream_that_closes_within_what_is_left_out_tells_it() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.defer("a", True)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    it.close("a")
    run(it)
    assert told == [Missed("a", LeftOut(0, 1_000, DEFERRED)), Drained("a")]


def test_utterance_at_which_the_library_failed_is_told_as_missed() -> None:
    it, told, parrot = decoder()
    it.open("a", "en", 8_000)
    parrot.fail = True
    say(it, "a", 1, 500, 2)
    run(it)
    assert told == [Missed("a", LeftOut(500, 2_500, FAILED))]


def test_no_interim_is_made_when_it_is_given_up() -> None:
    log: list[str] = []
    it, _, _ = decoder(log)
    it.interim = False
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    run(it)
    assert log == ["accept"]
    it.interim = True
    run(it)
    assert log == ["accept", "interim"]


def test_recording_waits_for_all_that_is_live() -> None:
    log: list[str] = []
    it, told, _ = decoder(log)
    it.open("recorded", "en", 8_000, late=True)
    say(it, "recorded", 1, 0, 1)
    it.put("recorded", Mark())
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    run(it)
    assert log == ["accept", "interim", "accept", "finish"]
    assert told[-1] == Reached("recorded")
    assert it.backlog_ms == 0


def test_only_live_work_that_must_be_done_counts_as_busy() -> None:
    parrot = Parrot([])
    parrot.slow_s = 0.25
    it = Decoder({"en": parrot}, lambda report: None, lambda: parrot.now)
    it.open("recorded", "en", 8_000, late=True)
    say(it, "recorded", 1, 0, 3)
    run(it)
    assert it.totals == Totals(0.0, 0, 0)
    it.open("a", "en", 8_000)
    say(it, "a", 1, 0, 1)
    run(it)
    assert it.totals == Totals(0.25, 1_000, 1_000)


def test_other_language_is_recognised_from_the_next_utterance_on() -> None:
    told: list[Report] = []
    english, korean = Parrot([]), Parrot([])
    korean.language = "ko"
    it = Decoder({"en": english, "ko": korean}, told.append)
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    it.switch("a", "ko")
    it.put("a", Finish(1_000))
    say(it, "a", 2, 2_000, 1)
    run(it)
    finals = [each for each in told if isinstance(each, Recognised) and each.final]
    assert [(each.segment, each.language) for each in finals] == [("a.1", "en"), ("a.2", "ko")]


def test_deferred_stream_gives_back_what_waits_and_is_not_begun() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    it.step()
    it.step()
    it.put("a", Finish(1_000))
    say(it, "a", 2, 2_000, 3)
    it.put("a", Begin("a.3", 6_000, 6_000))
    it.put("a", Feed(SECOND, True, 7_000))
    it.defer("a", True)
    assert it.backlog_ms == 0
    assert told == [Missed("a", LeftOut(2_000, 5_000, DEFERRED))]
    it.put("a", Feed(SECOND, True, 8_000))
    it.put("a", Finish(7_900))
    it.close("a")
    run(it)
    assert [each for each in told if not isinstance(each, Recognised)] == [
        Missed("a", LeftOut(2_000, 5_000, DEFERRED)),
        Missed("a", LeftOut(6_000, 7_900, DEFERRED)),
        Drained("a"),
    ]
    assert texts(told) == [("10 tenths", True)]


def test_recognition_is_given_back_when_its_leg_has_gone() -> None:
    it, told, parrot = decoder()
    it.open("a", "en", 8_000)
    for work in (Begin("a.1", 0, 0), Feed(SECOND, True, 1_000), Finish(1_000)):
        it.put("a", work)
    run(it)
    assert parrot.closed == 0
    it.close("a")
    run(it)
    assert told[-1] == Drained("a")
    assert parrot.closed == 1


def test_recognition_that_failed_is_not_given_back() -> None:
    it, _, parrot = decoder()
    it.open("a", "en", 8_000)
    parrot.fail = True
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(SECOND, True, 1_000))
    it.close("a")
    run(it)
    assert parrot.closed == 0


def test_words_for_what_cannot_be_speech_are_not_told() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    t = np.arange(8_000) / 8_000
    tone = (np.sin(2 * np.pi * 440 * t) * 8_000).astype("<i2").tobytes()
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(tone, True, 1_000))
    run(it)
    it.put("a", Finish(1_000))
    run(it)
    assert texts(told) == []


def test_text_that_was_shown_is_taken_back_when_it_was_no_speech() -> None:
    it, told, _ = decoder()
    it.open("a", "en", 8_000)
    t = np.arange(8_000) / 8_000
    tone = (np.sin(2 * np.pi * 440 * t) * 8_000).astype("<i2").tobytes()
    it.put("a", Begin("a.1", 0, 0))
    it.put("a", Feed(tone[:800], True, 50))
    run(it)
    it.put("a", Feed(tone, True, 1_000))
    it.put("a", Finish(1_000))
    run(it)
    assert texts(told) == [("0 tenths", False), ("", True)]


def test_legs_to_come_are_prepared_piece_by_piece_until_that_is_done() -> None:
    it, _, parrot = decoder()
    parrot.to_prepare = 2
    assert not it.step()
    assert [it.prepare() for _ in range(3)] == [True, True, False]


def test_recogniser_that_cannot_be_prepared_is_not_asked_again() -> None:
    it, _, parrot = decoder()
    parrot.fail = True
    assert not it.prepare()
    parrot.fail, parrot.to_prepare = False, 5
    assert not it.prepare()
    assert parrot.to_prepare == 5
