"""Renders the pictures of docs/renderer.md from a presenter of the cast.

python -m tools.docs.document_layers
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.expressions import POSES
from benchmarks.rendering.portraits import CAST, Image, posed, read_picture, save_sheet
from generation.animation import Animator
from generation.animation.rendering.backends.compiled_backend import CompiledBackend
from generation.animation.rendering.renderer import Renderer

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PRESENTER, CELL = "amara", 320
SHOWN = (
    "rest",
    "aa",
    "ee",
    "oo",
    "smile",
    "surprise",
    "blink",
    "gaze right",
    "yaw 15",
    "yaw -15",
    "pitch 10",
    "roll 12",
)


def small(picture: NDArray[np.generic]) -> Image:
    """A picture scaled to the size of a cell."""
    return np.asarray(cv2.resize(picture, (CELL, CELL), interpolation=cv2.INTER_AREA), np.uint8)


def surface_picture(renderer: Renderer) -> Image:
    """The surface by depth, near is light, with the triangles of the face over it."""
    surface = renderer.fitted.surface
    frame = np.zeros((512, 512, 3), np.uint8)
    order = np.argsort(-surface.rest[surface.relief, 2].mean(1))
    low, high = np.percentile(surface.rest[:, 2], (1, 97))
    for triangles in (surface.relief[order], surface.skin):
        for corners in triangles:
            near = 1 - np.clip((surface.rest[corners, 2].mean() - low) / (high - low), 0, 1)
            points = np.rint(surface.source[corners]).astype(np.int32)
            cv2.fillConvexPoly(frame, points, [int(40 + 200 * near)] * 3, cv2.LINE_AA)
    for corners in surface.skin:
        cv2.polylines(frame, [np.rint(surface.source[corners]).astype(np.int32)], True, (80, 120, 200), 1)
    return frame


def eye_picture(renderer: Renderer) -> Image:
    """One eye of the portrait, and its layers: sclera, iris, catch light."""
    texture = renderer._eyes._eyes[0].texture
    x, y = texture.origin
    h, w = texture.sclera.shape[:2]
    iris = texture.iris[..., :3] + 90 * (1 - texture.iris[..., 3:])
    parts = [renderer.layers.neutral[y : y + h, x : x + w], texture.sclera, iris, texture.light * 2]
    shown = [
        np.clip(
            cv2.resize(p.astype(np.float32), (CELL // 2, CELL // 2), interpolation=cv2.INTER_CUBIC), 0, 255
        )
        for p in parts
    ]
    return np.asarray(np.vstack([np.hstack(shown[:2]), np.hstack(shown[2:])]), np.uint8)


def main() -> None:
    renderer = Renderer(
        Animator.load("cpu").fit(read_picture(CAST / f"{PRESENTER}.jpg")), 512, CompiledBackend
    )
    layers, still = renderer.layers, np.zeros(6, np.float32)
    inner = slice(layers.margin, layers.margin + 512)
    person = layers.person[inner, inner].astype(np.float32)
    alone = person[..., :3] + 70 * (1 - person[..., 3:] / 255)
    renderer._deformer.pose(np.zeros(52, np.float32), still, still, 0.0)
    pixels = renderer._deformer.projected * np.float32(renderer._scale)
    renderer._hidden.place(pixels, np.array([25, 0, 0, 0, 0, 0], np.float32))
    hidden = renderer._hidden.behind(np.zeros((512, 512), np.uint8)).copy()
    x, y = renderer.fitted.points[13, :2]
    mouth = renderer.frame(*POSES["aa"], 0.0)[int(y) - 48 : int(y) + 72, int(x) - 60 : int(x) + 60]
    cells = [
        ("the portrait's frame", small(layers.neutral)),
        ("plate: inpainted background", small(layers.plate)),
        ("hidden: what a turn to the right uncovers", small(hidden)),
        ("person with soft edge", small(alone)),
        ("surface: face and relief", small(surface_picture(renderer))),
        ("an eye decomposed", eye_picture(renderer)),
        ("inside of the mouth", small(cv2.resize(mouth, (CELL, CELL), interpolation=cv2.INTER_CUBIC))),
        ("all together, turned", small(renderer.frame(*posed({"jawOpen": 0.2}, (14, -3, 4)), 0.0))),
    ]
    save_sheet(IMAGES / "layers.jpg", cells, 4)
    shown = [(name, small(renderer.frame(*POSES[name], 0.0))) for name in SHOWN]
    save_sheet(IMAGES / "expressions.jpg", shown, 6)


if __name__ == "__main__":
    main()
