"""Measure how the mesh network's landmarks answer to actions and turns of rendered heads.

    .venv/bin/python -m tools.model_assets.measure_landmark_response

Every portrait of the cast, and its mirror image, is rendered with each action and in turned poses; what the
landmarks do beyond the rig's own geometry is averaged over all, halved on the lips, and written to
`generation/animation/assets/landmark_response.safetensors`, with its SHA-256 beside it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from generation.animation import Animator
from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.capture.landmark_model import MOUTH_CORNERS, POSE_WIDTH, LandmarkModel
from generation.animation.capture.landmark_response import ASSET
from generation.animation.capture.motion_fit import FITTED, LIPS
from generation.animation.face.face_topology import MESH_POINTS
from generation.animation.face.landmarks import detect_faces, follow_landmarks
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.head_fit import fit_head, inner_lips
from generation.animation.rendering.renderer import Renderer

PORTRAITS = Path(__file__).resolve().parents[2] / "samples" / "portraits"
STRENGTH = 0.5  # of an action, well inside of what faces do
POSES = ((10, 0, 0), (-10, 0, 0), (18, 0, 0), (-18, 0, 0), (0, 8, 0), (0, -8, 0))  # yaw, pitch, roll: degrees
DEPTH_STEP = 0.01  # head widths
# On photographs the network's lips are nearer to where the lips are than on rendered faces.
ON_LIPS = 0.5
MOUTH = [*LIPS, *(i for pair in MOUTH_CORNERS for i in pair)]
STILL = np.zeros(len(ACTION_INDEX))


class RenderedHead:
    """One portrait's renderer, and the landmarks of the frames it makes."""

    def __init__(self, animator: Animator, picture: UInt8Array) -> None:
        self._renderer = Renderer(animator.fit(picture), 512)
        (face, *_) = detect_faces(self._frame(STILL, np.zeros(POSE_WIDTH)))
        self._near = face.points
        self.rest = self.landmarks(STILL, np.zeros(POSE_WIDTH))

    def _frame(self, weights: Float64Array, pose: Float64Array) -> UInt8Array:
        row, head = weights.astype(np.float32), pose.astype(np.float32)
        return self._renderer.frame(row, head, head[:2].copy(), 0.0)

    def landmarks(self, weights: Float64Array, pose: Float64Array) -> Float64Array:
        """Landmarks (478, 3) of the frame with these action `weights` (52,) and head `pose` (6,)."""
        return follow_landmarks(self._frame(weights, pose), self._near).points.astype(np.float64)


def measure(head: RenderedHead) -> tuple[NDArray[np.floating], Float64Array]:
    """The response of the actions (52, 468, 3) and of the depth (468,) of one head, as LandmarkResponse."""
    fitted = fit_head(FaceRig.load(), head.rest, inner_lips(head.rest))
    model = LandmarkModel.geometric(head.rest, fitted)
    straight = np.zeros(POSE_WIDTH)
    resting = model.project(STILL, straight)
    actions = np.zeros((len(ACTION_INDEX), MESH_POINTS, 3))
    for index in FITTED:
        weights = STILL.copy()
        weights[index] = STRENGTH
        seen = head.landmarks(weights, straight)[:MESH_POINTS, :2] - head.rest[:MESH_POINTS, :2]
        predicted = model.project(weights, straight) - resting
        actions[index, :, :2] = (seen - predicted) / STRENGTH
    across, along = np.zeros(MESH_POINTS), np.zeros(MESH_POINTS)
    deeper = model.deepened(np.full(MESH_POINTS, DEPTH_STEP))
    for angles in POSES:
        pose = np.array([*angles, 0, 0, 0], np.float64)
        off = head.landmarks(STILL, pose)[:MESH_POINTS, :2] - model.project(STILL, pose)
        off -= off.mean(0)  # the whole head's shift is not one of depth
        by_depth = (deeper.project(STILL, pose) - model.project(STILL, pose)) / DEPTH_STEP
        across += (by_depth * off).sum(1)
        along += (by_depth**2).sum(1)
    return actions @ fitted.rotation / fitted.head_width, across / along


def main(arguments: Sequence[str]) -> None:
    animator = Animator.load("cpu")
    every: list[tuple[Float32Array, Float32Array]] = []
    for path in sorted(PORTRAITS.glob("*.jpg")):
        picture = np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)
        for view in (picture, np.ascontiguousarray(picture[:, ::-1])):
            actions, depth = measure(RenderedHead(animator, view))
            every.append((actions.astype(np.float32), depth.astype(np.float32)))
            print(path.stem, f"depth {np.abs(depth).mean():.4f} head widths", flush=True)
    out = Path(arguments[0]) if arguments else ASSET
    actions, depth = (np.mean(values, axis=0) for values in zip(*every, strict=True))
    actions[:, MOUTH] *= ON_LIPS
    save_file({"actions": actions.astype(np.float16), "depth": depth.astype(np.float32)}, out)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    out.with_suffix(".sha256").write_text(f"{digest}  {out.name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
