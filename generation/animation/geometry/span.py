"""Spans: a few pixels of one row of a triangle, drawn through a z-buffer in one go, in compiled kernels.

Written in the compiler's own vector types: rows of triangles are so short, five pixels in the mean, that a
loop over single pixels costs more by its end than by what it does.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES: Final = 8  # pixels of a span at most

_DOUBLES, _FLOATS = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.FloatType(), LANES)
_INTS, _BITS = ir.VectorType(ir.IntType(32), LANES), ir.VectorType(ir.IntType(1), LANES)
_POINTER = _FLOATS.as_pointer()
_STEPS: Final = ir.Constant(_DOUBLES, [float(k) for k in range(LANES)])
_NUMBERS: Final = ir.Constant(_INTS, list(range(LANES)))


def _all(builder: ir.IRBuilder, number: Any, kind: Any) -> Any:
    """The vector of which every lane is `number`."""
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), ir.Constant(_INTS, [0] * LANES))


def _load(builder: ir.IRBuilder, pointer: Any, mask: Any) -> Any:
    """Floats (LANES,) at a pointer where `mask` is set; what is elsewhere is not looked at."""
    kind = ir.FunctionType(_FLOATS, (_POINTER, ir.IntType(32), _BITS, _FLOATS))
    load = cgutils.get_or_insert_function(builder.module, kind, "llvm.masked.load.v8f32.p0")
    return builder.call(
        load, (pointer, ir.Constant(ir.IntType(32), 4), mask, ir.Constant(_FLOATS, [0.0] * LANES))
    )


def _store(builder: ir.IRBuilder, value: Any, pointer: Any, mask: Any) -> None:
    """Write floats (LANES,) to a pointer where `mask` is set."""
    kind = ir.FunctionType(ir.VoidType(), (_FLOATS, _POINTER, ir.IntType(32), _BITS))
    store = cgutils.get_or_insert_function(builder.module, kind, "llvm.masked.store.v8f32.p0")
    builder.call(store, (value, pointer, ir.Constant(ir.IntType(32), 4), mask))


@intrinsic
def draw_span(  # noqa: PLR0917 - compiled kernels take their arguments by position
    typing_context: Any,
    depth: Any,
    sources: Any,
    shade: Any,
    at: Any,
    plane: Any,
    count: Any,
    z: Any,
    right_z: Any,
    u: Any,
    right_u: Any,
    v: Any,
    right_v: Any,
    light: Any,
    right_light: Any,
) -> tuple[Any, Any]:
    """Draw `count` pixels, of which LANES at most, from place `at` of `depth` and `shade` (H * W,) on, and of
    both halves of `sources`, which lie `plane` apart: their depth `z`, source `u`, `v` and `light`, each with
    what it grows by to the right, wherever `depth` is greater. Nothing else is checked."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        depths, both, shades = (
            context.make_array(signature.args[k])(context, builder, arguments[k]).data for k in range(3)
        )
        at, plane, count = arguments[3:6]
        values = [
            builder.fadd(
                _all(builder, arguments[k], _DOUBLES),
                builder.fmul(_all(builder, arguments[k + 1], _DOUBLES), _STEPS),
            )
            for k in (6, 8, 10, 12)
        ]
        many = builder.trunc(count, ir.IntType(32))
        inside = builder.icmp_signed("<", _NUMBERS, _all(builder, many, _INTS))
        pointers = [
            builder.bitcast(builder.gep(data, [place]), _POINTER)
            for data, place in (
                (depths, at),
                (both, at),
                (both, builder.add(at, plane)),
                (shades, at),
            )
        ]
        before = builder.fpext(_load(builder, pointers[0], inside), _DOUBLES)
        nearer = builder.and_(inside, builder.fcmp_ordered("<", values[0], before))
        for value, pointer in zip(values, pointers, strict=True):
            _store(builder, builder.fptrunc(value, _FLOATS), pointer, nearer)
        return context.get_dummy_value()

    whole, number = types.intp, types.float64
    return types.void(depth, sources, shade, whole, whole, whole, *[number] * 8), generate
