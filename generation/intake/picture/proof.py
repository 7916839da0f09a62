"""Proof that a portrait can be animated: it is checked, fitted, and a few frames are rendered from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.face.landmarks import FaceLandmarks
from generation.animation.portrait.fit import fit_portrait
from generation.animation.portrait.portrait_check import PortraitRejected, check_portrait
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.threaded import frames_ahead
from generation.animation.track.motion_track import MotionTrack
from generation.intake.picture.face_places import places_for
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning

STILL_SIZE = 512  # pixels a side of the probe frames, of which the first is kept as the neutral still
MOST_CHANGE = 40.0  # levels, mean over a probe frame; measured on the samples: neutral 0, moved up to 12
LEAST_CHANGE = 0.3  # levels; a face that is set in motion and stays as it is has been fitted beside the face


@dataclass(frozen=True, eq=False)
class ProvenPortrait:
    """A portrait that renders: its face, the neutral still (STILL_SIZE, STILL_SIZE, 3) uint8 RGB, left, top
    and side of what it shows, remarks."""

    face: FaceLandmarks
    still: NDArray[np.uint8]
    square: tuple[float, float, float]
    warnings: tuple[IntakeWarning, ...]


def prove_it_renders(image: NDArray[np.uint8]) -> ProvenPortrait:
    """Check, fit and render (H, W, 3) uint8 RGB. Raises IntakeRefused.

    The probe frames show the face at rest, with the mouth open and the head turned, and with the lids shut.
    The first is what a video begins with: cropped, upright and fitted, and nothing moves in it.
    """
    try:
        report = check_portrait(image)
    except PortraitRejected as rejection:
        refused = IntakeRefused(rejection.message, code=rejection.code, hint=rejection.hint)
        refused.places = places_for(rejection.code, image, rejection.faces)
        raise refused from None
    not_animatable = IntakeRefused.because(
        IntakeCode.FACE_NOT_ANIMATABLE, places=places_for("face", image, [report.landmarks])
    )
    try:
        fitted = fit_portrait(image, report.landmarks)
        frames = list(frames_ahead(fitted, STILL_SIZE, backend_for("cpu"), [probe_track()], 1))
    except (ArithmeticError, IndexError, ValueError, RuntimeError, np.linalg.LinAlgError) as error:
        raise not_animatable from error
    rest, *moved = (frame.astype(np.float32) for frame in frames)
    changes = [float(np.abs(frame - rest).mean()) for frame in moved]
    if not all(LEAST_CHANGE <= change <= MOST_CHANGE for change in changes):
        raise not_animatable
    warnings = (
        IntakeWarning(one.code, one.message, one.hint, places_for(one.code, image, [report.landmarks]))
        for one in report.warnings
    )
    return ProvenPortrait(report.landmarks, frames[0], fitted.square, tuple(warnings))


def probe_track() -> MotionTrack:
    """The three frames: at rest, mouth open and head turned by ten degrees, lids shut."""
    actions = np.zeros((3, len(MotionTrack.ACTIONS)), np.float32)
    head_pose = np.zeros((3, 6), np.float32)
    actions[1, MotionTrack.ACTIONS.index("jawOpen")] = 0.4
    head_pose[1, :3] = (10.0, 5.0, 3.0)
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        actions[2, MotionTrack.ACTIONS.index(name)] = 1.0
    return MotionTrack(fps=25, actions=actions, head_pose=head_pose, gaze=np.zeros((3, 2), np.float32))
