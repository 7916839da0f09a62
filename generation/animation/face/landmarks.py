"""Face landmarks: the 478 points of MediaPipe's face mesh, measured on still pictures.

A single run of the network jitters by about one per cent of the inter-ocular distance. Each face is therefore
measured on several crops, slightly moved, scaled and rotated, and on their mirror images, and the results are
averaged (test-time augmentation).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_detection import FaceDetection, find_faces, overlap, sample_square
from generation.animation.face.face_mesh import MESH_INPUT, Points, measure_mesh
from generation.animation.face.face_topology import LEFT_EYE, MESH_POINTS, MIRROR, RIGHT_EYE

CROP_MARGIN = 1.5  # the mesh network was made for crops half as large again as the face
MIN_PRESENCE = 0.5
SAME_FACE_OVERLAP = 0.3
CROP_ROUNDS = 2  # measurements after which the crop no longer depends on the detector's box
MOVED = 0.04  # of the crop's side by which a face may have moved since the frame before
# Crops averaged over: (scale, turn in degrees, shift right, shift down as parts of the crop).
CROPS = (
    (1.0, 0.0, 0.0, 0.0),
    (0.93, 2.0, 0.01, 0.01),
    (1.07, -2.0, -0.01, -0.01),
    (0.97, -4.0, 0.015, -0.015),
    (1.03, 4.0, -0.015, 0.015),
)


@dataclass(frozen=True, eq=False)
class FaceLandmarks:
    """The landmarks of one face.

    `points` is (478, 3) float32 in picture pixels: x to the right, y down, z away from the camera; the nose's
    tip has the smallest z. They are numbered as in `face_topology`. `box` is (x, y, width, height) around
    them. `score` is the face detector's confidence, `presence` the mesh network's least over the crops, both
    0..1. `spread` is (478,) float32: how far the crops disagree about each point, in pixels; about one per
    cent of the distance between the eyes where a face can be seen well, three and more where it is hidden.
    """

    points: NDArray[np.float32]
    score: float
    box: tuple[float, float, float, float]
    presence: float
    spread: NDArray[np.float32]


class FollowedFace(NamedTuple):
    """One face in one frame of a video: landmarks (478, 3) in picture pixels, the probability that there is a
    face, and how far the crop and its mirror image disagree about each landmark, (478,) in pixels."""

    points: NDArray[np.float32]
    presence: float
    spread: NDArray[np.float32]


@dataclass(frozen=True)
class _Crop:
    """A turned square of the picture: centre and side in pixels, angle in radians."""

    x: float
    y: float
    size: float
    angle: float

    def matrix(self, pixels: int) -> NDArray[np.float64]:
        """The 2 x 3 matrix from picture pixels to pixels of this crop sampled at `pixels` a side."""
        scale = pixels / self.size
        cos, sin = np.cos(self.angle) * scale, np.sin(self.angle) * scale
        turn = np.array([[cos, sin], [-sin, cos]])
        return np.column_stack([turn, pixels / 2 - turn @ (self.x, self.y)])

    def varied(self, scale: float, turn: float, right: float, down: float) -> _Crop:
        return _Crop(
            self.x + right * self.size,
            self.y + down * self.size,
            self.size * scale,
            self.angle + float(np.radians(turn)),
        )


def detect_faces(image: NDArray[np.uint8]) -> list[FaceLandmarks]:
    """Find all faces in `image` ((H, W, 3) uint8 RGB) and measure their landmarks, the largest face first.

    Faces of animals, dolls and statues are found too: see `portrait_check` for what may be animated.
    """
    faces: list[FaceLandmarks] = []
    for detection in find_faces(image):
        face = _measure(image, detection)
        if face is not None and not any(_same(face, other) for other in faces):
            faces.append(face)
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def _measure(image: NDArray[np.uint8], detection: FaceDetection) -> FaceLandmarks | None:
    """Landmarks for one detection, or None where the mesh network sees no face."""
    crop = _crop_of_detection(detection)
    for _ in range(CROP_ROUNDS):
        mesh, presence = _mesh(image, crop)
        if presence < MIN_PRESENCE:
            return None
        crop = _crop_of_mesh(mesh)
    measured = [both for variation in CROPS for both in _both_meshes(image, crop.varied(*variation))]
    presence = min(value for _, value in measured)
    meshes = np.stack([mesh for mesh, _ in measured])
    points = meshes.mean(0)
    spread = np.hypot(*np.moveaxis(meshes[..., :2] - points[:, :2], -1, 0)).mean(0)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    return FaceLandmarks(points, detection.score, box, presence, spread)


def locate_face(image: NDArray[np.uint8]) -> Points | None:
    """Landmarks (478, 3) of the most certain face in `image` ((H, W, 3) uint8 RGB), from single crops.

    A tenth of the cost of `detect_faces`, and as exact as one look is. None where there is no face.
    """
    for detection in find_faces(image)[:1]:
        mesh, presence = _mesh(image, _crop_of_detection(detection))
        if presence >= MIN_PRESENCE:
            return refine_landmarks(image, mesh)
    return None


def follow_face(image: NDArray[np.uint8], points: Points) -> Points | None:
    """Landmarks (478, 3) of the face that had landmarks `points` a while ago; None if it is gone.

    From one crop, which is placed once more when the face has left the middle of it.
    """
    crop = _crop_of_mesh(points)
    mesh, presence = _mesh(image, crop)
    now = _crop_of_mesh(mesh)
    if presence >= MIN_PRESENCE and np.hypot(now.x - crop.x, now.y - crop.y) > MOVED * crop.size:
        mesh, presence = _mesh(image, now)
    return mesh if presence >= MIN_PRESENCE else None


def refine_landmarks(image: NDArray[np.uint8], points: Points) -> Points:
    """Landmarks (478, 3) measured once on a crop around the approximate landmarks `points` (478, 3)."""
    return _mesh(image, _crop_of_mesh(points))[0]


def follow_landmarks(
    image: NDArray[np.uint8], points: Points, beside: Executor | None = None
) -> FollowedFace:
    """The landmarks of the face that had landmarks `points` (478, 3) a moment ago, from two crops.

    For video: a fifth of the cost of `detect_faces`. The crop is placed once more when the face has left the
    middle of it. The mirror image is measured by `beside` at the same time, where that is given."""
    crop = _crop_of_mesh(points)
    (mesh, presence), (mirrored, also) = _both_meshes(image, crop, beside)
    now = _crop_of_mesh(mesh)
    if np.hypot(now.x - crop.x, now.y - crop.y) > MOVED * crop.size:
        (mesh, presence), (mirrored, also) = _both_meshes(image, now, beside)
    spread = np.hypot(*(mesh - mirrored)[:, :2].T).astype(np.float32) / 2
    return FollowedFace(np.asarray((mesh + mirrored) / 2, np.float32), min(presence, also), spread)


def face_views(image: NDArray[np.uint8], points: Points, count: int) -> Iterator[NDArray[np.uint8]]:
    """The first `count` crops (192, 192, 3) on which a face with landmarks `points` is measured.

    Each is followed by its mirror image.
    """
    for variation in CROPS[:count]:
        view = sample_square(image, _crop_of_mesh(points).varied(*variation).matrix(MESH_INPUT), MESH_INPUT)
        yield view
        yield view[:, ::-1]


def _same(one: FaceLandmarks, other: FaceLandmarks) -> bool:
    corners = [
        np.array([f.box[0], f.box[1], f.box[0] + f.box[2], f.box[1] + f.box[3]], np.float32)
        for f in (one, other)
    ]
    return bool(overlap(corners[0], corners[1][None])[0] > SAME_FACE_OVERLAP)


def _crop_of_detection(detection: FaceDetection) -> _Crop:
    (x, y, width, height), eyes = detection.box, detection.keypoints[1] - detection.keypoints[0]
    return _Crop(
        float(x + width / 2),
        float(y + height / 2),
        float(max(width, height)) * CROP_MARGIN,
        float(np.arctan2(eyes[1], eyes[0])),
    )


def _crop_of_mesh(mesh: NDArray[np.float32]) -> _Crop:
    low, high = mesh[:MESH_POINTS, :2].min(0), mesh[:MESH_POINTS, :2].max(0)
    eyes = mesh[RIGHT_EYE[0], :2] - mesh[LEFT_EYE[0], :2]
    centre = (low + high) / 2
    return _Crop(
        float(centre[0]),
        float(centre[1]),
        float((high - low).max()) * CROP_MARGIN,
        float(np.arctan2(eyes[1], eyes[0])),
    )


def _mesh(image: NDArray[np.uint8], crop: _Crop) -> tuple[Points, float]:
    """(478, 3) points in picture pixels and the presence of a face, from one crop."""
    return _mesh_in(_view(image, crop), crop, mirrored=False)


def _both_meshes(
    image: NDArray[np.uint8], crop: _Crop, beside: Executor | None = None
) -> tuple[tuple[Points, float], tuple[Points, float]]:
    """The same from one crop and from its mirror image, which `beside` may measure at the same time."""
    view = _view(image, crop)
    if beside is None:
        return _mesh_in(view, crop, mirrored=False), _mesh_in(view, crop, mirrored=True)
    mirrored = beside.submit(_mesh_in, view, crop, mirrored=True)
    return _mesh_in(view, crop, mirrored=False), mirrored.result()


def _view(image: NDArray[np.uint8], crop: _Crop) -> NDArray[np.uint8]:
    return sample_square(image, crop.matrix(MESH_INPUT), MESH_INPUT)


def _mesh_in(view: NDArray[np.uint8], crop: _Crop, *, mirrored: bool) -> tuple[Points, float]:
    """The same from the `view` (192, 192, 3) of a crop, or from its mirror image."""
    points, presence = measure_mesh(view[:, ::-1] if mirrored else view)
    if mirrored:
        points = points[MIRROR] * np.array([-1, 1, 1], np.float32) + np.array(
            [MESH_INPUT - 1, 0, 0], np.float32
        )
    back = cv2.invertAffineTransform(crop.matrix(MESH_INPUT))
    flat = points[:, :2] @ back[:, :2].T + back[:, 2]
    return np.column_stack([flat, points[:, 2] * crop.size / MESH_INPUT]).astype(np.float32), presence
