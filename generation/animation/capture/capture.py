"""Capture: turns the frames of one performer into a MotionTrack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation.arrays import Float64Array
from generation.animation.capture.comparison import (
    EYES_WIDTH,
    QUICKLY_S,
    Compared,
    comparison_threads,
    eye_corrections,
    frames_to_compare,
    picture_corrections,
    spread,
)
from generation.animation.capture.eye_fit import EyesSeen, with_corrected_eyes
from generation.animation.capture.eye_motion import BLINK, WIDE, RestingEyes, gaze_of, lid_actions, openings
from generation.animation.capture.face_tracking import TrackedVideo, track_face
from generation.animation.capture.landmark_model import POSE_WIDTH, LandmarkModel
from generation.animation.capture.landmark_response import LandmarkResponse
from generation.animation.capture.lip_contact import CLOSE, close_lips, lip_opening
from generation.animation.capture.motion_fit import FrameFit, fit_frame, landmark_weights
from generation.animation.capture.performer import frame_at_rest, performer_at_rest
from generation.animation.capture.picture_fit import PictureFit
from generation.animation.face.face_topology import MESH_POINTS
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.head_fit import FittedHead, fit_head, inner_lips
from generation.animation.portrait.portrait_crop import frame_square
from generation.animation.track.motion_track import MotionTrack

SHUT: Final = 0.4  # eyeBlink from which the iris is hidden and the gaze goes on as it was
SMOOTH_S: Final = 0.025  # standard deviation of the smoothing in time, which blinks are left out of
GOOD_FIT, BAD_FIT = 0.02, 0.06  # residual of the landmarks in head widths


def capture_motion(frames: Iterable[NDArray[np.uint8]], fps: float) -> MotionTrack:
    """The motion of the one performer in `frames`, (H, W, 3) uint8 RGB of one size, at `fps` frames a second.

    Everything is relative to the first frame with open eyes in which the face is seen well: it is the face
    at rest, its pose the portrait's own, and it looks at the camera. The track's `confidence` is 0 where the
    face was not seen and motion is interpolated. Frames are consumed one at a time. Raises CaptureRejected,
    and ValueError for frames of another form or an fps outside of 1..240.
    """
    neutral = MotionTrack.neutral(0, fps)  # raises for a rate that no track can have, before any work
    video = track_face(frames, neutral.fps)
    seen = [(i, face) for i, face in enumerate(video.faces) if face is not None]
    times, at = np.arange(len(video.faces)), np.array([i for i, _ in seen])
    solved = _solve(video, at, neutral.fps)
    lids = [*BLINK]
    is_open = solved.actions[:, lids].mean(1) < SHUT
    gaze = _interpolated(times, at[is_open], solved.gaze[is_open])
    actions, pose = (_interpolated(times, at, values) for values in (solved.actions, solved.head_pose))
    blinks = actions[:, lids].copy()
    actions, pose, gaze = (
        gaussian_filter1d(values, SMOOTH_S * fps, axis=0, mode="nearest") for values in (actions, pose, gaze)
    )
    actions[:, lids] = blinks
    confidence = np.zeros(len(times))
    fit_quality = np.clip((BAD_FIT - solved.residual) / (BAD_FIT - GOOD_FIT), 0.0, 1.0)
    confidence[at] = [face.confidence * quality for (_, face), quality in zip(seen, fit_quality, strict=True)]
    return MotionTrack(
        fps,
        actions.astype(np.float32),
        pose.astype(np.float32),
        gaze.astype(np.float32),
        confidence.astype(np.float32),
    )


class _Solved:
    """Rows of `actions` (N, 52), `head_pose` (N, 6), `gaze` (N, 2) and `residual` (N,), not smoothed yet."""

    def __init__(self, frames: int) -> None:
        self.actions = np.zeros((frames, len(ACTION_INDEX)))
        self.head_pose = np.zeros((frames, POSE_WIDTH))
        self.gaze = np.zeros((frames, 2))
        self.residual = np.zeros(frames)


def _solve(video: TrackedVideo, at: NDArray[np.integer], fps: float) -> _Solved:
    """Fit the landmarks of the faces seen in the frames `at` (N,) by the model of the face at rest, and then
    their pictures by rendered ones of it, where it can be rendered."""
    rest_frame = frame_at_rest(video)
    rest, performer = int(np.searchsorted(at, rest_frame)), performer_at_rest(video, rest_frame)
    points = _in_frame_units(video, rest)
    head = _head(points[rest]) if performer is None else performer.head
    geometry = LandmarkModel.geometric(points[rest], head)
    model = geometry.corrected(LandmarkResponse.load(), head)
    lips_at_rest = lip_opening(points[rest])
    eyes, weights = RestingEyes.of(model, points[rest]), landmark_weights()
    still = openings(points[rest])
    fits = [FrameFit(np.zeros(len(ACTION_INDEX)), np.zeros(POSE_WIDTH), 0.0)]
    for now in points:
        start = fits[-1].actions.copy()
        # A first guess is enough here: lids move hardly any landmark of the fit.
        start[list(BLINK)] = np.clip(1 - openings(now) / still, 0.0, 1.0)
        start[list(WIDE)] = 0.0
        fits.append(
            fit_frame(model, now[:MESH_POINTS, :2], weights, FrameFit(start, fits[-1].head_pose, 0.0))
        )

    def finished(fit: FrameFit, now: Float64Array) -> tuple[FrameFit, Float64Array]:
        fit, gaze = _with_eyes(fit, eyes, model, now)
        fit.actions[CLOSE] = close_lips(geometry, now, fit.actions, fit.head_pose, lips_at_rest)
        return fit, gaze

    row_of = {int(frame): row for row, frame in enumerate(at)}
    compared = [] if performer is None else frames_to_compare(video.faces, fps)
    more, more_eyes = list[Float64Array](), list[Float64Array]()
    views = [(face.view, face.head) for i in compared if (face := video.faces[i]) is not None]
    picture_fit = None if performer is None or not compared else PictureFit(performer, geometry)
    if picture_fit is not None:
        seen = [finished(fits[row_of[i] + 1], points[row_of[i]]) for i in compared]
        frames = [Compared(*pair, fit, gaze) for pair, (fit, gaze) in zip(views, seen, strict=True)]
        more = picture_corrections(picture_fit, frames, comparison_threads())
    corrections = spread(compared, more, len(video.faces), fps)[at]
    found = []
    for fit, now, add in zip(fits[1:], points, corrections, strict=True):
        actions = np.clip(fit.actions + add[:-POSE_WIDTH], 0.0, 1.0)
        found.append(finished(FrameFit(actions, fit.head_pose + add[-POSE_WIDTH:], fit.residual), now))
    if picture_fit is not None:
        rows = [row_of[i] for i in compared]
        eyes_seen = [EyesSeen(view, points[i], *found[i]) for (view, _), i in zip(views, rows, strict=True)]
        more_eyes = eye_corrections(picture_fit.eye_fit(), eyes_seen, comparison_threads())
    corrections = spread(compared, more_eyes, len(video.faces), fps, width=EYES_WIDTH, smooth_s=QUICKLY_S)[at]
    out = _Solved(len(points))
    for i, ((fit, gaze), add) in enumerate(zip(found, corrections, strict=True)):
        out.actions[i], out.gaze[i] = with_corrected_eyes(fit, gaze, add)
        out.head_pose[i], out.residual[i] = fit.head_pose, fit.residual
    return out


def _head(points: Float64Array) -> FittedHead:
    """The head fitted to landmarks (478, 3) alone."""
    return fit_head(FaceRig.load(), points, inner_lips(points))


def _with_eyes(
    fit: FrameFit, eyes: RestingEyes, model: LandmarkModel, points: Float64Array
) -> tuple[FrameFit, Float64Array]:
    """The `fit` of landmarks `points` (478, 3) with its blinks and wide eyes, in actions of its own, and the
    gaze (2,)."""
    actions = fit.actions.copy()
    gaze = gaze_of(eyes, model, points, fit.head_pose)
    actions[list(BLINK)], actions[list(WIDE)] = lid_actions(model, points, actions, fit.head_pose, gaze)
    return FrameFit(actions, fit.head_pose, fit.residual), gaze


def _in_frame_units(video: TrackedVideo, rest: int) -> Float64Array:
    """Landmarks (N, 478, 3) of the faces seen, in units of the frame that a portrait cut from row
    `rest` of them would have."""
    points = np.stack([face.points for face in video.faces if face is not None]).astype(np.float64)
    left, top, side = frame_square(points[rest], video.width, video.height)
    scale = FRAME / side
    out = points * scale
    out[..., :2] = (points[..., :2] + 0.5 - (left, top)) * scale - 0.5
    return out


def _interpolated(times: NDArray[np.integer], at: NDArray[np.integer], values: Float64Array) -> Float64Array:
    """`values` (N, K) known `at` (N,) for all `times` (T,): (T, K)."""
    return np.stack([np.interp(times, at, column) for column in values.T], axis=1)
