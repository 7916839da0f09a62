"""Surfaces and strands in Blender's scene, at rest and moved."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import ArrayLike

from tools.cast.numerics import Floats

SCALE = 10.0  # shapes are in metres; the scene is in decimetres, kinder to ray offsets


def mesh(
    nm: str, V: ArrayLike, F: ArrayLike, mat: Any, uv: ArrayLike | None = None, smooth_: bool = True
) -> Any:
    """A surface of vertices (n, 3) in metres and faces of the same number of corners."""
    me = bpy.data.meshes.new(nm)
    V = np.asarray(V, np.float32) * SCALE
    F = np.asarray(F, np.int32)
    me.vertices.add(len(V))
    me.vertices.foreach_set("co", V.ravel())
    me.loops.add(F.size)
    me.loops.foreach_set("vertex_index", F.ravel())
    me.polygons.add(len(F))
    me.polygons.foreach_set("loop_start", np.arange(len(F), dtype=np.int32) * F.shape[1])
    me.update(calc_edges=True)
    me.validate()
    me.polygons.foreach_set("use_smooth", np.full(len(me.polygons), smooth_))
    if uv is not None:
        u = me.uv_layers.new(name="UVMap")
        idx = np.zeros(len(me.loops), np.int32)
        me.loops.foreach_get("vertex_index", idx)
        u.data.foreach_set("uv", np.asarray(uv, np.float32)[idx].ravel())
    ob = bpy.data.objects.new(nm, me)
    bpy.context.scene.collection.objects.link(ob)
    me.materials.append(mat)
    return ob


def attr(ob: Any, nm: str, val: ArrayLike) -> None:
    """Give every vertex a number or a vector, for its material to read."""
    val = np.asarray(val, np.float32)
    vec = val.ndim == 2
    a = ob.data.attributes.new(nm, "FLOAT_VECTOR" if vec else "FLOAT", "POINT")
    a.data.foreach_set("vector" if vec else "value", val.ravel())


def move(ob: Any, V: ArrayLike) -> None:
    """Put a surface's vertices elsewhere."""
    ob.data.vertices.foreach_set("co", (np.asarray(V, np.float32) * SCALE).ravel())
    ob.data.update()


def hair(nm: str, P: Floats, rad: float, mat: Any, tip: float = 0.25, seed: int = 0) -> Any:
    """Strands (N, K, 3) in metres, of a radius in metres that tapers to `tip` of it."""
    c = bpy.data.hair_curves.new(nm)
    Nn, K, _ = P.shape
    c.add_curves([K] * Nn)
    c.attributes["position"].data.foreach_set("vector", (P * SCALE).astype(np.float32).ravel())
    r = np.random.default_rng(seed)
    t = np.linspace(0, 1, K)[None]
    prof = np.minimum(1, 0.55 + t * 3) * (1 - (1 - tip) * t**2.2)
    a = c.attributes.get("radius") or c.attributes.new("radius", "FLOAT", "POINT")
    a.data.foreach_set(
        "value", (prof * rad * SCALE * r.uniform(0.75, 1.2, (Nn, 1))).astype(np.float32).ravel()
    )
    c.materials.append(mat)
    ob = bpy.data.objects.new(nm, c)
    bpy.context.scene.collection.objects.link(ob)
    return ob


def move_hair(ob: Any, P: Floats) -> None:
    """Put strands elsewhere."""
    ob.data.attributes["position"].data.foreach_set("vector", (P * SCALE).astype(np.float32).ravel())
    ob.data.update_tag()
