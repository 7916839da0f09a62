"""The first stage: a person's geometry in each frame, written as plain arrays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tools.cast.numerics import Floats, Ints, kabsch, unit
from tools.cast.people import PERSONAS, REST, TRUTH, Frame, Person
from tools.cast.shape.body import LEFT_EYE, LOWER_TEETH, RIGHT_EYE, UPPER_TEETH, Body
from tools.cast.shape.brows_and_lashes import brows, lashes
from tools.cast.shape.eyes import eye_texture, eyeball
from tools.cast.shape.garment import garment
from tools.cast.shape.hair import groom
from tools.cast.shape.head import Head, beard_zone, brow_ridges, scalp_zone, stubble
from tools.cast.shape.skin import skin_colour
from tools.cast.shape.surfaces import subdivide, vertex_normals
from tools.cast.shape.teeth import dentition

CAMERA = (0, -1.45, -0.01)


def shape_stage(name: str, which: str, work: str | Path) -> None:
    """Write the person's parts at rest, each frame of the set `which`, and what it shows, to `work`."""
    p = PERSONAS[name]
    rng = np.random.default_rng(p["seed"])
    b = Body(p)
    work = Path(work)
    work.mkdir(parents=True, exist_ok=True)
    rest = dict(REST)
    V0, _ = b.pose(rest)
    head = Head(b, V0)
    O, X0, n0, F2, masks = head.O, head.X0, head.n0, head.F2, head.masks
    scalp = scalp_zone(p, head)
    br = brow_ridges(p, head)
    bs, ba = brows(p, X0, n0, dict(brow=br), rng)
    # Clothes, then hair that collides with head and clothes.
    V1 = head.S1 @ (V0 - O)
    g = garment(p, V1, head.F1, head.J, rng)
    solidV = np.concatenate([X0, g[0]])
    solidN = np.concatenate([n0, vertex_normals(g[0], g[1])])
    hs, hrad = groom(p, X0, n0, F2, scalp, (solidV, solidN), head.lm, rng)
    beard = beard_zone(head)
    st, sa = stubble(p, head, beard, rng)
    eyes_at = (V0[LEFT_EYE].mean(0) - O, V0[RIGHT_EYE].mean(0) - O)
    col = skin_colour(p, X0, n0, head.lm0, masks, beard, eyes_at, scalp)
    eye_img = eye_texture(p)
    cv2.imwrite(
        str(work / f"{name}_eye.png"),
        (np.clip(eye_img, 0, 1) ** (1 / 2.2) * 255)[..., ::-1].astype(np.uint8),
    )
    ein, eout, euv, ef = eyeball()
    tv = [dentition(V0[UPPER_TEETH] - O, True), dentition(V0[LOWER_TEETH] - O, False)]
    Ft = b.G["helper-tongue"]
    St, Ft2 = subdivide(Ft, len(V0))
    ut = np.unique(Ft2)
    rt = -np.ones(St.shape[0], int)
    rt[ut] = np.arange(len(ut))
    Ft2 = rt[Ft2]
    St = St[ut]
    sets: dict[str, dict[str, Frame]] = {"portrait": {"portrait": {}}, "truth": TRUTH}
    frames = sets[which]
    cut = g[5](X0) < -0.022
    np.savez_compressed(
        work / f"{name}_base.npz",
        F=F2[~cut[F2].any(1)],
        rest=X0,
        col=col["rgb"],
        rough=col["rough"],
        lipm=masks["lips"],
        beard=beard,
        freck=col["freck"],
        scalp=scalp,
        eye_in=ein,
        eye_out=eout,
        eye_uv=euv,
        eye_F=ef,
        cloth=g[0],
        cloth_F=g[1],
        band=g[2],
        band_F=g[3],
        band_uv=g[4],
        teeth_F0=tv[0][1],
        teeth_F1=tv[1][1],
        teeth_k0=tv[0][2],
        teeth_k1=tv[1][2],
        tongue_F=Ft2,
        hair_rad=hrad,
        J=head.J,
    )
    strands = dict(hair=hs, brow=(bs, ba), stub=(st, sa))
    meta = {}
    for fname, fr in frames.items():
        act, pose = _asked(p, fr, which)
        d, Hl, Vp = _frame(b, head, V0, act, pose, strands, rng)
        d["tongue"] = (St @ (Vp - O)).astype(np.float32)
        looks_at_us = which == "portrait" and not any(k.startswith("eyeLook") for k in fr.get("actions", {}))
        d |= _eyes(head, V0, Vp, looks_at_us)
        for i, sl in enumerate((UPPER_TEETH, LOWER_TEETH)):
            R, t = kabsch(V0[sl] - O, Vp[sl] - O)
            d[f"teeth{i}"] = (tv[i][0] @ R.T + t).astype(np.float32)
        arrays: dict[str, Any] = d
        np.savez(work / f"{name}_{fname}.npz", **arrays)
        meta[fname] = dict(
            actions={k: round(v, 4) for k, v in act.items() if v},
            head_pose_degrees=pose,
            head_matrix=np.round(Hl, 6).tolist(),
            landmarks3d=np.round(head.landmarks(Vp), 5).tolist(),
        )
    shown = dict(persona=name, parameters=dict(p), local_changes=b.local, frames=meta, order=list(frames))
    (work / f"{name}_{which}.json").write_text(json.dumps(shown))
    print("shape stage done:", len(F2), "skin faces,", len(hs), "hairs")


def _asked(p: Person, fr: Frame, which: str) -> tuple[dict[str, float], dict[str, float]]:
    """Facial actions and head pose of a frame: what it asks for, over the resting face."""
    act = dict(REST)
    for k, v in fr.get("actions", {}).items():
        act[k] = (
            min(1.0, act.get(k, 0) + v)
            if k not in ("mouthSmileLeft", "mouthSmileRight")
            else max(act.get(k, 0), v)
        )
    if "mouthPucker" in fr.get("actions", {}) or "jawOpen" in fr.get("actions", {}):
        for k in ("mouthSmileLeft", "mouthSmileRight"):
            act[k] *= 0.4
    pose: dict[str, float] = dict(yaw=0, pitch=0, roll=0)
    pose.update(fr.get("pose", {}))
    if which == "portrait":
        pose.update(p.get("portrait_pose", dict(yaw=-7, pitch=0, roll=1.5)))
    return act, pose


def _frame(
    b: Body,
    head: Head,
    V0: Floats,
    act: dict[str, float],
    pose: dict[str, float],
    strands: dict[str, Any],
    rng: np.random.Generator,
) -> tuple[dict[str, Floats], Floats, Floats]:
    """Skin and hair of one frame, the head's transform about our origin, and the body's vertices."""
    S, O, X0, n0 = head.S, head.O, head.X0, head.n0
    FN = np.zeros(len(X0), int)
    for k in range(4):
        FN[head.F2[:, k]] = head.F2[:, (k + 1) % 4]

    def frame_of(X: Floats, a: Ints, nn: Floats) -> Floats:
        nb = FN[a]
        t = unit(X[nb] - X[a])
        t = unit(t - nn[a] * (t * nn[a]).sum(1, keepdims=True))
        return np.stack([nn[a], t, np.cross(nn[a], t)], 2)

    Vp, H = b.pose(act, pose)
    Xp = S @ (Vp - O)
    np_ = head.normals(Xp)
    Hl = H.copy()
    Hl[:3, 3] = H[:3, :3] @ O + H[:3, 3] - O  # head transform in our origin

    def carried(P: Floats, a: Ints) -> Floats:
        R = frame_of(Xp, a, np_) @ np.transpose(frame_of(X0, a, n0), (0, 2, 1))
        moved: Floats = Xp[a][:, None] + np.einsum("nij,nkj->nki", R, P - X0[a][:, None])
        return moved.astype(np.float32)

    st, sa = strands["stub"]
    d = dict(
        V=Xp.astype(np.float32),
        hair=(strands["hair"] @ Hl[:3, :3].T + Hl[:3, 3]).astype(np.float32),
        brow=carried(*strands["brow"]),
        lash=lashes(Vp - O, b, rng),
        stub=carried(st, sa) if len(sa) else st,
    )
    return d, Hl, Vp


def _eyes(head: Head, V0: Floats, Vp: Floats, looks_at_us: bool) -> dict[str, Floats]:
    """Each eye's (13,) rotation, centre and radius; into the lens if it looks at us."""
    O = head.O
    found: dict[str, Floats] = {}
    r_eye = float(np.percentile(np.linalg.norm(V0[LEFT_EYE] - head.eyes[0], axis=1), 20))
    for s, sl in (("L", LEFT_EYE), ("R", RIGHT_EYE)):
        Re, _ = kabsch(V0[sl] - O, Vp[sl] - O)
        c = (Vp[sl] - O).mean(0)
        if looks_at_us:
            z = unit(c - np.array(CAMERA))
            x = unit(np.cross(z, [0, 0, 1.0]))
            Re = np.stack([x, z, np.cross(x, z)], 1)
        found["eye" + s] = np.concatenate([Re.reshape(-1), c, [r_eye]])
    return found
