"""Known phones in, mouth curves out: coarticulation, closures, loudness."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.speech.coarticulation import (
    ACTION_INDEX,
    GRID_RATE,
    MouthCurves,
    apply_contacts,
    articulate,
    mouth_actions,
    mouth_reach_s,
)
from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.visemes import (
    DOMINANCE,
    PHONES,
    SHAPES,
    VISEME_OF_PHONE,
    VISEME_PHONES,
    VISEMES,
)


def _speak(*phones: tuple[str, float], level_db: float = -20.0) -> tuple[list[PhoneSegment], float]:
    segments, time = [], 0.0
    for phone, length in phones:
        segments.append(PhoneSegment(phone, time, time + length, level_db))
        time += length
    return segments, time


def _actions(segments: list[PhoneSegment], duration_s: float, fps: float) -> tuple[np.ndarray, np.ndarray]:
    mouth = articulate(segments, duration_s)
    times = np.asarray((np.arange(round(duration_s * fps)) + 0.5) / fps, np.float64)
    return _read(mouth, times, fps), times


def _read(mouth: MouthCurves, times: np.ndarray, fps: float) -> np.ndarray:
    actions = mouth_actions(mouth, times, fps, 1.0)
    apply_contacts(actions, mouth, times, fps)
    return actions


def test_every_phone_has_one_viseme_and_every_viseme_a_shape() -> None:
    assert sorted(p for phones in VISEME_PHONES.values() for p in phones) == sorted(PHONES)
    assert len(VISEME_OF_PHONE) == len(PHONES)
    assert SHAPES.shape == DOMINANCE.shape == (len(VISEMES), 8)
    assert SHAPES.min() >= 0
    assert SHAPES.max() <= 1


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
@pytest.mark.parametrize("consonant", ["P", "B", "M"])
@pytest.mark.parametrize("offset_s", [0.0, 0.007, 0.013, 0.021, 0.034])
def test_even_a_short_closure_seals_a_frame(fps: float, consonant: str, offset_s: float) -> None:
    segments, duration = _speak(("AA", 0.3 + offset_s), (consonant, 0.03), ("AA", 0.3))
    actions, times = _actions(segments, duration, fps)
    gap = actions[:, ACTION_INDEX["jawOpen"]] - actions[:, ACTION_INDEX["mouthClose"]]
    near = np.abs(times - (0.315 + offset_s)) < 0.05
    assert gap[near].min() < 1e-9
    assert gap[times < 0.2].max() > 0.3


@pytest.mark.parametrize("fps", [1, 5, 24, 25, 29.97, 40, 60, 240])
def test_a_frame_reads_the_mouth_no_further_than_its_reach(fps: float) -> None:
    noise = np.random.default_rng(0).random((300, 10))
    whole = MouthCurves(noise[:, :8], noise[:, 8], noise[:, 9])
    for time in np.arange(1.0, 1.05, 0.003):
        first, last = (round(GRID_RATE * (time + side * mouth_reach_s(fps)) + side * 0.5) for side in (-1, 1))
        part = MouthCurves(whole.shapes[first:last], whole.closure[first:last], whole.lip_teeth[first:last])
        of_whole, of_part = (
            _read(mouth, np.asarray([time - start / GRID_RATE], np.float64), fps)
            for mouth, start in ((whole, 0), (part, first))
        )
        assert np.allclose(of_whole, of_part, rtol=0, atol=1e-9)


def test_a_vowel_between_two_closures_opens() -> None:
    segments, duration = _speak(
        ("SIL", 0.3), ("M", 0.08), ("AA", 0.13), ("M", 0.08), ("AA", 0.13), ("SIL", 0.3)
    )
    actions, times = _actions(segments, duration, 25)
    gap = actions[:, ACTION_INDEX["jawOpen"]] - actions[:, ACTION_INDEX["mouthClose"]]
    assert gap[(times > 0.38) & (times < 0.51)].max() > 0.15


def test_rounding_starts_before_the_vowel_and_reaches_over_tongue_consonants() -> None:
    segments, duration = _speak(("SIL", 0.4), ("S", 0.1), ("T", 0.06), ("UW", 0.2), ("SIL", 0.4))
    pucker = articulate(segments, duration).shapes[:, 2]
    at = lambda time: pucker[int(time * GRID_RATE)]  # noqa: E731
    assert at(0.53) > 0.25
    assert at(0.53) > 2 * at(0.42)
    assert at(0.66) == pytest.approx(pucker.max(), rel=0.1)


def test_loud_vowels_open_wider() -> None:
    phones = [("AA", 0.2), ("T", 0.1), ("AA", 0.2), ("T", 0.1), ("AA", 0.2)]
    segments, duration = _speak(*phones)
    levels = [-20, -20, -32, -20, -14]
    segments = [
        PhoneSegment(s.phone, s.start_s, s.end_s, level) for s, level in zip(segments, levels, strict=True)
    ]
    jaw = articulate(segments, duration).shapes[:, 0]
    normal, quiet, loud = (jaw[int(time * GRID_RATE)] for time in (0.1, 0.4, 0.7))
    assert quiet < 0.8 * normal < normal < 0.95 * loud


def test_the_mouth_rests_without_speech() -> None:
    mouth = articulate([PhoneSegment("SIL", 0.0, 2.0, -90.0)], 2.0)
    assert mouth.shapes.max() < 1e-6
    assert mouth.closure.max() == mouth.lip_teeth.max() == 0


def test_f_sets_the_lip_to_the_teeth_with_a_narrow_jaw() -> None:
    segments, duration = _speak(("AA", 0.2), ("F", 0.1), ("AA", 0.2))
    actions, times = _actions(segments, duration, 40)
    middle = np.abs(times - 0.25).argmin()
    assert actions[middle, ACTION_INDEX["mouthRollLower"]] > 0.35
    assert actions[middle, ACTION_INDEX["jawOpen"]] <= 0.101
    assert actions[middle, ACTION_INDEX["mouthClose"]] == 0


def test_the_curves_are_smooth_apart_from_closures() -> None:
    segments, duration = _speak(
        ("SIL", 0.3), ("W", 0.08), ("AH", 0.09), ("T", 0.06), ("S", 0.1), ("IY", 0.12), ("SIL", 0.4)
    )
    shapes = articulate(segments, duration).shapes
    assert np.abs(np.diff(shapes, axis=0)).max() * GRID_RATE < 12
