"""Keeps small pictures of a clip's frames, and measures its motion where a watermark was found in them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance.fingerprints.motion import BESIDE, found_motion
from provenance.fingerprints.motion_cells import cells_at, cells_inside, in_block
from provenance.verify.evidence.reader_report import MotionReport
from provenance.verify.reader.frames import LARGEST_SIDE, every_frame
from provenance.watermark.attempts import SURE_PILOT
from provenance.watermark.identification.reading import Extraction, WatermarkReading

MOST_MOTION_S: Final = 600.0  # of a file that are followed, from its beginning
MOST_MOTION_PIXELS: Final = 2_000_000_000  # decoded to follow motion: 128 s of 1280x720 at 17 a second
MOST_LEVELS_BYTES: Final = 1_800_000  # compressed, of the 4 MiB that a whole report may have as text
_SMALL_SIDE = 384
_LEAST_APART_S = 1 / 31  # of frames that are kept
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"}
_SIDE = 512.0  # canonical pixels
Place = tuple[float, float]


class FrameTrack:
    """Small luma pictures of the frames of a clip, in the order in which they came, with their times."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._pictures: list[NDArray[np.uint8]] = []
        self._shape = (0, 0)  # of the frames, height and width
        self._pixels = 0
        self.until_s: float | None = None

    @property
    def is_full(self) -> bool:
        """Whether no more frames are taken."""
        return self.until_s is not None

    def add(self, frame: VideoFrame, time_s: float) -> bool:
        """Keep a frame that is shown at `time_s`, unless another was just before it. False when full."""
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

    def report(self, extraction: Extraction, duration_s: float | None) -> MotionReport | None:
        """How the picture moves where its clearest watermark lies, or None without one that stands still."""
        reading = clearest(extraction)
        if reading is None or len(self._times) < 2:
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
        geometry = to_small @ reading.geometry
        shape = (small_height, small_width)
        blocks = [(0, 0), *(one for one in BESIDE if cells_inside(shape, in_block(geometry, one)).any())]
        places = [in_block(geometry, block) for block in blocks]
        end_s = self.until_s or max(duration_s or 0.0, self._times[-1] + _LEAST_APART_S)
        motion = found_motion(
            self._times,
            [np.concatenate([cells_at(picture, place) for place in places]) for picture in self._pictures],
            min(end_s, MOST_MOTION_S),
            np.concatenate([cells_inside(shape, place) for place in places]),
            tuple(blocks),
        )
        levels, until_s = zlib.compress(motion.packed_levels(), 3), self.until_s
        while len(levels) > MOST_LEVELS_BYTES:  # the report would be too long, and all that was read be lost
            motion = motion.beginning(int(0.9 * len(motion) * MOST_LEVELS_BYTES / len(levels)))
            levels, until_s = zlib.compress(motion.packed_levels(), 3), motion.duration_s
        return MotionReport(
            watermark_id=reading.payload.watermark_id if reading.payload else None,
            levels=levels,
            inside=np.packbits(motion.is_inside).tobytes(),
            seen=np.packbits(motion.is_seen).tobytes(),
            rows=len(motion),
            corners=_corners(geometry, small_width, small_height),
            until_s=until_s,
            blocks=motion.blocks,
        )


def track_of(path: Path) -> FrameTrack:
    """All frames of a clip, as far as they are followed. Raises as `frames.sampled` does."""
    track = FrameTrack()
    for time_s, frame in every_frame(path):
        if not track.add(frame, time_s):
            break
    return track


def clearest(extraction: Extraction) -> WatermarkReading | None:
    """The reading whose place in the frame is the surest, of a picture that stands still in it; or None."""
    found = [
        one
        for one in extraction.readings
        if not one.path and (one.payload is not None or one.pilot >= SURE_PILOT)
    ]
    return found[0] if found else None


def _corners(geometry: NDArray[np.float64], width: int, height: int) -> tuple[Place, Place, Place, Place]:
    """The corners of the reading's block in parts of the file's frame, clockwise from its top left."""
    ends = np.array([[0, 0, 1], [_SIDE, 0, 1], [_SIDE, _SIDE, 1], [0, _SIDE, 1.0]])
    places = ends @ geometry.T
    x, y = places[:, 0] / places[:, 2] / width, places[:, 1] / places[:, 2] / height
    one, two, three, four = ((round(float(a), 4), round(float(b), 4)) for a, b in zip(x, y, strict=True))
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
