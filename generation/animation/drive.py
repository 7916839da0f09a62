"""From speech to a performance: find the phones, move the mouth, let the rest of the face live."""

from __future__ import annotations

import numpy as np

from generation.animation.articulation import ACTION_INDEX, apply_contacts, mouth_actions
from generation.animation.audio_features import Samples
from generation.animation.behaviour import move_head_and_eyes
from generation.animation.controls import MotionControls
from generation.animation.expression import add_breath, add_emotion, sided
from generation.animation.hearing import hear
from generation.animation.motion_track import MotionTrack
from generation.animation.phone_decoding import PhoneSegment, decode_phones
from generation.animation.speech_rhythm import find_rhythm

NATURAL = MotionControls()


def drive(
    audio: Samples, sample_rate: int, *, controls: MotionControls = NATURAL, seed: int = 0, fps: float = 25
) -> MotionTrack:
    """Turn mono speech (N,) float32 in -1..1 into a MotionTrack of round(duration * fps) frames.

    Frame i shows the middle of its span, (i + 0.5) / fps. The mouth depends on the audio, the emotion and
    `expressiveness` only; `seed` chooses blinks, gaze, brows and head movement. `gaze` is where the eyes
    look, off the camera: it stays on its target while the head turns, so the renderer turns the eyes against
    the head. The eyeLook actions are left at 0, since gaze says the same. Deterministic on one machine.
    Raises UnusableAudioError, and ValueError when fps is outside what MotionTrack allows.
    """
    duration_s = len(audio) / sample_rate
    heard = hear(audio, sample_rate)
    mouth = heard.mouth
    rhythm = find_rhythm(decode_phones(heard.posteriors, heard.prosody), heard.prosody, duration_s)

    times = np.asarray((np.arange(round(duration_s * fps)) + 0.5) / fps, np.float64)
    actions, head_pose, gaze = move_head_and_eyes(rhythm, times, fps, controls, seed)
    lids = actions[:, [ACTION_INDEX[name] for name in sided("eyeBlink*")]].copy()
    actions += mouth_actions(mouth, times, fps, controls.expressiveness)
    add_emotion(actions, controls.emotion, controls.emotion_intensity * _strength(controls), rhythm, times)
    add_breath(actions, rhythm, times)
    _let_blinks_win(actions, lids)
    apply_contacts(actions, mouth, times, fps)
    return MotionTrack(
        fps=fps,
        actions=actions.astype(np.float32),
        head_pose=head_pose.astype(np.float32),
        gaze=gaze.astype(np.float32),
    )


def find_phones(audio: Samples, sample_rate: int) -> list[PhoneSegment]:
    """The phones heard in mono speech, without gaps from 0 to the end; for evaluation and plots."""
    heard = hear(audio, sample_rate)
    return decode_phones(heard.posteriors, heard.prosody)


def _strength(controls: MotionControls) -> float:
    return 0.5 + 0.5 * controls.expressiveness


def _let_blinks_win(actions: np.ndarray, lids: np.ndarray) -> None:
    """Squinting and wide eyes give way as the lids shut, so that a blink closes the eye in every emotion."""
    for column, side in enumerate(("Left", "Right")):
        blink = np.clip(lids[:, column], 0.0, 1.0)
        for name in ("eyeWide", "eyeSquint"):
            actions[:, ACTION_INDEX[name + side]] *= 1 - blink
