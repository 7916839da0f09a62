"""Labels and marks every frame of a live session, encodes it with its sound, and reads the mark back.

Frames enter as pixels and leave as encoded fragments; between the two lie label and mark, in this one place.
The embedding strength comes from a warm-up that nobody sees. Every few seconds a segment is decoded again as
a viewer would and the mark read from it: where it falls short of the margin the strength rises, and where it
cannot be read at the greatest strength the stream stops.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from generation.disclosure.label import Label
from generation.live.fragments import SEGMENT_S, FragmentWriter
from generation.live.wire import BASELINE, HIGH
from generation.pipeline.encode import luma_of, set_luma, to_yuv
from generation.pipeline.read_back import LEAST_SCORE
from generation.pipeline.strength import STRENGTHS, choose_strength
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload

# Of what leaves: H.264 of level 3.1 and AAC-LC, as `MediaSource.isTypeSupported` is asked.
MIMES: Final = {
    HIGH: 'video/mp4; codecs="avc1.64001f,mp4a.40.2"',
    BASELINE: 'video/mp4; codecs="avc1.42c01f,mp4a.40.2"',
}
CHECK_EVERY_S: Final = 4
# A payload is decoded from 10.5 on (docs/watermark.md). Below it a recording may not be recognised.
DECODED_SCORE: Final = 10.5

Frame = NDArray[np.uint8]


class MarkLost(Exception):
    """The mark could not be read back from frames that were encoded at the greatest strength."""


@dataclass(frozen=True)
class MarkCheck:
    """One reading of the mark from encoded frames: which segment, how well, and the strength from now on."""

    segment: int
    score: float
    strength: int


class MarkedStream:
    """Takes frames (size, size, 3) uint8 RGB of one session in order.

    `send` is given the stream's bytes, `on_segment` the number and SHA-256 of each second, `on_check` each
    reading of the mark. `warm_up` are frames of the same face that are not shown.
    """

    def __init__(
        self,
        *,
        size: int,
        fps: int,
        label: Label | None,
        payload: WatermarkPayload,
        key: WatermarkKey,
        warm_up: Sequence[Frame],
        send: Callable[[bytes], None],
        on_segment: Callable[[int, bytes], None],
        on_check: Callable[[MarkCheck], None],
        profile: str = HIGH,
    ) -> None:
        self._label, self._payload, self._key = label, payload, key
        self._on_segment, self._on_check = on_segment, on_check
        self._strength = choose_strength([self._labelled(frame) for frame in warm_up], payload, key)
        self._embedder = Embedder(payload, key, self._strength)
        self._writer = FragmentWriter(size, fps, send=send, on_segment=self._segment_done, profile=profile)
        self._shown: Any = None
        self._segments = 0
        self._checker = ThreadPoolExecutor(1, "mark check")
        self._lost = threading.Event()
        self._is_over = False
        self.frames = self.repeated = self.sound_samples = 0

    def write_sound(self, samples: NDArray[np.float32]) -> None:
        """The next speech, (N,) float32 at the inbox's rate; sound comes before the frames of its time."""
        self._writer.write_sound(samples)
        self.sound_samples += len(samples)

    def write(self, frame: Frame) -> None:
        """Label, mark and encode the next frame. Raises MarkLost."""
        picture = to_yuv(self._labelled(frame))
        set_luma(picture, self._embedder.mark(luma_of(picture)))
        self._shown = picture
        self._encode()

    def repeat(self) -> None:
        """Show the frame before once more: its time has come, and there is no other one. Raises MarkLost."""
        if self._shown is None:
            raise ValueError("There is no frame to repeat.")
        self.repeated += 1
        self._encode()

    def finish(self) -> None:
        """End the last segment; it may be too short to be checked."""
        self._is_over = True
        self._writer.finish()
        self._checker.shutdown(wait=True)

    def _encode(self) -> None:
        if self._lost.is_set():
            raise MarkLost
        self._writer.write(self._shown)
        self.frames += 1

    def _labelled(self, frame: Frame) -> Frame:
        return frame if self._label is None else self._label.drawn_on(frame)

    def _segment_done(self, digest: bytes, group: list[bytes]) -> None:
        number = self._segments
        self._segments += 1
        self._on_segment(number, digest)
        if number % (CHECK_EVERY_S // SEGMENT_S) == 0 and not self._is_over:
            self._checker.submit(self._check, number, group, self._writer.extradata)

    def _check(self, number: int, group: list[bytes], extradata: bytes) -> None:
        """Read the mark as from a recording. What goes wrong here counts as a mark that is not there."""
        score = 0.0
        try:
            extractor = Extractor()
            for luma in decoded(group, extradata):
                extractor.add(luma)
            _, score = extractor.fit(self._payload, self._key)
        finally:
            stronger = [each for each in STRENGTHS if each > self._strength]
            if score < DECODED_SCORE and not stronger:
                self._lost.set()
            if score < LEAST_SCORE and stronger:
                # From much too weak at once to the greatest.
                self._strength = stronger[-1] if score < DECODED_SCORE else stronger[0]
                self._embedder = Embedder(self._payload, self._key, self._strength)
            self._on_check(MarkCheck(number, score, self._strength))


def decoded(group: Sequence[bytes], extradata: bytes) -> Iterator[NDArray[np.uint8]]:
    """The luma planes of a group of encoded frames, as a viewer's decoder makes them."""
    context = av.CodecContext.create("h264", "r")
    context.extradata = extradata
    for data in group:
        for frame in context.decode(av.Packet(data)):
            yield luma_of(frame)
    for frame in context.decode(None):
        yield luma_of(frame)
