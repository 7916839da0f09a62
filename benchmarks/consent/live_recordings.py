"""Made recordings for the live check: honest ones of the cast, who do not exist, and ten kinds of attack.

The cast's portraits, and those of more people who do not exist where a folder has them, are moved by the
renderer, unmarked; synthetic voices (espeak-ng) speak the phrases. Telephones write what their cameras see.
"""

from __future__ import annotations

import io
import subprocess
import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.consent.cameras import Camera
from benchmarks.rendering.portraits import portraits
from generation.animation import Animator
from generation.live_check.phrases import Phrase, new_phrase
from generation.pipeline.encode import luma_of, set_luma, to_yuv
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload

Image = NDArray[np.uint8]
Sound = NDArray[np.float32]
FPS, SIZE = 24, 256
LEAD_S = 2.4  # in which the head is turned, before the words
TURN_DEGREES, TURN_AT_S, TURN_LASTS_S = 24.0, 1.2, 0.45
# The first of each language is the one that attacks are made with.
VOICES = {
    "en": ("en-us+f2", "en-gb+m3", "en-gb-scotland+f4", "en-us+m7"),
    "de": ("de", "de+f2", "de+m4", "de+f5"),
    "fr": ("fr+f4", "fr+m2", "fr-be", "fr-ch+f3"),
    "es": ("es+m3", "es-419+f2", "es+f4", "es-419+m1"),
    "it": ("it+f2", "it+m1", "it+m4", "it+f5"),
}
SPEEDS = (135, 125, 145, 130)  # words a minute
KEY = WatermarkKey(b"a key of the benchmark, not service")
PAYLOAD = WatermarkPayload(0x0123456789AB)


@dataclass(frozen=True, eq=False)
class Recording:
    """Frames (256, 256, 3) at 24 a second and mono sound of somebody who does what `phrase` asks for.

    `is_marked`: the frames carry our mark.
    """

    name: str
    portrait: Image
    phrase: Phrase
    frames: list[Image]
    sound: Sound
    rate: int
    is_marked: bool = False


def spoken(phrase: Phrase, voice: int = 0) -> tuple[Sound, int]:
    """A phrase read out after the time for the turn, in one of the voices of its language."""
    text = ", ".join(phrase.words)
    voices = VOICES[phrase.language]
    name, speed = voices[voice % len(voices)], SPEEDS[voice % len(SPEEDS)]
    command = ["espeak-ng", "-v", name, "-s", str(speed), "--stdout", text]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
    samples = np.frombuffer(data[44:], np.int16).astype(np.float32) / 32768
    return np.concatenate(
        [np.zeros(int(LEAD_S * rate), np.float32), samples, np.zeros(rate // 2, np.float32)]
    ), rate


def honest(numbers: Iterable[int], people: Iterable[Path] = ()) -> Iterator[Recording]:
    """The recordings with these numbers: people, the five languages and their voices in turn.

    `people` are folders with portraits of more people who do not exist.
    """
    animator = Animator.load(device="cpu")
    cast = list(portraits(people))
    languages = list(VOICES)
    for index in numbers:
        name, picture = cast[index % len(cast)]
        phrase = new_phrase(languages[index % len(languages)])
        yield record(animator, name, picture, phrase, seed=index, voice=index // len(languages))


def record(
    animator: Animator, name: str, picture: Image, phrase: Phrase, *, seed: int, voice: int = 0
) -> Recording:
    """One recording of a portrait's person who turns the head and reads the phrase."""
    sound, rate = spoken(phrase, voice)
    track = animator.drive(sound, rate, seed=seed, fps=FPS)
    pose = np.array(track.head_pose)
    times = np.arange(len(pose)) / FPS
    # A camera sees somebody's left at the picture's right.
    direction = 1.0 if phrase.turn == "left" else -1.0
    pose[:, 0] += direction * TURN_DEGREES * np.exp(-(((times - TURN_AT_S) / TURN_LASTS_S) ** 2))
    turned = replace(track, head_pose=pose.astype(np.float32))
    frames = list(animator.render(animator.fit(picture), turned, size=SIZE))
    return Recording(name, picture, phrase, frames, sound, rate)


def held_photograph(recording: Recording) -> Recording:
    """The portrait on paper before the camera, turned as the head should be, beside a helper's voice."""
    paper = cv2.resize(recording.portrait, (480, 480), interpolation=cv2.INTER_AREA)
    corners = np.array([[0, 0], [480, 0], [480, 480], [0, 480]], np.float32)
    rng = np.random.default_rng(0)
    frames = []
    for index in range(len(recording.frames)):
        time_s = index / FPS
        angle = np.radians(38 * np.exp(-(((time_s - TURN_AT_S) / TURN_LASTS_S) ** 2)))
        x, y = np.array([-1, 1, 1, -1.0]), np.array([-1, -1, 1, 1.0])
        depth = 3 + x * np.sin(angle)
        hand = np.array([4 * np.sin(3 * time_s), 3 * np.cos(2 * time_s)]) + rng.normal(0, 0.5, 2)
        shown = np.stack([320 + 600 * x * np.cos(angle) / depth, 240 + 600 * y / depth], 1) + hand
        bent = cv2.getPerspectiveTransform(corners, shown.astype(np.float32))
        frames.append(
            np.asarray(cv2.warpPerspective(paper, bent, (640, 480), borderValue=(90, 90, 90)), np.uint8)
        )
    return replace(recording, frames=frames)


def own_video(recording: Recording) -> Recording:
    """The same with our mark, as a video made here has it."""
    embedder, frames = Embedder(PAYLOAD, KEY), []
    for frame in recording.frames:
        picture = to_yuv(frame)
        set_luma(picture, embedder.mark(luma_of(picture)))
        frames.append(np.asarray(picture.to_ndarray(format="rgb24"), np.uint8))
    return replace(recording, frames=frames, is_marked=True)


def pairs(numbers: Iterable[int]) -> Iterator[tuple[Recording, Recording]]:
    """The pairs with these numbers: recordings of one person who reads two phrases of one language with at
    most one word in common; people and languages in turn.
    """
    animator = Animator.load(device="cpu")
    cast = list(portraits())
    languages = list(VOICES)
    for index in numbers:
        name, picture = cast[index % len(cast)]
        one, other = two_phrases(languages[index % len(languages)])
        yield (
            record(animator, name, picture, one, seed=2 * index),
            record(animator, name, picture, other, seed=2 * index + 1),
        )


def two_phrases(language: str) -> tuple[Phrase, Phrase]:
    """Two phrases with at most one word in common."""
    one = new_phrase(language)
    while len(set(one.words) & set((other := new_phrase(language)).words)) > 1:
        pass
    return one, other


def attacks(one: Recording, third: Recording, other: Recording) -> dict[str, Recording]:
    """Ten kinds of attack on the request of `one`, but for a replay, which is the same file again; edited
    recordings in three forms.

    `third` shows the person of `one` who reads other words, `other` somebody else. Nothing is rendered anew.
    """
    room = [cv2.GaussianBlur(np.roll(f[: SIZE // 8], 3, 1).repeat(8, 0), (0, 0), 9) for f in one.frames]
    length = min(len(one.frames), len(other.frames))
    cut = len(one.frames) * 2 // 3
    as_asked = replace(one.phrase, turn=third.phrase.turn)
    return {
        "photograph held up": held_photograph(one),
        "video of our own": own_video(one),
        "another person": replace(one, portrait=other.portrait),
        "old recording": replace(third, phrase=one.phrase),
        "no face": replace(one, frames=[np.asarray(f, np.uint8) for f in room]),
        "two faces": replace(
            one,
            frames=[np.hstack(pair) for pair in zip(one.frames[:length], other.frames[:length], strict=True)],
        ),
        "wrong phrase": replace(third, phrase=as_asked),
        "silent": replace(one, sound=np.zeros_like(one.sound)),
        "edited: dubbed": replace(third, phrase=as_asked, sound=one.sound, rate=one.rate),
        "edited: cut while speaking": replace(
            one, phrase=as_asked, frames=[*third.frames[:cut], *one.frames[cut:]]
        ),
        "edited: joined in a pause": joined_in_a_pause(third, one),
    }


def joined_in_a_pause(begins: Recording, ends: Recording) -> Recording:
    """Picture and sound of two recordings of one person, joined where both are silent after three words, as
    the answer to a request for these three and the last three of the other.
    """
    words = (*begins.phrase.words[:3], *ends.phrase.words[3:])
    until, since = (int(pauses(one)[2] * FPS) / FPS for one in (begins, ends))
    return replace(
        begins,
        phrase=replace(begins.phrase, words=words),
        frames=[*begins.frames[: round(until * FPS)], *ends.frames[round(since * FPS) :]],
        sound=np.concatenate(
            [begins.sound[: round(until * begins.rate)], ends.sound[round(since * ends.rate) :]]
        ),
    )


def pauses(recording: Recording) -> list[float]:
    """The middles, in seconds, of the five longest silences between the words of a recording, in order."""
    step = recording.rate // 100
    levels = np.abs(recording.sound[: len(recording.sound) // step * step]).reshape(-1, step).max(1)
    loud = np.flatnonzero(levels > 0.01)
    gaps = np.diff(loud)
    longest = np.sort(np.argsort(gaps)[-(len(recording.phrase.words) - 1) :])
    return [float(loud[one] + gaps[one] / 2) / 100 for one in longest]


def write(path: Path, recording: Recording, camera: Camera) -> None:
    """A recording as a telephone with this camera sends it."""
    noise = np.random.default_rng(1)
    frames = [camera.lens(frame, noise, index / FPS) for index, frame in enumerate(recording.frames)]
    codec, options = camera.picture
    rate = camera.sound_rate or recording.rate
    with av.open(str(path), "w") as file:
        picture = file.add_stream(codec, rate=FPS, options=options)
        picture.height, picture.width = frames[0].shape[:2]
        picture.pix_fmt = "yuv420p"
        if camera.picture_bits is not None:
            picture.bit_rate = camera.picture_bits
        voice = file.add_stream(camera.sound, rate=rate, layout="mono")
        if camera.sound_bits is not None:
            voice.bit_rate = camera.sound_bits
        for frame in frames:
            file.mux(picture.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        file.mux(picture.encode())
        resampler = av.AudioResampler(format=voice.format.name, layout="mono", rate=rate)
        queue = av.AudioFifo()
        for start in range(0, len(recording.sound), 1024):
            piece = np.ascontiguousarray(recording.sound[None, start : start + 1024])
            part = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            part.sample_rate, part.pts, part.time_base = recording.rate, start, Fraction(1, recording.rate)
            for whole in resampler.resample(part):
                queue.write(whole)
            while (whole := queue.read(voice.frame_size or 1024)) is not None:
                file.mux(voice.encode(whole))
        for whole in resampler.resample(None):
            queue.write(whole)
        while (whole := queue.read(voice.frame_size or 1024)) is not None:
            file.mux(voice.encode(whole))
        file.mux(voice.encode())
