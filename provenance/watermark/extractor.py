"""Reads the watermark from frames: soft bits are summed over time, then decoded and checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark import carrier, error_correction
from provenance.watermark.decision import (
    WatermarkState,
    hit_rate_by_chance,
    pilot_rate_by_chance,
    state_without_hit,
)
from provenance.watermark.embedder import CODED_BITS, holds_payload
from provenance.watermark.layout import layout_for
from provenance.watermark.payload import WatermarkKey, WatermarkPayload

RENDERED_SIZE = 512  # what renditions measure by default; a scaled copy is scaled back to this
FIRST_LOOK = 8  # frames before the first attempt to decode; then after twice as many each time
MAXIMUM_FRAMES = 512


@dataclass(frozen=True)
class WatermarkReading:
    """What the frames say under one key.

    `record_id` is set only when `state` is found. `false_positive_rate` is an upper bound on how often a file
    without a mark of this key would be given this answer (for not_found: a hit); see decision.py.
    """

    state: WatermarkState
    record_id: int | None
    frames_read: int
    false_positive_rate: float


class Geometry:
    """The running sum of soft bits over frames, each scaled to one size first."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (width, height)
        self.soft = np.zeros(carrier.block_count(height, width), np.float64)

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Add one (H, W, 3) uint8 RGB frame of any size."""
        height, width = frame.shape[:2]
        if (width, height) != self.size:
            shrinks = width * height > self.size[0] * self.size[1]
            how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            frame = np.asarray(cv2.resize(frame, self.size, interpolation=how), np.uint8)
        self.soft += carrier.read(frame)

    def decode(self, key: WatermarkKey) -> WatermarkPayload | None:
        """The payload, if the most likely word passes its check under `key`."""
        beliefs = layout_for(key, len(self.soft)).gather(self.soft, CODED_BITS)
        return WatermarkPayload.from_bits(error_correction.decode(beliefs), key)

    def pilot_score(self, key: WatermarkKey) -> float:
        """How far the pilot leans the way of `key`, in standard deviations; see decision.py."""
        readings = layout_for(key, len(self.soft)).pilot_readings(self.soft)
        norm = float(np.sqrt((readings**2).sum()))
        return -float(readings.sum()) / norm if norm > 0 else 0.0


def extract(frames: Iterable[NDArray[np.uint8]], key: WatermarkKey) -> WatermarkReading:
    """Read the mark of `key` from (H, W, 3) uint8 RGB `frames` of one size, in any order and from any
    part of a clip.

    Stops at the first hit, and after 512 frames at the latest, so the iterator may be long. Frames of another
    size than the first one are passed over.
    """
    geometries: list[Geometry] = []
    first_shape: tuple[int, ...] | None = None
    read = attempts = looked_at = 0
    next_look = FIRST_LOOK
    for frame in frames:
        if first_shape is None:
            first_shape = frame.shape
            geometries = _geometries(frame.shape[0], frame.shape[1])
        if frame.shape != first_shape:
            continue
        for geometry in geometries:
            geometry.add(frame)
        read += 1
        if read == next_look:
            looked_at, next_look = read, 2 * read
            attempts += len(geometries)
            if (payload := _first_hit(geometries, key)) is not None:
                return _found(payload, read, attempts)
        if not geometries or read >= MAXIMUM_FRAMES:
            break
    if read > looked_at:
        attempts += len(geometries)
        if (payload := _first_hit(geometries, key)) is not None:
            return _found(payload, read, attempts)
    pilot_score = max((geometry.pilot_score(key) for geometry in geometries), default=0.0)
    state = state_without_hit(judged=bool(geometries), pilot_score=pilot_score)
    rate = hit_rate_by_chance(attempts) if state is WatermarkState.NOT_FOUND else pilot_rate_by_chance()
    return WatermarkReading(state=state, record_id=None, frames_read=read, false_positive_rate=rate)


def _geometries(height: int, width: int) -> list[Geometry]:
    sizes = {(height, width): None, (RENDERED_SIZE, RENDERED_SIZE): None}
    return [Geometry(*size) for size in sizes if holds_payload(*size) and holds_payload(height, width)]


def _first_hit(geometries: list[Geometry], key: WatermarkKey) -> WatermarkPayload | None:
    return next((payload for geometry in geometries if (payload := geometry.decode(key)) is not None), None)


def _found(payload: WatermarkPayload, read: int, attempts: int) -> WatermarkReading:
    return WatermarkReading(
        state=WatermarkState.FOUND,
        record_id=payload.record_id,
        frames_read=read,
        false_positive_rate=hit_rate_by_chance(attempts),
    )
