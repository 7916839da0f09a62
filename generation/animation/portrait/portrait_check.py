"""Portrait check: decides whether a portrait can be animated, with coded refusals and warnings.

Every threshold stands beside the measured ranges: `good` are portraits and renders to accept, `bad` pictures
made or found for each refusal. A covered face is detected by the probes of `occlusion` together with the
spread of the landmarks. Hands or hair that hide little are not detected reliably and are therefore not
checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generation.animation.face.animal_classifier import animal_probability
from generation.animation.face.face_appearance import FaceAppearance
from generation.animation.face.face_topology import (
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    MESH_POINTS,
    MIRROR,
    RIGHT_EYE,
)
from generation.animation.face.landmarks import FaceLandmarks, detect_faces
from generation.animation.face.occlusion import FaceCoverings, detect_coverings
from generation.animation.face.sculpture import looks_sculpted
from generation.animation.portrait.portrait_crop import frame_square
from generation.animation.sentences import gettext_noop as _

MIN_SCORE = 0.80  # good 0.92 to 0.98, tilted by 60 degrees or very tight down to 0.84; bad 0.51 to 0.79
MIN_SCORE_COVERED = 0.70  # human faces with a bar over the eyes 0.72 and more
MIN_PRESENCE = 0.95  # good 0.997 and more; bad 0.0 to 1.0
MAX_SPREAD = 0.035  # of the eye distance, over all points; good 0.011 to 0.021, bad 0.024 to 0.081
# Of the animal classifier: people, photographed, painted or rendered, 0.01 to 0.16; a cat .93, a quokka .75.
MAX_ANIMAL = 0.45
OTHER_FACE = 0.4  # a second face counts from this part of the first one's size
MIN_FACE_PX = 96  # the longer side of the face: its height, which turning does not change
MAX_YAW = 35.0  # degrees; within 3 degrees of the truth on renders from -40 to 55
# Of the face's height that the chin may lie below the picture: cut at the chin -0.005 to 0.001, a quarter of
# the way up to the lip 0.017 to 0.024.
MAX_CHIN_BELOW = 0.012
MAX_OUTSIDE = 0.05  # part of the landmarks that may lie outside the picture
MAX_LIPS_SPREAD = (
    0.05  # of the eye distance; good 0.006 to 0.024, full beards 0.042, mouth covered up to 0.086
)
MAX_EYE_SPREAD = (
    0.028  # of the eye distance, either eye; good 0.006 to 0.022, half of the face covered 0.030 up
)
MIN_EYE_CONTRAST = 0.06  # good 0.10 to 0.51, eyes under a bar or dark glasses 0.00 to 0.02
# Scores of the four probes on people they were not trained on: photographs, a lithograph, a painting,
# renders.
MAX_EYES_COVERED = 0.25  # bare -1.3 to 0.1, in glasses up to 0.51, covered by bars and blocks 0.25 up
MAX_HAND = 0.5  # no hand -1.8 to 0.43 (drawings up to 1.2), hand on cheek or mouth -0.2 to 2.3
MAX_MOUTH_COVERED = 0.2  # bare or bearded -1.3 to -0.17, covered 0.12 to 1.9
MAX_MOUTH_GAP = 0.40  # lips apart by this part of the mouth's width: jawOpen 0.45 gives 0.36, 0.6 gives 0.47
MIN_SHARPNESS = 0.035  # good 0.09 and more; blurred by 2.5 % of the face's width 0.015 to 0.029
# Along the direction with least of it: good 0.055 and more, a camera that moved by 8 % of the face's width
# up to 0.034, by 5 % up to 0.058.
MIN_DETAIL_ALONG = 0.035
# Grey level of the brightest five hundredth of the face, eyes and their lights included, which does not
# depend on the skin: good 193 to 229, at .4 of the light 77 to 91, at .3 of it 57 to 68.
MIN_BRIGHT = 70.0
MAX_ROLL = 50.0  # degrees; tilted heads 30, pictures on their side 79 to 92
# What may be a sculpture: blank eyes are open by 0.16 and more, shut lids by up to 0.12; a bar over them has
# no contrast, a modelled eye 0.057 up; drawings are full of detail, 0.25 to 1.1, statues 0.10 to 0.28.
LEAST_OPEN_EYES, LEAST_MODELLED, MOST_DETAIL = 0.145, 0.035, 0.30
CLOSED_EYES = 0.19  # between the lids to the eye's width; open 0.34 and more, shut 0.06 to 0.18
TIGHT = 1.08  # side of the frame to the picture's width or height; more is filled up with edge pixels
MIN_HEADROOM = 0.12  # of the face's height above the forehead; good 0.52 and more, hair cut off 0.1
MAX_OVEREXPOSED = 0.25  # part of the face that is white in all channels; good 0, overexposed 0.25 to 0.65
# A drawing shows white paper between its strokes: pencil drawings 9 to 24, overexposed photographs 0.3 to 7.
MIN_STROKES = 8.0
STRONG_SHADOW = 5.0  # light of one side to the other; studio portraits 1.0 to 4.4
GLASSES = -0.25  # none -1.7 to -0.26, painted or drawn people up to 0.3; frames and thin wires -0.3 up
BEARD = 0.15  # none -1.1 to 0.03, full beards 0.2 to 1.9, drawn moustaches and chins -0.7 up
TEETH = 0.03  # of the mouth's area; closed mouths 0, teeth between the lips 0.06 and more


CHIN = 152
EYE_POINTS = ((159, 145, 33, 133), (386, 374, 362, 263))  # upper and lower lid, both corners


@dataclass(frozen=True)
class PortraitWarning:
    """Something that will show in the video but does not prevent it."""

    code: str
    message: str
    hint: str


class PortraitRejected(Exception):
    """The picture cannot be animated. `code` is stable, `message` says why, `hint` what to do about it.

    `faces` are those that it is about, the largest first; empty where none was found.
    """

    def __init__(self, code: str, message: str, hint: str, faces: tuple[FaceLandmarks, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.faces = faces


@dataclass(frozen=True, eq=False)
class PortraitReport:
    """A portrait that can be animated: its face, and what to warn about."""

    landmarks: FaceLandmarks
    warnings: tuple[PortraitWarning, ...]


REFUSALS = {
    "no_face": (
        _("No face was found in this picture."),
        _("Use a portrait that shows one face from the front."),
    ),
    "face_unclear": (
        _("The face in this picture cannot be made out well enough to be animated."),
        _("Use a sharp picture of one person, from the front in even light, with nothing before the face."),
    ),
    # For animals; people may be given it too, and are not told what they were taken for.
    "subject_unclear": (
        _("It cannot be told with certainty who is in this picture."),
        _("Only people can be animated. Use a sharp picture of one person, from the front in even light."),
    ),
    "may_be_sculpture": (
        _("It cannot be told whether this is a picture of a person or of a sculpture."),
        _("Only people can be animated. Use a picture, best in colour, that shows the eyes well."),
    ),
    "picture_turned": (
        _("The picture lies on its side."),
        _("Turn the picture so that the face is upright."),
    ),
    "chin_outside": (
        _("The chin is outside the picture."),
        _("Use a picture that shows the whole face, from the forehead to below the chin."),
    ),
    "several_faces": (
        _("There are several faces in this picture."),
        _("Choose one of them, or crop the picture to the one person meant."),
    ),
    "face_too_small": (
        _("The face is smaller than {pixels} pixels.").format(pixels=MIN_FACE_PX),
        _("Use a picture of higher resolution, or one taken from closer."),
    ),
    "face_turned_away": (
        _("The face is turned away by more than {degrees} degrees.").format(degrees=f"{MAX_YAW:.0f}"),
        _("Use a picture in which the person looks towards the camera."),
    ),
    "face_covered": (
        _("A part of the face is covered or outside the picture."),
        _("Use a picture that shows both eyes, the mouth and the chin: no mask, hand or dark glasses."),
    ),
    "mouth_open_wide": (
        _("The mouth is wide open."),
        _("Use a picture with the mouth closed or only slightly open."),
    ),
    "blurred": (_("The face is blurred."), _("Use a picture in which the eyes are in focus.")),
    "badly_exposed": (
        _("The face is too dark or too bright to be seen well."),
        _("Use a picture with even light on the face."),
    ),
}

WARNINGS = {
    "glasses": (
        _("The person wears glasses."),
        _("Glasses move with the skin around the eyes; a picture without them looks better."),
    ),
    "beard": (
        _("The person has a beard or a moustache."),
        _("Hair around the mouth moves as skin does and can look stiff or stretched in speech."),
    ),
    "strong_shadow": (
        _("One side of the face lies in shadow."),
        _("The shadow stays with the face when the head turns; even light looks better."),
    ),
    "teeth_showing": (_("The teeth can be seen."), _("A closed mouth gives cleaner lip movement.")),
    "eyes_closed": (
        _("The eyes are closed."),
        _("What is behind the lids cannot be shown; use a picture with open eyes."),
    ),
    "tight_frame": (
        _("The picture ends close to the face."),
        _("What lies outside is filled up from the edges; a picture with room around the head looks better."),
    ),
}


def check_portrait(image: NDArray[np.uint8]) -> PortraitReport:
    """Check `image` ((H, W, 3) uint8 RGB) and return the face to animate with any warnings.

    Raises PortraitRejected with one of the codes of REFUSALS, the first that applies in the order of what a
    person should fix first.
    """
    faces = detect_faces(image)
    if not faces:
        raise _rejected("no_face")
    confident = [face for face in faces if _is_confident(face)]
    if not confident:
        face = max(faces, key=lambda face: face.score)
        raise _rejected(_why_unclear(image, face), face)
    face = confident[0]
    if any(_size(other) >= OTHER_FACE * _size(face) for other in confident[1:]):
        raise _rejected("several_faces", *confident)
    appearance, coverings = FaceAppearance(image, face.points), detect_coverings(image, face.points)
    for code in _faults(image, face, appearance, coverings):
        raise _rejected(code, face)
    return PortraitReport(
        face,
        tuple(
            PortraitWarning(code, *WARNINGS[code]) for code in _warnings(image, face, appearance, coverings)
        ),
    )


def head_yaw(points: NDArray[np.float32]) -> float:
    """Degrees the head is turned, positive towards the picture's right edge, from (478, 3) landmarks.

    The axis from the face's left to its right is the sum over all pairs of mirrored landmarks.
    """
    mesh = points[:MESH_POINTS]
    # A pair is written from the side that holds the left eye's corner to the other.
    pairs = mesh[MIRROR[:MESH_POINTS]] - mesh
    across = (pairs * np.sign(pairs @ pairs[LEFT_EYE[0]])[:, None]).sum(0)
    return float(np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1]))))


def head_roll(points: NDArray[np.float32]) -> float:
    """Degrees the head is tilted in the picture, positive clockwise, from (478, 3) landmarks."""
    across = points[RIGHT_EYE[0], :2] - points[LEFT_EYE[0], :2]
    return float(np.degrees(np.arctan2(across[1], across[0])))


def covered_region(image: NDArray[np.uint8], face: FaceLandmarks) -> Literal["eyes", "mouth", "face"]:
    """Where a face that was refused as `face_covered` is covered; `face` where it cannot be told.

    `image` (H, W, 3) uint8 RGB holds the face.
    """
    appearance, coverings = FaceAppearance(image, face.points), detect_coverings(image, face.points)
    if _is_cut_off(image, face):
        return "face"
    if _eyes_are_hidden(face, appearance, coverings):
        return "eyes"
    return "mouth" if _mouth_is_hidden(face, coverings) else "face"


def _rejected(code: str, *faces: FaceLandmarks) -> PortraitRejected:
    return PortraitRejected(code, *REFUSALS[code], faces)


def _faults(
    image: NDArray[np.uint8], face: FaceLandmarks, appearance: FaceAppearance, coverings: FaceCoverings
) -> Iterator[str]:
    """Codes of the refusals that apply to a face that the networks have detected with confidence."""
    if abs(head_roll(face.points)) > MAX_ROLL:
        yield "picture_turned"
    if _size(face) < MIN_FACE_PX:
        yield "face_too_small"
    if _is_badly_exposed(appearance):
        yield "badly_exposed"
    if abs(head_yaw(face.points)) > MAX_YAW:
        yield "face_turned_away"
    if _is_blurred(appearance):
        yield "blurred"
    if _is_chin_outside(image, face):
        yield "chin_outside"
    if _is_cut_off(image, face):
        yield "face_covered"
    if _may_be_sculpture(image, face, appearance, coverings):
        yield "may_be_sculpture"
    if _eyes_are_hidden(face, appearance, coverings) or _mouth_is_hidden(face, coverings):
        yield "face_covered"
    if coverings.hand > MAX_HAND and appearance.strokes < MIN_STROKES:  # strokes may look like fingers
        yield "face_covered"
    if _spread(face, tuple(range(MESH_POINTS))) > MAX_SPREAD:
        yield "face_unclear"
    if _mouth_gap(face) > MAX_MOUTH_GAP:
        yield "mouth_open_wide"
    if animal_probability(image, face.points) > MAX_ANIMAL:
        yield "subject_unclear"


def _why_unclear(image: NDArray[np.uint8], face: FaceLandmarks) -> str:
    """The code for a face that the networks are not sure of."""
    if abs(head_roll(face.points)) > MAX_ROLL:
        return "picture_turned"
    if _size(face) < MIN_FACE_PX:
        return "face_too_small"
    appearance = FaceAppearance(image, face.points)
    if _is_badly_exposed(appearance):
        return "badly_exposed"
    if _is_blurred(appearance):
        return "blurred"
    if face.presence >= MIN_PRESENCE and face.score >= MIN_SCORE_COVERED:
        coverings = detect_coverings(image, face.points)
        has_blank_eyes = appearance.eye_contrast < MIN_EYE_CONTRAST
        if has_blank_eyes or coverings.eyes > MAX_EYES_COVERED or coverings.mouth > MAX_MOUTH_COVERED:
            return "face_covered"
    return "face_unclear"


def _is_badly_exposed(appearance: FaceAppearance) -> bool:
    is_white = appearance.overexposed > MAX_OVEREXPOSED and appearance.strokes < MIN_STROKES
    return appearance.brightest < MIN_BRIGHT or is_white


def _is_blurred(appearance: FaceAppearance) -> bool:
    return appearance.sharpness < MIN_SHARPNESS or appearance.least_detail < MIN_DETAIL_ALONG


def _is_confident(face: FaceLandmarks) -> bool:
    return face.score >= MIN_SCORE and face.presence >= MIN_PRESENCE


def _size(face: FaceLandmarks) -> float:
    return max(face.box[2], face.box[3])


def _eye_distance(face: FaceLandmarks) -> float:
    """Between the irises in pixels, depth included: a turned head must not make everything look large."""
    return max(float(np.linalg.norm(face.points[468] - face.points[473])), 1.0)


def _spread(face: FaceLandmarks, points: tuple[int, ...]) -> float:
    return float(face.spread[list(points)].mean()) / _eye_distance(face)


def _mouth_gap(face: FaceLandmarks) -> float:
    upper, lower = face.points[[82, 13, 312]], face.points[[87, 14, 317]]
    width = float(np.linalg.norm(face.points[78] - face.points[308]))
    return float(np.linalg.norm(upper - lower, axis=1).mean()) / max(width, 1.0)


def _is_cut_off(image: NDArray[np.uint8], face: FaceLandmarks) -> bool:
    height, width = image.shape[:2]
    flat = face.points[:, :2]
    outside = ((flat < 0) | (flat > (width - 1, height - 1))).any(1)
    return float(outside.mean()) > MAX_OUTSIDE


def _is_chin_outside(image: NDArray[np.uint8], face: FaceLandmarks) -> bool:
    return bool(face.points[CHIN, 1] > image.shape[0] - 1 + MAX_CHIN_BELOW * face.box[3])


def _eye_opening(face: FaceLandmarks) -> float:
    """How far the lids are apart, as a part of the eye's width; the mean of both eyes."""
    flat = face.points[:, :2].astype(np.float64)
    upper, lower, one, other = (flat[list(points)] for points in zip(*EYE_POINTS, strict=True))
    heights, widths = np.linalg.norm(upper - lower, axis=1), np.linalg.norm(one - other, axis=1)
    return float((heights / np.maximum(widths, 1.0)).mean())


def _is_tight(image: NDArray[np.uint8], face: FaceLandmarks) -> bool:
    height, width = image.shape[:2]
    side = frame_square(face.points, width, height)[2]
    low, high = face.points[:MESH_POINTS, :2].min(0), face.points[:MESH_POINTS, :2].max(0)
    tall = float(high[1] - low[1])
    return bool(
        side > TIGHT * min(width, height)
        or low[1] < MIN_HEADROOM * tall
        or low[0] < 0
        or high[0] > width - 1
        or high[1] > height - 1
    )


def _may_be_sculpture(
    image: NDArray[np.uint8], face: FaceLandmarks, appearance: FaceAppearance, coverings: FaceCoverings
) -> bool:
    return (
        _eye_opening(face) > LEAST_OPEN_EYES
        and appearance.eye_contrast > LEAST_MODELLED
        and appearance.sharpness < MOST_DETAIL
        and coverings.eyes <= MAX_EYES_COVERED
        and looks_sculpted(image, face.points)
    )


def _eyes_are_hidden(face: FaceLandmarks, appearance: FaceAppearance, coverings: FaceCoverings) -> bool:
    spread = max(_spread(face, LEFT_EYE), _spread(face, RIGHT_EYE))
    # Shut lids are as even as a bar over the eyes; the probes tell them apart.
    has_no_contrast = appearance.eye_contrast < MIN_EYE_CONTRAST and _eye_opening(face) > CLOSED_EYES
    is_blank = spread > MAX_EYE_SPREAD or has_no_contrast
    return is_blank or coverings.eyes > MAX_EYES_COVERED


def _mouth_is_hidden(face: FaceLandmarks, coverings: FaceCoverings) -> bool:
    return coverings.mouth > MAX_MOUTH_COVERED or _spread(face, LIPS_OUTER + LIPS_INNER) > MAX_LIPS_SPREAD


def _warnings(
    image: NDArray[np.uint8], face: FaceLandmarks, appearance: FaceAppearance, coverings: FaceCoverings
) -> Iterator[str]:
    """Codes of the warnings that apply."""
    if _eye_opening(face) < CLOSED_EYES:
        yield "eyes_closed"
    if _is_tight(image, face):
        yield "tight_frame"
    if coverings.glasses > GLASSES:
        yield "glasses"
    if coverings.beard > BEARD:
        yield "beard"
    if appearance.side_ratio > STRONG_SHADOW:
        yield "strong_shadow"
    if appearance.teeth > TEETH:
        yield "teeth_showing"
