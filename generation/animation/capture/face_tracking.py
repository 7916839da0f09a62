"""Face tracking: follows the one face of a video from frame to frame, and refuses what is not one face."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.capture.eye_motion import IRISES, openings
from generation.animation.capture.face_view import FaceView
from generation.animation.capture.refusals import CaptureRejected
from generation.animation.face.landmarks import FaceLandmarks, detect_faces, follow_landmarks
from generation.animation.face.occlusion import detect_coverings
from generation.animation.portrait.portrait_check import (
    MIN_FACE_PX,
    MIN_PRESENCE,
    MIN_SCORE,
    OTHER_FACE,
)

STILL_THERE: Final = 0.5  # presence of a face that is followed; 0.99 and more where nothing hides it
SEEN: Final = 0.3  # confidence from which the picture itself is compared: it may show a hand, or no face
# From one whole frame that is kept to the next, the eyes open by this factor: some dozens are kept at most.
WIDER: Final = 1.03
MAX_OUTSIDE: Final = 0.2  # part of the landmarks outside of the picture
MAX_GAP_S: Final = 0.5  # without a face; longer gaps are not bridged
LOOK_AROUND_S: Final = 1.0  # between two searches for other faces
LOOK_CLOSER_S: Final = 0.2  # between two looks at what covers the face
# Scores of the probes for covered eyes and mouth: bare faces -1.3 to 0.1, covered ones 0.5 to 1.9.
BARE, COVERED = 0.1, 0.6
# How far the landmarks of a crop and of its mirror image disagree, in parts of the eye distance.
CERTAIN, DOUBTFUL = 0.02, 0.08


@dataclass(frozen=True, eq=False)
class TrackedFace:
    """The face in one frame: landmarks (478, 3) in picture pixels, how far they can be trusted, 0..1, and the
    parts of the frame around face and head."""

    points: Float32Array
    confidence: float
    view: FaceView
    head: FaceView


@dataclass(frozen=True, eq=False)
class TrackedVideo:
    """The face in each frame, None where it was not seen; `width` and `height` of the frames in pixels.

    `pictures` are the whole frames, by their number and in order, in which the face was seen well and the
    eyes were plainly wider open than in all such frames before: the first in which they are about as open as
    any given opening is one of them."""

    faces: list[TrackedFace | None]
    width: int
    height: int
    pictures: dict[int, UInt8Array]


def track_face(frames: Iterable[NDArray[np.uint8]], fps: float) -> TrackedVideo:
    """Follow the one face in `frames`, each (H, W, 3) uint8 RGB of the same size, on up to two threads.

    Raises CaptureRejected, with one of the codes of REFUSALS, and ValueError for frames of another form."""
    with ThreadPoolExecutor(1, "mirror") as beside:
        return _track(frames, fps, beside if len(os.sched_getaffinity(0)) > 1 else None)


def _track(frames: Iterable[NDArray[np.uint8]], fps: float, beside: Executor | None) -> TrackedVideo:
    faces: list[TrackedFace | None] = []
    shape: tuple[int, ...] = ()
    before: Float32Array | None = None
    missing, bare, widest = 0, 1.0, -1.0
    pictures: dict[int, UInt8Array] = {}
    for index, image in enumerate(frames):
        shape = shape or image.shape
        if image.dtype != np.uint8 or image.shape != shape or image.ndim != 3 or shape[2] != 3:
            raise ValueError(f"Frames must be (H, W, 3) uint8 of one size, not {image.dtype} {image.shape}.")
        time_s = index / fps
        if before is None or index % max(round(LOOK_AROUND_S * fps), 1) == 0:
            before = _look_around(image, before, time_s)
        if before is not None and index % max(round(LOOK_CLOSER_S * fps), 1) == 0:
            bare = _bareness(image, before)
        face = _follow(image, before, bare, beside) if before is not None else None
        before = None if face is None else face.points
        faces.append(face)
        if (opening := _picture_opening(face)) > WIDER * widest:
            widest = opening
            pictures[index] = image.copy()  # a decoder may write its next frame over this one
        missing = 0 if face is not None else missing + 1
        if missing > MAX_GAP_S * fps:
            seen = any(f is not None for f in faces)
            raise CaptureRejected("capture_face_lost" if seen else "capture_without_face", time_s)
    if not faces:
        raise CaptureRejected("capture_without_frames", 0.0)
    if not any(f is not None for f in faces):
        raise CaptureRejected("capture_without_face", 0.0)
    return TrackedVideo(faces, shape[1], shape[0], pictures)


def mean_opening(points: Float32Array) -> float:
    """How far the eyes are open in landmarks (478, 3), in widths of an eye."""
    return float(openings(points.astype(np.float64)).mean())


def _picture_opening(face: TrackedFace | None) -> float:
    """How far the eyes are open in a frame that may be kept whole; -inf where no face is seen well."""
    return -np.inf if face is None or face.confidence < SEEN else mean_opening(face.points)


def _look_around(image: UInt8Array, before: Float32Array | None, time_s: float) -> Float32Array | None:
    """Landmarks of the face to follow: the one with landmarks `before`, or else the largest one."""
    faces = [f for f in detect_faces(image) if f.presence >= MIN_PRESENCE and f.score >= MIN_SCORE]
    if not faces:
        return before
    sizes = [max(face.box[2:]) for face in faces]
    if any(size >= OTHER_FACE * sizes[0] for size in sizes[1:]):
        raise CaptureRejected("capture_several_faces", time_s)
    if sizes[0] < MIN_FACE_PX:
        raise CaptureRejected("capture_face_too_small", time_s)
    if before is None or not _is_same(faces[0], before):
        return faces[0].points
    return before


def _bareness(image: UInt8Array, points: Float32Array) -> float:
    """1 for a face of which nothing is covered, 0 where eyes or mouth are hidden."""
    coverings = detect_coverings(image, points)
    return float(np.clip((COVERED - max(coverings.eyes, coverings.mouth)) / (COVERED - BARE), 0.0, 1.0))


def _follow(
    image: UInt8Array, before: Float32Array, bare: float, beside: Executor | None
) -> TrackedFace | None:
    """The face that had landmarks `before`, or None when it is gone; `bare` limits its confidence."""
    found = follow_landmarks(image, before, beside)
    flat = found.points[:, :2]
    outside = ((flat < 0) | (flat > (image.shape[1] - 1, image.shape[0] - 1))).any(1).mean()
    if found.presence < STILL_THERE or outside > MAX_OUTSIDE:
        return None
    eye_distance = float(np.linalg.norm(np.subtract(*found.points[list(IRISES)])))
    disagreement = float(found.spread.mean()) / max(eye_distance, 1.0)
    agreement = float(np.clip((DOUBTFUL - disagreement) / (DOUBTFUL - CERTAIN), 0.0, 1.0))
    views = FaceView.of(image, found.points), FaceView.of_head(image, found.points)
    return TrackedFace(found.points, found.presence * agreement * bare, *views)


def _is_same(face: FaceLandmarks, points: Float32Array) -> bool:
    """Whether a face found is the one that is followed: their middles are less than half a face apart."""
    apart = float(np.linalg.norm(face.points[:, :2].mean(0) - points[:, :2].mean(0)))
    return apart < 0.5 * max(face.box[2:])
