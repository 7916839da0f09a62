"""From a portrait and speech to a marked video file, in one stream.

Frames go from the renderer through the watermark into the encoder inside one process and one loop, those of
each segment of a long video likewise, so no file is ever written from unmarked frames. The first second is
buffered, to find the lowest embedding strength at which the watermark of this clip survives encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
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
    drive_in_pieces,
    forget,
    renders_stretches,
)
from generation.animation.track.motion_track import MotionTrack, concatenate_tracks
from generation.disclosure.choice import CUE_S, Disclosure
from generation.disclosure.sound_cue import with_cue, with_silence
from generation.pipeline.audio import as_one_channel, whole_frames
from generation.pipeline.decode import read_sound
from generation.pipeline.encode import EncodedVideo, join_segments
from generation.pipeline.finishing.encoders import X264, usable
from generation.pipeline.pictures import PictureSegment, exact_rate
from generation.pipeline.pixel_report.report import PixelReport
from generation.pipeline.segments.making import Finishing
from generation.pipeline.segments.motion_so_far import MotionSoFar
from generation.pipeline.segments.plan import SPLIT_FROM_S, SegmentPlan, cut
from generation.pipeline.segments.production import PlannedTooSoon, Production, motion_of_segments
from generation.pipeline.segments.sharing import SegmentSharing
from provenance.common.visible_label import VisibleLabel
from provenance.fingerprints.motion.measuring import motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.watermark import WatermarkKey, WatermarkPayload

ANIMATING = "animating"
MARKING = "marking"

SOUND_RATE = 16_000  # at which the pixel report hears the finished file


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
    that can, others make some of them, from as soon as the motion of each is there: the file is the same,
    byte for byte. `on_frame` is then called for no frame of the others.

    `encoder` is used where it can be, else x264 (`usable`). Colours are converted and marks embedded on the
    device that draws. Only x264 and the CPU make the same file everywhere: no other video is shared.

    Raises what the animator raises (PortraitRejected and VideoFormatRefused among it), DirectionNotTaken,
    EncodingFailed, ProductionFailed.
    """
    on_stage(ANIMATING)
    speech = with_silence(audio, sample_rate) if disclosure.sound_cue else audio
    audio = with_cue(audio, sample_rate) if disclosure.sound_cue else audio
    speech, audio = (whole_frames(sound, sample_rate, video.fps) for sound in (speech, audio))
    speech_s = len(speech) / sample_rate
    encoder = usable(encoder, video.size, video.size, exact_rate(video.fps))
    cuts = cut(round(speech_s * video.fps), video.fps, split_from_s=split_from_s)
    if len(cuts) == 2 or encoder != X264 or not renders_stretches(animator):
        sharing = None
    pieces = drive_in_pieces(
        animator,
        as_one_channel(speech),
        sample_rate,
        controls=controls,
        direction=direction,
        seed=seed,
        fps=video.fps,
    )
    if performed is not None:
        lead_s = CUE_S if disclosure.sound_cue else 0.0
        pieces = _performed(pieces, performed, controls=controls, direction=direction, lead_s=lead_s)
    motion = MotionSoFar(pieces)
    with ExitStack() as stack:
        if sharing is not None:
            stack.callback(sharing.end)
            undecided = SegmentPlan(video.fps, payload, None, cuts, animator.identity, disclosure.place)
            sharing.announce(undecided, motion_of_segments(motion, cuts))
        # Neither needs the other. A portrait that is refused is refused whatever becomes of the motion.
        with ThreadPoolExecutor(1, "drive") as pool:
            driving = pool.submit(motion.whole if sharing is None else lambda: motion.until(cuts[1]))
            fitted = animator.fit(portrait)
            driving.result()
        stack.callback(forget, animator, fitted)
        on_stage(MARKING)
        production = Production(
            portrait=portrait,
            animator=animator,
            fitted=fitted,
            motion=motion,
            speech_s=speech_s,
            video=video,
            split_from_s=split_from_s,
            disclosure=disclosure,
            payload=payload,
            key=key,
            finishing=Finishing(drawing_device(animator, fitted, video.size), encoder),
            on_frame=on_frame,
        )
        joined = partial(
            _joined,
            production,
            sharing,
            audio=audio,
            sample_rate=sample_rate,
            destination=destination,
            created_at=created_at,
            metadata=metadata,
        )
        try:
            return joined()
        except PlannedTooSoon:  # all of the motion is there now
            return joined()


def _joined(
    production: Production,
    sharing: SegmentSharing | None,
    *,
    audio: NDArray[np.float32],
    sample_rate: int,
    destination: Path,
    created_at: datetime | None,
    metadata: Mapping[str, str] | None,
) -> ProducedVideo:
    """The video as a file, with what was measured of it. Raises PlannedTooSoon before anything is written."""
    begun = production.begin(sharing if production.finishing == Finishing() else None)
    sound = cache(lambda: fingerprint(band_spectrogram(as_one_channel(audio), sample_rate)))
    with closing(_between(begun.segments(), sound, lambda: begun.mouth)) as segments:
        encoded = join_segments(
            segments,
            fps=production.video.fps,
            audio=audio,
            sample_rate=sample_rate,
            destination=destination,
            created_at=created_at,
            metadata=metadata,
        )
    maker, assembly, track = begun.maker, begun.assembly, production.motion.whole()
    size = (encoded.width, encoded.height)
    shown = motion_fingerprint(assembly.cells, track.fps, begun.mouth, size)
    return ProducedVideo(
        video=encoded,
        track=track,
        strength=begun.strength,
        content_prints=assembly.content_prints,
        fingerprints=RecordFingerprints(sound(), shown).to_bytes(),
        pixel_report=maker.watch.report(track, read_sound(destination, SOUND_RATE), SOUND_RATE),
        visible_label=maker.label.facts if maker.label is not None else None,
    )


def _performed(
    spoken: Iterator[MotionTrack],
    performed: PerformedMotion,
    *,
    controls: MotionControls,
    direction: Direction | None,
    lead_s: float,
) -> Iterator[MotionTrack]:
    """The performer's motion over that of the speech, in one piece: it may be of another frame rate."""
    track = concatenate_tracks(list(spoken))
    yield perform(track, performed, controls=controls, direction=direction, lead_s=lead_s)


def _between(segments: Generator[PictureSegment], *works: Callable[[], object]) -> Generator[PictureSegment]:
    """`segments`, with `works` done behind the first: while others make the next ones, and not when everybody
    has finished."""
    with closing(segments):
        for number, segment in enumerate(segments):
            yield segment
            if number == 0:
                for work in works:
                    work()
