"""Pictures with known defects, made from the sample portraits: each kind at any strength from 0 to 1.

Strength 0 is a little beyond where a kind begins to spoil a video, 1 is plain to see.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.animation.face.face_topology import FACE_OVAL, LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE
from generation.animation.face.landmarks import FaceLandmarks, detect_faces
from generation.animation.portrait.fit import FittedPortrait, fit_portrait
from generation.animation.portrait.portrait_check import head_yaw
from generation.animation.rendering.renderer import Renderer
from generation.animation.track.motion_track import MotionTrack

PORTRAITS = Path(__file__).parents[2] / "samples" / "portraits"
NAMES = ("amara", "kenji", "maya", "tomas")
RENDERED_SIZE = 768
# Red, green and blue of the material, its level, how much of the light's contrast it has, how deep rings are.
STATUES = (
    (1.0, 0.985, 0.95, 200.0, 0.7, 0.0),  # marble
    (1.0, 0.85, 0.55, 110.0, 1.3, 0.0),  # bronze
    (1.0, 1.0, 1.02, 130.0, 0.9, 0.0),  # granite
    (1.15, 0.78, 0.58, 140.0, 0.8, 0.3),  # clay
    (1.0, 0.985, 0.95, 200.0, 0.7, 0.3),  # marble with rings
)
Picture = NDArray[np.uint8]


@dataclass(eq=False)
class Person:
    """One sample portrait (H, W, 3) uint8 RGB with what is measured of it once."""

    name: str
    image: Picture

    @cached_property
    def face(self) -> FaceLandmarks:
        """The landmarks of the face."""
        return detect_faces(self.image)[0]

    @cached_property
    def fitted(self) -> FittedPortrait:
        """The portrait, fitted."""
        return fit_portrait(self.image, self.face)

    def at(self, point: int) -> tuple[int, int]:
        """A landmark in pixels."""
        x, y = self.face.points[point, :2]
        return round(float(x)), round(float(y))

    @property
    def width(self) -> float:
        """Of the face in pixels."""
        return self.face.box[2]


@dataclass(frozen=True)
class Kind:
    """A kind of defect: the code that is right for it (empty for none), and how a picture of it is made."""

    name: str
    code: str
    is_refused: bool
    make: Callable[[Person, float], Picture | bytes]


def people() -> list[Person]:
    """The sample portraits."""
    return [
        Person(name, np.asarray(Image.open(PORTRAITS / f"{name}.jpg").convert("RGB"), np.uint8))
        for name in NAMES
    ]


def blurred(person: Person, strength: float) -> Picture:
    """Out of focus by 2.5 to 5 % of the face's width."""
    sigma = person.width * (0.025 + 0.025 * strength)
    return np.asarray(cv2.GaussianBlur(person.image, (0, 0), sigma), np.uint8)


def shaken(person: Person, strength: float) -> Picture:
    """The camera moved by 8 to 12 % of the face's width while it took the picture, in some direction."""
    length = person.width * (0.08 + 0.04 * strength)
    angle = np.radians(150 * strength)
    half = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    size = 2 * round(length / 2) + 3
    kernel = np.zeros((size, size), np.float32)
    one, other = (tuple(round(value) for value in size // 2 + side * half) for side in (-1, 1))
    cv2.line(kernel, one, other, 1.0)
    return np.asarray(cv2.filter2D(person.image, -1, kernel / kernel.sum()), np.uint8)


def far_away(person: Person, strength: float) -> Picture:
    """The face 85 to 60 pixels high on a plain wall."""
    scale = (85 - 25 * strength) / person.face.box[3]
    small = cv2.resize(person.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    wall = np.full((512, 512, 3), person.image[5, 5], np.uint8)
    wall[-small.shape[0] :, 120 : 120 + small.shape[1]] = small
    return wall


def dark(person: Person, strength: float) -> Picture:
    """A quarter to a tenth of the light."""
    return np.asarray(person.image * (0.25 - 0.15 * strength), np.uint8)


def bright(person: Person, strength: float) -> Picture:
    """Two and a half to four stops more light, so that much of the face is white."""
    # Light is linear, levels are not.
    gain = 2 ** ((2.5 + 1.5 * strength) / 2.2)
    return np.asarray(np.clip(person.image.astype(np.float32) * gain, 0, 255), np.uint8)


def chin_cut(person: Person, strength: float) -> Picture:
    """The picture ends between the chin and the mouth."""
    chin, lip = person.at(152)[1], person.at(17)[1]
    return np.ascontiguousarray(person.image[: round(chin - (0.25 + 0.6 * strength) * (chin - lip))])


def forehead_cut(person: Person, strength: float) -> Picture:
    """The picture begins between the hair and the brows."""
    top, brow = person.at(10)[1], person.at(9)[1]
    return np.ascontiguousarray(
        person.image[round(top - 0.02 * person.width + 0.3 * strength * (brow - top)) :]
    )


def narrow(person: Person, strength: float) -> Picture:
    """The picture ends beside the cheeks."""
    x, _, width, _ = person.face.box
    room = width * (0.12 - 0.12 * strength)
    return np.ascontiguousarray(person.image[:, max(round(x - room), 0) : round(x + width + room)])


def barred(person: Person, strength: float) -> Picture:
    """Black bars above and below, or at both sides."""
    bar = round(20 + 180 * strength)
    wide = ((bar, bar), (0, 0), (0, 0)) if bar % 2 else ((0, 0), (bar, bar), (0, 0))
    return np.pad(person.image, wide)


def compressed(person: Person, strength: float) -> bytes:
    """JPEG of quality 15 to 3."""
    buffer = io.BytesIO()
    Image.fromarray(person.image).save(buffer, "JPEG", quality=round(15 - 12 * strength))
    return buffer.getvalue()


def on_its_side(person: Person, strength: float) -> Picture:
    """Turned by a right angle or two."""
    return np.ascontiguousarray(np.rot90(person.image, 1 + round(strength * 2)))


def eyes_covered(person: Person, strength: float) -> Picture:
    """A bar of one colour over both eyes."""
    image, half = person.image.copy(), round(person.width * (0.1 + 0.06 * strength))
    left, right = person.at(234)[0], person.at(454)[0]
    middle = (person.at(468)[1] + person.at(473)[1]) // 2
    image[middle - half : middle + half, left:right] = round(20 + 60 * strength)
    return image


def mouth_covered(person: Person, strength: float) -> Picture:
    """A mask from the nose to below the chin."""
    image = person.image.copy()
    outline = [person.at(point) for point in (132, 147, 4, 376, 361, 397, 378, 152, 149, 172)]
    colour = (150 + 60 * strength, 190, 200 - 40 * strength)
    cv2.fillPoly(image, [np.array(outline, np.int32)], colour)
    return image


def two_of_them(person: Person, strength: float) -> Picture:
    """The person beside a mirror image of almost the same size."""
    scale = 1 - 0.4 * strength
    other = cv2.resize(person.image[:, ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    wall = np.full((person.image.shape[0], other.shape[1], 3), person.image[5, 5], np.uint8)
    wall[-other.shape[0] :] = other
    return np.concatenate([person.image, wall], axis=1)


def nobody(person: Person, strength: float) -> Picture:
    """Colours of the portrait without anything in it."""
    random = np.random.default_rng(round(100 * strength))
    coarse = cv2.resize(person.image, (6, 6), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    random.shuffle(coarse)
    return np.asarray(
        cv2.resize(coarse.reshape(6, 6, 3), (700, 700), interpolation=cv2.INTER_CUBIC), np.uint8
    )


def eyes_shut(person: Person, strength: float) -> Picture:
    """Lids shut."""
    return _posed(person, {"eyeBlinkLeft": 0.9 + 0.1 * strength, "eyeBlinkRight": 0.9 + 0.1 * strength})


def mouth_wide(person: Person, strength: float) -> Picture:
    """Mouth wide open."""
    return _posed(person, {"jawOpen": 0.75 + 0.25 * strength})


def turned_away(person: Person, strength: float) -> Picture:
    """Head turned away from the camera by 42 to 50 degrees, to the side to which it is turned already."""
    own = head_yaw(person.face.points)
    return _posed(person, {}, yaw=np.sign(own) * (42 + 8 * strength) - own)


def one_side_dark(person: Person, strength: float) -> Picture:
    """A sixth to a twentieth of the light on the side of the face that has less of it."""
    light = 1 / (6 + 14 * strength)
    x, y, width, height = (round(value) for value in person.face.box)
    nose = person.at(1)[0]
    left, right = person.image[y : y + height, x:nose], person.image[y : y + height, nose : x + width]
    across = (np.arange(person.image.shape[1]) - nose) * np.sign(float(right.mean()) - float(left.mean()))
    shade = light + (1 - light) / (1 + np.exp(-across / (0.05 * person.width)))
    # Light is linear, levels are not.
    linear = (person.image / 255.0) ** 2.2 * shade[None, :, None]
    return np.asarray(255 * linear ** (1 / 2.2), np.uint8)


def in_glasses(person: Person, strength: float) -> Picture:
    """Round frames around both eyes."""
    image = person.image.copy()
    radius, thick = round(person.width * 0.16), max(2, round(person.width * (0.015 + 0.02 * strength)))
    one, other = person.at(468), person.at(473)
    for centre in (one, other):
        cv2.circle(image, centre, radius, (30, 25, 25), thick, cv2.LINE_AA)
    bridge = ((one[0] + radius, one[1]), (other[0] - radius, other[1]))
    cv2.line(image, *bridge, (30, 25, 25), thick, cv2.LINE_AA)
    return image


def as_it_is(person: Person, strength: float) -> Picture:
    """Nothing wrong: a little larger or smaller."""
    scale = 0.6 + 0.6 * strength
    return np.asarray(
        cv2.resize(person.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def statue(person: Person, strength: float) -> Picture:
    """A likeness in stone, metal or clay: one hue, no brows, blank eyes or eyes with a ring cut in."""
    red, green, blue, level, contrast, ring = STATUES[round(strength * (len(STATUES) - 1))]
    grey = cv2.cvtColor(person.image, cv2.COLOR_RGB2GRAY)
    points, width = person.face.points[:, :2], person.width
    painted = sum(
        _hull(grey, points[list(part)], width * 0.025)
        for part in (LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE)
    )
    smooth = cv2.inpaint(grey, (painted > 0).astype(np.uint8), width * 0.02, cv2.INPAINT_TELEA)
    light = smooth.astype(np.float32)
    skin = float(np.median(light[_hull(grey, points[list(FACE_OVAL)], 0) > 0]))
    rows, columns = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
    for contour, iris in ((LEFT_EYE, 468), (RIGHT_EYE, 473)):
        eye = points[list(contour)]
        x, y = points[iris]
        wide = float(np.ptp(eye[:, 0]))
        away = np.hypot(columns - x, rows - y) / (0.55 * wide)
        above = np.clip((y - rows) / (0.4 * wide), 0, 1)
        ball = skin * (1.12 - 0.35 * np.clip(away, 0, 1) ** 2 - 0.25 * above)
        ball *= (1 - ring * np.exp(-(((away - 0.45) / 0.07) ** 2))) * np.where(away < 0.16, 1 - 1.5 * ring, 1)
        inside = cv2.GaussianBlur(_hull(grey, eye, 0).astype(np.float32), (0, 0), max(0.6, width * 0.003))
        rim = cv2.GaussianBlur(
            _hull(grey, eye, width * 0.01).astype(np.float32), (0, 0), max(0.6, width * 0.004)
        )
        light = (light * (1 - inside) + ball * inside) * (1 - 0.35 * np.clip(rim - inside, 0, 1))
    shaded = level * (light / skin) ** contrast
    grain = np.random.default_rng(round(100 * strength)).normal(0, 2, (*grey.shape, 3))
    return np.asarray(np.clip(shaded[..., None] * (red, green, blue) + grain, 0, 255), np.uint8)


def _hull(grey: Picture, points: NDArray[np.floating], wider: float) -> NDArray[np.uint8]:
    """1 inside of the convex outline of (N, 2) points made wider by so many pixels, 0 elsewhere."""
    mask = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)
    size = 2 * round(wider) + 1
    return np.asarray(cv2.dilate(mask, np.ones((size, size), np.uint8)), np.uint8)


def _posed(person: Person, actions: dict[str, float], yaw: float = 0.0) -> Picture:
    track = np.zeros((1, len(MotionTrack.ACTIONS)), np.float32)
    for name, value in actions.items():
        track[0, MotionTrack.ACTIONS.index(name)] = value
    pose = np.array([[yaw, 0, 0, 0, 0, 0]], np.float32)
    motion = MotionTrack(fps=25, actions=track, head_pose=pose, gaze=np.zeros((1, 2), np.float32))
    return next(Renderer(person.fitted, RENDERED_SIZE).frames(motion))


KINDS = (
    Kind("as_it_is", "", is_refused=False, make=as_it_is),
    Kind("blurred", "blurred", is_refused=True, make=blurred),
    Kind("shaken", "blurred", is_refused=True, make=shaken),
    Kind("far_away", "face_too_small", is_refused=True, make=far_away),
    Kind("dark", "badly_exposed", is_refused=True, make=dark),
    Kind("bright", "badly_exposed", is_refused=True, make=bright),
    Kind("chin_cut", "chin_outside", is_refused=True, make=chin_cut),
    Kind("forehead_cut", "tight_frame", is_refused=False, make=forehead_cut),
    Kind("narrow", "tight_frame", is_refused=False, make=narrow),
    Kind("barred", "borders", is_refused=False, make=barred),
    Kind("compressed", "compressed", is_refused=False, make=compressed),
    Kind("on_its_side", "picture_turned", is_refused=False, make=on_its_side),
    Kind("eyes_covered", "face_covered", is_refused=True, make=eyes_covered),
    Kind("mouth_covered", "face_covered", is_refused=True, make=mouth_covered),
    Kind("two_of_them", "several_faces", is_refused=True, make=two_of_them),
    Kind("nobody", "no_face", is_refused=True, make=nobody),
    Kind("eyes_shut", "eyes_closed", is_refused=False, make=eyes_shut),
    Kind("mouth_wide", "mouth_open_wide", is_refused=True, make=mouth_wide),
    Kind("turned_away", "face_turned_away", is_refused=True, make=turned_away),
    Kind("one_side_dark", "strong_shadow", is_refused=False, make=one_side_dark),
    Kind("in_glasses", "glasses", is_refused=False, make=in_glasses),
    Kind("statue", "may_be_sculpture", is_refused=True, make=statue),
)
