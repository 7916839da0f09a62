"""Where hair, a hat or a scarf lies around the face, told from skin by its colour; the edge of hair.

Strands with background between them are less opaque than a matte says. What is left of the background in
their colour is a light rim as soon as the head turns and something else lies behind it. Before a plain
background their share follows from the colours: the picture is a mixture of the hair further inside and the
plate.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import CHIN, FACE_OVAL, NOSE_TIP
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.layers import PERSON_THRESHOLD, background_roughness, matte_units

BETWEEN_EYES: Final = 168
# Landmarks on bare skin of cheeks, forehead, nose and chin.
SKIN_POINTS: Final = (50, 280, 205, 425, 118, 347, 36, 266, 151, 9, 107, 336, 195, 5, 199, 200, 147, 376)
LEAST_SPREAD: Final = (16.0, 4.5, 4.5)  # of skin in L, a, b (8 bits): light falls off around a face
SKIN_DISTANCE: Final = (1.8, 3.2)  # spreads from the colours of skin over which a pixel counts as hair
BARE: Final = 0.4  # of the map of hair under the chin, below which the neck is skin
NECK_READ: Final = (0.03, 0.05, 0.08, 0.11, 0.14, 0.17)  # head widths under the chin
BESIDE: Final = (0.04, 0.08)  # head widths outside of the face's outline where hair beside it is looked for
SURELY_HAIR, ENOUGH = 0.8, 500  # of the map, and the pixels of it that tell the hair's colour
LAB_WEIGHTS: Final = np.array((0.6, 1.0, 1.0), np.float32)
ALIKE: Final = (18.0, 34.0)  # distance of colours in L, a, b (8 bits) over which clothes are not hair
REACH: Final = 0.03  # head widths over which the map is averaged
# The edge of hair in the matte.
SURE: Final = 0.98  # matte of what is surely the person
INSIDE, SPREAD = 0.008, 0.012  # of the canvas's side: how far inside of that hair is read, and extended from
NEAR: Final = (0.02, 0.035)  # of the canvas's side inside of the outline over which the edge ends
APART: Final = (35.0, 70.0)  # between the colours of hair and plate, from which a share can be told
LEFT: Final = (10.0, 28.0)  # of the picture's colour that no mixture explains
HAIR_LIKE: Final = (0.52, 0.60)  # of the map of what is like the crown
PLAIN_BEHIND: Final = (4.0, 10.0)  # grey levels of a background's roughness, over which it is not trusted
MOSTLY: Final = (0.6, 0.9)  # of what surely is the person nearby that is hair: not the shadow beside an ear
OPAQUER: Final = 1.15  # hair further inside is darker than a strand in the light
HAIR_FEWER: Final = 3  # times fewer pixels to each side, on which colours are averaged
LEAST_NEAR: Final = 0.01  # of the average's weight, from which it is one


def hair_map(
    canvas: UInt8Array, points: NDArray[np.floating], matte: Float32Array, width: float, margin: float
) -> Float32Array:
    """How much each pixel (S, S) of the person is hair, 0..1, averaged over its surroundings.

    `canvas` (S, S, 3) is uint8 RGB, `points` (478, 2+) are landmarks, `width` of the head and `margin` around
    the frame are in frame units, `matte` (S, S) is the person's. What is not skin counts as hair: where it
    lies around the face it stands in front of it."""
    units = matte_units(matte.shape[0])
    lab = cv2.cvtColor(canvas, cv2.COLOR_RGB2LAB).astype(np.float32)
    at = np.rint((points[list(SKIN_POINTS), :2] + margin + 0.5) * units - 0.5).astype(int)
    at = np.clip(at, 2, matte.shape[0] - 3)
    samples = np.stack([lab[y - 2 : y + 3, x - 2 : x + 3].mean((0, 1)) for x, y in at])
    middle = np.median(samples, 0)
    spread = np.maximum(1.5 * np.median(np.abs(samples - middle), 0), LEAST_SPREAD)
    light, green, blue = ((lab[..., i] - middle[i]) / np.float32(spread[i]) for i in range(3))
    # What is brighter than skin is lit skin more often than hair.
    light = np.where(light > 0, 0.5 * light, light)
    hair = smoothstep(*SKIN_DISTANCE, cv2.magnitude(cv2.magnitude(light, green), blue))
    sigma = REACH * width * units
    person = np.clip(matte, 1e-3, 1)
    return np.asarray(
        cv2.GaussianBlur(hair * person, (0, 0), sigma) / cv2.GaussianBlur(person, (0, 0), sigma), np.float32
    )


def hair_beside_face(
    canvas: UInt8Array, hair: Float32Array, matte: Float32Array, points: NDArray[np.floating], width: float
) -> NDArray[np.floating]:
    """How much hair (36,) lies beside each point of the face's outline or the next to it.

    `hair` (S, S) is the map of the person on `canvas` (S, S, 3) with `matte` (S, S). Next to the chin it may
    be clothes: there only what has the colour of the hair above the eyes counts."""
    outline = points[list(FACE_OVAL), :2]
    away = outline - points[NOSE_TIP, :2]
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    lab = cv2.cvtColor(canvas, cv2.COLOR_RGB2LAB).astype(np.float32) * LAB_WEIGHTS
    units = matte_units(matte.shape[0])
    margin = 0.5 * (matte.shape[0] / units - FRAME)
    eyes = round((float(points[BETWEEN_EYES, 1]) + margin) * units)
    above = lab[:eyes][(hair * matte)[:eyes] > SURELY_HAIR]
    colour = np.median(above[::17], 0) if len(above) > ENOUGH else np.full(3, np.inf)
    chin = float(points[CHIN, 1])
    low = smoothstep(chin - 0.3 * width, chin - 0.15 * width, outline[:, 1])
    found = []
    for far in BESIDE:
        at = outline + away * far * width
        alike = 1 - smoothstep(*ALIKE, np.linalg.norm(_read(lab, at) - colour, axis=1))
        found.append(_read(hair * matte, at) * (1 - low * (1 - alike)))
    each = np.mean(found, 0)
    return np.asarray(np.maximum(each, np.maximum(np.roll(each, 1), np.roll(each, -1))))


def bare_neck(hair: Float32Array, points: NDArray[np.floating], width: float) -> float:
    """How far below the chin, in frame units, skin shows, by the map `hair` (S, S) of what is not skin; 0
    where there is none."""
    x, y = points[CHIN, :2]
    columns = x + np.linspace(-0.12, 0.12, 9) * width
    far = 0.0
    for row in NECK_READ:
        below = np.stack([columns, np.full(len(columns), y + row * width)], 1)
        if np.median(_read(hair, below)) > BARE:
            break
        far = row * width
    return far


def _read(values: Float32Array, xy: NDArray[np.floating]) -> NDArray[np.floating]:
    """The values (N,) of a map (S, S) of the canvas at points (N, 2) in frame units."""
    units = matte_units(values.shape[0])
    margin = 0.5 * (values.shape[0] / units - FRAME)
    at = np.clip(np.rint((xy + margin + 0.5) * units - 0.5).astype(int), 0, values.shape[0] - 1)
    return np.asarray(values[at[:, 1], at[:, 0]])


def thin_hair_edge(
    canvas: UInt8Array, matte: Float32Array, plate: UInt8Array, hair: Float32Array
) -> Float32Array:
    """The matte (S, S) with less of the background in the edge of hair, nowhere more opaque than `matte`.

    `canvas` (S, S, 3) uint8 RGB, `plate` (S, S, 3) the background behind the person, `hair` 0..1 as
    `skull.like_crown`, of any size: all 0 where there is none."""
    size = canvas.shape[0]
    roughness = background_roughness(canvas[..., 1].astype(np.float32), matte < PERSON_THRESHOLD)
    trusted = 1 - smoothstep_scalar(*PLAIN_BEHIND, roughness)
    if not hair.any() or trusted <= 0:
        return matte
    reach = 2 * max(2, round(INSIDE * size)) + 1
    inside = cv2.erode((matte > SURE).astype(np.uint8), np.ones((reach, reach), np.uint8))
    away = cv2.distanceTransform((matte > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / size
    edge = np.nonzero((inside == 0) & (matte > 0) & (away < NEAR[1]))
    colour, mostly = _hair_inside(canvas, inside, hair)
    picture, behind, colour = (values[edge].astype(np.float32) for values in (canvas, plate, colour))
    apart = behind - colour
    square = (apart**2).sum(1)
    share = np.clip(((behind - picture) * apart).sum(1) / np.maximum(square, 1.0), 0, 1)
    left = np.linalg.norm(picture - behind + share[:, None] * apart, axis=1)
    applies = smoothstep(*APART, np.sqrt(square)) * (1 - smoothstep(*LEFT, left)) * trusted
    applies *= smoothstep(*MOSTLY, mostly[edge]) * (1 - smoothstep(*NEAR, away[edge]))
    thinned = matte.copy()
    thinned[edge] += applies * np.minimum(OPAQUER * share - matte[edge], 0)
    return thinned


def _hair_inside(
    canvas: UInt8Array, inside: NDArray[np.uint8], hair: Float32Array
) -> tuple[Float32Array, Float32Array]:
    """The colour (S, S, 3) of the nearest hair that lies `inside` (S, S) the outline, and how much of what
    lies there is hair, 0..1 (S, S); of no meaning far away from both. On a picture reduced by HAIR_FEWER."""
    small = (canvas.shape[1] // HAIR_FEWER, canvas.shape[0] // HAIR_FEWER)
    sigma = SPREAD * small[1]
    every = cv2.resize(inside.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    known = every * smoothstep(*HAIR_LIKE, cv2.resize(hair, small, interpolation=cv2.INTER_AREA))
    picture = cv2.resize(canvas, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    near, all_near = (cv2.GaussianBlur(weight.astype(np.float32), (0, 0), sigma) for weight in (known, every))
    colour = cv2.GaussianBlur((picture * known[..., None]).astype(np.float32), (0, 0), sigma)
    colour /= np.maximum(near, 1e-4)[..., None]
    mostly = near / np.maximum(all_near, 1e-4) * (near > LEAST_NEAR)
    size = canvas.shape[1::-1]
    return (
        np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_LINEAR), np.float32),
        np.asarray(cv2.resize(mostly, size, interpolation=cv2.INTER_LINEAR), np.float32),
    )
