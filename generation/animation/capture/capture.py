"""Capture: turns the frames of one performer into a MotionTrack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation.arrays import Float64Array
from generation.animation.capture.eye_motion import BLINK, WIDE, RestingEyes, gaze_of, lid_actions, openings
from generation.animation.capture.face_tracking import TrackedFace, TrackedVideo, mean_opening, track_face
from generation.animation.capture.landmark_model import POSE_WIDTH, LandmarkModel
from generation.animation.capture.landmark_response import LandmarkResponse
from generation.animation.capture.lip_contact import CLOSE, close_lips, lip_opening
from generation.animation.capture.motion_fit import FrameFit, fit_frame, landmark_weights
from generation.animation.capture.picture_fit import PictureFit
from generation.animation.face.face_topology import MESH_POINTS
from generation.animation.face.landmarks import FaceLandmarks
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.portrait.fit import FittedPortrait, fit_portrait
from generation.animation.portrait.portrait_crop import frame_square
from generation.animation.track.motion_track import MotionTrack

OPEN_EYES: Final = 0.75  # of the performer's median opening; with less, a frame shows no face at rest
SHUT: Final = 0.4  # eyeBlink from which the iris is hidden and the gaze goes on as it was
SMOOTH_S: Final = 0.025  # standard deviation of the smoothing in time, which blinks are left out of
# What the picture adds to the landmarks changes slowly: found every COMPARED_S, it is smoothed over SLOWLY_S,
# so that it brings no noise of its own.
COMPARED_S: Final = 0.07
SLOWLY_S: Final = 0.05
SEEN: Final = 0.3  # confidence from which the picture itself is compared: it may show a hand, or no face
GOOD_FIT, BAD_FIT = 0.02, 0.06  # residual of the landmarks in head widths


def capture_motion(frames: Iterable[NDArray[np.uint8]], fps: float) -> MotionTrack:
    """The motion of the one performer in `frames`, (H, W, 3) uint8 RGB of one size, at `fps` frames a second.

    Everything is relative to the first frame with open eyes: its face is the face at rest, its pose the
    portrait's own, and it looks at the camera. The track's `confidence` is 0 where the face was not seen and
    motion is interpolated. Frames are consumed one at a time. Raises CaptureRejected, and ValueError for
    frames of another form or an fps outside of 1..240.
    """
    neutral = MotionTrack.neutral(0, fps)  # raises for a rate that no track can have, before any work
    video = track_face(frames, neutral.fps)
    seen = [(i, face) for i, face in enumerate(video.faces) if face is not None]
    rest = _first_open_eyed([face for _, face in seen])
    points = _in_frame_units(np.stack([face.points for _, face in seen]).astype(np.float64), rest, video)
    solved = _solve(points, rest, [face for _, face in seen], _at_rest(*seen[rest], video), neutral.fps)
    times, at = np.arange(len(video.faces)), np.array([i for i, _ in seen])
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


def _solve(
    points: Float64Array, rest: int, faces: list[TrackedFace], performer: FittedPortrait, fps: float
) -> _Solved:
    """Fit every frame's landmarks, (N, 478, 3) in frame units, by the model of the face in frame `rest`, and
    then the pictures of the `faces` by rendered ones of the `performer`."""
    geometry = LandmarkModel.geometric(points[rest], performer.head)
    model = geometry.corrected(LandmarkResponse.load(), performer.head)
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

    picture_fit = PictureFit(performer, geometry)
    at, more = [], []
    for i in range(0, len(points), max(round(COMPARED_S * fps), 1)):
        if faces[i].confidence >= SEEN:
            seen, gaze = finished(fits[i + 1], points[i])
            refined = picture_fit.refine(faces[i].view, seen, gaze)
            at.append(i)
            more.append(np.concatenate([refined.actions - seen.actions, refined.head_pose - seen.head_pose]))
    out = _Solved(len(points))
    corrections = _spread(at, more, len(points), SLOWLY_S * fps)
    for i, (fit, now) in enumerate(zip(fits[1:], points, strict=True)):
        actions = np.clip(fit.actions + corrections[i, :-POSE_WIDTH], 0.0, 1.0)
        pose = fit.head_pose + corrections[i, -POSE_WIDTH:]
        shown, out.gaze[i] = finished(FrameFit(actions, pose, fit.residual), now)
        out.actions[i], out.head_pose[i], out.residual[i] = shown.actions, shown.head_pose, fit.residual
    return out


def _spread(at: list[int], values: list[Float64Array], frames: int, deviation: float) -> Float64Array:
    """`values` (K,) found in the frames `at`, for all `frames`, smoothed: (frames, K). Zero where there are
    none."""
    if not at:
        return np.zeros((frames, len(ACTION_INDEX) + POSE_WIDTH))
    between = _interpolated(np.arange(frames), np.array(at), np.array(values))
    return np.asarray(gaussian_filter1d(between, deviation, axis=0, mode="nearest"))


def _with_eyes(
    fit: FrameFit, eyes: RestingEyes, model: LandmarkModel, points: Float64Array
) -> tuple[FrameFit, Float64Array]:
    """The `fit` of landmarks `points` (478, 3) with its blinks and wide eyes, in actions of its own, and the
    gaze (2,)."""
    actions = fit.actions.copy()
    gaze = gaze_of(eyes, model, points, fit.head_pose)
    actions[list(BLINK)], actions[list(WIDE)] = lid_actions(model, points, actions, fit.head_pose, gaze)
    return FrameFit(actions, fit.head_pose, fit.residual), gaze


def _first_open_eyed(faces: list[TrackedFace]) -> int:
    """The first of the `faces` whose eyes are as open as usual."""
    opening = np.array([mean_opening(face.points) for face in faces])
    return int(np.flatnonzero(opening >= OPEN_EYES * np.median(opening))[0])


def _at_rest(index: int, face: TrackedFace, video: TrackedVideo) -> FittedPortrait:
    """The performer as a portrait: the frame with this number, which shows the `face` at rest."""
    low, high = face.points[:, :2].min(0), face.points[:, :2].max(0)
    box = (*low.tolist(), *(high - low).tolist())
    found = FaceLandmarks(face.points, 1.0, box, face.confidence, np.zeros(len(face.points), np.float32))
    return fit_portrait(video.pictures[index], found)


def _in_frame_units(points: Float64Array, rest: int, video: TrackedVideo) -> Float64Array:
    """Landmarks (N, 478, 3) in units of the frame that a portrait cut from frame `rest` would have."""
    left, top, side = frame_square(points[rest], video.width, video.height)
    scale = FRAME / side
    out = points * scale
    out[..., :2] = (points[..., :2] + 0.5 - (left, top)) * scale - 0.5
    return out


def _interpolated(times: NDArray[np.integer], at: NDArray[np.integer], values: Float64Array) -> Float64Array:
    """`values` (N, K) known `at` (N,) for all `times` (T,): (T, K)."""
    return np.stack([np.interp(times, at, column) for column in values.T], axis=1)
