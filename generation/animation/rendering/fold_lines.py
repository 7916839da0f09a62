"""Where an expression folds the skin, how each fold is shaped, and which actions cause it.

The folds are those that the Facial Action Coding System describes for each action (Ekman, Friesen & Hager
2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.geometry.rig import ACTION_INDEX

Drivers = tuple[tuple[int, float], ...]  # columns of the actions that cause a fold, with their weights
Curves = list[NDArray[np.floating]]

# Landmarks on the brows and straight above them, from the picture's left to its right.
BROWS = (105, 66, 107, 9, 336, 296, 334)
HAIRLINE = (103, 67, 109, 10, 338, 297, 332)
FOREHEAD_LINES = (0.26, 0.43, 0.62)  # of the way from brows to hairline
# Landmarks of each side of the face; sides are the subject's.
FOLDS = {"Right": (98, 203, 206, 216, 212), "Left": (327, 423, 426, 436, 432)}  # nose to mouth
DEEPEST = 3  # of these landmarks, where the wing of the nose is drawn up
UNDER_EYES = {"Right": (111, 117, 118, 119, 120), "Left": (340, 346, 347, 348, 349)}
APPLES = {"Right": (50, 205), "Left": (280, 425)}  # the cheek's top lies between them
OUTER_CORNERS = {"Right": (33, 133), "Left": (263, 362)}  # of the eye, and the inner one
MOUTH_CORNERS = {"Right": (61, 291), "Left": (291, 61)}  # and the other one
# Lines between the brows: landmarks of a brow and of the other, share of the way there, how far up they go.
FROWN = ((107, 336, 0.34, 0.9), (336, 107, 0.30, 0.6))
ROOT_OF_NOSE, ABOVE_ROOT = 8, 151
BROW_HEADS = {"Right": (107, 108), "Left": (336, 337)}  # the skin above the inner ends of the brows
INSIDE_CORNERS = (193, 417)  # beside the root of the nose, above the inner corners of the eyes
BRIDGE = (168, 4)  # the nose from its root to its tip
BESIDE_NOSE = {"Right": 101, "Left": 330}  # below the eye, beside the nose
# Lines on the side of a wrinkled nose, from near its ridge down and outwards: where on the ridge they begin
# and end, and how far beside it.
NOSE_LINES = ((0.10, 0.30), (0.26, 0.46), (0.42, 0.60))
NOSE_REACH = (0.20, 0.62)
UNDER_BROWS = {"Right": (46, 53, 52, 65, 55), "Left": (276, 283, 282, 295, 285)}
LIDS = {"Right": (246, 161, 159, 157, 173), "Left": (466, 388, 386, 384, 398)}  # edges below those landmarks
HOOD = (
    0.35  # of the way from brow to lid, where a lowered brow's shade lies and the hollow below a raised one
)
LIP_TO_CHIN = ((182, 182), (83, 201), (18, 200), (313, 421), (406, 406))  # the furrow lies between them
BOSS = (200, 199)  # the chin's boss lies between them
CHIN = 152
CROWS_FEET = (-28.0, 4.0, 34.0)  # degrees below the eye's axis
CROWS_REACH = (0.20, 0.62)  # eye widths outside of the corner


@dataclass(frozen=True)
class FoldRelief:
    """A fold's cross section: `depth` and `width` in frame units (a negative depth is a bulge), `shade` the
    share of light that its floor loses, how much of it only aged skin has, 0..1, the strength of its
    drivers, 0..1, from which it is there (skin that is pressed a little is rounded, pressed further it
    creases), and the share, 0..1, of the way to the cheeks' colour that skin in shade comes out to the light.
    """

    depth: float
    width: float
    shade: float
    aged: float
    begins: float = 0.0
    unfolds: float = 0.0


FOREHEAD = FoldRelief(0.65, 2.0, 0.11, 0.45)
FOLD = FoldRelief(1.7, 3.3, 0.13, 0.35)
FRONT = FoldRelief(0.7, 3.4, 0.15, 0.25)
ROOT = FoldRelief(0.6, 1.7, 0.13, 0.25)
NOSE = FoldRelief(0.7, 1.7, 0.14, 0.45)
SHADED = FoldRelief(0.0, 6.0, 0.20, 0.0)
SOCKET = FoldRelief(0.0, 6.0, 0.0, 0.0, unfolds=0.55)
FURROW = FoldRelief(1.0, 2.8, 0.12, 0.20)
CHIN_BOSS = FoldRelief(-3.0, 9.0, -0.02, 0.0)
DOWNWARDS = FoldRelief(0.9, 4.0, 0.10, 0.25)
CROW = FoldRelief(0.4, 1.3, 0.10, 1.0)
UNDER_EYE = FoldRelief(0.9, 2.4, 0.09, 0.45)
CORNER = FoldRelief(0.8, 2.6, 0.10, 0.25)
APPLE = FoldRelief(-4.5, 16.0, -0.02, 0.0)
# What an expression adds that is stronger than a voice's play of the face: lines in the floor of folds, what
# is bunched between them, and the fold from nose to mouth where the nose wrinkles.
_PRESSED = 0.40
FOREHEAD_CREASE = FoldRelief(0.5, 1.8, 0.09, 0.45, _PRESSED)
FRONT_CREASE = FoldRelief(0.8, 2.8, 0.12, 0.55, _PRESSED)
ROOT_CREASE = FoldRelief(0.6, 2.0, 0.12, 0.45, _PRESSED)
DEEP_FOLD = FoldRelief(1.6, 4.6, 0.12, 0.25, _PRESSED)
FRONT_BULGE = FoldRelief(-1.6, 6.0, -0.02, 0.0, _PRESSED)


GroupShape = tuple[Curves, FoldRelief, Drivers]


_LIFTS: dict[str, tuple[tuple[str, float], ...]] = {
    "fold": (("mouthSmile", 0.75), ("noseSneer", 0.6), ("mouthUpperUp", 0.4), ("cheekSquint", 0.2)),
    "deep fold": (("noseSneer", 0.6), ("mouthUpperUp", 0.3)),
    "apple": (("mouthSmile", 0.7), ("cheekSquint", 0.5)),
    "under eye": (("cheekSquint", 0.7), ("eyeSquint", 0.4), ("mouthSmile", 0.15), ("noseSneer", 0.4)),
    "crow's feet": (("cheekSquint", 0.5), ("eyeSquint", 0.5), ("mouthSmile", 0.2)),
    "corner": (("mouthSmile", 0.8), ("mouthDimple", 0.8), ("mouthStretch", 0.6)),
    "nose": (("noseSneer", 1.0),),
    "hood": (("browDown", 0.9),),
    "socket": (("browOuterUp", 0.75),),
    "downwards": (("mouthFrown", 0.8),),
}


def fold_groups(points: NDArray[np.floating]) -> list[GroupShape]:
    """Curves (N, 2), cross section and drivers of every group, from landmarks (478, 2)."""
    brow, hair = points[list(BROWS)], points[list(HAIRLINE)]
    forehead: Curves = [brow + share * (hair - brow) for share in FOREHEAD_LINES]
    thirds = {"Right": slice(0, 4), "": slice(1, 6), "Left": slice(3, 7)}
    groups: list[GroupShape] = []
    for side, part in thirds.items():
        name = f"browOuterUp{side}" if side else "browInnerUp"
        lines, raised = [curve[part] for curve in forehead], _drivers("", (name, 0.8))
        groups += [(lines, FOREHEAD, raised), (lines, FOREHEAD_CREASE, raised)]
    for side, path in FOLDS.items():
        top = points[list(APPLES[side])].mean(0, keepdims=True)
        groups += [
            ([points[list(path)]], FOLD, _drivers(side, *_LIFTS["fold"])),
            ([points[list(path[:DEEPEST])]], DEEP_FOLD, _drivers(side, *_LIFTS["deep fold"])),
            (
                [points[list(BROW_HEADS[side])].mean(0, keepdims=True)],
                FRONT_BULGE,
                _drivers(side, *_LIFTS["hood"]),
            ),
            ([top], APPLE, _drivers(side, *_LIFTS["apple"])),
            ([points[list(UNDER_EYES[side])]], UNDER_EYE, _drivers(side, *_LIFTS["under eye"])),
            (_crows_feet(points, side), CROW, _drivers(side, *_LIFTS["crow's feet"])),
            ([_beside_mouth(points, side)], CORNER, _drivers(side, *_LIFTS["corner"])),
            (_beside_nose(points, side), NOSE, _drivers(side, *_LIFTS["nose"])),
            ([_under_brow(points, side)], SHADED, _drivers(side, *_LIFTS["hood"])),
            (
                [_under_brow(points, side)],
                SOCKET,
                _drivers(side, *_LIFTS["socket"]) + _drivers("", ("browInnerUp", 0.25)),
            ),
            ([_below_corner(points, side)], DOWNWARDS, _drivers(side, *_LIFTS["downwards"])),
        ]
    frown, root = _both(("browDown", 0.5)), _both(("noseSneer", 0.5), ("browDown", 0.15))
    groups += [(_frown(points), FRONT, frown), (_frown(points), FRONT_CREASE, frown)]
    groups += [(_across_root(points), ROOT, root), (_across_root(points), ROOT_CREASE, root)]
    pushed = (("mouthShrugLower", 0.9),)
    groups.append(([points[list(LIP_TO_CHIN)].mean(1)], FURROW, _drivers("", *pushed)))
    groups.append(([points[list(BOSS)].mean(0, keepdims=True)], CHIN_BOSS, _drivers("", *pushed)))
    return groups


def _drivers(side: str, *shares: tuple[str, float]) -> Drivers:
    return tuple((ACTION_INDEX[name + side], share) for name, share in shares)


def _both(*shares: tuple[str, float]) -> Drivers:
    return tuple(driver for side in FOLDS for driver in _drivers(side, *shares))


def _beside_nose(points: NDArray[np.floating], side: str) -> Curves:
    """Short lines (5, 2) on the nose's side, as a muscle that pulls its wing up folds the skin there."""
    root, tip, beside = points[BRIDGE[0]], points[BRIDGE[1]], points[BESIDE_NOSE[side]]
    out, t = beside - 0.5 * (root + tip), np.linspace(0, 1, 5)[:, None]
    return [
        root + (begin + t * (end - begin)) * (tip - root) + np.interp(t, (0, 1), NOSE_REACH) * out
        for begin, end in NOSE_LINES
    ]


def _across_root(points: NDArray[np.floating]) -> Curves:
    """Two lines (3, 2) across the root of the nose."""
    right, left = points[list(INSIDE_CORNERS)]
    root, tip = points[list(BRIDGE)]
    upper = np.stack([right, 0.5 * (root + 0.5 * (right + left)), left])
    return [upper, upper + 0.13 * (tip - root)]


def _under_brow(points: NDArray[np.floating], side: str) -> NDArray[np.floating]:
    """The line (5, 2) below a brow on which its shade lies when it is lowered."""
    brow, lid = points[list(UNDER_BROWS[side])], points[list(LIDS[side])]
    return np.asarray(brow + HOOD * (lid - brow))


def _below_corner(points: NDArray[np.floating], side: str) -> NDArray[np.floating]:
    """A line (5, 2) from the mouth's corner outwards and down, as drawn-down corners fold the skin."""
    corner, other = (points[i] for i in MOUTH_CORNERS[side])
    out, down = (corner - other) / 10, points[CHIN] - 0.5 * (corner + other)
    t = np.linspace(0, 1, 5)[:, None]
    return np.asarray(corner + (0.3 + 0.9 * t) * out + (0.6 * t - 0.05) * down)


def _crows_feet(points: NDArray[np.floating], side: str) -> Curves:
    """Short lines (5, 2) that fan out from the eye's outer corner."""
    corner, inner = (points[i] for i in OUTER_CORNERS[side])
    out, curves = corner - inner, []
    sideways = 1.0 if out[0] > 0 else -1.0
    for degrees in CROWS_FEET:
        angle = sideways * np.radians(degrees)
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ out
        curves.append(corner + np.linspace(*CROWS_REACH, 5)[:, None] * turned)
    return curves


def _beside_mouth(points: NDArray[np.floating], side: str) -> NDArray[np.floating]:
    """A short bow (5, 2) around the mouth's corner."""
    corner, other = (points[i] for i in MOUTH_CORNERS[side])
    out = (corner - other) / 10
    down = np.array([-out[1], out[0]]) * (1.0 if out[0] > 0 else -1.0)
    t = np.linspace(-1, 1, 5)[:, None]
    return np.asarray(corner + (1.15 - 0.35 * t * t) * out + 1.1 * t * down)


def _frown(points: NDArray[np.floating]) -> Curves:
    down = points[ROOT_OF_NOSE]
    up = down + 0.4 * (points[ABOVE_ROOT] - down)
    frown: Curves = []
    for brow_end, other, share, above in FROWN:
        middle = points[brow_end] + share * (points[other] - points[brow_end])
        lean = 0.18 * (points[brow_end] - middle)
        frown.append(
            np.stack([middle + 0.6 * (down - up) - lean, middle, middle - above * (down - up) + lean])
        )
    return frown
