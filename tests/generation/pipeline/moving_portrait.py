"""A bundled portrait whose head sways over a still background: a stand-in for rendered frames."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.motion.controls import MotionControls
from generation.animation.track.motion_track import MotionTrack

SAMPLES = Path(__file__).parents[3] / "samples"
CAST = ("amara", "kenji", "maya", "tomas")
FPS = 25
KEPT_SECONDS, KEPT_FRAMES = 1, 100  # of a picture, and of all together
_FIRST_SECONDS: OrderedDict[tuple[object, int], NDArray[np.uint8]] = OrderedDict()
SPEECH = ("sample1_female_calm", "sample2_male_bright", "sample3_female_story")


def portrait(name: str, size: int = 512) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 RGB of one of CAST."""
    picture = cv2.cvtColor(cv2.imread(str(SAMPLES / "portraits" / f"{name}.jpg")), cv2.COLOR_BGR2RGB)
    return np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def moving_portrait(name: str, frames: int, *, size: int = 512) -> list[NDArray[np.uint8]]:
    """`frames` frames of `name`, FPS of them a second; the head sways, the background stays."""
    return list(sway(portrait(name, size), frames))


def sway(picture: NDArray[np.uint8], frames: int) -> Iterator[NDArray[np.uint8]]:
    """Yield `frames` frames in which the middle of a uint8 RGB `picture` sways.

    The first second of the pictures that were asked for last is kept: most attempts show the same.
    """
    content = hashlib.blake2b(picture.tobytes()).digest(), picture.shape
    for frame in range(frames):
        kept = _FIRST_SECONDS.get((content, frame))
        if kept is None:
            kept = _swayed(picture, frame)
        if frame < KEPT_SECONDS * FPS:
            _FIRST_SECONDS[content, frame] = kept
            _FIRST_SECONDS.move_to_end((content, frame))
            if len(_FIRST_SECONDS) > KEPT_FRAMES:
                _FIRST_SECONDS.popitem(last=False)
        yield kept.copy()


def _swayed(picture: NDArray[np.uint8], frame: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    x, y, head = _middle(height, width)
    seconds = frame / FPS
    right = head * (7 * np.sin(1.9 * seconds) + 3 * np.sin(3.7 * seconds + 1)) * width / 512
    down = head * (4 * np.sin(2.3 * seconds + 0.5) + 2 * np.sin(5.1 * seconds)) * height / 512
    moved = cv2.remap(
        picture,
        (x + right).astype(np.float32),
        (y + down).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.asarray(moved, np.uint8)


@lru_cache(maxsize=8)
def _middle(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel is, and how much of the swaying it takes part in, 0..1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y, np.exp(-((x - width / 2) ** 2 + (y - height * 0.45) ** 2) / (2 * (width * 0.2) ** 2))


SWAY = ModelIdentity("Swaying portrait", "1", "5" * 64, PixelOrigin.PORTRAIT)


@dataclass
class SwayingAnimator:
    """A PortraitAnimator that sways the portrait while the speech lasts; `frames_short` leaves some out."""

    frames_short: int = 0

    @property
    def identity(self) -> ModelIdentity:
        return SWAY

    @property
    def motion_identity(self) -> ModelIdentity:
        return SWAY

    def fit(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return image

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls,
        seed: int,
        fps: float,
    ) -> MotionTrack:
        return MotionTrack.neutral(round(len(audio) / sample_rate * fps), fps)

    def render(
        self, fitted: NDArray[np.uint8], track: MotionTrack, *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        picture = np.asarray(cv2.resize(fitted, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
        return sway(picture, len(track) - self.frames_short)
