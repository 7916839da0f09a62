"""Measures the speed and latency of motion generation, and how live lips differ from recorded ones."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.speech.clips import Clip, Row
from generation.animation.motion.generator import concatenate_tracks, drive, stream
from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.track.arkit import ARKIT_ACTIONS

FPS = 40.0
_CHUNK = 320  # samples, 20 ms
_LIPS = [ARKIT_ACTIONS.index(name) for name in ("jawOpen", "mouthClose")]


def measure_speed(clips: list[Clip]) -> list[Row]:
    """Real-time factors on one core, the first frame, lips live and recorded, and ten minutes of speech."""
    torch.set_num_threads(1)
    samples = clips[0].samples
    cut = [samples[start : start + _CHUNK] for start in range(0, len(samples), _CHUNK)]
    drive(samples, SAMPLE_RATE, fps=FPS)  # loads what is loaded once
    offline = _factor(lambda: drive(samples, SAMPLE_RATE, fps=FPS), samples)
    live = _factor(lambda: list(stream(cut, SAMPLE_RATE, fps=FPS)), samples)
    return [
        Row(
            "real-time factor on one core (processor time), offline / streaming",
            f"{offline:.2f} / {live:.2f}",
            "<= .2 / <= .5",
        ),
        Row("first frame, seconds of audio", f"{_first_frame_s(samples):.3f}", "<= .2"),
        _lips_live_and_recorded(clips),
        _ten_minutes(np.resize(np.concatenate([clip.samples for clip in clips]), 600 * SAMPLE_RATE)),
    ]


def _factor(work: Callable[[], object], samples: NDArray[np.float32]) -> float:
    begin = time.process_time()
    work()
    return (time.process_time() - begin) / (len(samples) / SAMPLE_RATE)


def _first_frame_s(samples: NDArray[np.float32]) -> float:
    """How much audio has to come before the first frame does, in steps of 5 ms."""
    given = 0

    def chunks() -> Iterator[NDArray[np.float32]]:
        nonlocal given
        for start in range(0, len(samples), 80):
            given = start + 80
            yield samples[start : start + 80]

    next(iter(stream(chunks(), SAMPLE_RATE, fps=FPS)))
    return given / SAMPLE_RATE


def _lips_live_and_recorded(clips: list[Clip]) -> Row:
    """How far the lips' gap (jawOpen without mouthClose) of a live voice is from that of its recording."""
    apart = []
    for clip in clips[:4]:
        tracks = (
            drive(clip.samples, SAMPLE_RATE, fps=FPS),
            concatenate_tracks(list(stream([clip.samples], SAMPLE_RATE, fps=FPS))),
        )
        gaps = [track.actions[:, _LIPS[0]] - track.actions[:, _LIPS[1]] for track in tracks]
        apart.append(np.abs(gaps[0] - gaps[1]))
    every = np.concatenate(apart)
    return Row(
        "lips' gap, live against recorded: mean, 95 % (1 is a jaw wide open)",
        f"{every.mean():.3f}, {np.percentile(every, 95):.3f}",
        "stated",
    )


def _ten_minutes(samples: NDArray[np.float32]) -> Row:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    track = drive(samples, SAMPLE_RATE, fps=FPS)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    halves = [half[:, :3].mean(0) for half in np.array_split(track.head_pose, 2)]
    drift = float(np.abs(halves[1] - halves[0]).max())
    return Row(
        "600 s: memory beyond 30 s, MB; mean pose, second half against first, degrees",
        f"{grown:.0f}; {drift:.1f}",
        "no drift",
    )
