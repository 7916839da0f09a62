"""Marked clips for the tests of the watermark, and the ways in which strangers change them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.pipeline.encode import luma_of, to_yuv
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload
from provenance.watermark.identification.reading import Extraction
from provenance.watermark.search_plan import MOST_S
from tests.generation.pipeline.moving_portrait import moving_portrait

Luma = NDArray[np.uint8]

KEY = WatermarkKey(b"a key of the tests, not of service")
OTHER_KEY = WatermarkKey(b"another key, also not of service")
PAYLOAD = WatermarkPayload(0x0123456789AB)


def lumas(name: str = "kenji", frames: int = 10, size: int = 512) -> list[Luma]:
    """Unmarked luma planes of a swaying portrait."""
    return [luma_of(to_yuv(frame)) for frame in moving_portrait(name, frames, size=size)]


def marked(planes: Iterable[Luma], payload: WatermarkPayload = PAYLOAD, strength: int = 64) -> list[Luma]:
    """The planes with a mark of KEY."""
    embedder = Embedder(payload, KEY, strength)
    return [embedder.mark(plane) for plane in planes]


def extraction(
    planes: Iterable[Luma], *keys: WatermarkKey, per_second: int = 25, most_s: float = MOST_S
) -> Extraction:
    """What is read from planes, with KEY unless keys are given, in `most_s` of the processor."""
    extractor = Extractor()
    for index, plane in enumerate(planes):
        extractor.add(np.ascontiguousarray(plane), index // per_second)
    return extractor.read(keys or (KEY,), most_s=most_s)


def watermark_id(planes: Iterable[Luma], *keys: WatermarkKey) -> int | None:
    """The watermark id of the best reading with a word, or None."""
    readings = extraction(planes, *keys).readings
    return readings[0].payload.watermark_id if readings and readings[0].payload else None


def warped(planes: Iterable[Luma], matrix: NDArray[np.floating], size: tuple[int, int]) -> list[Luma]:
    """The planes through a homography into frames of (width, height)."""
    return [np.asarray(cv2.warpPerspective(plane, matrix, size), np.uint8) for plane in planes]


def turned(planes: list[Luma], degrees: float, zoom: float = 1.0) -> list[Luma]:
    """The planes turned about their middle."""
    height, width = planes[0].shape
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    return warped(planes, matrix, (width, height))


def scaled(planes: list[Luma], width: int, height: int) -> list[Luma]:
    """The planes in another size."""
    return [
        np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        for plane in planes
    ]
