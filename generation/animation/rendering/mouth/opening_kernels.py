"""Compiled arithmetic of one frame's mouth: how far it is open, what its lips do, where the tongue lies."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rig import ACTION_INDEX

SPREAD_CORNERS = (0.15, 0.65)  # smile and stretch over which lips stop clinging to each other at the corners
GRIN_SMILE, GRIN_TALL = (0.4, 0.8), (0.24, 0.40)  # mouthSmile, and height over width of the opening of a grin
COVERS_UNTIL = (
    0.22,
    0.42,
)  # height over width of the opening over which rounded lips uncover the upper teeth
ROUNDED_SHADE = 0.25  # of the tongue's light that rounded lips keep out
TIP_LIGHT, BACK_LIGHT = (0.66, 0.90), (0.36, 0.66)  # of the light in front of the mouth, on the tongue

# The tongue's shape: share of the opening that it fills, and its half width in mm. It lies low in open
# vowels, rises to the palate in spread ones and at the back in rounded ones; its tip rises to the upper
# teeth in alveolar sounds and comes between the teeth in dental ones, which `tongueOut` says.
FILLS = 0.56
SPREAD_FILLS, ROUNDED_FILLS, OPEN_FILLS = 0.34, 0.16, 0.04
HALF_WIDTH, ROUNDED_WIDTH, TIP_WIDTH = 23.0, 19.0, 14.0
TIP_UP, TIP_BETWEEN = (0.01, 0.04), (0.10, 0.22)  # of tongueOut
BETWEEN_FILLS = 0.55  # of the opening that the tip between the teeth fills
BASE_BELOW = 0.8  # mm below the lower incisors' edge at which the tongue begins

_SMILE, _STRETCH = (
    tuple(ACTION_INDEX[f"{name}{side}"] for side in ("Left", "Right"))
    for name in ("mouthSmile", "mouthStretch")
)
_PUCKER, _FUNNEL = ACTION_INDEX["mouthPucker"], ACTION_INDEX["mouthFunnel"]
_JAW, _TONGUE = ACTION_INDEX["jawOpen"], ACTION_INDEX["tongueOut"]


@jit_kernel
def corners_apart(actions: Float32Array) -> float:
    """How far a smile or a stretch of `actions` (52,) draws the corners of the mouth apart, 0..1."""
    smile = (actions[_SMILE[0]] + actions[_SMILE[1]]) / 2
    stretch = (actions[_STRETCH[0]] + actions[_STRETCH[1]]) / 2
    return float(ramp(SPREAD_CORNERS[0], SPREAD_CORNERS[1], smile + 0.5 * stretch))


@jit_kernel
def lips_rounded(actions: Float32Array) -> float:
    """How far `actions` (52,) push the lips forward into a ring, 0..1."""
    smile = (actions[_SMILE[0]] + actions[_SMILE[1]]) / 2
    return min(max(float(actions[_PUCKER] + actions[_FUNNEL] - smile), 0.0), 1.0)


@jit_kernel
def fill_overlap(gap: Float64Array, overlap: Float64Array) -> float:
    """Fill `overlap` (COLUMNS,) with how far the lips of `gap` (3, COLUMNS) lie over each other; the most."""
    most = 0.0
    for i in range(len(overlap)):
        overlap[i] = max(gap[1, i] - gap[2, i], 0.0)
        most = max(most, overlap[i])
    return most


@jit_kernel
def widest_of(gap: Float64Array) -> float:
    """The greatest height of an opening `gap` (3, COLUMNS); negative where its lips overlap throughout."""
    widest = gap[2, 0] - gap[1, 0]
    for i in range(gap.shape[1]):
        widest = max(widest, gap[2, i] - gap[1, i])
    return float(widest)


@jit_kernel
def box_of(gap: Float64Array, pad: int, size: int) -> tuple[int, int, int, int]:
    """Pixels x0, y0, x1, y1 of a frame around an opening `gap` (3, COLUMNS), `pad` above and below it."""
    last = gap.shape[1] - 1
    return (
        max(int(gap[0, 0]) - 1, 0),
        max(int(gap[1].min()) - pad, 0),
        min(int(np.ceil(gap[0, last])) + 2, size),
        min(int(np.ceil(gap[2].max())) + pad, size),
    )


@jit_kernel
def lips_over_teeth(gap: Float64Array, actions: Float32Array) -> tuple[float, float, float, float, float]:
    """The lips in front of the teeth, for an opening `gap` (3, COLUMNS) and `actions` (52,): y of the lower
    one's edge where they are farthest apart, and how many pixels; how far they are pushed forward, cover the
    upper teeth by that, and are drawn back over meeting rows of teeth, 0..1 each."""
    at, last = 0, gap.shape[1] - 1
    for i in range(gap.shape[1]):
        if gap[2, i] - gap[1, i] > gap[2, at] - gap[1, at]:
            at = i
    opening = gap[2, at] - gap[1, at]
    smile = (actions[_SMILE[0]] + actions[_SMILE[1]]) / 2
    tall = opening / max(gap[0, last] - gap[0, 0], 1.0)
    rounded = lips_rounded(actions)
    covering = rounded * (1 - ramp(COVERS_UNTIL[0], COVERS_UNTIL[1], tall))
    grinning = ramp(GRIN_SMILE[0], GRIN_SMILE[1], smile) * (1 - ramp(GRIN_TALL[0], GRIN_TALL[1], tall))
    return float(gap[2, at]), float(opening), rounded, covering, grinning


@jit_kernel
def between(limits: tuple[float, float], share: float) -> float:
    """From the first of `limits` to the second."""
    return limits[0] + (limits[1] - limits[0]) * share


@jit_kernel
def place_tongue(  # noqa: PLR0917 - compiled kernels take their arguments by position
    gap: Float64Array,
    actions: Float32Array,
    head: Float32Array,
    teeth: Float32Array,
    upper_middle: int,
    lower_middle: int,
    mm: float,
    rounded: float,
    reach: float,
) -> tuple[float, ...]:
    """The tongue for `actions` (52,), which name lips and jaw; it follows from them: the pixel x, y of the
    middle of its base, the head's horizontal direction (x, y), pixels per mm, half width and height in mm,
    brightness at the tip and at the back, and how far it is in front of the teeth, 0..1.

    `gap` (3, COLUMNS) is the opening, `head` the head's transform (3, 4), `teeth` (N, 3) are placed, with
    the incisors' edges at `upper_middle` and `lower_middle`; `mm` is pixels; `reach` 0..1 how well the mouth
    is lit."""
    jaw, out = actions[_JAW], actions[_TONGUE]
    spread = actions[_STRETCH[0]] + actions[_STRETCH[1]] + actions[_SMILE[0]] + actions[_SMILE[1]]
    spread = min(spread / 2, 1.0) * max(1 - 2 * jaw, 0.0)
    fills = FILLS + SPREAD_FILLS * spread + ROUNDED_FILLS * rounded + OPEN_FILLS * min(2 * jaw, 1.0)
    half_width = HALF_WIDTH + (ROUNDED_WIDTH - HALF_WIDTH) * rounded
    raised, protruded = ramp(TIP_UP[0], TIP_UP[1], out), ramp(TIP_BETWEEN[0], TIP_BETWEEN[1], out)
    x, lower_edge, upper_edge = teeth[lower_middle, 0], teeth[lower_middle, 1], teeth[upper_middle, 1]
    middle = int(np.abs(gap[0] - x).argmin())
    lip, opening = gap[2, middle], gap[2, middle] - gap[1, middle]
    length = max(np.sqrt(head[0, 0] ** 2 + head[1, 0] ** 2), 1e-6)
    # The base is behind the lower incisors, or behind the lip where that hides them.
    base = min(lower_edge + BASE_BELOW * mm, lip + 3 * mm)
    height = fills * max(opening, 1.0) + max(base - lip, 0.0)
    height += raised * max(base - upper_edge + 1.0 * mm - height, 0.0)
    height += protruded * (base - lip + BETWEEN_FILLS * opening - height)
    half_width += (TIP_WIDTH - half_width) * raised
    shade = 1 - ROUNDED_SHADE * rounded
    tip, back = shade * between(TIP_LIGHT, reach), shade * between(BACK_LIGHT, reach)
    back += (tip - back) * raised
    return (
        float(x), float(base), float(head[0, 0] / length), float(head[1, 0] / length), float(mm),
        float(half_width), float(max(height / mm, 0.5)), float(tip), float(back), float(protruded),
    )  # fmt: skip
