"""The head at rest: the body's surface, finer above the chest, its masks, landmarks and zones of hair."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.spatial import cKDTree

from tools.cast.numerics import Floats, Ints, noise3, smooth, unit
from tools.cast.people import Person
from tools.cast.shape.body import LEFT_EYE, RIGHT_EYE, Body
from tools.cast.shape.strands import sample_roots
from tools.cast.shape.surfaces import sample_mask, subdivide, vertex_normals

LANDMARKS = Path(__file__).resolve().parent.parent / "face_landmarks.json"


class Head:
    """The skin of the body in metres about the mid-point between the eyes; -y is the viewer, z is up.

    `X0` (n, 3) are its vertices at rest, `n0` their normals, `F2` (m, 4) its faces; `S` makes them of the
    body's vertices, `S1` and `F1` the coarser skin that clothes are made from. `masks` are 0..1 per vertex.
    """

    def __init__(self, b: Body, V0: Floats) -> None:
        eyeL, eyeR = V0[LEFT_EYE].mean(0), V0[RIGHT_EYE].mean(0)
        O = (eyeL + eyeR) / 2
        F, T = b.G["body"], b.T["body"]
        c0 = (V0 - O)[F].mean(1)
        ok = c0[:, 2] > -0.60
        Fb, Tb = F[ok], T[ok]
        S1, F1 = subdivide(Fb, len(V0))
        U1, T1 = subdivide(Tb, len(b.vt), linear=True)
        # second level only above the chest
        X1 = S1 @ (V0 - O)
        k2 = X1[F1].mean(1)[:, 2] > -0.26
        S2, F2 = subdivide(F1[k2], S1.shape[0])
        U2, T2 = subdivide(T1[k2], U1.shape[0], linear=True)
        S = S2 @ S1
        used = np.unique(F2)
        remap = -np.ones(S.shape[0], int)
        remap[used] = np.arange(len(used))
        F2 = remap[F2]
        S = S[used]
        uvf = U2 @ (U1 @ b.vt)
        uv = np.zeros((len(used), 2))
        uv[F2.reshape(-1)] = uvf[T2.reshape(-1)]
        X0 = S @ (V0 - O)
        n0 = vertex_normals(X0, F2)
        masks: dict[str, Floats] = {
            k: sample_mask(_grey(b.data / f"mpfb2/textures/mpfb_{k}.jpg"), uv)
            for k in ("lips", "ears", "inside-mouth", "eyelids", "face")
        }
        L = json.loads(LANDMARKS.read_text())
        tri, w = np.array(L["triangles"]), np.array(L["weights"])
        self.O, self.tri, self.w = O, tri, w
        lm0 = self.landmarks(V0)
        head = X0[:, 2] > -0.02
        ears = masks["ears"] > 0.5
        ez = X0[ears][:, 2]
        ey = X0[ears][:, 1]
        lm: dict[str, Any] = dict(
            top=float(X0[:, 2].max()),
            back=float(X0[head][:, 1].max()),
            front=float(X0[head][:, 1].min()),
            ear=(float(ey.mean()), float(ez.min()), float(ez.max())),
            earx=float(np.abs(X0[ears][:, 0]).mean()),
        )
        print("landmarks", {k: np.round(v, 3) for k, v in lm.items()}, "joint", np.round(O, 3))
        J = b.neck - O
        print("neck joint", J)
        self.eyes, self.J = (eyeL, eyeR), J
        self.S, self.S1, self.F1, self.F2 = S, S1, F1, F2
        self.X0, self.n0, self.masks, self.lm0, self.lm = X0, n0, masks, lm0, lm

    def landmarks(self, V: Floats) -> Floats:
        """The (468, 3) landmarks of a face mesh, of the body's vertices `V`."""
        found: Floats = ((V - self.O)[self.tri] * self.w[..., None]).sum(1)
        return found

    def normals(self, X: Floats) -> Floats:
        """Of the skin with vertices `X`."""
        return vertex_normals(X, self.F2)


def _grey(path: Path) -> Floats:
    """A picture (h, w) in 0..1. Raises FileNotFoundError."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise FileNotFoundError(path)
    grey: Floats = picture / 255.0
    return grey


def scalp_zone(p: Person, head: Head) -> Floats:
    """Where hair grows on the scalp, 0..1 per vertex."""
    X0, lm, masks = head.X0, head.lm, head.masks
    ears = masks["ears"] > 0.5
    yc = (lm["front"] + lm["back"]) / 2 - 0.004
    phi = np.degrees(np.arctan2(np.abs(X0[:, 0]), -(X0[:, 1] - yc)))
    ephi = math.degrees(math.atan2(lm["earx"], -(lm["ear"][0] - yc)))
    e0, e1 = lm["ear"][1], lm["ear"][2]
    hl = 0.069 * lm["top"] / 0.115
    fem = p["pheno"]["gender"] > 0.5
    line = np.interp(
        phi,
        [0, 22, 40, 52, 62, ephi - 22, ephi - 13, ephi - 6, ephi + 8, ephi + 20, ephi + 34, 180],
        [
            hl,
            hl - 0.001,
            hl - (0.002 if fem else -0.004),
            hl - (0.016 if fem else 0.010),
            0.036,
            0.022,
            e0 + 0.030,
            e1 + 0.002,
            e1 + 0.006,
            e0 + 0.028,
            e0 - 0.004,
            e0 - 0.022,
        ],
    )
    line = line + noise3(X0, 0.02, 5) * 0.0018
    scalp = (
        smooth(-0.002, 0.013, X0[:, 2] - line + noise3(X0, 0.006, 6) * 0.002)
        * (masks["ears"] < 0.3)
        * (X0[:, 2] > -0.12)
    )
    near_ear = cv_near(X0, X0[ears], 0.004)
    zone: Floats = scalp * (1 - near_ear)
    return zone


def brow_ridges(p: Person, head: Head) -> list[Floats]:
    """Both brows as (5, 3) polylines, inner to outer end: the landmarks' ridge, lifted, and symmetric."""
    lm0, fem = head.lm0, p["pheno"]["gender"] > 0.5
    lift = p["brow"].get("lift", 0.0065)
    br = []
    for lo, up in (
        ([55, 65, 52, 53, 46], [107, 66, 105, 63, 70]),
        ([285, 295, 282, 283, 276], [336, 296, 334, 293, 300]),
    ):
        q = (lm0[lo] + lm0[up]) / 2
        q[:, 2] += lift * np.array([0.75, 0.95, 1.05, 1.0, 0.75] if fem else [0.9, 0.95, 0.95, 0.8, 0.5])
        br.append(q)
    sym = np.array([-1, 1, 1])
    m = (br[0] + br[1] * sym) / 2
    return [m, m * sym]


def beard_zone(head: Head) -> Floats:
    """Where a beard grows, 0..1 per vertex."""
    X0, n0, lm, masks = head.X0, head.n0, head.lm, head.masks
    bz = np.interp(
        np.abs(X0[:, 0]),
        [0, 0.018, 0.03, 0.045, 0.058, 0.068],
        [-0.052, -0.053, -0.064, -0.066, -0.045, -0.012],
    )
    beard: Floats = (
        smooth(-0.002, 0.007, bz - X0[:, 2])
        * (X0[:, 1] < lm["ear"][0] - 0.008)
        * smooth(-0.150, -0.118, X0[:, 2])
        * (1 - masks["lips"])
        * (masks["inside-mouth"] < 0.2)
    )
    return beard * smooth(0.1, -0.3, n0[:, 1] - 0.55)


def stubble(p: Person, head: Head, beard: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Stubble as an (N, 4, 3) array of strands, and the vertex that each stands on; none for most."""
    X0, n0, F2 = head.X0, head.n0, head.F2
    st: Floats = np.zeros((0, 4, 3), np.float32)
    sa: Ints = np.zeros(0, int)
    if p.get("stubble"):
        R, Nn, sa = sample_roots(X0, n0, F2, beard, int(16000 * p["stubble"]), rng)
        d = unit(Nn * 0.6 + np.array([0, -0.1, -0.8]) + rng.normal(size=R.shape) * 0.25)
        Ls = rng.uniform(0.0008, 0.0022, len(R))[:, None]
        st = np.stack([R + d * Ls * t for t in (-0.05, 0.35, 0.7, 1.0)], 1).astype(np.float32)
    return st, sa


def cv_near(X: Floats, P: Floats, d: float) -> Floats:
    """1 for the points `X` that are nearer than `d` to one of `P`, else 0."""
    q, _ = cKDTree(P).query(X, distance_upper_bound=d)
    near: Floats = (q < d).astype(float)
    return near
