"""What the cameras of telephones make of a face before them, and how the telephones write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Lens = Callable[[Image, np.random.Generator, float], Image]


@dataclass(frozen=True)
class Camera:
    """What a camera does to a frame at a time in seconds, and how its telephone writes picture and sound."""

    lens: Lens
    suffix: str = ".mp4"
    picture: tuple[str, dict[str, str]] = ("libx264", {"crf": "26", "preset": "veryfast"})
    picture_bits: int | None = None
    sound: str = "aac"
    sound_rate: int | None = None
    sound_bits: int | None = None


def as_it_is(frame: Image, noise: np.random.Generator, time_s: float) -> Image:
    """Good light and a steady camera."""
    return frame


def dark(frame: Image, noise: np.random.Generator, time_s: float) -> Image:
    """Little light, and so noise."""
    return np.clip(frame * 0.45 + noise.normal(0, 6, frame.shape), 0, 255).astype(np.uint8)


def soft(frame: Image, noise: np.random.Generator, time_s: float) -> Image:
    """A small and soft picture."""
    small = cv2.resize(frame, (240, 240), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.uint8)


def lamp_at_one_side(frame: Image, noise: np.random.Generator, time_s: float) -> Image:
    """A warm lamp at the right, and shade at the left."""
    light = np.linspace(0.4, 1.15, frame.shape[1])[None, :, None] * np.array([1.1, 0.97, 0.75])
    return np.clip(frame * light + noise.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)


def in_the_hand(frame: Image, noise: np.random.Generator, time_s: float) -> Image:
    """A telephone in a hand: it drifts, tilts and comes nearer over seconds, and trembles."""
    height, width = frame.shape[:2]
    angle = 1.8 * np.sin(1.3 * time_s) + 0.25 * np.sin(21 * time_s)
    zoom = 1.06 + 0.03 * np.sin(0.9 * time_s + 1)
    bent = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
    bent[:, 2] += width * 0.025 * np.sin([1.7 * time_s, 1.1 * time_s + 2])
    bent[:, 2] += width * 0.003 * np.sin([23 * time_s, 19 * time_s + 1])
    return np.asarray(cv2.warpAffine(frame, bent, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


def cameras() -> dict[str, Camera]:
    """Telephones in good light, in little, small and soft, beside a lamp, in a hand; as a browser records
    (VP8 and Opus in WebM), and as an old telephone does (few bits, and sound as in a call: AMR at 8 kHz).
    """
    return {
        "clear": Camera(as_it_is),
        "dark": Camera(dark),
        "soft": Camera(soft),
        "lamp": Camera(lamp_at_one_side),
        "hand": Camera(in_the_hand),
        "browser": Camera(
            in_the_hand,
            suffix=".webm",
            picture=("libvpx", {"deadline": "realtime", "cpu-used": "8"}),
            picture_bits=400_000,
            sound="libopus",
            sound_rate=48_000,
            sound_bits=32_000,
        ),
        "old": Camera(
            dark,
            suffix=".3gp",
            picture=("libx264", {"profile": "baseline", "preset": "veryfast"}),
            picture_bits=160_000,
            sound="libopencore_amrnb",
            sound_rate=8_000,
            sound_bits=12_200,
        ),
    }
