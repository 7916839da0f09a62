from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from provenance.fingerprints.sound.match import SecondState, compare, is_another_or_gone
from provenance.fingerprints.stretch import Change, Stretch
from tests.provenance.fingerprints.sounds import (
    OTHER,
    Sound,
    at_tempo,
    part,
    recorded,
    silence,
    spectrogram,
    speech,
)

WITHIN_S = 0.5
SAME, OTHER_SOUND, SILENT = SecondState.SAME, SecondState.OTHER, SecondState.SILENT


def stretches(sound: Sound) -> tuple[Stretch, ...]:
    return compare(recorded(), spectrogram(sound)).stretches


def lies(found: Stretch, *, at: tuple[float, float], of: tuple[float, float]) -> None:
    assert (found.start_s, found.end_s) == pytest.approx(at, abs=WITHIN_S)
    assert (found.record_start_s, found.record_end_s) == pytest.approx(of, abs=WITHIN_S)


def test_the_same_sound_is_one_stretch_of_full_agreement() -> None:
    (whole,) = stretches(speech()[0])
    lies(whole, at=(0, 8.2), of=(0, 8.2))
    assert whole.change == Change()
    assert whole.agreement > 0.99


def test_loudness_and_noise_change_nothing() -> None:
    sound = speech()[0]
    noise = np.random.default_rng(1).normal(0, 10 ** (-30 / 20) * sound.std(), len(sound))
    for changed in (0.05 * sound, np.clip(4 * sound, -1, 1), (sound + noise).astype(np.float32)):
        (whole,) = stretches(changed)
        lies(whole, at=(0, 8.2), of=(0, 8.2))


def test_another_recording_agrees_nowhere() -> None:
    comparison = compare(recorded(), spectrogram(speech(OTHER)[0]))
    assert comparison.stretches == ()
    assert SAME not in comparison.seconds


def slow(sound: Sound) -> Sound:
    """A quarter of its speed, as an editor plays slow motion."""
    return at_tempo(at_tempo(sound, 0.5), 0.5)


SLOW_PICTURE = Stretch(0, 32.8, 0, 8.2, Change(tempo=0.25), 0.9)


def test_a_sound_in_slow_motion_goes_along_with_its_picture() -> None:
    (whole,) = compare(recorded(), spectrogram(slow(speech()[0])), [SLOW_PICTURE]).stretches
    assert (whole.start_s, whole.end_s) == pytest.approx((0, 32.8), abs=4 * WITHIN_S)
    assert whole.change.tempo == pytest.approx(0.25, rel=0.02)


def test_another_sound_in_slow_motion_does_not_go_along_with_our_picture() -> None:
    assert compare(recorded(), spectrogram(slow(speech(OTHER)[0])), [SLOW_PICTURE]).stretches == ()


@pytest.mark.parametrize("length_s", [1.1, 1.2, 1.3, 1.9])
def test_a_sound_of_a_second_goes_along_with_its_picture(length_s: float) -> None:
    picture = Stretch(0, length_s, 2, 2 + length_s, Change(), 1.0)
    comparison = compare(recorded(), spectrogram(part(2, 2 + length_s)), [picture])
    lies(comparison.stretches[0], at=(0, length_s), of=(2, 2 + length_s))
    assert OTHER_SOUND not in comparison.seconds


@pytest.mark.parametrize("gap_s", [0.5, 0.6, 0.7, 0.8, 1.2])
@pytest.mark.parametrize("start_s", [2.0, 2.9, 4.1, 5.3])
def test_a_sound_goes_on_beside_a_picture_that_freezes(start_s: float, gap_s: float) -> None:
    before = Stretch(0, start_s, 0, start_s, Change(), 1.0)
    behind = Stretch(start_s + gap_s, 8.2, start_s + gap_s + 0.08, 8.28, Change(), 1.0)
    sound = speech()[0]
    noise = np.random.default_rng(1).normal(0, 10 ** (-15 / 20) * sound.std(), len(sound))
    comparison = compare(recorded(), spectrogram((sound + noise).astype(np.float32)), [before, behind])
    (whole,) = comparison.stretches
    lies(whole, at=(0, 8.2), of=(0, 8.2))


@pytest.mark.parametrize("at", np.arange(0, 6, 0.5))
def test_another_sound_of_a_second_does_not_go_along_with_our_picture(at: float) -> None:
    picture = Stretch(0, 1.3, at, at + 1.3, Change(), 1.0)
    assert compare(recorded(), spectrogram(part(at, at + 1.3, OTHER)), [picture]).stretches == ()


@pytest.mark.parametrize(
    ("found", "is_told"),
    [
        (silence(0.4), False),  # may be a pause of ours
        (silence(6), True),
        (part(0, 1.5), False),
        (part(0, 1.5, OTHER), False),
        (part(0, 3, OTHER), True),
    ],
    ids=["a silent moment", "six silent seconds", "ours", "another, short", "another"],
)
def test_only_what_is_long_enough_is_another_or_has_lost_ours(found: Sound, is_told: bool) -> None:
    assert is_another_or_gone(recorded(), spectrogram(found)) is is_told


def test_silence_under_our_picture_has_lost_ours_where_ours_sounds() -> None:
    speaks = Stretch(0, 1.5, 2, 3.5, Change(), 1.0)
    assert is_another_or_gone(recorded(), spectrogram(silence(1.5)), [speaks])
    assert not is_another_or_gone(recorded(), spectrogram(silence(1.5)), [replace(speaks, record_end_s=2.2)])


@pytest.mark.parametrize("sound", [np.zeros(48_000, np.float32), np.zeros(0, np.float32)])
def test_silence_is_no_sound_of_ours_and_no_other(sound: Sound) -> None:
    comparison = compare(recorded(), spectrogram(sound))
    assert comparison.stretches == ()
    assert set(comparison.seconds) <= {SILENT}


def test_a_piece_that_was_cut_out_is_missing_from_the_record_alone() -> None:
    before, after = stretches(np.concatenate([part(0, 3), part(4.2, 9)]))
    lies(before, at=(0, 3), of=(0, 3))
    lies(after, at=(3, 7), of=(4.2, 8.2))


def test_a_piece_that_was_spoken_anew_is_another_sound_between_two_of_ours() -> None:
    dubbed = np.concatenate([part(0, 3), part(2, 4, OTHER), part(5, 9)])
    comparison = compare(recorded(), spectrogram(dubbed))
    before, after = comparison.stretches
    lies(before, at=(0, 3), of=(0, 3))
    lies(after, at=(5, 8.2), of=(5, 8.2))
    assert comparison.seconds[:8] == (SAME, SAME, SAME, OTHER_SOUND, OTHER_SOUND, SAME, SAME, SAME)


def test_pieces_in_another_order_are_told_with_their_places() -> None:
    later, earlier = stretches(np.concatenate([part(4, 9), part(0, 4)]))
    lies(later, at=(0, 4.2), of=(4, 8.2))
    lies(earlier, at=(4.2, 8.2), of=(0, 4))


def test_a_sound_that_runs_backwards_is_recognised() -> None:
    (whole,) = stretches(np.ascontiguousarray(speech()[0][::-1]))
    assert whole.change == Change(is_reversed=True)
    lies(whole, at=(0, 8.2), of=(0, 8.2))


@pytest.mark.parametrize("speed", [0.93, 1.04, 1.25])
def test_a_sound_that_is_played_at_another_speed_is_recognised_with_its_speed(speed: float) -> None:
    sound = speech()[0]
    (whole,) = stretches(np.asarray(scipy.signal.resample(sound, round(len(sound) / speed)), np.float32))
    assert whole.change.tempo == pytest.approx(speed, rel=0.01)
    assert whole.change.pitch == whole.change.tempo
    lies(whole, at=(0, 8.2 / speed), of=(0, 8.2))


def test_a_part_that_was_muted_leaves_ours_on_both_sides() -> None:
    sound, rate = speech()
    muted = sound.copy()
    muted[3 * rate : 5 * rate] = 0
    comparison = compare(recorded(), spectrogram(muted))
    assert comparison.seconds[:3] + comparison.seconds[5:8] == (SAME,) * 6
    assert comparison.seconds[4] is SILENT


def test_a_sound_that_begins_later_is_ours_from_there_on() -> None:
    rate = speech()[1]
    (whole,) = stretches(np.concatenate([np.zeros(2 * rate, np.float32), speech()[0]]))
    lies(whole, at=(2, 10.2), of=(0, 8.2))
