from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.signal

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.edits import ROW_RATE, edits_of
from provenance.fingerprints.sound.edits import sound_edits
from provenance.fingerprints.sound.match import compare
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.stretch import Change, Stretch
from tests.provenance.fingerprints.sounds import (
    OTHER,
    RECORDED,
    Sound,
    at_tempo,
    part,
    recorded,
    silence,
    spectrogram,
    speech,
)

WITHIN_S = 0.5


def edits(sound: Sound) -> list[Edit]:
    found = spectrogram(np.asarray(sound, np.float32))
    return sound_edits(recorded(), found, compare(recorded(), found))


def only(sound: Sound) -> Edit:
    (edit,) = edits(sound)
    return edit


def lies(edit: Edit, start_s: float, end_s: float) -> None:
    assert (edit.start_s, edit.end_s) == pytest.approx((start_s, end_s), abs=WITHIN_S)


@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_ours_from_beginning_to_end_has_no_edit(gain: float) -> None:
    assert edits(gain * speech()[0]) == []


def test_another_speech_is_replaced_from_beginning_to_end() -> None:
    edit = only(speech(OTHER)[0])
    assert edit.kind is EditKind.REPLACED
    lies(edit, 0, 8.0)


def test_no_sound_at_all_is_muted() -> None:
    assert only(0 * speech()[0]).kind is EditKind.MUTED


def test_words_that_were_spoken_anew_are_replaced_where_they_stand() -> None:
    edit = only(np.concatenate([part(0, 3), part(2, 4, OTHER), part(5, 9)]))
    assert edit.kind is EditKind.REPLACED
    lies(edit, 3, 5)


def test_a_last_second_of_ours_behind_other_words_is_told_as_ours() -> None:
    edit = only(np.concatenate([part(0, 5), part(2, 3.6, OTHER), part(6.6, 9)]))
    assert edit.kind is EditKind.REPLACED
    assert (edit.start_s, edit.end_s) == pytest.approx((5, 6.6), abs=0.2)


def test_a_pause_of_ours_before_other_words_is_not_among_them() -> None:
    pause = np.zeros(speech()[1], np.float32)
    record = fingerprint(spectrogram(np.concatenate([pause, part(0, 8)])))
    found = spectrogram(np.concatenate([pause, part(2, 4, OTHER), part(2, 8)]))
    (edit,) = sound_edits(record, found, compare(record, found))
    assert edit.kind is EditKind.REPLACED
    assert edit.start_s == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("long_s", [0.45, 0.62, 1.0])
@pytest.mark.parametrize("start_s", [1.2, 3.1, 5.6])
def test_a_word_that_was_silenced_is_muted_where_it_stood(start_s: float, long_s: float) -> None:
    silenced = speech()[0].copy()
    first, last = (round(at_s * speech()[1]) for at_s in (start_s, start_s + long_s))
    silenced[first:last] = 0
    edit = only(silenced)
    assert edit.kind is EditKind.MUTED
    assert (edit.start_s, edit.end_s) == pytest.approx((start_s, start_s + long_s), abs=0.2)
    assert edit.record_start_s == pytest.approx(edit.start_s, abs=0.1)


def test_a_word_that_is_only_softer_is_no_silence() -> None:
    softer = speech()[0].copy()
    first, last = (round(at_s * speech()[1]) for at_s in (3.1, 3.7))
    softer[first:last] *= 0.2
    assert edits(softer) == []


@pytest.mark.slow
@pytest.mark.parametrize("parts", [(1000, 1001), (1000, 1002), (1002, 1000)])
def test_pauses_of_a_long_copy_that_drifts_are_no_silenced_words(parts: tuple[int, int]) -> None:
    pieces: list[Sound] = []
    for tempo in (1.0, 0.85, 1.18, 0.74, 1.36):
        for name, way in product((RECORDED, OTHER), (1, -1)):
            piece = np.ascontiguousarray(part(0.4, 7.4, name)[::way])
            pieces += [at_tempo(piece, tempo), silence(0.4)]
    record = fingerprint(spectrogram(np.concatenate(pieces)))
    found = spectrogram(scipy.signal.resample_poly(np.concatenate(pieces), *parts).astype(np.float32))
    assert sound_edits(record, found, compare(record, found)) == []


@pytest.mark.parametrize("decibels", [4, 6, 8])
def test_pauses_without_the_noise_of_ours_are_no_silenced_words(decibels: int) -> None:
    clean = np.concatenate([piece for at in range(4) for piece in (part(at, at + 2), silence(0.38))])
    noise = np.random.default_rng(1).normal(0, clean.std() * 10 ** (-decibels / 20), len(clean))
    record = fingerprint(spectrogram((clean + noise).astype(np.float32)))
    found = spectrogram(clean)
    comparison = compare(record, found)
    ours = [one for one in comparison.stretches if one.end_s - one.start_s > 3]
    told = sound_edits(record, found, comparison)
    assert ours
    assert all(edit.end_s <= one.start_s or edit.start_s >= one.end_s for edit in told for one in ours)


def test_words_that_were_taken_out_are_cut_at_their_place() -> None:
    edit = only(np.concatenate([part(0, 3), part(4.2, 9)]))
    assert edit.kind is EditKind.CUT
    lies(edit, 3, 3)
    assert edit.record_end_s - edit.record_start_s == pytest.approx(1.2, abs=WITHIN_S)


def test_words_that_were_put_in_are_inserted() -> None:
    edit = only(np.concatenate([part(0, 3), part(2, 4, OTHER), part(3, 9)]))
    assert edit.kind is EditKind.INSERTED
    lies(edit, 3, 5)


def test_words_that_were_silenced_are_muted() -> None:
    sound, rate = speech()
    muted = sound.copy()
    muted[3 * rate : 5 * rate] = 0
    edit = only(muted)
    assert edit.kind is EditKind.MUTED
    lies(edit, 3, 5)


def test_halves_that_changed_places_are_reordered() -> None:
    assert only(np.concatenate([part(4, 9), part(0, 4)])).kind is EditKind.REORDERED


def test_a_sound_that_runs_backwards_is_reversed() -> None:
    assert only(speech()[0][::-1]).kind is EditKind.REVERSED


def test_a_sound_that_runs_faster_is_told_with_its_speed() -> None:
    sound = speech()[0]
    edit = only(scipy.signal.resample(sound, round(len(sound) / 1.2)))
    assert edit.kind is EditKind.SPEED
    assert edit.tempo == pytest.approx(1.2, rel=0.01)


@pytest.mark.parametrize("tempo", [0.982, 0.99, 1.01, 1.018])
def test_a_sound_that_runs_hardly_faster_is_ours_from_beginning_to_end(tempo: float) -> None:
    """It drifts by a tenth of a second and more, which is nobody's other word."""
    for name in (RECORDED, OTHER):
        sound = at_tempo(speech(name)[0], tempo)
        record, found = fingerprint(spectrogram(speech(name)[0])), spectrogram(sound)
        assert sound_edits(record, found, compare(record, found)) == []


@pytest.mark.parametrize("tempo", [0.95, 0.96, 0.97, 1.03, 1.05])
def test_a_sound_that_runs_a_little_faster_is_told_with_its_speed(tempo: float) -> None:
    edit = only(at_tempo(speech()[0], tempo))
    assert edit.kind is EditKind.SPEED
    assert edit.tempo == pytest.approx(tempo, rel=0.006)


def test_a_tone_behind_the_speech_is_no_edit() -> None:
    sound, rate = speech()
    time = np.arange(len(sound)) / rate
    tone = np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 554 * time)
    assert edits(sound + 0.3 * sound.std() / tone.std() * tone) == []


def test_a_sound_joined_to_itself_is_repeated() -> None:
    edit = only(np.concatenate([part(0, 8), part(0, 8)]))
    assert edit.kind is EditKind.REPEATED
    lies(edit, 8, 16)
    assert (edit.record_start_s, edit.record_end_s) == pytest.approx((0, 8), abs=WITHIN_S)


def test_words_that_are_said_once_more_later_are_repeated() -> None:
    edit = only(np.concatenate([part(0, 8), part(2, 5)]))
    assert edit.kind is EditKind.REPEATED
    lies(edit, 8, 11)
    assert (edit.record_start_s, edit.record_end_s) == pytest.approx((2, 5), abs=WITHIN_S)


def test_words_that_are_said_twice_in_a_row_are_repeated() -> None:
    edit = only(np.concatenate([part(0, 5), part(3, 9)]))
    assert edit.kind is EditKind.REPEATED
    lies(edit, 5, 7)


def test_a_breath_before_the_words_is_nothing_that_was_put_in_where_they_come_again() -> None:
    """Seen in a video joined to itself: its words began after a breath too soft to be compared."""
    plain, active = Change(), np.ones(round(10 * ROW_RATE), np.bool_)
    active[: round(0.464 * ROW_RATE)] = False
    stretches = [Stretch(0.0, 9.92, 0.0, 9.92, plain, 0.9), Stretch(10.464, 20.0, 0.464, 10.0, plain, 0.9)]
    found = edits_of(stretches, active, np.ones(round(20 * ROW_RATE)), 20.0)
    assert [one.kind for one in found] == [EditKind.REPEATED]


def test_what_was_put_in_before_words_that_come_again_is_told() -> None:
    plain, active = Change(), np.ones(round(10 * ROW_RATE), np.bool_)
    stretches = [Stretch(0.0, 10.0, 0.0, 10.0, plain, 0.9), Stretch(11.0, 21.0, 0.0, 10.0, plain, 0.9)]
    found = edits_of(stretches, active, np.ones(round(21 * ROW_RATE)), 21.0)
    assert [one.kind for one in found] == [EditKind.INSERTED, EditKind.REPEATED]


def test_words_that_were_put_in_at_a_jump_are_told_although_ours_pauses_there() -> None:
    """Four seconds of the record's own silence account for none of what is said in their place."""
    rows = round(ROW_RATE * 12)
    active = np.ones(rows, np.bool_)
    active[round(ROW_RATE * 4) : round(ROW_RATE * 8)] = False
    ours = [Stretch(0.0, 4.0, 0.0, 4.0, Change(), 0.5), Stretch(8.0, 12.0, 0.0, 4.0, Change(), 0.5)]
    found = edits_of(ours, active, np.ones(rows), 12.0)
    assert EditKind.INSERTED in {one.kind for one in found}
