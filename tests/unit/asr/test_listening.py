import pytest

from asr.listening import Begin, Feed, Finish, Job, Listening, VoiceChange

FRAME = 320


def listen(listening: Listening, sound: bytes, from_s: float) -> list[VoiceChange | Job]:
    out: list[VoiceChange | Job] = []
    for k in range(len(sound) // FRAME):
        out += listening.hear(sound[k * FRAME : (k + 1) * FRAME], from_s + (k + 1) * 0.02)
    return out


def test_words_are_placed_in_the_time_of_the_call(voice, silence) -> None:
    listening = Listening("t", call_started_at=100.0, rate_hz=8_000)
    told = listen(listening, silence(1) + voice(1) + silence(1), from_s=107.0)
    started, stopped = (each for each in told if isinstance(each, VoiceChange))
    begin = next(each for each in told if isinstance(each, Begin))
    finish = next(each for each in told if isinstance(each, Finish))
    assert started == VoiceChange(True, pytest.approx(8_000, abs=100))
    assert stopped == VoiceChange(False, pytest.approx(9_000, abs=150))
    assert begin.voice_from_ms == started.at_ms
    assert begin.first_ms < begin.voice_from_ms
    assert finish.voice_to_ms == pytest.approx(stopped.at_ms, abs=20)


def test_sound_in_odd_pieces_is_the_same_sound(voice, silence) -> None:
    sound = silence(1) + voice(1) + silence(1)
    whole = listen(Listening("t", 0.0, 8_000), sound, from_s=1.0)
    listening = Listening("t", 0.0, 8_000)
    pieces: list[VoiceChange | Job] = []
    for at in range(0, len(sound), 250):
        pieces += listening.hear(sound[at : at + 250], 1.0 + (at + 250) / 16_000)
    fed = [b"".join(e.pcm for e in told if isinstance(e, Feed)) for told in (whole, pieces)]
    assert fed[0] == fed[1]


def test_every_segment_has_an_id_of_its_own(voice, silence) -> None:
    listening = Listening("tap", 0.0, 8_000)
    told = listen(listening, (silence(1) + voice(1)) * 3 + silence(1), from_s=1.0)
    assert [e.segment for e in told if isinstance(e, Begin)] == ["tap.1", "tap.2", "tap.3"]


def test_sound_after_a_hole_is_in_its_place(voice, silence) -> None:
    listening = Listening("t", 0.0, 8_000)
    listen(listening, silence(1), from_s=0.0)
    told = listen(listening, silence(3.5) + voice(1) + silence(1), from_s=11.0)
    started = next(each for each in told if isinstance(each, VoiceChange))
    assert started.at_ms == pytest.approx(14_500, abs=150)


def test_speech_before_a_hole_is_completed(voice, silence) -> None:
    listening = Listening("t", 0.0, 8_000)
    listen(listening, silence(1) + voice(1), from_s=0.0)
    told = listen(listening, voice(4), from_s=30.0)
    assert [type(each) for each in told if not isinstance(each, Feed)][:2] == [
        VoiceChange,
        Finish,
    ]


def test_words_go_on_across_a_little_lost_sound(voice, silence) -> None:
    listening = Listening("t", 0.0, 8_000)
    listen(listening, silence(1) + voice(1), from_s=0.0)
    told = listen(listening, voice(4), from_s=2.3)
    assert {type(each) for each in told} == {Feed}


def test_speech_ends_when_sound_stops_coming(voice, silence) -> None:
    listening = Listening("t", 0.0, 8_000)
    listen(listening, silence(1) + voice(1), from_s=0.0)
    assert listening.stalled(3.4) == []
    told = listening.stalled(3.6)
    assert VoiceChange(False, pytest.approx(2_000, abs=150)) in told
    assert listening.stalled(5.0) == []


def test_leg_that_ends_while_speaking_is_completed(voice, silence) -> None:
    listening = Listening("t", 0.0, 8_000)
    listen(listening, silence(1) + voice(1), from_s=0.0)
    told = listening.finish()
    assert isinstance(told[-1], VoiceChange)
    assert any(isinstance(each, Finish) for each in told)
    assert listening.finish()[0:] == told[-1:]
