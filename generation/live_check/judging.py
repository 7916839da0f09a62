"""Judges what was seen and heard in a recording. docs/live-check.md has what was measured.

Reads hostile files with native decoders, so outside of benchmarks it runs in the confined process of
`inspect_recording`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.face.landmarks import detect_faces
from generation.animation.speech.audio_input import SAMPLE_RATE, UnusableAudioError
from generation.animation.speech.visemes import PHONE_INDEX, SHAPE_CHANNELS
from generation.live_check import watching
from generation.live_check.cuts import SIDE, FrameSteps
from generation.live_check.hearing import words_heard
from generation.live_check.report import LiveWarning, RecordingReport, RecordingRequest
from generation.live_check.watching import Watched
from provenance.verify.reader.containers import open_untrusted, playing_pictures, playing_sounds

if TYPE_CHECKING:
    from generation.animation.speech.speech_analysis import SpeechAnalysis

LONGEST_S: Final = 30.0
FRAMES_A_SECOND: Final = 10.0
LONGEST_SIDE: Final = 640
MOST_PIXELS: Final = 4096 * 2304
LEAST_FACE_SHARE: Final = 0.8
MOST_DISTANCE: Final = 0.5
LEAST_TURN: Final = 11.0  # degrees; 20 and more are asked for
LEAST_PARALLAX: Final = 0.027
LEAST_SPEECH_S: Final = 1.2
AUDIBLE: Final = 0.003  # of full scale, at the loudest
HEARD_RATE: Final = 100  # frames a second of what is heard
LEAST_WORDS: Final = 4  # of six
LEAST_LIPS: Final = 0.5
MOST_JUMP: Final = 0.25
MOST_CHANGE: Final = 4.0
MOST_LONELY: Final = 1.3  # of a step between two frames, see `cuts`
_OPENING = tuple(
    (SHAPE_CHANNELS.index(name), share)
    for name, share in (("jaw", 1.0), ("lower_down", 0.5), ("upper_up", 0.5))
)


@dataclass(frozen=True, eq=False)
class Sound:
    """What was heard: `speech_s` seconds of it are speech; how many words; how far the mouth opens (M,)."""

    speech_s: float
    words: int
    opening: Float64Array


NO_SOUND = Sound(0.0, 0, np.zeros(0))


def judge_file(request: RecordingRequest) -> RecordingReport:
    """Watch and hear a recording from its file; what cannot be read is `unreadable`. Without our mark."""
    try:
        seen = watch_file(request.source)
        sound = listen(*sound_of(request.source), words=request.words, language=request.language)
    except (av.FFmpegError, ValueError, MemoryError):
        return RecordingReport((LiveWarning.UNREADABLE,))
    if not seen.frames:
        return RecordingReport((LiveWarning.UNREADABLE,))
    if request.portrait is None:
        return _described(judge(seen, sound, None, turn=request.turn), seen)
    descriptor = None
    if seen.times:
        portrait = cv2.cvtColor(np.asarray(cv2.imread(str(request.portrait))), cv2.COLOR_BGR2RGB)
        descriptor = describe_portrait(np.asarray(portrait, np.uint8))
    return judge(seen, sound, descriptor, turn=request.turn)


def watch_file(source: Path) -> Watched:
    """What is seen in a recording. Raises as `frames_of` does."""
    steps = FrameSteps()
    seen = watching.watch(frames_of(source, steps.add))
    seen.loneliest_step = steps.loneliest
    return seen


def _described(report: RecordingReport, seen: Watched) -> RecordingReport:
    """The report on a recording that is compared with no portrait, with what describes the face in it."""
    warnings = tuple(code for code in report.warnings if code is not LiveWarning.ANOTHER_FACE)
    if not seen.times:
        return replace(report, warnings=warnings)
    values, picture = watching.face_of(seen)
    coded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    return replace(
        report,
        warnings=warnings,
        descriptor=tuple(float(value) for value in values),
        picture=coded.tobytes(),
    )


def describe_portrait(portrait: UInt8Array) -> Float32Array | None:
    """The descriptor of the largest face of a portrait, None where none is found."""
    from generation.animation.face.face_descriptor import describe_face  # noqa: PLC0415  see watching

    faces = detect_faces(portrait)
    return describe_face(portrait, faces[0].points) if faces else None


def judge(seen: Watched, sound: Sound, descriptor: Float32Array | None, *, turn: str) -> RecordingReport:
    """The report on what was seen and heard of somebody who was asked to `turn` to their left or right."""
    found: list[LiveWarning] = []
    if seen.share < LEAST_FACE_SHARE:
        found.append(LiveWarning.NO_FACE)
    if seen.others:
        found.append(LiveWarning.SEVERAL_FACES)
    distance = watching.distance_to(seen, descriptor) if seen.times and descriptor is not None else None
    if distance is None or distance > MOST_DISTANCE:
        found.append(LiveWarning.ANOTHER_FACE)
    # A camera sees somebody's left at the picture's right.
    to_left, to_right = watching.turns(seen)
    turned, against = (to_right, to_left) if turn == "left" else (to_left, to_right)
    if turned < LEAST_TURN or turned < against:
        found.append(LiveWarning.NOT_TURNED)
    parallax = watching.parallax(seen)
    if parallax < LEAST_PARALLAX:
        found.append(LiveWarning.FLAT)
    if sound.speech_s < LEAST_SPEECH_S:
        found.append(LiveWarning.SILENT)
    if sound.words < LEAST_WORDS:
        found.append(LiveWarning.PHRASE_NOT_HEARD)
    lips = watching.lips_fit(seen, sound.opening, HEARD_RATE)
    if lips < LEAST_LIPS:
        found.append(LiveWarning.LIPS_DO_NOT_FOLLOW)
    if (
        watching.largest_jump(seen) > MOST_JUMP
        or watching.largest_change(seen) > MOST_CHANGE
        or seen.loneliest_step > MOST_LONELY
    ):
        found.append(LiveWarning.CUT)
    duration = seen.times[-1] if seen.times else 0.0
    return RecordingReport(
        tuple(found), duration, distance, sound.words, turned, parallax=parallax, lips=lips
    )


def listen(samples: NDArray[np.float32], rate: int, *, words: tuple[str, ...], language: str) -> Sound:
    """Hear a phrase in mono samples (N,) in -1..1."""
    if not len(samples) or np.abs(samples).max() < AUDIBLE:
        return NO_SOUND
    from generation.animation.speech.speech_analysis import analyse_speech  # noqa: PLC0415  see watching

    try:
        analysis = analyse_speech(samples, rate)
    except UnusableAudioError:
        return NO_SOUND
    speaking = analysis.posteriors[:, PHONE_INDEX["SIL"]] < 0.5
    voiced = speaking & (analysis.quality.voice > 0.5) & (analysis.prosody.level_db[: len(speaking)] > -45)
    heard = words_heard(analysis.posteriors, words, language)
    return Sound(float(voiced.sum()) / HEARD_RATE, sum(heard), _opening(analysis))


def _opening(analysis: SpeechAnalysis) -> Float64Array:
    opened = sum(analysis.mouth.shapes[:, channel] * share for channel, share in _OPENING)
    return np.asarray(opened * (1 - np.asarray(analysis.mouth.closure)), np.float64)


def frames_of(
    source: Path, each: Callable[[float, UInt8Array], None] = lambda time_s, small: None
) -> Iterator[tuple[float, UInt8Array]]:
    """About ten frames a second, upright as players show them, no side longer than 640 pixels, with times.

    `each` is given the time and a small grey picture, (H, 64), of every frame, as the file holds it. Raises
    av.FFmpegError, and ValueError for a file without a picture or with too large a one.
    """
    with open_untrusted(source) as container:
        pictures = playing_pictures(container)
        if not pictures:
            raise ValueError("There is no picture.")
        stream = pictures[0]
        stream.thread_count = 1
        due, first = 0.0, None
        for frame in container.decode(stream):
            if frame.width * frame.height > MOST_PIXELS or frame.time is None:
                raise ValueError("The picture cannot be used.")
            first = frame.time if first is None else first
            time_s = frame.time - first
            if time_s > LONGEST_S:
                return
            height = max(1, round(SIDE * frame.height / frame.width))
            grey = frame.reformat(SIDE, height, "gray", interpolation="AREA")
            each(time_s, np.asarray(grey.to_ndarray(), np.uint8))
            if time_s + 1e-3 < due:
                continue
            due = max(due + 1 / FRAMES_A_SECOND, time_s - 1 / FRAMES_A_SECOND)
            scale = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
            small = frame.reformat(round(frame.width * scale), round(frame.height * scale), "rgb24")
            picture = np.asarray(small.to_ndarray(), np.uint8)
            yield time_s, np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90) % 4))


def sound_of(source: Path) -> tuple[NDArray[np.float32], int]:
    """The sound (N,) as one channel at 16 kHz; empty where there is none. Raises av.FFmpegError."""
    pieces: list[NDArray[np.float32]] = []
    with open_untrusted(source) as container:
        sounds = playing_sounds(container)
        if sounds:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            taken = 0
            for frame in container.decode(sounds[0]):
                for part in resampler.resample(frame):
                    pieces.append(part.to_ndarray().reshape(-1))
                    taken += len(pieces[-1])
                if taken > LONGEST_S * SAMPLE_RATE:
                    break
    return (np.concatenate(pieces) if pieces else np.zeros(0, np.float32)), SAMPLE_RATE
