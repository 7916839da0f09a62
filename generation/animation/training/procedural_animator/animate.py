"""The procedural animator: motion plans for the rhythm of an utterance, by hand-tuned random processes.

MotionFlow is trained on its plans. Each part draws from its own random stream, so that changing one control
leaves the other movements as they were.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import spline_filter1d

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotion_offsets import arousal_of, offsets_of
from generation.animation.motion.motion_plan import (
    BLINK,
    BLINK_SPREAD_S,
    FACE,
    GAZE,
    HEAD,
    SMOOTH,
    WIDTH,
    Plan,
    row_times,
)
from generation.animation.training.procedural_animator.blinks import plan_blinks
from generation.animation.training.procedural_animator.face import (
    add_breath,
    add_brows,
    add_emotion,
    resting_face,
)
from generation.animation.training.procedural_animator.gaze import plan_gaze
from generation.animation.training.procedural_animator.head import head_motion
from generation.animation.training.procedural_animator.rhythm import Rhythm

_GLANCE_DEG = 4.0  # saccades from this size on attract blinks
# Size and tempo of movement in a speaking style.
_STYLES = {"calm": (0.6, 0.8), "neutral": (1.0, 1.0), "lively": (1.4, 1.25)}


def animate(rhythm: Rhythm, rows: int, controls: MotionControls, generator: np.random.Generator) -> Plan:
    """The motion plan (rows, WIDTH) of one performance.

    `head_motion`, `expressiveness` and the commanded gaze are applied at inference and are not part of it.
    """
    times = row_times(rows)
    size, tempo = _STYLES[controls.style]
    arousal = arousal_of(controls)
    size, tempo = size * (1 + 0.35 * arousal), tempo * (1 + 0.3 * arousal)
    head_stream, gaze_stream, brow_stream, blink_stream = generator.spawn(4)
    plan = np.zeros((rows, WIDTH))
    plan[:, HEAD] = head_motion(rhythm, times, size, tempo, head_stream)
    gaze = plan_gaze(rhythm, controls, gaze_stream)
    plan[:, GAZE] = gaze.resting(times) - (controls.gaze_yaw, controls.gaze_pitch)
    face = resting_face(rows)
    add_brows(face, rhythm, times, size, brow_stream)
    add_emotion(face, offsets_of(controls), rhythm, times)
    add_breath(face, rhythm, times)
    plan[:, FACE] = np.stack(list(face.values()), axis=1)
    shifts = [float(t) for t in gaze.starts_s[gaze.amplitudes > _GLANCE_DEG]]
    # Arousal does not change the blink rate: the control alone sets it.
    for time, height in plan_blinks(rhythm, controls.blinks_per_minute, shifts, blink_stream):
        bump = height * np.exp(-(((times - time) / BLINK_SPREAD_S) ** 2) / 2)
        plan[:, BLINK] = np.maximum(plan[:, BLINK], bump)
    plan[:, SMOOTH] = control_points(plan[:, SMOOTH])
    return plan.astype(np.float32)


def control_points(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The control points (T, N) of the cubic B-spline that interpolates `values` (T, N) at the rows'
    times."""
    if len(values) < 2:
        return values
    return np.asarray(spline_filter1d(values, order=3, axis=0, mode="mirror"))
