from asr.segmenter import ENOUGH_SILENCE_MS, LONGEST_MS, PRE_ROLL_MS, Began, Ended, Grew, Segmenter

FRAME_MS = 20


def lengths_ms(sound: bytes) -> list[int]:
    segmenter = Segmenter(8_000)
    size = segmenter.frame_bytes
    lengths, length = [], 0
    pieces = []
    for k in range(len(sound) // size):
        pieces += segmenter.feed(sound[k * size : (k + 1) * size])[1]
    for piece in [*pieces, *segmenter.finish()]:
        if isinstance(piece, Began):
            length = len(piece.pcm) // 16
        elif isinstance(piece, Grew):
            length += len(piece.pcm) // 16
        elif isinstance(piece, Ended):
            lengths.append(length)
    return lengths


def test_piece_has_the_sound_before_its_onset(voice, silence) -> None:
    segmenter = Segmenter(8_000)
    sound = silence(1) + voice(1)
    size = segmenter.frame_bytes
    began = next(
        piece
        for k in range(len(sound) // size)
        for piece in segmenter.feed(sound[k * size : (k + 1) * size])[1]
    )
    assert isinstance(began, Began)
    before_ms = (began.voice_from_frame - began.first_frame) * FRAME_MS
    assert before_ms >= PRE_ROLL_MS


def test_two_sentences_with_a_pause_are_two_pieces(voice, silence) -> None:
    assert len(lengths_ms(silence(1) + voice(1) + silence(0.7) + voice(1) + silence(1))) == 2


def test_hesitation_does_not_cut_a_sentence(voice, silence) -> None:
    assert len(lengths_ms(silence(1) + voice(1) + silence(0.35) + voice(1) + silence(1))) == 1


def test_hesitation_does_cut_a_long_speech(voice, silence) -> None:
    long_s = ENOUGH_SILENCE_MS[0][0] / 1000 + 0.5
    assert len(lengths_ms(silence(1) + voice(long_s) + silence(0.35) + voice(1) + silence(1))) == 2


def test_speaker_who_never_pauses_is_cut_and_nothing_is_lost(voice, silence) -> None:
    lengths = lengths_ms(silence(1) + voice(30) + silence(1))
    assert max(lengths) <= LONGEST_MS
    assert sum(lengths) >= 30_000


def test_piece_that_was_begun_is_completed_at_the_end(voice, silence) -> None:
    assert len(lengths_ms(silence(1) + voice(1))) == 1


def test_silence_gives_no_piece(silence) -> None:
    assert lengths_ms(silence(10)) == []
