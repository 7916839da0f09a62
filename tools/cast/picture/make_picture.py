"""The second stage: a person's geometry drawn with Cycles on the CPU, frame by frame."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from tools.cast.numerics import Floats
from tools.cast.people import PERSONAS, Person
from tools.cast.picture.materials import cloth, eye_film, eye_inner, hairmat, skin, teethmat, wet
from tools.cast.picture.objects import SCALE, attr, hair, mesh, move, move_hair
from tools.cast.picture.studio import backdrop, camera, lamps


def render_stage(
    name: str,
    which: str,
    work: str | Path,
    out: str | Path,
    size: int,
    samples: int,
    only: Sequence[str],
    zoom: str,
) -> None:
    """Draw the frames of the set `which`, or only those in `only`, as PNG of size x size pixels in `out`."""
    p = PERSONAS[name]
    work, out = Path(work), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    B = np.load(work / f"{name}_base.npz")
    info = json.loads((work / f"{name}_{which}.json").read_text())
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sc = bpy.context.scene
    parts = _person(p, name, work, B, info["order"][0])
    co = camera(p)
    lamps(p)
    backdrop(p)
    _settings(p, size, samples, zoom, is_kept=len(info["order"]) > 1)
    for f in info["order"]:
        if only and f not in only:
            continue
        d = np.load(work / f"{name}_{f}.npz")
        t0 = time.time()
        move(parts["body"], d["V"])
        move(parts["tongue"], d["tongue"])
        for i in (0, 1):
            move(parts["teeth"][i], d[f"teeth{i}"])
        for (k, w_), ob in parts["eyes"].items():
            move(ob, eye_pts(B, d, "eye" + k, w_))
        for k, ob in parts["strands"].items():
            move_hair(ob, d[k])
        sc.render.filepath = str((out / f"{name if which == 'portrait' else f}.png").absolute())
        bpy.ops.render.render(write_still=True)
        print(f"frame {f}: {time.time() - t0:.1f} s", flush=True)
    if which == "truth":
        _write_truth(info, co, size, out)


def _person(p: Person, name: str, work: Path, B: Mapping[str, Floats], first: str) -> dict[str, Any]:
    """The parts of the person in the scene, as the frame `first` has them."""
    f0 = np.load(work / f"{name}_{first}.npz")
    h = p["hair"]
    body = mesh("skin", f0["V"], B["F"], skin(p))
    for k in ("rest", "col", "rough", "lipm", "beard", "freck"):
        attr(body, k, B[k])
    mi, mf = eye_inner(str((work / f"{name}_eye.png").absolute())), eye_film()

    eyes = {
        (k, w): mesh(
            "eye" + k + w,
            eye_pts(B, f0, "eye" + k, w),
            B["eye_F"],
            mi if w == "eye_in" else mf,
            uv=B["eye_uv"],
        )
        for k in "LR"
        for w in ("eye_in", "eye_out")
    }
    tm = teethmat()
    teeth = [mesh(f"teeth{i}", f0[f"teeth{i}"], B[f"teeth_F{i}"], tm) for i in (0, 1)]
    for i in (0, 1):
        attr(teeth[i], "k", B[f"teeth_k{i}"])
    tongue = mesh("tongue", f0["tongue"], B["tongue_F"], wet("tongue", (0.42, 0.13, 0.12), 0.3))
    mesh("cloth", B["cloth"], B["cloth_F"], cloth(p))
    mesh("band", B["band"], B["band_F"], cloth(p, True), uv=B["band_uv"])
    hm = hairmat("hair", h["melanin"], h["red"], h.get("grey", 0), 0.24 if h["style"] != "coil" else 0.42)
    bc = p["brow"]["color"]
    bm = hairmat("brow", bc[0], bc[1], 0, 0.4)
    lm = hairmat("lash", 0.98, 0.2, 0, 0.35)
    obs = dict(
        hair=hair("hair", f0["hair"], float(B["hair_rad"]), hm),
        brow=hair("brow", f0["brow"], 5.5e-5, bm, 0.15),
        lash=hair("lash", f0["lash"], 5.5e-5, lm, 0.1),
    )
    if len(f0["stub"]):
        obs["stub"] = hair(
            "stub",
            f0["stub"],
            4.2e-5,
            hairmat("stub", min(0.95, h["melanin"] + 0.1), 0.3, h.get("grey", 0) * 1.2),
            0.5,
        )
    return dict(body=body, eyes=eyes, teeth=teeth, tongue=tongue, strands=obs)


def eye_pts(B: Mapping[str, Floats], d: Mapping[str, Floats], key: str, which_: str) -> Floats:
    """Where the vertices of an eye's ball or film are in a frame."""
    e = d[key]
    found: Floats = (B[which_] * e[12]) @ e[:9].reshape(3, 3).T + e[9:12]
    return found


def _settings(p: Person, size: int, samples: int, zoom: str, is_kept: bool) -> None:
    """How Cycles draws; `is_kept` keeps what does not move between frames."""
    sc = bpy.context.scene
    sc.render.engine = "CYCLES"
    cy = sc.cycles
    cy.device = "CPU"
    cy.samples = samples
    cy.use_adaptive_sampling = True
    cy.adaptive_threshold = 0.045
    cy.use_denoising = True
    cy.denoiser = "OPENIMAGEDENOISE"
    cy.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cy.max_bounces = 5
    cy.diffuse_bounces = 2
    cy.glossy_bounces = 2
    cy.transmission_bounces = 3
    cy.transparent_max_bounces = 8
    cy.sample_clamp_indirect = 4
    sc.cycles_curves.shape = "RIBBONS"
    sc.cycles_curves.subdivisions = 2
    sc.render.use_persistent_data = is_kept
    sc.view_settings.view_transform = "AgX"
    sc.view_settings.look = "AgX - Medium High Contrast"
    sc.view_settings.exposure = p.get("exposure", 0.45)
    sc.render.resolution_x = sc.render.resolution_y = size
    sc.render.image_settings.file_format = "PNG"
    if zoom:
        zx, zy, zf = map(float, zoom.split(","))
        h_ = 0.5 / zf
        sc.render.use_border = sc.render.use_crop_to_border = True
        sc.render.border_min_x, sc.render.border_max_x, sc.render.border_min_y, sc.render.border_max_y = (
            zx - h_,
            zx + h_,
            1 - zy - h_,
            1 - zy + h_,
        )
        sc.render.resolution_percentage = int(100 * zf)


def _write_truth(info: dict[str, Any], co: Any, size: int, out: Path) -> None:
    """Write `parameters.json`: what each frame shows, the camera, and the landmarks in pixels."""
    cam = co.data
    fpx = cam.lens / cam.sensor_width * size
    Rx = np.array(co.matrix_world)[:3, :3]
    info["camera"] = dict(
        model="pinhole, x right, y down, z forward, metres; "
        "origin = mid-point between the eyes, -y is the viewer, z up",
        size=size,
        fx=fpx,
        fy=fpx,
        cx=size / 2,
        cy=size / 2,
        position=[float(v) / SCALE for v in co.location],
        right=Rx[:, 0].tolist(),
        up=Rx[:, 1].tolist(),
        back=Rx[:, 2].tolist(),
    )
    for f in info["order"]:
        P = np.array(info["frames"][f].pop("landmarks3d")) - np.array(info["camera"]["position"])
        x, y, z = P @ Rx[:, 0], P @ Rx[:, 1], -(P @ Rx[:, 2])
        info["frames"][f]["landmarks2d"] = np.round(
            np.stack([size / 2 + fpx * x / z, size / 2 - fpx * y / z], 1), 2
        ).tolist()
    (out / "parameters.json").write_text(json.dumps(info))
