"""Draw random, seeded glasses, beards and occluders of eyes or mouth over a portrait."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.model_assets.face_frame import FaceFrame, Image, Outline, Points, superellipse

Random = np.random.Generator

JAW = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
UNDER_LIP = (435, 432, 287, 405, 314, 17, 84, 181, 57, 212, 215)
CHIN = (*JAW[5:12], 405, 314, 17, 84, 181)
UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 322, 327, 326, 2, 97, 98, 92)
HAIR = ((28, 22, 18), (60, 40, 26), (104, 66, 36), (150, 146, 140), (136, 72, 34), (14, 12, 12))
FRAMES = (
    *((12, 12, 14), (58, 34, 20), (96, 98, 104), (168, 132, 70)),
    *((130, 22, 30), (26, 40, 88), (188, 180, 176)),
)
TINTS = ((16, 15, 14), (62, 42, 26), (28, 34, 44), (70, 84, 104))


def draw_glasses(image: Image, points: Points, random: Random, *, dark: bool = False) -> Image:
    """Glasses of a random shape, frame and colour; `dark` ones hide the eyes."""
    face = FaceFrame(image, points)
    lenses = _lenses(face, random)
    tint = np.array(TINTS[random.integers(len(TINTS))], np.float64)
    shown = image
    for lens in lenses:
        opacity = random.uniform(0.75, 1.0) if dark else random.uniform(0, 0.12)
        shown = face.fill(shown, lens, tint if dark else tint + 60, opacity)
        if random.random() < 0.5:
            glare = lens.mean(0) + (lens - lens.mean(0)) * (0.25, 0.7) + (random.uniform(-0.1, 0.1), 0)
            shown = face.fill(shown, glare, (255, 255, 255), random.uniform(0, 0.25), 0.03)
    rim = random.choice(["full", "full", "full", "top", "none"])
    rims = {"full": lenses, "top": [_upper_half(lens) for lens in lenses], "none": []}[rim]
    colour = np.array(FRAMES[random.integers(len(FRAMES))]) + random.uniform(-8, 8, 3)
    width, shade = random.uniform(0.018, 0.07), random.uniform(0.0, 0.35)
    for lines, closed in ((rims, rim == "full"), (_bridge_and_temples(face, lenses, random), False)):
        if lines:
            below = [np.add(line, (0, 0.05)) for line in lines]
            shadow = face.skin * 0.4
            shown = face.stroke(shown, below, shadow, width=width, closed=closed, opacity=shade, soft=0.02)
            opacity = random.uniform(0.85, 1.0)
            shown = face.stroke(shown, lines, colour, width=width, closed=closed, opacity=opacity)
    return shown


def _lenses(face: FaceFrame, random: Random) -> list[Outline]:
    half = (random.uniform(0.3, 0.43), random.uniform(0.2, 0.36))
    power, drop, slant = random.uniform(2.0, 5.0), random.uniform(0.0, 0.1), random.uniform(-0.12, 0.25)
    lenses = []
    for side, iris, outer, inner in ((-1, 468, 33, 133), (1, 473, 263, 362)):
        # A turned head shows the lens of the far eye narrower.
        nearness = float(np.clip(np.linalg.norm(face.at(outer) - face.at(inner)) / 0.46, 0.7, 1.2))
        lens = superellipse((0.0, 0.0), (half[0] * nearness, half[1]), power)
        lens[:, 1] -= slant * side * lens[:, 0] * (lens[:, 1] < 0)
        lenses.append(lens + face.at(iris) + (side * 0.02, drop))
    return lenses


def _upper_half(lens: Outline) -> Outline:
    upper = lens[lens[:, 1] < lens[:, 1].mean()]
    return np.asarray(upper[np.argsort(upper[:, 0])], np.float64)


def _bridge_and_temples(face: FaceFrame, lenses: list[Outline], random: Random) -> list[Outline]:
    left, right = lenses
    inner = left[np.argmax(left[:, 0])], right[np.argmin(right[:, 0])]
    outer = left[np.argmin(left[:, 0])], right[np.argmax(right[:, 0])]
    height = random.uniform(-0.16, 0.1)
    middle = (inner[0] + inner[1]) / 2 + (0, height - random.uniform(0.0, 0.1))
    bridge = np.stack([inner[0] + (0, height / 2), middle, inner[1] + (0, height / 2)])
    temples = [
        np.stack([np.add(hinge, (0, -0.08)), face.at(ear) * 0.9 + hinge * 0.1 + (0, -0.02)])
        for hinge, ear in zip(outer, (127, 356), strict=True)
    ]
    return [bridge, *temples]


def draw_beard(image: Image, points: Points, random: Random) -> Image:
    """A moustache, a beard on the chin, or both, of single hairs of a random length and colour."""
    face = FaceFrame(image, points)
    kind = random.choice(["full", "full", "moustache", "chin"])
    reach = 0.4 * random.uniform(0.2, 1.0) ** 2
    colour = np.array(HAIR[random.integers(len(HAIR))]) * np.clip(face.skin.mean() / 150, 0.4, 1.2)
    ground, width = random.uniform(0.1, 0.9), random.uniform(0.004, 0.012)
    shown = image
    if kind != "moustache":
        outline = np.array([face.at(index) for index in (JAW + UNDER_LIP if kind == "full" else CHIN)])
        shown = face.fill(shown, outline, colour * 0.9, ground, 0.05)
        shown = _hairs(shown, face, outline, colour, reach, width, random)
    if kind != "chin":
        outline = np.array([face.at(index) for index in UPPER_LIP])
        shown = face.fill(shown, outline, colour * 0.9, ground, 0.05)
        shown = _hairs(shown, face, outline, colour, min(reach, 0.16), width, random)
    return shown


def _hairs(  # noqa: PLR0917 - one hair needs all of them
    image: Image,
    face: FaceFrame,
    outline: Outline,
    colour: Outline,
    reach: float,
    width: float,
    random: Random,
) -> Image:
    """Hairs that are rooted inside `outline` and grow down and away from the mouth."""
    low, high = outline.min(0), outline.max(0)
    roots = random.uniform(low, high, (int(random.uniform(600, 3000) * np.prod(high - low)), 2))
    border = outline.astype(np.float32)
    roots = roots[[cv2.pointPolygonTest(border, root.tolist(), False) > 0 for root in roots]]
    for shade in (0.7, 1.0, 1.35):
        some = roots[random.random(len(roots)) < 0.5]
        away = some - face.at(13)
        away /= np.linalg.norm(away, axis=1, keepdims=True) + 1e-6
        along = away * 0.5 + (0, 0.9) + random.normal(0, 0.25, some.shape)
        bend = random.normal(0, 0.15, some.shape)
        long = reach * random.uniform(0.4, 1.0, (len(some), 1))
        hairs = np.stack([some, some + along * long * 0.5 + bend * long * 0.3, some + along * long], axis=1)
        image = face.stroke(image, list(hairs), colour * shade, width=width, opacity=0.9)
    return image


def cover_eyes(image: Image, points: Points, random: Random) -> Image:
    """Dark glasses, something over both eyes, or a patch or something larger over one of them."""
    face = FaceFrame(image, points)
    kind = random.choice(["glasses", "patch", "one", "both", "both"])
    if kind == "glasses":
        return draw_glasses(image, points, random, dark=True)
    x, y = face.at(468 if random.random() < 0.5 else 473)
    if kind == "patch":
        outline = superellipse((x, y), (random.uniform(0.26, 0.4), random.uniform(0.18, 0.32)), 2)
        return face.fill(image, outline, random.uniform(0, 60) + np.zeros(3))
    if kind == "one":
        return _cover(face, (x * random.uniform(0.9, 1.6), y), (random.uniform(0.3, 0.6), 0.3), random)
    return _cover(face, (0.0, 0.0), (random.uniform(0.85, 1.3), random.uniform(0.16, 0.4)), random)


def cover_mouth(image: Image, points: Points, random: Random) -> Image:
    """Something over the mouth, or over all of the face below the eyes."""
    face = FaceFrame(image, points)
    (x, y), chin = face.at(13), float(face.at(152)[1])
    if random.random() < 0.25:
        top, low = random.uniform(0.2, 0.45), chin - 0.2
        mask = [(-0.95, top + 0.1), (0, top - 0.05), (0.95, top + 0.1), (0.8, low), (0.3, low + 0.3)]
        outline = np.array([*mask, (-0.3, low + 0.3), (-0.8, low)])
        return face.fill(image, outline, _paint(face, random), 1.0, random.uniform(0, 0.02))
    return _cover(face, (x, y), (random.uniform(0.45, 0.8), random.uniform(0.25, 0.5)), random)


def _cover(face: FaceFrame, centre: tuple[float, float], half: tuple[float, float], random: Random) -> Image:
    turn = random.uniform(-0.2, 0.2)
    if random.random() < 0.3:
        return _fingers(face, centre, half, turn, random)
    outline = superellipse(centre, half, random.choice([2.0, 3.0, 20.0]), turn)
    return face.fill(face.image, outline, _paint(face, random), 1.0, random.choice([0.0, 0.01, 0.03]))


def _fingers(
    face: FaceFrame, centre: tuple[float, float], half: tuple[float, float], turn: float, random: Random
) -> Image:
    """Rounded bars side by side in the face's own colour, darker where they meet."""
    shown = face.image
    count = int(random.integers(2, 6))
    hand = face.skin * random.uniform(0.75, 1.2)
    for index in range(count):
        y = centre[1] + half[1] * ((2 * index + 1) / count - 1)
        long, wide = half[0] * random.uniform(0.9, 1.1), half[1] / count * 1.2
        shown = face.fill(shown, superellipse((centre[0], y), (long, wide), 3, turn), hand * 0.6, 1.0, 0.01)
        lit = superellipse((centre[0], y - 0.01), (long * 0.97, wide * 0.75), 3, turn)
        shown = face.fill(shown, lit, hand * random.uniform(0.95, 1.1), 1.0, 0.03)
    return shown


def _paint(face: FaceFrame, random: Random) -> NDArray[np.float32]:
    """A random texture (H, W, 3): one colour, coloured blocks, stripes, noise, or the face itself
    pixelated."""
    height, width = face.image.shape[:2]
    kind = random.choice(["grey", "colour", "skin", "blocks", "noise", "stripes", "coarse"])
    if kind == "blocks":
        cells = random.uniform(0, 255, (*_cells(face, random.uniform(0.05, 0.5)), 3)).astype(np.float32)
        return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)
    if kind == "coarse":
        rows, columns = _cells(face, random.uniform(0.1, 0.3))
        coarse = cv2.resize(face.image, (columns, rows), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)
    if kind == "noise":
        return random.uniform(0, 255, (height, width, 3)).astype(np.float32)
    colour = {
        "grey": random.choice([5.0, 128.0, 250.0]) + np.zeros(3),
        "skin": face.skin * random.uniform(0.7, 1.15),
    }.get(kind, random.uniform(0, 255, 3))
    wave = np.sin(np.arange(height) / face.distance * random.uniform(10, 60)) * (
        50 if kind == "stripes" else 0
    )
    return np.asarray(np.broadcast_to(colour + wave[:, None, None], face.image.shape), np.float32)


def _cells(face: FaceFrame, side: float) -> tuple[int, int]:
    """Rows and columns of cells `side` large, in face units, in the picture."""
    pixels = max(side * face.distance, 1.0)
    return max(1, int(face.image.shape[0] / pixels)), max(1, int(face.image.shape[1] / pixels))
