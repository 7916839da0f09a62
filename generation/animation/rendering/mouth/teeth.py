"""Teeth: both dental arches as curved strips with a painted texture, the upper one fixed to the skull."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, Int32Array
from generation.animation.geometry.light import Light
from generation.animation.geometry.rig import DentalArch, FaceRig
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.mouth.dental_texture import HALF_ARC, ROOM, ROW, paint_arches, texture_at
from generation.animation.rendering.mouth.mouth_colours import MouthColours
from generation.animation.rendering.mouth.teeth_kernels import COLUMNS, place_arches

PUSH = 0.004  # metres by which teeth are moved back, so that they do not intersect the lips
UPPER_SHOW = 0.0036  # metres of the upper incisors visible below the edge of the resting upper lip
LOWER_UP = -0.0002  # metres by which the lower teeth stand above the model's
INCISORS = 0.008  # metres on each side of the middle in which teeth are front teeth
DETAIL = 1.3  # pixels of the texture for one of the frame
MM = 1000.0


class Teeth:
    """The teeth of one fitted portrait. `place` them for a frame, then they are drawn from `arches`."""

    def __init__(
        self, fitted: FittedPortrait, colours: MouthColours, light: Light, scale: float, rest_gap: float
    ) -> None:
        """`scale` is pixels per frame unit, `rest_gap` frame units between the portrait's own lips."""
        rig, head = FaceRig.load(), fitted.head
        self._rig, self._light, self._scale = rig, light, scale
        self._distance = fitted.surface.distance
        self._push = float(PUSH * head.scale)
        loops = np.concatenate([rig.loops["lips.upper"], rig.loops["lips.lower"]])
        shift = (head.vertices[loops] - head.to_frame_units(rig.vertices[loops])).mean(0)
        upper, lower = _strip(rig.upper_teeth, up=True), _strip(rig.lower_teeth, up=False)
        middle = head.vertices[rig.loops["lips.upper"]]
        line = float(np.interp(0.5, np.linspace(0, 1, len(middle)), middle[:, 1]))
        edge = upper[COLUMNS // 2 : COLUMNS // 2 + 1]
        shift[1] = line + UPPER_SHOW * head.scale - float(head.to_frame_units(edge)[0, 1])
        # If the portrait's lips are apart, its lower teeth are lower as well.
        apart = np.array([0, 0.5 * rest_gap - LOWER_UP * head.scale, 0])
        self._rest = np.concatenate(
            [head.to_frame_units(upper) + shift, head.to_frame_units(lower) + shift + apart]
        )
        self._lower_metres = np.c_[lower, np.ones(len(lower))].astype(np.float32)
        self._to_frame = (head.scale * head.rotation.T).astype(np.float32)
        normals = np.concatenate([_normals(upper), _normals(lower)]) @ head.rotation.T
        self._normals = normals.astype(np.float32)
        self.pixels_per_mm = float(head.scale * scale / MM)
        self._texture = paint_arches(colours, self.pixels_per_mm * DETAIL)
        s = np.tile(np.linspace(-HALF_ARC, HALF_ARC, COLUMNS), 2)
        v = np.repeat([-ROOM, ROW - ROOM], COLUMNS)
        self._source = np.concatenate(
            [texture_at(s, v, which, self._texture.shape[:2]) for which in (False, True)]
        )
        self._faces = [_strip_faces(0), _strip_faces(2 * COLUMNS)]
        self._points = np.zeros((4 * COLUMNS, 3), np.float32)
        self._shade = np.ones(4 * COLUMNS, np.float32)

    @property
    def lower_edge(self) -> tuple[float, float]:
        """The pixel x, y of the lower incisors' edge in the placed frame."""
        x, y, _ = self._points[2 * COLUMNS + COLUMNS // 2].tolist()
        return x, y

    @property
    def arches(self) -> tuple[Float32Array, Float32Array, Float32Array, Int32Array, Int32Array, Float32Array]:
        """What the placed arches are drawn from: their vertices (N, 3), texture coordinates and brightness,
        the triangles of the upper and of the lower one, and the texture."""
        upper, lower = self._faces
        return self._points, self._source, self._shade, upper, lower, self._texture

    def place(self, gap: Float64Array, actions: Float32Array, head: Float32Array) -> float:
        """Place the arches for the lips' `gap` (3, COLUMNS), `actions` (52,) and the head's transform (3, 4).
        Returns how far the lips are rounded, 0..1."""
        return float(
            place_arches(
                gap, actions, self._rest, self._lower_metres, self._rig.jaw_motion, self._to_frame, head,
                self._distance, self._scale, self._push, self.pixels_per_mm, self._normals,
                self._light.direction, self._points, self._shade,
            )
        )  # fmt: skip


def _strip(arch: DentalArch, up: bool) -> NDArray[np.float64]:
    """Vertices (2 * COLUMNS, 3) in metres: along the crowns' edges, then along a line ROW mm from it."""
    enamel = arch.vertices[arch.enamel > 0.5].astype(np.float64)
    across = np.abs(enamel[:, 0])
    bins = np.arange(0, across.max() - 0.002, 0.003)
    front = np.array([enamel[(across >= b) & (across < b + 0.003), 2].min() for b in bins])
    # The arch is a parabola through the crowns' front faces.
    bend, start = np.polyfit((bins + 0.0015) ** 2, front, 1)
    x = np.linspace(0, 0.04, 400)
    run = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(bend * x**2)))])
    s = np.linspace(-HALF_ARC, HALF_ARC, COLUMNS) / MM
    at = np.sign(s) * np.interp(np.abs(s), run, x)
    incisors = enamel[across < INCISORS, 1]
    edge = float(incisors.max() if up else incisors.min())
    way = -1.0 if up else 1.0
    rows = [edge - way * ROOM / MM, edge + way * (ROW - ROOM) / MM]
    return np.concatenate([np.stack([at, np.full_like(at, y), start + bend * at**2], 1) for y in rows])


def _normals(strip: NDArray[np.float64]) -> NDArray[np.float64]:
    along = np.gradient(strip[:COLUMNS], axis=0)
    normal = np.stack([along[:, 2], np.zeros(COLUMNS), -along[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return np.concatenate([normal, normal])


def _strip_faces(first: int) -> Int32Array:
    a = first + np.arange(COLUMNS - 1)
    b, c, d = a + 1, a + COLUMNS, a + COLUMNS + 1
    return np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)]).astype(np.int32)
