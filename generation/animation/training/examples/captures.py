"""Loads consented Live Link Face captures with their sound as training examples of MotionFlow.

A folder holds NAME.csv (the capture), NAME.wav (its sound, starting with it) and NAME.json: under "consent" a
reference to the performer's written consent that covers training (its number, its address), and beside it the
MotionControls that the performer was asked to show, if any. A capture without the reference is refused.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import find_peaks

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.motion_conditions import training_label
from generation.animation.motion.motion_plan import (
    BLINK,
    BLINK_SPREAD_S,
    FACE,
    FACE_COLUMNS,
    GAZE,
    HEAD,
    PLAN_RATE,
    SMOOTH,
    WIDTH,
    row_times,
)
from generation.animation.motion.voice_features import voice_rows
from generation.animation.rendering.eyes.eye_control import eye_directions
from generation.animation.speech.speech_analysis import analyse_speech
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack
from generation.animation.training.examples.motion_examples import MotionExample
from generation.animation.training.procedural_animator.animate import control_points

_RATE: Final = 60.0  # frames a second at which captures are read
_BLINK_FROM: Final = 0.4
_DROOP_S: Final = 0.8  # lids that stay lowered longer are no blink


class CaptureWithoutConsent(ValueError):
    """The performer's consent is not documented. `code` is stable, `message` says why, `hint` what to do."""

    code: Final = "capture_without_consent"

    def __init__(self, capture: Path) -> None:
        notes = capture.with_suffix(".json").name
        self.message = f"Nothing in {notes} says that the performer of {capture.name} agreed to training."
        self.hint = f'Write {{"consent": "where the signed consent is kept"}} into {notes}.'
        super().__init__(f"{self.message} {self.hint}")


def load_captures(folder: Path) -> list[MotionExample]:
    """Every capture of a folder. Raises CaptureWithoutConsent, ControlsInvalid, EmotionNotTrained,
    LiveLinkError and what `json` and `wave` raise for files that cannot be read, FileNotFoundError for a
    capture without sound."""
    return [load_capture(path) for path in sorted(folder.glob("*.csv"))]


def load_capture(path: Path) -> MotionExample:
    """One capture as an example: `path` is its .csv, beside it lie .wav and .json. Raises as
    `load_captures`."""
    controls = _consented_controls(path)
    samples, rate = _read_wave(path.with_suffix(".wav"))
    voice = voice_rows(analyse_speech(samples, rate))
    track = MotionTrack.from_csv(path).resampled(_RATE)
    rows = min(len(voice), int(track.duration_s * PLAN_RATE))
    return MotionExample(voice[:rows], plan_from_track(track, rows), training_label(controls))


def plan_from_track(track: MotionTrack, rows: int) -> NDArray[np.float32]:
    """The plan (rows, WIDTH) that approximates a track, with pose and gaze relative to the track's own
    medians."""
    times = row_times(rows)
    at = (np.arange(len(track)) + 0.5) / track.fps
    lids = track.actions[:, [ARKIT_ACTIONS.index(f"eyeBlink{side}") for side in ("Left", "Right")]].mean(1)
    droop = median_filter(lids, 2 * round(_DROOP_S * track.fps / 2) + 1, mode="nearest")
    columns = np.zeros((len(track), WIDTH))
    for column, driven in enumerate(FACE_COLUMNS.values()):
        values = track.actions[:, [ARKIT_ACTIONS.index(action) for action in driven]]
        shares = np.array(list(driven.values()))
        columns[:, FACE.start + column] = values @ shares / (shares @ shares)
    columns[:, FACE.start + list(FACE_COLUMNS).index("lid_droop")] = droop
    columns[:, HEAD] = track.head_pose - np.median(track.head_pose, axis=0)
    looks = np.stack([eye_directions(a, g).mean(0) for a, g in zip(track.actions, track.gaze, strict=True)])
    columns[:, GAZE] = looks - np.median(looks, axis=0)
    plan = np.stack([np.interp(times, at, column) for column in columns.T], axis=1)
    plan[:, BLINK] = 0.0
    for peak in find_peaks(lids - droop, height=_BLINK_FROM)[0]:
        height = min(1.0, float(lids[peak] - droop[peak]) + 0.15)  # a closed lid reads as less than 1
        bump = height * np.exp(-(((times - at[peak]) / BLINK_SPREAD_S) ** 2) / 2)
        plan[:, BLINK] = np.maximum(plan[:, BLINK], bump)
    plan[:, SMOOTH] = control_points(plan[:, SMOOTH])
    return plan.astype(np.float32)


def _consented_controls(capture: Path) -> MotionControls:
    """The controls that the performer was asked to show. Raises CaptureWithoutConsent."""
    path = capture.with_suffix(".json")
    notes = json.loads(path.read_text()) if path.exists() else {}
    if not isinstance(notes, dict):
        raise CaptureWithoutConsent(capture)
    consent = notes.pop("consent", None)
    if not isinstance(consent, str) or not consent.strip():
        raise CaptureWithoutConsent(capture)
    return MotionControls.from_json(notes)


def _read_wave(path: Path) -> tuple[NDArray[np.float32], int]:
    """Mono samples (N,) -1..1 of a 16-bit WAV file."""
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, file.getnchannels())
        return (data.mean(1) / 32768).astype(np.float32), file.getframerate()
