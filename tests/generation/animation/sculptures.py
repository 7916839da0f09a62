"""Heads of animals modelled from ellipsoids that flow into each other: a dog, a llama and a lion of stone.

No photograph of an animal belongs in the repository; these look back at the camera as their pictures do.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
SIZE = 384
BEHIND = 9.0
LIGHT = np.array([-0.45, -0.65, -0.62])


@dataclass(frozen=True)
class Blob:
    """An ellipsoid: x right, y down, z away; its colour; how widely it flows into its neighbours."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    colour: tuple[int, int, int]
    flow: float = 0.08


def mirrored(*blobs: Blob) -> list[Blob]:
    """Each blob on both sides of the head."""
    return [
        Blob((side * x, y, z), blob.radii, blob.colour, blob.flow)
        for blob in blobs
        for x, y, z in [blob.centre]
        for side in (-1, 1)
    ]


def dog() -> Image:
    brown, dark, tan = (128, 82, 46), (70, 42, 24), (190, 150, 104)
    return picture(
        [
            Blob((0, 0, 0), (0.56, 0.56, 0.5), brown),
            Blob((0, 0.28, -0.42), (0.27, 0.24, 0.36), tan, 0.12),
            Blob((0, 0.17, -0.78), (0.12, 0.09, 0.08), (18, 16, 16), 0.02),
            Blob((0, 0.5, -0.3), (0.2, 0.1, 0.28), tan),
            *mirrored(
                Blob((0.52, 0.1, 0.05), (0.14, 0.46, 0.26), dark, 0.04),
                Blob((0.24, -0.08, -0.46), (0.075, 0.07, 0.06), (24, 14, 10), 0.01),
                Blob((0.24, -0.2, -0.42), (0.14, 0.06, 0.08), tan, 0.05),
                Blob((0.12, 0.38, -0.62), (0.14, 0.12, 0.13), tan, 0.05),
            ),
        ],
        (96, 128, 74),
        fur=0.16,
    )


def llama() -> Image:
    wool, face = (226, 216, 200), (204, 186, 160)
    return picture(
        [
            Blob((0, 0.9, 0.3), (0.36, 0.8, 0.3), wool),
            Blob((0, -0.1, 0), (0.4, 0.46, 0.4), wool),
            Blob((0, -0.45, 0.02), (0.34, 0.2, 0.28), wool),
            Blob((0, 0.16, -0.36), (0.2, 0.22, 0.32), face, 0.12),
            Blob((0, 0.2, -0.64), (0.1, 0.07, 0.06), (96, 78, 68), 0.03),
            *mirrored(
                Blob((0.3, -0.68, 0.05), (0.09, 0.3, 0.08), wool, 0.04),
                Blob((0.27, -0.08, -0.27), (0.08, 0.075, 0.07), (16, 12, 12), 0.01),
                Blob((0.06, 0.18, -0.68), (0.03, 0.02, 0.03), (40, 30, 28), 0.01),
                Blob((0.09, 0.29, -0.6), (0.1, 0.06, 0.09), face, 0.03),
            ),
        ],
        (150, 176, 206),
        fur=0.1,
    )


def stone_lion() -> Image:
    stone, shade = (150, 146, 138), (122, 118, 112)
    mane = [
        Blob(
            (0.72 * np.sin(a) * (1 + 0.12 * (i % 2)), 0.02 - 0.72 * np.cos(a) * (1 + 0.12 * (i % 2)), 0.25),
            (0.2, 0.2, 0.22),
            shade,
            0.03,
        )
        for i, a in enumerate(np.linspace(0, 2 * np.pi, 18, endpoint=False))
    ]
    return picture(
        [
            *mane,
            Blob((0, 0, 0), (0.56, 0.58, 0.5), stone),
            Blob((0, 0.26, -0.36), (0.3, 0.24, 0.26), stone, 0.1),
            Blob((0, 0.08, -0.5), (0.13, 0.26, 0.16), stone, 0.06),
            Blob((0, 0.2, -0.66), (0.15, 0.07, 0.06), shade, 0.03),
            Blob((0, 0.5, -0.34), (0.17, 0.09, 0.2), stone, 0.03),
            *mirrored(
                Blob((0.25, -0.2, -0.42), (0.2, 0.08, 0.12), stone, 0.05),
                Blob((0.24, -0.05, -0.43), (0.1, 0.06, 0.07), stone, 0.015),
                Blob((0.14, 0.34, -0.54), (0.15, 0.12, 0.12), stone, 0.04),
                Blob((0.46, -0.5, 0.1), (0.14, 0.16, 0.1), shade, 0.04),
            ),
        ],
        (196, 206, 214),
        fur=0.05,
    )


def picture(blobs: list[Blob], ground: tuple[int, int, int], fur: float) -> Image:
    """(384, 384, 3) of the blobs from the front, lit from the upper left; `fur` roughens their surface."""
    axis = (np.arange(SIZE) + 0.5) / SIZE * 2.6 - 1.3
    x, y = np.meshgrid(axis, axis)
    depth = np.full_like(x, BEHIND)
    colours = np.zeros((SIZE, SIZE, 3)) + np.array(ground) * (0.85 + 0.1 * y[..., None])
    for blob in blobs:
        bulge = 1 - ((x - blob.centre[0]) / blob.radii[0]) ** 2 - ((y - blob.centre[1]) / blob.radii[1]) ** 2
        front = np.where(bulge > 0, blob.centre[2] - blob.radii[2] * np.sqrt(np.maximum(bulge, 0)), BEHIND)
        share = np.where(bulge > 0, np.clip(0.5 + 0.5 * (depth - front) / blob.flow, 0, 1), 0)
        depth = depth * (1 - share) + front * share - blob.flow * share * (1 - share)
        colours = colours * (1 - share[..., None]) + np.array(blob.colour) * share[..., None]
    random = np.random.default_rng(0)
    rough = np.sum(
        [cv2.GaussianBlur(random.normal(0, s, x.shape), (0, 0), s) for s in (1.0, 2.5, 5.0)], axis=0
    )
    there = depth < BEHIND / 2
    surface = cv2.GaussianBlur(np.where(there, depth, 0.4), (0, 0), 1.2) + fur * 0.02 * rough
    down, across = np.gradient(surface, axis[1] - axis[0])
    normals = np.stack([across, down, -np.ones_like(down)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    light = LIGHT / np.linalg.norm(LIGHT)
    halfway = np.add(light, (0, 0, -1))
    shine = np.clip(normals @ (halfway / np.linalg.norm(halfway)), 0, 1) ** 40
    shading = (0.3 + 0.8 * np.clip(normals @ light, 0, 1)) * (1 + fur * 0.3 * rough)
    image = np.where(there[..., None], colours * shading[..., None] + 50 * shine[..., None], colours)
    return np.asarray(np.clip(cv2.GaussianBlur(image, (0, 0), 0.7), 0, 255), np.uint8)
