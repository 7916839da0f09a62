"""Keeps small pictures of a clip's frames, and measures its motion where a watermark was found in them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance.fingerprints.motion.cells import Geometry, cells_at, cells_inside, in_block
from provenance.fingerprints.motion.fingerprint import Block
from provenance.fingerprints.motion.measuring import BESIDE, found_motion
from provenance.verify.evidence.reader_report import MotionReport
from provenance.verify.reader.containers import LARGEST_SIDE
from provenance.verify.reader.frames import every_frame
from provenance.watermark.attempts import SURE_PILOT
from provenance.watermark.completion import negative
from provenance.watermark.identification.reading import Extraction, WatermarkReading

MOST_MOTION_S: Final = 600.0  # of a file that are followed, from its beginning
MOST_MOTION_PIXELS: Final = 2_000_000_000  # decoded to follow motion: 128 s of 1280x720 at 17 a second
MOST_LEVELS_BYTES: Final = 1_800_000  # compressed, of the 4 MiB that a whole report may have as text
_SMALL_SIDE = 384
EARLY_S: Final = 0.5  # by which frames may end before the length that the file states
_AT_ONCE_S = 0.1  # after the file's beginning, within which the first frame is shown at once
_LEAST_APART_S = 1 / 31  # of frames that are kept
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"}
_SIDE = 512.0  # canonical pixels
_ENDS = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE]])
Place = tuple[float, float]


class FrameTrack:
    """Small luma pictures of the frames of a clip, in the order in which they came, with their times."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._pictures: list[NDArray[np.uint8]] = []
        self._shape = (0, 0)  # of the frames, height and width
        self._pixels = 0
        self._shown_until_s = 0.0  # by the last frame; 0 where frames do not say how long they are shown
        self._read_at: dict[int, tuple[float, ...]] = {}  # the times of frames that were read, by second
        self._is_read: int | None = None
        self.until_s: float | None = None
        self.is_given_up = False

    @property
    def is_full(self) -> bool:
        """Whether no more frames are taken."""
        return self.until_s is not None

    def read(self, second: int) -> None:
        """The frame that is added next is one that is searched for a mark, as one of this second's."""
        self._is_read = second

    def give_up(self) -> None:
        """Keep no frame, since there will hardly be a mark; note when those are shown that are read."""
        self.is_given_up = True
        self._times, self._pictures = [], []

    def add(self, frame: VideoFrame, time_s: float) -> bool:
        """Keep a frame that is shown at `time_s`, unless another was just before it. False when no more are
        kept.
        """
        if self._is_read is not None:
            self._read_at[self._is_read] = (*self._read_at.get(self._is_read, ()), time_s)
            self._is_read = None
        if self.is_given_up:
            return False
        if frame.duration and frame.time_base:
            self._shown_until_s = max(self._shown_until_s, time_s + float(frame.duration * frame.time_base))
        self._pixels += frame.width * frame.height
        if not self.is_full and (time_s >= MOST_MOTION_S or self._pixels > MOST_MOTION_PIXELS):
            self.until_s = time_s
        if self.is_full:
            return False
        shape = (frame.height, frame.width)
        is_apart = not self._times or time_s - self._times[-1] >= _LEAST_APART_S
        if is_apart and self._shape in {shape, (0, 0)}:
            self._shape = shape
            self._times.append(time_s)
            self._pictures.append(_reduced(frame))
        return True

    def made_anew(self, path: Path) -> FrameTrack:
        """The track of the same clip with all its frames. Raises as `frames.sampled` does."""
        track = track_of(path)
        track._read_at = self._read_at
        return track

    def report(self, extraction: Extraction, duration_s: float | None) -> MotionReport | None:
        """How the picture moves where its clearest watermark lies, or None without one."""
        reading = clearest(extraction)
        if reading is None or not reading.is_seen or len(self._times) < 2:
            return None
        if reading.path and len(self._read_at) < 2:
            return None
        height, width = self._shape
        scale = min(1.0, LARGEST_SIDE / max(height, width))  # of the frames that the reading was made from
        small_height, small_width = self._pictures[0].shape
        to_small = np.diag(
            [
                small_width / max(1, round(width * scale)),
                small_height / max(1, round(height * scale)),
                1.0,
            ]
        )
        geometries = [to_small @ one for one in self._geometries(reading)]
        geometry = geometries[len(geometries) // 2]
        shape = (small_height, small_width)
        blocks = [(0, 0), *(one for one in BESIDE if cells_inside(shape, in_block(geometry, one)).any())]
        end_s = self.until_s or self._end_s(duration_s)
        # Before the first frame there is none to follow.
        start_s = min(self._times[0], MOST_MOTION_S) if self._times[0] > _AT_ONCE_S else 0.0
        pictures = [negative(one) for one in self._pictures] if reading.is_inverted else self._pictures
        motion = found_motion(
            [time_s - start_s for time_s in self._times],
            [
                np.concatenate([cells_at(picture, in_block(place, block)) for block in blocks])
                for picture, place in zip(pictures, geometries, strict=True)
            ],
            min(end_s, MOST_MOTION_S) - start_s,
            _inside_all(shape, geometries if reading.path else [geometry], blocks),
            tuple(blocks),
        )
        levels, until_s = zlib.compress(motion.packed_levels(), 3), self.until_s
        while len(levels) > MOST_LEVELS_BYTES:  # the report would be too long, and all that was read be lost
            motion = motion.beginning(int(0.9 * len(motion) * MOST_LEVELS_BYTES / len(levels)))
            levels, until_s = zlib.compress(motion.packed_levels(), 3), motion.duration_s + start_s
        return MotionReport(
            watermark_id=reading.payload.watermark_id if reading.payload else None,
            levels=levels,
            inside=np.packbits(motion.is_inside).tobytes(),
            seen=np.packbits(motion.is_seen).tobytes(),
            rows=len(motion),
            corners=_corners(geometry, small_width, small_height),
            until_s=until_s,
            blocks=motion.blocks,
            is_moving=bool(reading.path),
            start_s=round(start_s, 3),
        )

    def _end_s(self, duration_s: float | None) -> float:
        """When the picture ends: before what the file states if it broke off, or if its sound goes on."""
        stated_s = max(duration_s or 0.0, self._times[-1] + _LEAST_APART_S)
        is_early = 0.0 < self._shown_until_s < stated_s - EARLY_S
        return self._shown_until_s if is_early else stated_s

    def _geometries(self, reading: WatermarkReading) -> list[Geometry]:
        """Where the reading's mark lies in each frame that was kept.

        A picture that moves within the frame was tracked in the frames that were read; between two of them
        its corners go straight from one place to the other.
        """
        if not reading.path:
            return [reading.geometry] * len(self._times)
        known = sorted(
            (time_s, motion @ reading.geometry)
            for second, motions in reading.path.items()
            for time_s, motion in zip(self._read_at.get(second, ()), motions, strict=False)
        )
        times = np.array([time_s for time_s, _ in known])
        corners = np.array([_places(_ENDS, place) for _, place in known]).reshape(len(known), -1)
        shown = np.stack([np.interp(self._times, times, column) for column in corners.T], axis=1)
        ends = _ENDS.astype(np.float32)
        return [
            np.asarray(cv2.getPerspectiveTransform(ends, one.reshape(4, 2).astype(np.float32)))
            for one in shown
        ]


def track_of(path: Path) -> FrameTrack:
    """All frames of a clip, as far as they are followed. Raises as `frames.sampled` does."""
    track = FrameTrack()
    for time_s, frame in every_frame(path):
        if not track.add(frame, time_s):
            break
    return track


def clearest(extraction: Extraction) -> WatermarkReading | None:
    """The reading whose place in the frame is the surest, or None. That of a picture which moves within the
    frame is sure only with a payload.
    """
    found = [
        one
        for one in extraction.readings
        if one.payload is not None or (not one.path and one.pilot >= SURE_PILOT)
    ]
    return min(found, key=lambda one: bool(one.path), default=None)


def _inside_all(
    shape: tuple[int, int], geometries: Sequence[Geometry], blocks: Sequence[Block]
) -> NDArray[np.bool_]:
    """(256 * n,) which cells of the blocks lie within frames of `shape` wherever the picture lies in them."""
    inside = [[cells_inside(shape, in_block(one, block)) for block in blocks] for one in geometries]
    return np.concatenate(np.all(inside, axis=0))


def _places(points: NDArray[np.float64], geometry: Geometry) -> NDArray[np.float64]:
    """(n, 2) where a geometry takes points (n, 2)."""
    places = np.column_stack([points, np.ones(len(points))]) @ geometry.T
    return np.asarray(places[:, :2] / places[:, 2:])


def _corners(geometry: NDArray[np.float64], width: int, height: int) -> tuple[Place, Place, Place, Place]:
    """The corners of the reading's block in parts of the file's frame, clockwise from its top left."""
    places = _places(_ENDS, geometry) / (width, height)
    one, two, three, four = ((round(float(x), 4), round(float(y), 4)) for x, y in places)
    return one, two, three, four


def _reduced(frame: VideoFrame) -> NDArray[np.uint8]:
    """The luma of a frame at a whole fraction of its size, no side longer than _SMALL_SIDE."""
    if frame.format.name in _PLANAR:
        plane = frame.planes[0]
        luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : frame.height, : frame.width
        ]
    else:
        luma = np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8)
    step = max(1, -(-max(luma.shape) // _SMALL_SIDE))
    height, width = max(1, luma.shape[0] // step), max(1, luma.shape[1] // step)
    if step == 1:
        return np.array(luma, np.uint8)
    return np.asarray(
        cv2.resize(luma[: height * step, : width * step], (width, height), interpolation=cv2.INTER_AREA),
        np.uint8,
    )
