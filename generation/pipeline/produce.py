"""From a portrait and speech to a marked video file, in one stream.

Frames go from the renderer through the watermark into the encoder inside one process and one loop.
`encode_video` is called nowhere else, so no file is ever written from unmarked frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from generation.animation.controls import MotionControls
from generation.animation.motion_track import MotionTrack
from generation.pipeline.decode import DecodingFailed, probe, read_frames
from generation.pipeline.encode import EncodedVideo, encode_video
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload, WatermarkReading, extract
from provenance.watermark.decision import WatermarkState

ANIMATING = "animating"
MARKING = "marking"

THIRDS = 3  # beginning, middle and end must each give the record id
FRAMES_PER_THIRD = 8


class ProductionFailed(Exception):
    """The video came out with another length than its motion or its sound. The text gives both."""


class WatermarkMissing(Exception):
    """The record id could not be read back from the encoded file. The text says what was read."""


class Animator(Protocol):
    """What turns a portrait and speech into frames; generation.animation.Animator is one."""

    def fit(self, image: NDArray[np.uint8]) -> Any:
        """The fitted portrait of an (H, W, 3) uint8 RGB image."""

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls,
        seed: int,
        fps: float,
    ) -> MotionTrack:
        """The motion for (N,) float32 mono speech."""

    def render(self, fitted: Any, track: MotionTrack, *, size: int) -> Iterator[NDArray[np.uint8]]:
        """One (size, size, 3) uint8 RGB frame for each step of `track`."""


@dataclass(frozen=True)
class ProducedVideo:
    """A marked video file, not yet signed, and the motion that made it."""

    video: EncodedVideo
    track: MotionTrack


def produce_video(
    *,
    portrait: NDArray[np.uint8],
    audio: NDArray[np.float32],
    sample_rate: int,
    controls: MotionControls,
    seed: int,
    fps: float,
    size: int,
    payload: WatermarkPayload,
    key: WatermarkKey,
    destination: Path,
    on_stage: Callable[[str], None],
    on_frame: Callable[[int, int], None],
    animator: Animator,
) -> ProducedVideo:
    """Animate `portrait` ((H, W, 3) uint8 RGB) with `audio` ((N,) or (N, C) float32) into `destination`.

    `on_stage` is called with "animating", then "marking" when frames begin to flow; `on_frame` with frames
    done and frames known. What either raises ends the work and comes through unchanged. On any failure
    nothing is left at `destination`. The same inputs, seed and key give the same frames.

    Raises what the animator raises (PortraitRejected among it), EncodingFailed, ProductionFailed.
    """
    on_stage(ANIMATING)
    fitted = animator.fit(portrait)
    speech = audio if audio.ndim == 1 else audio.mean(axis=1, dtype=np.float32)
    track = animator.drive(speech, sample_rate, controls=controls, seed=seed, fps=fps)
    _require_same_length(track, len(audio) / sample_rate)
    embedder = Embedder(payload, key)
    on_stage(MARKING)
    video = encode_video(
        _exactly(len(track), embedder.mark(animator.render(fitted, track, size=size))),
        fps=track.fps,
        audio=audio,
        sample_rate=sample_rate,
        destination=destination,
        on_frame=lambda done: on_frame(done, len(track)),
    )
    return ProducedVideo(video=video, track=track)


def check_watermark(path: Path, payload: WatermarkPayload, key: WatermarkKey) -> WatermarkReading:
    """Decode the file at `path` and require `payload` from its beginning, middle and end each.

    Returns one reading over all frames read, with the sum of the false-positive rates.

    Raises WatermarkMissing when another id or none is read, DecodingFailed when the file cannot be read.
    """
    every = max(1, probe(path).frames // (THIRDS * FRAMES_PER_THIRD))
    frames = read_frames(path, limit=THIRDS * FRAMES_PER_THIRD, every=every)
    readings: list[WatermarkReading] = []
    while third := list(islice(frames, FRAMES_PER_THIRD)):
        reading = extract(third, key)
        if reading.state is not WatermarkState.FOUND or reading.record_id != payload.record_id:
            found = "another record" if reading.state is WatermarkState.FOUND else reading.state.value
            raise WatermarkMissing(f"Part {len(readings) + 1} of the video, read back, gave: {found}.")
        readings.append(reading)
    if not readings:
        raise DecodingFailed("The video has no frames.")
    return replace(
        readings[0],
        frames_read=sum(reading.frames_read for reading in readings),
        false_positive_rate=sum(reading.false_positive_rate for reading in readings),
    )


def check_length(path: Path, video: EncodedVideo) -> None:
    """Require that the file at `path` holds as many frames as `video` and sound of the same length.

    Raises ProductionFailed when it does not, DecodingFailed when the file cannot be read.
    """
    facts = probe(path)
    if facts.frames != video.frames:
        raise ProductionFailed(f"The file holds {facts.frames} frames of {video.frames}.")
    for name, duration_s in (("picture", facts.duration_s), ("sound", facts.audio_duration_s)):
        if duration_s is None or abs(duration_s - video.duration_s) > 1 / video.fps:
            raise ProductionFailed(f"The {name} lasts {duration_s} s instead of {video.duration_s} s.")


def _require_same_length(track: MotionTrack, speech_s: float) -> None:
    if len(track) == 0 or abs(track.duration_s - speech_s) > 1 / track.fps:
        raise ProductionFailed(f"The motion lasts {track.duration_s:.3f} s, the speech {speech_s:.3f} s.")


def _exactly(count: int, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """`frames` unchanged; raises ProductionFailed when there are not exactly `count`."""
    done = 0
    for frame in frames:
        done += 1
        if done > count:
            break
        yield frame
    if done != count:
        raise ProductionFailed(
            f"The renderer gave {'more' if done > count else done} frames for {count} steps."
        )
