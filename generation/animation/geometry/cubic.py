"""Bicubic sampling of RGBA pictures inside compiled kernels, four rows of sixteen bytes at a time.

Written in the compiler's own vector types, because its vectoriser does not find them in a loop over taps and
channels. LLVM turns them into what the processor has.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

A = -0.75  # of the cubic convolution (Keys 1981), as in OpenCV and PyTorch
# Weights of the four taps as polynomials of the fraction, constant term first.
_TERMS = ((0.0, 1.0, 0.0, 0.0), (A, 0.0, -A, 0.0), (-2 * A, -(A + 3), 2 * A + 3, A), (A, A + 2, -(A + 2), -A))
_FLOAT, _INT, _BYTE = ir.FloatType(), ir.IntType(32), ir.IntType(8)


def _constant(values: tuple[float, ...]) -> ir.Constant:
    return ir.Constant(ir.VectorType(_FLOAT, len(values)), list(values))


def _lanes(builder: ir.IRBuilder, first: Any, lanes: list[int], second: Any = None) -> Any:
    """The vector of these `lanes` of one vector."""
    other = ir.Constant(first.type, ir.Undefined) if second is None else second
    return builder.shuffle_vector(first, other, ir.Constant(ir.VectorType(_INT, len(lanes)), lanes))


def _weights(builder: ir.IRBuilder, fraction: Any) -> Any:
    """The weights (4,) of the taps for a fraction 0..1."""
    one = ir.Constant(ir.VectorType(_FLOAT, 4), ir.Undefined)
    t = _lanes(builder, builder.insert_element(one, fraction, ir.Constant(_INT, 0)), [0] * 4)
    found: Any = _constant(_TERMS[3])
    for term in (2, 1, 0):
        found = builder.fadd(builder.fmul(found, t), _constant(_TERMS[term]))
    return found


def _packed(builder: ir.IRBuilder, levels: Any) -> Any:
    """Levels (4,), rounded to whole ones in 0..255, as the bytes of a number."""
    levels = builder.fadd(levels, _constant((0.5,) * 4))
    for limit, beyond in ((_constant((0.0,) * 4), "<"), (_constant((255.0,) * 4), ">")):
        levels = builder.select(builder.fcmp_ordered(beyond, levels, limit), limit, levels)
    whole = builder.fptosi(levels, ir.VectorType(_INT, 4))
    return builder.bitcast(builder.trunc(whole, ir.VectorType(_BYTE, 4)), _INT)


@intrinsic
def sample_cubic(  # noqa: PLR0917 - compiled kernels take their arguments by position
    typing_context: Any, pixels: Any, offset: Any, stride: Any, right: Any, down: Any
) -> tuple[Any, Any]:
    """The four channels, as the bytes of a uint32, `right` and `down` (0..1) of the second pixel of the
    second row of the 4 x 4 pixels that begin at byte `offset` of `pixels` (N,) uint8, whose rows are
    `stride` bytes apart. Rounded to whole levels. All 16 pixels have to lie inside: nothing is checked."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        picture = context.make_array(signature.args[0])(context, builder, arguments[0])
        at, across, along = arguments[1], _weights(builder, arguments[3]), _weights(builder, arguments[4])
        total: Any = None
        for row in range(4):
            place = builder.bitcast(builder.gep(picture.data, [at]), ir.VectorType(_BYTE, 16).as_pointer())
            taps = builder.load(place)
            taps.align = 1
            levels = builder.uitofp(builder.zext(taps, ir.VectorType(_INT, 16)), ir.VectorType(_FLOAT, 16))
            part = builder.fmul(levels, _lanes(builder, along, [row] * 16))
            total = part if total is None else builder.fadd(total, part)
            at = builder.add(at, arguments[2])
        total = builder.fmul(total, _lanes(builder, across, [tap for tap in range(4) for _ in range(4)]))
        for size in (8, 4):  # the four taps of a row lie beside each other
            halves = [_lanes(builder, total, list(range(k * size, (k + 1) * size))) for k in range(2)]
            total = builder.fadd(*halves)
        return _packed(builder, total)

    return types.uint32(pixels, offset, stride, right, down), generate


@intrinsic
def lit_rgba(typing_context: Any, pixel: Any, light: Any) -> tuple[Any, Any]:
    """Three channels of an opaque `pixel`, the bytes of a uint32, times `light`, rounded; the fourth as it
    is."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        levels = builder.uitofp(
            builder.zext(builder.bitcast(arguments[0], ir.VectorType(_BYTE, 4)), ir.VectorType(_INT, 4)),
            ir.VectorType(_FLOAT, 4),
        )
        lights = ir.Constant(ir.VectorType(_FLOAT, 4), ir.Undefined)
        lights = _lanes(builder, builder.insert_element(lights, arguments[1], ir.Constant(_INT, 0)), [0] * 4)
        found = _packed(builder, builder.fmul(levels, lights))
        return builder.or_(found, ir.Constant(_INT, 0xFF000000))

    return types.uint32(types.uint32, types.float32), generate
