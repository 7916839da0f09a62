"""A contact probability becomes a complete contact or none."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.speech.lip_contacts import (
    LIP_ON_TEETH,
    LIP_ON_TEETH_LIVE,
    LIPS_SHUT,
    make_contact,
)


def _probability(frames: int, height: float) -> np.ndarray:
    curve = np.zeros(100)
    curve[50 : 50 + frames] = height
    return curve


def test_a_likely_touch_is_complete() -> None:
    curve = make_contact(_probability(6, 0.9), LIPS_SHUT)
    assert curve.max() == pytest.approx(1.0)
    assert curve[:40].max() == curve[70:].max() == 0


def test_a_short_touch_lasts_long_enough_to_be_seen() -> None:
    assert (make_contact(_probability(3, 0.95), LIPS_SHUT) > 0.99).sum() >= 4


@pytest.mark.parametrize(("frames", "height"), [(10, 0.3), (1, 0.9)])
def test_a_doubtful_or_fleeting_touch_is_none(frames: int, height: float) -> None:
    assert make_contact(_probability(frames, height), LIPS_SHUT).max() == 0


def test_a_recorded_f_that_is_just_likelier_than_a_third_is_shown_and_a_live_one_is_not() -> None:
    doubtful = _probability(4, 0.37)
    assert make_contact(doubtful, LIP_ON_TEETH).max() == pytest.approx(1.0)
    assert make_contact(doubtful, LIP_ON_TEETH_LIVE).max() == 0


def test_a_live_f_is_shown_from_a_probability_of_045_on() -> None:
    assert make_contact(_probability(4, 0.47), LIP_ON_TEETH_LIVE).max() == pytest.approx(1.0)
    assert make_contact(_probability(4, 0.43), LIP_ON_TEETH_LIVE).max() == 0
