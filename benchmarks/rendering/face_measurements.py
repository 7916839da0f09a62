"""Measures head angles, irises, lips and lids of a rendered frame on its pixels alone.

The face mesh is independent of the rig, and accurate for heads, lips and lids. It biases irises towards the
middle of the eye (on true pictures with known gaze it finds 0.8 of the deviation): they are found by their
edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import Image, eye_distance
from generation.animation.face.face_topology import LEFT_IRIS, RIGHT_IRIS
from generation.animation.face.landmarks import detect_faces

Points = NDArray[np.float64]

CORNERS = {LEFT_IRIS: (33, 133), RIGHT_IRIS: (362, 263)}
LIDS = {LEFT_IRIS: ((159, 145), (158, 153), (160, 144)), RIGHT_IRIS: ((386, 374), (385, 380), (387, 373))}
# Landmarks that neither lips, jaw, lids nor brows move.
RIGID = (
    1, 2, 4, 5, 6, 19, 45, 48, 51, 64, 94, 98, 115, 122, 129, 168, 174, 193, 195, 197, 217, 220, 236, 245,
    275, 278, 281, 294, 327, 344, 351, 358, 399, 417, 437, 440, 456, 465, 33, 133, 362, 263, 127, 356, 234,
    454, 10,
)  # fmt: skip
# The iris lies 10.4 mm in front of the point that an eye turns about, and its radius is 5.85 mm.
REACH = 1.78
FINE = 3  # times the frame's resolution at which an iris is looked for
_ANGLES = np.radians([*range(-35, 36, 5), *range(145, 216, 5)])
SIDES = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1)


@dataclass(frozen=True, eq=False)
class FaceMeasurements:
    """The measurements of one frame: from its landmarks (478, 3) and the picture they were found in."""

    picture: Image
    points: Points

    @classmethod
    def of(cls, picture: Image) -> FaceMeasurements:
        """Measure the largest face. Raises IndexError when there is none."""
        return cls(picture, detect_faces(picture)[0].points.astype(np.float64))

    @property
    def face_width(self) -> float:
        """Cheek to cheek in pixels."""
        return float(np.linalg.norm(self.points[234, :2] - self.points[454, :2]))

    @property
    def lip_gap(self) -> float:
        """Largest distance between the inner lips, in face widths."""
        pairs = ((13, 14), (82, 87), (312, 317), (81, 178), (311, 402))
        return (
            max(float(np.linalg.norm(self.points[a, :2] - self.points[b, :2])) for a, b in pairs)
            / self.face_width
        )

    @property
    def smile(self) -> float:
        """Height of the mouth's corners above its middle, in eye distances."""
        corners, middle = self.points[[61, 291], 1].mean(), self.points[[0, 17], 1].mean()
        return float(middle - corners) / eye_distance(self.points)

    @property
    def eye_opening(self) -> float:
        """Distance of the lids in widths of the eye, the mean of both eyes."""
        found = []
        for iris, pairs in LIDS.items():
            a, b = (self.points[i, :2] for i in CORNERS[iris])
            height = np.mean([np.linalg.norm(self.points[u, :2] - self.points[d, :2]) for u, d in pairs])
            found.append(float(height / np.linalg.norm(a - b)))
        return float(np.mean(found))

    def iris(self, which: tuple[int, ...]) -> tuple[Points, float]:
        """Centre (2,) and radius in pixels of one iris, by the circle with the sharpest edge.

        The integro-differential operator of Daugman (1993) on the sides of the circle, which lids do not
        cover. The search starts at the mesh's iris."""
        points = self.points
        radius = float(np.linalg.norm(points[list(which[1:]), :2] - points[which[0], :2], axis=1).mean())
        step = np.arange(-0.7, 0.71, 0.03) * radius
        x, y = (v.ravel() for v in np.meshgrid(step, step))
        centres = points[which[0], :2] + np.stack([x, y], 1)
        size = self.picture.shape[0] * FINE
        grey = cv2.resize(
            cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY), (size, size), interpolation=cv2.INTER_CUBIC
        )
        grey = cv2.GaussianBlur(grey, (0, 0), 0.12 * radius * FINE).astype(np.float32)

        def level(ring: float) -> NDArray[np.float64]:
            at = ((centres[:, None] + ring * SIDES + 0.5) * FINE - 0.5).astype(np.float32)
            found = cv2.remap(grey, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(found.mean(1), np.float64)

        edges = np.stack([level(1.15 * r) - level(0.85 * r) for r in (0.92 * radius, radius, 1.08 * radius)])
        best = int(edges.max(0).argmax())
        return centres[best], radius


def head_angles(rest: Points, now: Points) -> tuple[float, float, float]:
    """Yaw, pitch, roll in degrees of landmarks `now` (478, 3) against `rest`, signs as in MotionTrack."""
    p, q = rest[list(RIGID)], now[list(RIGID)]
    u, _, vt = np.linalg.svd((p - p.mean(0)).T @ (q - q.mean(0)))
    sign = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    r = (u @ sign @ vt).T
    # r = turn(yaw) @ nod(pitch) @ tilt(roll), see camera.head_rotation.
    pitch = np.degrees(np.arcsin(np.clip(-r[1, 2], -1, 1)))
    yaw = np.degrees(np.arctan2(-r[0, 2], r[2, 2]))
    roll = np.degrees(np.arctan2(r[1, 0], r[1, 1]))
    return float(yaw), float(pitch), float(roll)
