"""Where a person is pictured: camera, lamps, and the room behind them."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import bpy
import numpy as np
from mathutils import Vector

from tools.cast.numerics import Floats, smooth
from tools.cast.people import Person
from tools.cast.picture.objects import SCALE, mesh
from tools.cast.picture.shader_graph import finish, material

Triple: TypeAlias = tuple[float, float, float]
S = 256  # pixels a side of the picture behind a person
# What stands in a room: from and to across and down, in 0..1; its colour, and how much of it is seen.
ROOM = [
    ((0.27, 0.45), (0.28, 1.2), (0.95, 0.93, 0.88), 0.75),
    ((0.47, 0.485), (0.2, 1.2), (0.2, 0.18, 0.16), 0.5),
    ((0.62, 0.80), (0.30, 0.62), (0.30, 0.24, 0.18), 0.55),
    ((0.64, 0.69), (0.36, 0.60), (0.18, 0.22, 0.20), 0.6),
    ((0.71, 0.74), (0.36, 0.58), (0.50, 0.30, 0.20), 0.6),
    ((0.75, 0.78), (0.36, 0.60), (0.25, 0.30, 0.36), 0.6),
    ((0.62, 0.80), (0.30, 0.33), (0.16, 0.12, 0.09), 0.7),
]


def camera(p: Person) -> Any:
    """The camera's object, before the person; the scene looks through it."""
    sc = bpy.context.scene
    cam = bpy.data.cameras.new("cam")
    co = bpy.data.objects.new("cam", cam)
    sc.collection.objects.link(co)
    sc.camera = co
    dist, cz = 1.45, p.get("aim", -0.042)
    co.location = (0, -dist * SCALE, (cz + 0.012) * SCALE)
    co.rotation_euler = (math.radians(90 - math.degrees(math.atan2(0.012, dist))), 0, 0)
    cam.sensor_width = 36
    cam.lens = 36 / 2 / (0.192 / dist)  # 45 cm tall field of view at the eyes
    cam.dof.use_dof = True
    cam.dof.focus_distance = (dist - 0.028) * SCALE
    cam.dof.aperture_fstop = 0.0
    cam.dof.aperture_fstop = (cam.lens / 1000) / (2 * 0.0085 * SCALE)
    cam.clip_end = 1000
    return co


def area(
    nm: str, loc: Triple, tgt: Triple, w: float, hgt: float, power: float, c: Triple = (1, 1, 1)
) -> None:
    """A lamp of w x hgt metres at `loc` that shines at `tgt`, both in metres."""
    lamp = bpy.data.lights.new(nm, "AREA")
    lamp.shape = "RECTANGLE"
    lamp.size, lamp.size_y = w * SCALE, hgt * SCALE
    lamp.energy = power * SCALE * SCALE
    lamp.color = c
    o = bpy.data.objects.new(nm, lamp)
    bpy.context.scene.collection.objects.link(o)
    o.location = np.array(loc) * SCALE
    o.rotation_euler = (Vector(tgt) - Vector(loc)).to_track_quat("-Z", "Y").to_euler()
    o.visible_camera = False
    o.visible_glossy = nm != "fill"  # one clean catch light


def lamps(p: Person) -> None:
    """Daylight from a window or the lamps of a studio, brighter for dark skin."""
    sc = bpy.context.scene
    T0 = (0, 0.02, -0.03)
    dk = 1.35 if np.mean(p["skin"]) < 0.2 else 1.0
    if p["light"] == "window":
        area("key", (-1.15, -1.05, 0.45), T0, 0.9, 1.3, 30 * dk, (1, 0.97, 0.93))
        area("fill", (1.5, -1.3, 0.1), T0, 1.6, 1.6, 7.5 * dk, (0.86, 0.93, 1))
        area("rim", (1.0, 1.1, 0.55), T0, 0.5, 1.0, 13 * dk, (1, 0.96, 0.92))
        area("top", (0, 0.3, 1.2), T0, 0.9, 0.6, 4.5 * dk)
    else:
        area("key", (0.85, -1.15, 0.62), T0, 0.8, 0.8, 25 * dk, (1, 0.965, 0.92))
        area("fill", (-1.3, -1.4, 0.15), T0, 1.5, 1.5, 6.5 * dk, (0.93, 0.96, 1))
        area("rimL", (-1.0, 1.0, 0.5), T0, 0.35, 1.1, 7 * dk, (0.92, 0.96, 1))
        area("rimR", (1.0, 1.2, 0.45), T0, 0.35, 1.0, 5 * dk, (1, 0.95, 0.9))
        area("under", (0, -0.7, -0.9), T0, 0.8, 0.4, 0.9 * dk)
    w = bpy.data.worlds.new("w")
    sc.world = w
    w.use_nodes = True
    w.node_tree.nodes["Background"].inputs[0].default_value = (0.5, 0.52, 0.55, 1)
    w.node_tree.nodes["Background"].inputs[1].default_value = 0.16 * dk


def backdrop(p: Person) -> None:
    """The card behind the person, which shines and lights nothing."""
    img = backdrop_picture(p)
    im = bpy.data.images.new("bg", S, S, float_buffer=True)
    im.colorspace_settings.name = "Linear Rec.709"
    im.pixels.foreach_set(np.dstack([img, np.ones((S, S))]).astype(np.float32).ravel())
    m, n = material("bg")
    t = n("TexImage")
    t.image = im
    e = n("Emission", {"Color": t.outputs[0], "Strength": 0.55})
    finish(n, e.outputs[0])
    q = 1.5
    bg = mesh(
        "bg",
        [[-q, 2.2, -q], [q, 2.2, -q], [q, 2.2, q], [-q, 2.2, q]],
        [[0, 1, 2, 3]],
        m,
        uv=[[0, 0], [1, 0], [1, 1], [0, 1]],
    )
    for k in ("visible_diffuse", "visible_glossy", "visible_shadow", "visible_transmission"):
        setattr(bg, k, False)


def backdrop_picture(p: Person) -> Floats:
    """(S, S, 3) linear colours, blurred like a room behind a wide aperture."""
    c1, c2, kind = p["backdrop"]
    yy, xx = np.mgrid[0:S, 0:S] / (S - 1.0)
    d = np.hypot((xx - 0.5 - (0.12 if p["light"] == "window" else -0.1)) * 1.0, (yy - 0.45) * 0.9)
    img: Floats = np.array(c2) + (np.array(c1) - np.array(c2)) * np.exp(-((d / 0.42) ** 2))[..., None]
    if kind == "room":

        def box(
            x0: float, x1: float, y0: float, y1: float, c: Triple, a: float, blur: float
        ) -> tuple[Floats, Floats]:
            m = (
                smooth(x0 - blur, x0 + blur, xx)
                * smooth(x1 + blur, x1 - blur, xx)
                * smooth(y0 - blur, y0 + blur, yy)
                * smooth(y1 + blur, y1 - blur, yy)
            )
            return m[..., None] * a, np.array(c)

        for (x0, x1), (y0, y1), c, a in ROOM:
            u0, u1 = (x0, x1) if p["light"] == "window" else (1 - x1, 1 - x0)
            k, cc = box(u0, u1, y0, y1, c, a, 0.022)
            img = img * (1 - k) + cc * k
    img *= (1 - 0.25 * smooth(0.25, 0.75, np.hypot(xx - 0.5, yy - 0.5)))[..., None]
    return img
