"""Shader graphs of Blender, written as expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bpy
import numpy as np


class ShaderGraph:
    """Nodes and links of one material. A number may stand wherever the output of a node may."""

    def __init__(self, tree: Any) -> None:
        self.t = tree

    def __call__(self, kind: str, ins: Mapping[Any, Any] | None = None, **props: Any) -> Any:
        """A new node of that kind, with its inputs and properties."""
        n = self.t.nodes.new("ShaderNode" + kind)
        for k, v in props.items():
            setattr(n, k, v)
        for k, v in (ins or {}).items():
            s = n.inputs[k]
            if hasattr(v, "is_output"):
                self.t.links.new(v, s)
            else:
                s.default_value = v
        return n

    def link(self, a: Any, b: Any) -> None:
        """Lead the output `a` to the input `b`."""
        self.t.links.new(a, b)

    def math(self, op: str, a: Any, b: Any = 0.0, clamp: bool = False) -> Any:
        """The output of a calculation with two values."""
        n = self.t.nodes.new("ShaderNodeMath")
        n.operation = op
        n.use_clamp = clamp
        for i, v in enumerate((a, b)):
            if hasattr(v, "is_output"):
                self.t.links.new(v, n.inputs[i])
            else:
                n.inputs[i].default_value = v
        return n.outputs[0]

    def mix(self, f: Any, a: Any, b: Any, blend: str = "MIX") -> Any:
        """The colour between `a` and `b`, at the share `f` of `b`."""
        n = self.t.nodes.new("ShaderNodeMix")
        n.data_type = "RGBA"
        n.blend_type = blend
        for i, v in ((0, f), (6, a), (7, b)):
            if hasattr(v, "is_output"):
                self.t.links.new(v, n.inputs[i])
            else:
                n.inputs[i].default_value = v if i == 0 else (*v[:3], 1)
        return n.outputs[2]

    def ramp(self, x: Any, stops: Sequence[tuple[float, Any]]) -> Any:
        """The colour at `x` between stops: where, and a grey or a colour."""
        n = self.t.nodes.new("ShaderNodeValToRGB")
        e = n.color_ramp.elements
        while len(e) < len(stops):
            e.new(0.5)
        for el, (q, c) in zip(e, stops, strict=True):
            el.position = q
            el.color = (c, c, c, 1) if np.isscalar(c) else (*c, 1)
        self.t.links.new(x, n.inputs[0])
        return n.outputs[0]


def material(nm: str) -> tuple[Any, ShaderGraph]:
    """An empty material of that name, and its graph."""
    m = bpy.data.materials.new(nm)
    m.use_nodes = True
    m.node_tree.nodes.clear()
    return m, ShaderGraph(m.node_tree)


def finish(n: ShaderGraph, shader: Any) -> None:
    """Make `shader` what the material shows."""
    o = n("OutputMaterial")
    n.link(shader, o.inputs[0])
