"""Everything a speaking face does besides articulating: eyes, lids, brows, feeling, head.

Each part draws from its own random stream, so that changing one control leaves the other movements as they
were, and events are planned in seconds, so that the same seed gives the same performance at any frame rate.
"""

from __future__ import annotations

import numpy as np

from generation.animation.articulation import ACTION_INDEX
from generation.animation.blinks import lid_closure, plan_blinks
from generation.animation.controls import MotionControls
from generation.animation.expression import EMOTION_OFFSETS, add_brows, sided
from generation.animation.gaze import plan_gaze
from generation.animation.head_motion import head_motion
from generation.animation.motion_curves import Curve
from generation.animation.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS
from generation.animation.speech_rhythm import Rhythm

_GLANCE_DEG = 4.0  # a saccade of this size may bring a blink


def move_head_and_eyes(
    rhythm: Rhythm, times: Curve, fps: float, controls: MotionControls, seed: int
) -> tuple[Curve, Curve, Curve]:
    """Lid and brow actions (T, 52), head pose (T, 6) and gaze off the camera (T, 2) at `times`."""
    streams = np.random.default_rng(seed).spawn(4)
    arousal = EMOTION_OFFSETS[controls.emotion].arousal * controls.emotion_intensity
    head = controls.head_motion * head_motion(rhythm, times, arousal, streams[0])
    plan = plan_gaze(rhythm, controls, streams[1])
    gaze = plan.direction(times)
    head[:, 5] += (controls.head_distance - 1.0) * CAMERA_DISTANCE_HEAD_WIDTHS
    actions = np.zeros((len(times), len(ACTION_INDEX)))
    add_brows(actions, rhythm, times, controls.expressiveness, streams[2])
    shifts = plan.starts_s[plan.amplitudes > _GLANCE_DEG]
    blink_stream, lid_stream = streams[3].spawn(2)
    blinks = plan_blinks(rhythm, controls.blinks_per_minute, [float(t) for t in shifts], blink_stream)
    lids = lid_closure(blinks, times, fps, lid_stream)
    for name in sided("eyeBlink*"):
        actions[:, ACTION_INDEX[name]] = lids
    return actions, head, gaze
