"""FittedPortrait and how it is made: from a picture and its landmarks to all that rendering needs."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.landmarks import FaceLandmarks
from generation.animation.face.matting import person_matte
from generation.animation.geometry.rig import FaceRig
from generation.animation.portrait.hair import HAIR_FEWER, thin_hair_edge
from generation.animation.portrait.head_fit import FittedHead, fit_head, inner_lips
from generation.animation.portrait.hidden.back_of_head import like_crown
from generation.animation.portrait.layers import inpaint_person
from generation.animation.portrait.lip_seam import lips_closed, trace_lip_seam
from generation.animation.portrait.portrait_crop import cut_frame, frame_square
from generation.animation.portrait.retarget import retarget_actions
from generation.animation.portrait.surface import Surface, build_surface
from generation.animation.portrait.turn_limits import TurnLimits, turn_limits


@dataclass(frozen=True, eq=False)
class FittedPortrait:
    """One portrait, ready to be animated.

    `canvas` (S, S, 3) uint8 is the frame with a margin around it, `matte` (S, S) float32 the alpha of the
    person, 0..1, `plate` (S, S, 3) uint8 the inpainted background. `points` (478, 3) are the landmarks in
    frame units (the frame is 512 units a side), `head` and `surface` the fitted geometry. `square` is left,
    top and side of the frame in pixels of the original picture, which is `picture` (H, W, 3) uint8. `held`
    (N,) float32 is the share of each vertex's movement that is shown, None for all of it."""

    canvas: NDArray[np.uint8]
    matte: NDArray[np.float32]
    plate: NDArray[np.uint8]
    points: NDArray[np.float64]
    head: FittedHead
    surface: Surface
    actions: NDArray[np.float32]
    square: tuple[float, float, float]
    picture: NDArray[np.uint8]
    held: NDArray[np.float32] | None = None

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What a renderer keeps with it from one stretch of a video to the next."""
        return {}

    @cached_property
    def turn_limits(self) -> TurnLimits:
        """How far the head can turn; the renderer keeps within it."""
        return turn_limits(self.head.yaw, self.head.pitch)


def fit_portrait(image: NDArray[np.uint8], landmarks: FaceLandmarks) -> FittedPortrait:
    """Fit the rig to the face with `landmarks` in `image` (H, W, 3) uint8 RGB and split the picture into
    layers."""
    rig = FaceRig.load()
    square = frame_square(landmarks.points, image.shape[1], image.shape[0])
    canvas, to_frame = cut_frame(image, square)
    points = landmarks.points.astype(np.float64).copy()
    points[:, :2] = points[:, :2] @ to_frame[:, :2].T + to_frame[:, 2]
    points[:, 2] *= to_frame[0, 0]
    lips = inner_lips(points)
    if lips_closed(*lips):
        line = trace_lip_seam(canvas, points, *lips)
        lips = (line, line)
    head = fit_head(rig, points, lips)
    actions = retarget_actions(rig, head)
    matte, plate = inpaint_person(canvas, _matte(canvas))
    matte = thin_hair_edge(canvas, matte, plate, _hair(canvas, matte, points, head.head_width))
    return FittedPortrait(
        canvas=canvas,
        matte=matte,
        plate=plate,
        points=points,
        head=head,
        surface=build_surface(rig, head, points, actions, canvas=canvas, matte=matte),
        actions=actions,
        square=square,
        picture=image,
    )


def _hair(
    canvas: NDArray[np.uint8], matte: NDArray[np.float32], points: NDArray[np.float64], width: float
) -> NDArray[np.float32]:
    """What is like the hair of the crown, on a picture that is HAIR_FEWER times smaller to each side."""
    small = (canvas.shape[1] // HAIR_FEWER, canvas.shape[0] // HAIR_FEWER)
    picture, person = (cv2.resize(layer, small, interpolation=cv2.INTER_AREA) for layer in (canvas, matte))
    return like_crown(np.asarray(picture, np.uint8), np.asarray(person, np.float32), points, width)


def _matte(canvas: NDArray[np.uint8]) -> NDArray[np.float32]:
    matte = np.clip(person_matte(canvas), 0, 1).astype(np.float32)
    if matte.shape != canvas.shape[:2]:
        matte = cv2.resize(matte, canvas.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip((matte - 0.04) / 0.92, 0, 1), np.float32)
