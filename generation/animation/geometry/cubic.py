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


def _weights(builder: ir.IRBuilder, fractions: Any) -> Any:
    """The weights (4 n,) of the taps for n fractions 0..1, each of them four times in `fractions` (4 n,)."""
    many = fractions.type.count // 4
    found: Any = _constant(_TERMS[3] * many)
    for term in (2, 1, 0):
        found = builder.fadd(builder.fmul(found, fractions), _constant(_TERMS[term] * many))
    return found


def _whole(builder: ir.IRBuilder, levels: Any) -> Any:
    """Levels (n,) rounded to whole ones in 0..255, as bytes (n,)."""
    count = levels.type.count
    levels = builder.fadd(levels, _constant((0.5,) * count))
    for limit, beyond in ((_constant((0.0,) * count), "<"), (_constant((255.0,) * count), ">")):
        levels = builder.select(builder.fcmp_ordered(beyond, levels, limit), limit, levels)
    whole = builder.fptosi(levels, ir.VectorType(_INT, count))
    return builder.trunc(whole, ir.VectorType(_BYTE, count))


def _levels(builder: ir.IRBuilder, whole: Any) -> Any:
    """Bytes (n,) as levels (n,)."""
    count = whole.type.count
    return builder.uitofp(builder.zext(whole, ir.VectorType(_INT, count)), ir.VectorType(_FLOAT, count))


class _Arrays:
    """The arrays among the arguments of an intrinsic, read and written without any check of the place."""

    def __init__(self, context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> None:
        self._builder = builder
        self._data = [
            context.make_array(kind)(context, builder, argument).data
            if isinstance(kind, types.Array)
            else None
            for kind, argument in zip(signature.args, arguments, strict=True)
        ]

    def _place(self, number: int, at: Any, kind: Any) -> Any:
        return self._builder.bitcast(self._builder.gep(self._data[number], [at]), kind.as_pointer())

    def load(self, number: int, at: Any, kind: Any) -> Any:
        """A vector (or a number) of this kind from place `at` of the array that is argument `number`."""
        found = self._builder.load(self._place(number, at, kind))
        found.align = 1
        return found

    def store(self, number: int, at: Any, value: Any) -> None:
        """Write a vector to place `at` of that array."""
        self._builder.store(value, self._place(number, at, value.type)).align = 1


def _vertically(builder: ir.IRBuilder, arrays: _Arrays, at: Any, stride: Any, along: list[Any]) -> Any:
    """The sum (16,) of four rows of sixteen bytes of the first array, each times one (16,) of `along`."""
    total: Any = None
    for weight in along:
        levels = _levels(builder, arrays.load(0, at, ir.VectorType(_BYTE, 16)))
        part = builder.fmul(levels, weight)
        total = part if total is None else builder.fadd(total, part)
        at = builder.add(at, stride)
    return total


def _horizontally(builder: ir.IRBuilder, total: Any, across: Any) -> Any:
    """The four channels of a sum (16,), whose four taps lie beside each other and weigh `across` (4,)."""
    total = builder.fmul(total, _lanes(builder, across, [tap for tap in range(4) for _ in range(4)]))
    for size in (8, 4):
        halves = [_lanes(builder, total, list(range(k * size, (k + 1) * size))) for k in range(2)]
        total = builder.fadd(*halves)
    return total


@intrinsic
def weigh_cubic(typing_context: Any, fractions: Any, at: Any, weights: Any) -> tuple[Any, Any]:
    """Write the weights of the four taps for each of the four `fractions` (N,) float32, 0..1, from `at` on
    to `weights` (4 N,) float32, from 4 * at on. Nothing is checked."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        arrays, at = _Arrays(context, builder, signature, arguments), arguments[1]
        four = arrays.load(0, at, ir.VectorType(_FLOAT, 4))
        each = _lanes(builder, four, [k for k in range(4) for _ in range(4)])
        arrays.store(2, builder.mul(at, ir.Constant(at.type, 4)), _weights(builder, each))
        return context.get_dummy_value()

    return types.void(fractions, types.intp, weights), generate


@intrinsic
def sample_weighed(  # noqa: PLR0917 - compiled kernels take their arguments by position
    typing_context: Any,
    pixels: Any,
    offset: Any,
    stride: Any,
    across: Any,
    along: Any,
    at: Any,
    levels: Any,
    place: Any,
) -> tuple[Any, Any]:
    """Sample the 4 x 4 pixels that begin at byte `offset` of `pixels` (N,) uint8, whose rows are `stride`
    bytes apart, right of and below the second pixel of the second row, by the weights that `weigh_cubic`
    wrote to `across` and `along` for fraction `at`. Writes the four channels, not rounded, to `levels`
    (4 N,) float32, from 4 * place on. All 16 pixels have to lie inside: nothing is checked."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        arrays, four = _Arrays(context, builder, signature, arguments), ir.Constant(arguments[5].type, 4)
        first = builder.mul(arguments[5], four)
        rows = []
        for row in range(4):
            weight = arrays.load(4, builder.add(first, ir.Constant(first.type, row)), _FLOAT)
            one = ir.Constant(ir.VectorType(_FLOAT, 16), ir.Undefined)
            rows.append(_lanes(builder, builder.insert_element(one, weight, ir.Constant(_INT, 0)), [0] * 16))
        total = _vertically(builder, arrays, arguments[1], arguments[2], rows)
        found = _horizontally(builder, total, arrays.load(3, first, ir.VectorType(_FLOAT, 4)))
        arrays.store(6, builder.mul(arguments[7], four), found)
        return context.get_dummy_value()

    whole = types.intp
    return types.void(pixels, whole, whole, across, along, whole, levels, whole), generate


@intrinsic
def finish_pixels(  # noqa: PLR0917 - compiled kernels take their arguments by position
    typing_context: Any, levels: Any, lights: Any, at: Any, plain: Any, lit: Any
) -> tuple[Any, Any]:
    """Round the channels of four pixels in `levels` (4 N,), from the pixel `at` on, to the bytes of `plain`
    (N,) uint32, and these times the pixels' `lights` (N,) float32 to those of `lit` (N,) uint32."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        arrays, at = _Arrays(context, builder, signature, arguments), arguments[2]
        first = builder.mul(at, ir.Constant(at.type, 4))
        whole = _whole(builder, arrays.load(0, first, ir.VectorType(_FLOAT, 16)))
        arrays.store(3, at, builder.bitcast(whole, ir.VectorType(_INT, 4)))
        four = arrays.load(1, at, ir.VectorType(_FLOAT, 4))
        each = _lanes(builder, four, [k for k in range(4) for _ in range(4)])
        light = _whole(builder, builder.fmul(_levels(builder, whole), each))
        arrays.store(4, at, builder.bitcast(light, ir.VectorType(_INT, 4)))
        return context.get_dummy_value()

    return types.void(levels, lights, types.intp, plain, lit), generate


@intrinsic
def write_rgb(typing_context: Any, pixels: Any, at: Any, out: Any, place: Any) -> tuple[Any, Any]:
    """Write the first three bytes of each of the four `pixels` (N,) uint32 from `at` on to `out` (M,) uint8,
    from `place` on."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        arrays = _Arrays(context, builder, signature, arguments)
        four = builder.bitcast(arrays.load(0, arguments[1], ir.VectorType(_INT, 4)), ir.VectorType(_BYTE, 16))
        arrays.store(2, arguments[3], _lanes(builder, four, [4 * k + c for k in range(4) for c in range(3)]))
        return context.get_dummy_value()

    return types.void(pixels, types.intp, out, types.intp), generate
