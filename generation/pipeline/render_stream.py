"""From a portrait and speech to a marked video file, in one stream.

Frames go from the renderer through the watermark into the encoder inside one process and one loop, those of
each segment of a long video likewise, so no file is ever written from unmarked frames. The first second is
buffered, to find the lowest embedding strength at which the watermark of this clip survives encoding.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.animation.framing.video_format import VideoFormat
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.performed import PerformedMotion, perform
from generation.animation.protocols import (
    PortraitAnimator,
    drawing_device,
    drive_directed,
    renders_stretches,
)
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import CUE_S, Disclosure
from generation.disclosure.sound_cue import with_cue, with_silence
from generation.pipeline.audio import as_one_channel, whole_frames
from generation.pipeline.decode import DecodingFailed, probe, read_luma, read_sound
from generation.pipeline.encode import EncodedVideo, join_segments
from generation.pipeline.finishing.encoders import X264, usable
from generation.pipeline.label_place import is_usual
from generation.pipeline.mouth_box import mouth_box
from generation.pipeline.pictures import exact_rate
from generation.pipeline.pixel_report.report import PixelReport
from generation.pipeline.segments.assembly import Assembly
from generation.pipeline.segments.making import Finishing, SegmentMaker
from generation.pipeline.segments.plan import SPLIT_FROM_S, SegmentPlan, cut
from generation.pipeline.segments.sharing import SegmentSharing
from generation.pipeline.segments.stretches import ProductionFailed, stretches, whole
from generation.pipeline.strength import TRIAL_FRAMES, choose_strength
from provenance.common.visible_label import VisibleLabel
from provenance.fingerprints.band_spectrogram import band_spectrogram
from provenance.fingerprints.motion import motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound import fingerprint
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload

ANIMATING = "animating"
MARKING = "marking"

MOST_BUFFERED = 200 * 1024**2  # bytes of frames
SOUND_RATE = 16_000  # at which the pixel report hears the finished file
THIRDS = 3  # beginning, middle and end must each give the record id
FRAMES_PER_THIRD = 8  # at least; of a clip with fewer, all are read
LEAST_PER_THIRD = 4  # fewer frames hold too little: a shorter clip is read as a whole
# Codewords are decoded from a score of 10.5 on (docs/watermark.md); each third must exceed that by a margin.
LEAST_SCORE = 16.0


class WatermarkMissing(Exception):
    """The record id could not be read back from the encoded file with enough margin. The text says why."""


@dataclass(frozen=True)
class ProducedVideo:
    """A marked video file, not yet signed, its motion, and the fingerprints of its frames.

    `content_prints`: fingerprints one after the other, see `provenance.watermark.content.fingerprint`.
    `fingerprints`: those of sound and motion, as `RecordFingerprints` writes them.
    `pixel_report`: what a sample of the frames shows, and where that falls short.
    `visible_label`: what was burned into the frames before they were marked, None for nothing.
    `strength`: embedding strength of the watermark, in sixty-fourths of the default.
    """

    video: EncodedVideo
    track: MotionTrack
    strength: int
    content_prints: bytes
    fingerprints: bytes
    pixel_report: PixelReport
    visible_label: VisibleLabel | None


def produce_video(
    *,
    portrait: NDArray[np.uint8],
    audio: NDArray[np.float32],
    sample_rate: int,
    controls: MotionControls,
    direction: Direction | None = None,
    seed: int,
    video: VideoFormat,
    disclosure: Disclosure,
    payload: WatermarkPayload,
    key: WatermarkKey,
    destination: Path,
    on_stage: Callable[[str], None],
    on_frame: Callable[[int, int], None],
    animator: PortraitAnimator,
    created_at: datetime | None = None,
    performed: PerformedMotion | None = None,
    sharing: SegmentSharing | None = None,
    split_from_s: float = SPLIT_FROM_S,
    metadata: Mapping[str, str] | None = None,
    encoder: str = X264,
) -> ProducedVideo:
    """Animate `portrait` ((H, W, 3) uint8 RGB) with `audio` ((N,) or (N, C) float32) into `destination`.

    `video` is the video's size, aspect, frame rate and fill, `disclosure` its label and sound cue.
    `on_stage` is called with "animating", then with "marking" before the first frame; `on_frame` with the
    number of encoded frames (0 while the first second is buffered) and the number of all frames. What either
    raises ends the work and is passed on unchanged. On any failure no file is left at `destination`. The same
    inputs, seed and key give the same frames. The file bears the date `created_at`, if it is given one. With
    `performed` a performer moves the face (`perform`); `metadata` are fields of the file by their names.

    A video of `split_from_s` seconds and more is encoded in closed segments. With `sharing`, and a renderer
    that can, others make some of them: the file is the same, byte for byte. `on_frame` is then called for no
    frame of the others.

    `encoder` is used where it can be, else x264 (`usable`). Colours are converted and marks embedded on the
    device that draws. Only x264 and the CPU make the same file everywhere: no other video is shared.

    Raises what the animator raises (PortraitRejected and VideoFormatRefused among it), DirectionNotTaken,
    EncodingFailed, ProductionFailed.
    """
    on_stage(ANIMATING)
    speech = with_silence(audio, sample_rate) if disclosure.sound_cue else audio
    audio = with_cue(audio, sample_rate) if disclosure.sound_cue else audio
    speech, audio = (whole_frames(sound, sample_rate, video.fps) for sound in (speech, audio))
    # Neither needs the other. A portrait that is refused is refused whatever becomes of the motion.
    with ThreadPoolExecutor(1, "drive") as pool:
        driving = pool.submit(
            drive_directed,
            animator,
            as_one_channel(speech),
            sample_rate,
            controls=controls,
            direction=direction,
            seed=seed,
            fps=video.fps,
        )
        fitted = animator.fit(portrait)
        track = driving.result()
    if performed is not None:
        lead_s = CUE_S if disclosure.sound_cue else 0.0
        track = perform(track, performed, controls=controls, direction=direction, lead_s=lead_s)
    _require_same_length(track, len(audio) / sample_rate)
    moves_label = not is_usual(track, is_square=video.is_square)
    finishing = Finishing(
        drawing_device(animator, fitted, video.size),
        usable(encoder, video.size, video.size, exact_rate(video.fps)),
    )
    maker = SegmentMaker(portrait, track, disclosure, moves_label=moves_label, finishing=finishing)
    cuts = cut(len(track), track.fps, split_from_s=split_from_s)
    is_shared = len(cuts) > 2 and sharing is not None and finishing == Finishing()
    if is_shared and renders_stretches(animator):
        rendered = stretches(animator, fitted, track, video)
    else:
        rendered, sharing = whole(animator, fitted, track, video), None
    on_stage(MARKING)
    beginning: deque[NDArray[np.uint8]] = deque()
    frames = maker.prepared(0, rendered(range(*cuts[:2])))
    for frame in frames:
        beginning.append(frame)
        on_frame(0, len(track))
        if len(beginning) == frames_buffered(track.fps, frame.nbytes):
            break
    strength = choose_strength(beginning, payload, key)
    plan = SegmentPlan(track, payload, strength, cuts, animator.identity, maker.label_place)
    mouth = mouth_box(beginning[0]) if beginning else None

    def prepared(number: int) -> Iterator[NDArray[np.uint8]]:
        if number == 0:
            return chain(_handed_over(beginning), frames)
        return maker.prepared(cuts[number], rendered(plan.frames(number)))

    assembly = Assembly(maker, plan, key, prepared)
    segments = assembly.shared(sharing) if sharing else assembly.made_here(lambda n: on_frame(n, len(track)))
    with closing(segments):
        encoded = join_segments(
            segments,
            fps=track.fps,
            audio=audio,
            sample_rate=sample_rate,
            destination=destination,
            created_at=created_at,
            metadata=metadata,
        )
    sound = fingerprint(band_spectrogram(as_one_channel(audio), sample_rate))
    motion = motion_fingerprint(assembly.cells, track.fps, mouth, (encoded.width, encoded.height))
    return ProducedVideo(
        video=encoded,
        track=track,
        strength=strength,
        content_prints=assembly.content_prints,
        fingerprints=RecordFingerprints(sound, motion).to_bytes(),
        pixel_report=maker.watch.report(read_sound(destination, SOUND_RATE), SOUND_RATE),
        visible_label=maker.label.facts if maker.label is not None else None,
    )


def frames_buffered(fps: float, frame_bytes: int) -> int:
    """How many frames of a clip's beginning are held back: a second, less where that is over MOST_BUFFERED.

    Never fewer than the embedding strength is found with.
    """
    return min(round(fps), max(TRIAL_FRAMES, MOST_BUFFERED // frame_bytes))


def check_watermark(path: Path, payload: WatermarkPayload, key: WatermarkKey) -> float:
    """Decode the file at `path` and require `payload` from its beginning, middle and end each.

    Of a clip under THIRDS * LEAST_PER_THIRD frames it is required once, from all of them. Returns the lowest
    score. Raises WatermarkMissing when another id or none is read, or one with a score below LEAST_SCORE;
    DecodingFailed when the file cannot be read.
    """
    every = max(1, probe(path).frames // (THIRDS * FRAMES_PER_THIRD))
    lumas = list(read_luma(path, every=every))
    if not lumas:
        raise DecodingFailed("The video has no frames.")
    parts = THIRDS if len(lumas) >= THIRDS * LEAST_PER_THIRD else 1
    scores: list[float] = []
    for places in np.array_split(np.arange(len(lumas)), parts):
        extractor = Extractor()
        for place in places:
            extractor.add(lumas[place])
        words = [reading for reading in extractor.read([key]).readings if reading.payload is not None]
        part = f"Part {len(scores) + 1} of the video, read back, gave"
        if not words:
            raise WatermarkMissing(f"{part} no record id.")
        if words[0].payload != payload:
            raise WatermarkMissing(f"{part} another record id.")
        scores.append(words[0].score(payload, key))
        if scores[-1] < LEAST_SCORE:
            raise WatermarkMissing(f"{part} the record id with a score of only {scores[-1]:.1f}.")
    return min(scores)


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


def _handed_over(frames: deque[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """The frames in order; each is removed from the buffer when it is yielded, to free its memory."""
    while frames:
        yield frames.popleft()


def _require_same_length(track: MotionTrack, speech_s: float) -> None:
    if len(track) == 0 or abs(track.duration_s - speech_s) > 1 / track.fps:
        raise ProductionFailed(f"The motion lasts {track.duration_s:.3f} s, the speech {speech_s:.3f} s.")
