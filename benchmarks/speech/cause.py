"""Is the voice the cause of the performance, and does it move a face as far as people's move?

    python -m benchmarks.speech.cause

Prints the rows of the table in docs/motion.md with their bars. Needs the packages that `recordings` names.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from benchmarks.rendering.lip_gap import presenter_lips
from benchmarks.speech import cause_metrics as metrics
from benchmarks.speech.clips import Row
from benchmarks.speech.face_measures import REAL, face_measures
from benchmarks.speech.recordings import (
    Recording,
    coded,
    held_out,
    noisy,
    raised,
    shouted,
    usual,
    whispered,
    without_voice,
)
from benchmarks.speech.voice_matcher import pair_of, picked, train_matcher, voice_of
from generation.animation.motion.generator import drive
from generation.animation.motion.voice_features import voice_rows
from generation.animation.speech.speech_analysis import analyse_speech
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

FPS: Final = 25.0
RECORDINGS: Final = 20
_PEOPLE: Final = 5
_MOVING: Final = 0.02  # of an action's standard deviation, and of the lips' opening in head widths
_GAIN_DB: Final = 20.0


def performed(recording: Recording, seed: int) -> MotionTrack:
    return drive(recording.samples, recording.sample_rate, seed=seed, fps=FPS)


def changed(recording: Recording, samples: NDArray[np.float32]) -> Recording:
    return Recording(recording.name, recording.voice, samples, recording.sample_rate)


def measure_cause(recordings: list[Recording], tracks: list[list[MotionTrack]]) -> list[Row]:
    """Other recordings, other seeds, other bytes: which of them changes it? `tracks` is [seed][recording]."""
    rows = []
    courses = [[metrics.curves_of(track) for track in row] for row in tracks]
    other = [metrics.between(row) for row in courses]
    mean, size = (np.mean([found[i] for found in other], axis=0) for i in range(2))
    seeds = [metrics.between([metrics.curves_of(performed(r, s)) for s in range(6)]) for r in recordings[::4]]
    between_seeds = np.mean([found[1] for found in seeds], axis=0)
    rows.append(
        Row(f"same seed, different recordings: mean r of {', '.join(metrics.CURVES)}", _list(mean), "<= .15")
    )
    rows.append(Row("the same, mean of |r|", _list(size), "<= that between seeds"))
    rows.append(Row("same recording, different seeds, mean of |r|", _list(between_seeds), ""))
    worse: dict[str, Callable[[Recording], NDArray[np.float32]]] = {
        "AAC at 32 kbit/s": coded,
        "6 dB softer": lambda recording: recording.samples / 2,
        "noise at 30 dB": lambda recording: noisy(recording.samples),
    }
    for what, change in worse.items():
        pairs = [
            (course, metrics.curves_of(performed(changed(recording, change(recording)), 0)))
            for recording, course in list(zip(recordings, courses[0], strict=True))[::2]
        ]
        rows.append(Row(f"same seed, same recording, {what}: mean r", _list(metrics.alike(pairs)), ">= .9"))
    voices = [
        next(r for r in recordings if r.voice == voice)
        for voice in dict.fromkeys(r.voice for r in recordings)
    ]
    table = [
        [metrics.envelopes(performed(recording, seed))[:, : int(13 * FPS)] for seed in range(6)]
        for recording in voices
    ]
    rows.append(
        Row(
            f"voice's share of variance of head and brow speed, {len(voices)} voices x 6 seeds",
            _list(metrics.voice_share(table)),
            ".25 to .6",
        )
    )
    return rows


def measure_head(recordings: list[Recording], tracks: list[list[MotionTrack]]) -> list[Row]:
    """How the head moves, in speech and without."""
    every = [track for row in tracks for track in row]
    loud = [_loudness(recording) for recording in recordings]
    found = [
        metrics.coupling(metrics.speed(track), loud[i], loud[i - 1], FPS)
        for row in tracks
        for i, track in enumerate(row)
    ]
    own, stranger = np.mean(found, axis=0)
    speeds = np.array([metrics.speed(track).mean() for track in every])
    shares = np.mean([metrics.spectral_shares(track) for track in every], axis=0)
    spread = np.mean([track.head_pose[:, :3].std(0) for track in every], axis=0)
    lips, speechless, moved = presenter_lips(), [], []
    for recording in without_voice():
        track = performed(recording, 0)
        speechless.append(metrics.speed(track).mean() / speeds.mean())
        moved.append(float((lips.gap(track.actions) > _MOVING).mean()))
    return [
        Row(
            "head speed with the own loudness, with another's",
            f"{own:.2f}, {stranger:.2f}",
            ".25 to .6, <= .10",
        ),
        Row(
            "head speed, degrees a second: mean (least to greatest)",
            f"{speeds.mean():.1f} ({speeds.min():.1f} to {speeds.max():.1f})",
            "10 to 25",
        ),
        Row(
            "head, sd of yaw / pitch / roll, degrees",
            " / ".join(f"{value:.1f}" for value in spread),
            "people 3.9 / 3.0 / 2.6",
        ),
        Row(
            "share of head energy below 0.5 Hz; 0.5 to 2; 2 to 6",
            "; ".join(f"{share:.2f}" for share in shares),
            "; .15 to .45; .02 to .15",
        ),
        Row("noise and music: greatest head speed against speech", f"{max(speechless):.2f}", "<= .35"),
        Row("noise and music: greatest share of frames in which lips part", f"{max(moved):.3f}", "<= .02"),
    ]


def measure_face(tracks: list[list[MotionTrack]]) -> list[Row]:
    """How far and how variously the face moves; standard deviations against those of people."""
    every = [track for row in tracks for track in row]
    spreads = [{name: values.std() for name, values in face_measures(track).items()} for track in every]
    rows = [
        Row(
            f"sd of {name} against people's",
            f"{np.mean([spread[name] for spread in spreads]) / real:.2f}",
            ".6 to 1.4",
        )
        for name, real in REAL.items()
    ]
    actions = np.concatenate([track.actions for track in every]).astype(np.float64)
    still = [name for name, sd in zip(ARKIT_ACTIONS, actions.std(0), strict=True) if sd <= _MOVING]
    longest = max(metrics.longest_without_blink(track) for track in every)
    return [
        *rows,
        Row(
            f"actions with sd > {_MOVING}",
            f"{len(ARKIT_ACTIONS) - len(still)} (not: {', '.join(still)})",
            ">= 35",
        ),
        Row("dimensions for 95 % of the variance of the actions", str(metrics.dimensions(actions)), ">= 8"),
        Row("longest time without a blink, seconds", f"{longest:.1f}", "<= 8"),
    ]


def measure_matcher(recordings: list[Recording], tracks: list[MotionTrack], others: list[Recording]) -> Row:
    """`tracks` are performances to `recordings`; the matcher learns from `others` and other seeds."""
    heard = [voice_rows(analyse_speech(r.samples, r.sample_rate)) for r in others]
    learned = [
        pair_of(rows, performed(recording, seed))
        for seed in (10, 11, 12)
        for recording, rows in zip(others, heard, strict=True)
    ]
    weights = train_matcher(learned)
    asked = [voice_rows(analyse_speech(r.samples, r.sample_rate)) for r in recordings]
    voices = [voice_of(rows) for rows in asked]
    pairs = [pair_of(rows, track) for rows, track in zip(asked, tracks, strict=True)]
    right = [picked(weights, pair, voices) == i for i, pair in enumerate(pairs)]
    return Row(
        f"a matcher picks the right one of {len(recordings)} recordings", f"{np.mean(right):.2f}", ">= .40"
    )


def measure_effort() -> list[Row]:
    """Lips of a whisper and of a raised voice against the same sentence spoken as usual; and a louder one."""
    lips = presenter_lips()

    def opening(recording: Recording) -> float:
        return float(lips.gap(performed(recording, 0).actions).mean())

    spoken = usual()
    plain = {recording.name: opening(recording) for recording in spoken}
    whispers = [
        opening(r) / plain[r.name.replace("+whisperf", "+f3").replace("+whisper", "")] for r in whispered()
    ]
    voices = [opening(raised(recording)) / plain[recording.name] for recording in spoken]
    shouts = [opening(recording) / plain[recording.name.removesuffix(" raised")] for recording in shouted()]
    people = held_out(0, _PEOPLE)
    called = [opening(raised(recording)) / opening(recording) for recording in people]
    gains = [
        opening(changed(recording, recording.samples * np.float32(10 ** (gain / 20)))) / plain[recording.name]
        for recording in spoken
        for gain in (-_GAIN_DB, _GAIN_DB)
    ]
    return [
        Row(
            "lip aperture of a whisper, of a raised voice and of a shout, against usual speech",
            f"{np.mean(whispers):.2f}, {np.mean(voices):.2f}, {np.mean(shouts):.2f}",
            "<= .75, >= 1.2, >= 1.2",
        ),
        Row(
            f"the same of {_PEOPLE} people's recordings, raised: mean (least to greatest)",
            f"{np.mean(called):.2f} ({min(called):.2f} to {max(called):.2f})",
            ">= 1.2",
        ),
        Row(
            "the same 20 dB softer or louder, greatest change",
            f"{max(abs(gain - 1) for gain in gains):.3f}",
            "<= .10",
        ),
    ]


def _loudness(recording: Recording) -> NDArray[np.float64]:
    level = analyse_speech(recording.samples, recording.sample_rate).prosody.level_db.astype(np.float64)
    smooth = gaussian_filter1d(np.clip(level, -60, 0), 15)
    times = (np.arange(int(len(level) / 100 * FPS)) + 0.5) / FPS
    return np.asarray(np.interp(times, (np.arange(len(level)) + 0.5) / 100, smooth), np.float64)


def _list(values: NDArray[np.float64]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def main() -> None:
    torch.set_num_threads(1)
    recordings = held_out(0, RECORDINGS)
    tracks = [[performed(recording, seed) for recording in recordings] for seed in range(2)]
    print(f"{RECORDINGS} recordings, {len({r.voice for r in recordings})} voices, two seeds\n")
    print("| what | measured | bar |\n|---|---|---|")
    parts: tuple[Callable[[], list[Row]], ...] = (
        lambda: measure_cause(recordings, tracks),
        lambda: measure_head(recordings, tracks),
        lambda: measure_face(tracks),
        lambda: [measure_matcher(recordings, tracks[0], held_out(RECORDINGS, RECORDINGS))],
        measure_effort,
    )
    for what, measured, bar in itertools.chain.from_iterable(part() for part in parts):
        print(f"| {what} | {measured} | {bar} |", flush=True)


if __name__ == "__main__":
    main()
