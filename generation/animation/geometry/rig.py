"""FaceRig: the parametric head model with 52 actions, joints, landmark embedding and teeth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.track.arkit import ARKIT_ACTIONS

ASSET = Path(__file__).parents[1] / "assets" / "face_rig.safetensors"
JOINTS = ("neck01", "neck02", "neck03", "head", "jaw", "eye.L", "eye.R")
# Values of FaceRig.segments.
SKIN, MOUTH_CAVITY, TONGUE, SOCKET_LEFT, SOCKET_RIGHT = 0, 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class DentalArch:
    """One row of teeth: (N, 3) vertices, (M, 3) triangles, (N,) enamel with 1 for tooth and 0 for gum."""

    vertices: Float32Array
    faces: Int32Array
    enamel: Float32Array


@dataclass(frozen=True, eq=False)
class FaceRig:
    """The head in metres: x right in the picture, y down, z away from the viewer, origin at joint neck01.

    `vertices` (V, 3) is the mean head at rest and looking at the viewer; `faces` (F, 3) and `segments` (F,)
    say which triangle is skin, mouth, tongue or eye socket; `actions` (52, V, 3) are displacements at full
    strength in the order of ARKIT_ACTIONS; `identity` (K, V, 3) are displacements of one standard deviation
    of head shape; `skinning` (V, 5) is how much each vertex follows the body, neck01, neck02, neck03 and the
    head; `joints` (7, 3) follow JOINTS. Landmark i of 468 lies in triangle `landmark_triangles[i]` at
    `landmark_weights[i]`. `loops` hold the vertices along the lips' and lids' edges, each from the picture's
    left to its right. `jaw_motion` (52, 3, 4) is the affine displacement of the lower teeth for each action.
    "Left" in names of actions, lids and eyes is the subject's left, the picture's right."""

    vertices: Float32Array
    faces: Int32Array
    segments: UInt8Array
    actions: Float32Array
    identity: Float32Array
    skinning: Float32Array
    joints: Float32Array
    landmark_triangles: Int32Array
    landmark_weights: Float32Array
    loops: dict[str, Int32Array]
    jaw_motion: Float32Array
    upper_teeth: DentalArch
    lower_teeth: DentalArch

    @classmethod
    @cache
    def load(cls) -> FaceRig:
        """The rig of `assets/face_rig.safetensors`, read once in a process. Do not write to its arrays."""
        stored = load_file(ASSET)

        def arch(name: str) -> DentalArch:
            return DentalArch(
                stored[f"{name}.vertices"], stored[f"{name}.faces"].astype(np.int32), stored[f"{name}.enamel"]
            )

        return cls(
            vertices=stored["vertices"],
            faces=stored["faces"].astype(np.int32),
            segments=stored["segments"],
            actions=stored["actions"].astype(np.float32),
            identity=stored["identity"].astype(np.float32),
            skinning=stored["skinning"],
            joints=stored["joints"],
            landmark_triangles=stored["landmark_triangles"].astype(np.int32),
            landmark_weights=stored["landmark_weights"],
            loops={
                k.removeprefix("loop."): v.astype(np.int32)
                for k, v in stored.items()
                if k.startswith("loop.")
            },
            jaw_motion=stored["jaw_motion"],
            upper_teeth=arch("upper_teeth"),
            lower_teeth=arch("lower_teeth"),
        )

    def at_landmarks(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """The 468 landmark positions (468, D) on vertices (V, D)."""
        return np.asarray((points[self.landmark_triangles] * self.landmark_weights[..., None]).sum(1))


ACTION_INDEX = {name: i for i, name in enumerate(ARKIT_ACTIONS)}
