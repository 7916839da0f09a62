"""Encodes marked frames and their sound into fragmented MP4 (H.264, AAC) for Media Source Extensions.

Each frame is a fragment of its own, which leaves as soon as it is encoded. A segment is what lies between two
key frames, a second; its hash is what the log keeps. `FragmentWriter.write` takes a luma plane that carries
the mark and nothing else: `MarkedStream` is its only user.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from generation.live.boxes import fragment, length_prefixed
from generation.live.sound_inbox import SAMPLE_RATE
from generation.live.wire import HIGH

SOUND_RATE: Final = 48_000
CRF: Final = 22
PRESET: Final = "veryfast"
SOUND_BITRATE: Final = 96_000
SOUND_FRAME: Final = 1024
SEGMENT_S: Final = 1
FRAME_UNITS: Final = 512
PICTURE_TRACK, SOUND_TRACK = 1, 2


class FragmentWriter:
    """Writes frames of `size` pixels a side at `fps` and speech of SAMPLE_RATE, fragment by fragment.

    `send` is given the stream's bytes in order, `on_segment` the SHA-256 of each whole segment and its
    encoded frames, one group of pictures, which a decoder takes after `extradata`.
    """

    def __init__(
        self,
        size: int,
        fps: int,
        *,
        send: Callable[[bytes], None],
        on_segment: Callable[[bytes, list[bytes]], None],
        profile: str = HIGH,
    ) -> None:
        self._send, self._on_segment = send, on_segment
        self._fps, self._frames = fps, 0
        self._hash, self._group = hashlib.sha256(), list[bytes]()
        head = _Head()
        # ffmpeg writes the head only: its fragments of two tracks, frame by frame, have wrong times.
        options = {
            "movflags": "empty_moov+default_base_moof", "video_track_timescale": str(fps * FRAME_UNITS)
        }  # fmt: skip
        container = av.open(head, "w", format="mp4", options=options)
        self._video = container.add_stream("libx264", rate=fps)
        self._video.width = self._video.height = size
        self._video.pix_fmt = "yuv420p"
        context = self._video.codec_context
        context.time_base, context.thread_count = Fraction(1, fps), 1
        context.gop_size = SEGMENT_S * fps
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        # No scene cuts: a segment is a second, whatever happens in it.
        context.options = {
            "crf": str(CRF), "preset": PRESET, "tune": "zerolatency", "profile": profile, "level": "3.1",
            "x264-params": f"keyint={SEGMENT_S * fps}:min-keyint={SEGMENT_S * fps}:scenecut=0",
        }  # fmt: skip
        self._sound = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._sound.codec_context.bit_rate = SOUND_BITRATE
        container.start_encoding()
        self._container = container  # nothing more is written to it; its encoders live as long as it does
        self._resampler = av.AudioResampler(
            format="fltp", layout="mono", rate=SOUND_RATE, frame_size=SOUND_FRAME
        )
        self._resampled = self._sounds = self._number = 0
        self._leave(b"".join(head.written))

    @property
    def extradata(self) -> bytes:
        """What a decoder of the frames has to know first."""
        return bytes(self._video.codec_context.extradata or b"")

    def write_sound(self, samples: NDArray[np.float32]) -> None:
        """Encode the next speech, (N,) float32 at SAMPLE_RATE."""
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = self._resampled, Fraction(1, SAMPLE_RATE)
        self._resampled += len(samples)
        for block in self._resampler.resample(frame):
            for packet in self._sound.encode(block):
                # The first is the encoder's run-up: without it sound and picture begin together.
                if self._sounds:
                    time = (self._sounds - 1) * SOUND_FRAME
                    self._leave(self._fragment(SOUND_TRACK, time, SOUND_FRAME, bytes(packet), is_sync=True))
                self._sounds += 1

    def write(self, picture: Any) -> None:
        """Encode the next frame, a planar 4:2:0 picture whose luma carries the mark."""
        picture.pts, picture.time_base = self._frames, Fraction(1, self._fps)
        for packet in self._video.encode(picture):
            data, is_sync = bytes(packet), bool(packet.is_keyframe)
            if is_sync and self._frames:
                self._end_segment()
            self._group.append(data)
            time = self._frames * FRAME_UNITS
            self._leave(
                self._fragment(PICTURE_TRACK, time, FRAME_UNITS, length_prefixed(data), is_sync=is_sync)
            )
            self._frames += 1

    def finish(self) -> None:
        """End the last segment. Without a look ahead the encoder holds no frame back."""
        self._end_segment()

    def _fragment(self, track_id: int, time: int, duration: int, data: bytes, *, is_sync: bool) -> bytes:
        self._number += 1
        return fragment(
            number=self._number, track_id=track_id, time=time, duration=duration, data=data, is_sync=is_sync
        )

    def _end_segment(self) -> None:
        digest, group = self._hash.digest(), self._group
        self._hash, self._group = hashlib.sha256(), []
        self._on_segment(digest, group)

    def _leave(self, data: bytes) -> None:
        self._hash.update(data)
        self._send(data)


class _Head:
    """A file that cannot be sought in, and keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.written.append(bytes(data))
        return len(data)
