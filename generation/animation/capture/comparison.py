"""Comparison: what the pictures of some frames add to their landmarks, and from there to all frames.

What the picture adds changes slowly: found every COMPARED_S, it is smoothed over SLOWLY_S, so that it brings
no noise of its own. Nothing is known of frames that are far from any that was compared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter1d

from generation.animation.arrays import Float64Array
from generation.animation.capture.eye_fit import EyeFit, EyesSeen, openness
from generation.animation.capture.face_tracking import SEEN, TrackedFace
from generation.animation.capture.face_view import FaceView
from generation.animation.capture.landmark_model import POSE_WIDTH
from generation.animation.capture.motion_fit import FrameFit
from generation.animation.capture.picture_fit import PictureFit
from generation.animation.geometry.rig import ACTION_INDEX

COMPARED_S: Final = 0.07
SLOWLY_S: Final = 0.05
NEAR_S, FAR_S = 0.1, 0.3  # from the nearest compared frame: all of the correction, and none
MOST_THREADS: Final = 2
QUICKLY_S: Final = 0.02  # the same of the eyes, which move quickly
WIDTH: Final = len(ACTION_INDEX) + POSE_WIDTH
EYES_WIDTH: Final = 4


class Compared(NamedTuple):
    """A frame to compare: its views, what its landmarks say, and the gaze (2,)."""

    view: FaceView
    head: FaceView
    fit: FrameFit
    gaze: Float64Array


Fit = TypeVar("Fit")
Frame = TypeVar("Frame")


def comparison_threads() -> int:
    """How many threads compare: as many as this process has cores, at most MOST_THREADS."""
    return min(len(os.sched_getaffinity(0)), MOST_THREADS)


def frames_to_compare(faces: Iterable[TrackedFace | None], fps: float) -> list[int]:
    """The numbers of the frames of `faces` to compare: of those seen well, one every COMPARED_S."""
    stride, out = max(round(COMPARED_S * fps), 1), list[int]()
    for i, face in enumerate(faces):
        if face is not None and face.confidence >= SEEN and (not out or i - out[-1] >= stride):
            out.append(i)
    return out


def picture_corrections(
    picture_fit: PictureFit, frames: Sequence[Compared], threads: int
) -> list[Float64Array]:
    """What the picture adds to the actions and the pose of each of the `frames`: (WIDTH,) each. It does not
    depend on the number of `threads`."""

    def compare(fit: PictureFit, frame: Compared) -> Float64Array:
        view, head, seen, gaze = frame
        found = fit.refine(view, fit.aligned(head, seen, gaze), gaze)
        return np.concatenate([found.actions - seen.actions, found.head_pose - seen.head_pose])

    fits = [picture_fit, *(picture_fit.twin() for _ in range(min(threads, len(frames)) - 1))]
    return _each(fits, frames, compare)


def eye_corrections(eye_fit: EyeFit, frames: Sequence[EyesSeen], threads: int) -> list[Float64Array]:
    """What the picture adds to the gaze and the openness of the eyes of each of the `frames`: (EYES_WIDTH,)
    each. It does not depend on the number of `threads`."""

    def compare(fit: EyeFit, seen: EyesSeen) -> Float64Array:
        return np.asarray(fit.refine(seen) - np.concatenate([seen.gaze, openness(seen.fit, seen.gaze)]))

    fits = [eye_fit, *(eye_fit.twin() for _ in range(min(threads, len(frames)) - 1))]
    return _each(fits, frames, compare)


def _each(
    fits: Sequence[Fit], frames: Sequence[Frame], compare: Callable[[Fit, Frame], Float64Array]
) -> list[Float64Array]:
    """What `compare` finds in each of the `frames`, with a thread for each of the `fits`."""
    out: list[Float64Array] = [np.zeros(0)] * len(frames)

    def go(turn: int) -> None:
        for i in range(turn, len(frames), len(fits)):
            out[i] = compare(fits[turn], frames[i])

    if len(fits) == 1:
        go(0)
        return out
    with ThreadPoolExecutor(len(fits), "compare") as pool:
        list(pool.map(go, range(len(fits))))  # raises what a thread raised
    return out


def spread(
    at: Sequence[int],
    values: Sequence[Float64Array],
    frames: int,
    fps: float,
    *,
    width: int = WIDTH,
    smooth_s: float = SLOWLY_S,
) -> Float64Array:
    """`values` (`width`,) found in the frames `at`, in order, for all `frames` at `fps` frames a second,
    smoothed with a standard deviation of `smooth_s` seconds: (frames, `width`). Away from the frames `at`
    they fade; zero where there are none."""
    if not at:
        return np.zeros((frames, width))
    times, known = np.arange(frames), np.array(at)
    between = np.stack([np.interp(times, known, column) for column in np.array(values).T], axis=1)
    away_s = distance_transform_edt(~np.isin(times, known))[:, None] / fps
    between *= np.clip((FAR_S - away_s) / (FAR_S - NEAR_S), 0.0, 1.0)
    return np.asarray(gaussian_filter1d(between, smooth_s * fps, axis=0, mode="nearest"))
