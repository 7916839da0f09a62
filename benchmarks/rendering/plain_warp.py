"""The baseline of `ground_truth`: one texture on one rotating head mesh, and a smooth warp of the rest.

No layers, no mouth interior, no separate eyes, no matte: all triangles of the head carry the portrait's
pixels and rotate about one pivot; the warp fades out smoothly beyond them.
"""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.camera import FRAME, head_rotation
from generation.animation.geometry.rasterize import FAR, draw_map
from generation.animation.geometry.rig import FaceRig
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.portrait_crop import MARGIN

FADE = 70.0  # frame units over which the warp runs out


def plain_warp(fitted: FittedPortrait, actions: Float32Array, head_pose: Float32Array) -> UInt8Array:
    """One frame (512, 512, 3) for one row of a track. Gaze is not followed, except by eyeLook actions."""
    rig, size = FaceRig.load(), int(FRAME)
    frame = _frame(fitted, size)
    rest = fitted.head.vertices.astype(np.float64)
    turned = fitted.head.scale * rig.actions.astype(np.float64) @ fitted.head.rotation.T
    moved = rest + np.tensordot(actions, turned, 1)
    low, high = rest[:, 1].max(), rest[:, 1].min()
    pivot = np.array([rest[:, 0].mean(), 0.75 * low + 0.25 * high, np.percentile(rest[:, 2], 70)])
    turn = head_rotation(*(float(v) for v in head_pose[:3])).astype(np.float64)
    chin = fitted.points[152, 1]
    share = np.clip((low - rest[:, 1]) / (low - chin), 0, 1)[:, None]
    posed = moved * (1 - share) + ((moved - pivot) @ turn.T + pivot) * share
    source = rest[:, :2].astype(np.float32)
    depth = np.full((size, size), FAR, np.float32)
    drawn = np.zeros((2, size, size), np.float32)
    draw_map(
        posed.astype(np.float32), source, np.ones(len(rest), np.float32), rig.faces, depth, drawn,
        np.ones_like(depth),
    )  # fmt: skip
    ys, xs = np.mgrid[0:size, 0:size].astype(np.float32)
    known = cv2.erode((depth < FAR).astype(np.float32), np.ones((5, 5)))
    flow = (np.moveaxis(drawn, 0, 2) - np.dstack([xs, ys])) * known[..., None]
    flow = cv2.GaussianBlur(flow + _beyond(flow, known) * (1 - known[..., None]), (0, 0), 1.2)
    return np.asarray(
        cv2.remap(
            frame, xs + flow[..., 0], ys + flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    )


def _frame(fitted: FittedPortrait, size: int) -> UInt8Array:
    margin = round(size * MARGIN)
    canvas = cv2.resize(fitted.canvas, (size + 2 * margin,) * 2, interpolation=cv2.INTER_AREA)
    return np.asarray(canvas[margin : margin + size, margin : margin + size], np.uint8)


def _beyond(flow: Float32Array, known: Float32Array) -> Float32Array:
    total, share = np.zeros_like(flow), np.zeros_like(known)
    for sigma in (4, 8, 16, 32, 64):
        near = cv2.GaussianBlur(known, (0, 0), sigma)
        weight = np.clip(near * 4, 0, 1) / sigma**2
        total += weight[..., None] * cv2.GaussianBlur(flow, (0, 0), sigma) / np.maximum(near, 1e-4)[..., None]
        share += weight
    away = cv2.distanceTransform((1 - known).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(
        total / np.maximum(share, 1e-9)[..., None] * np.exp(-away / FADE)[..., None], np.float32
    )
