"""Which device draws faster, by drawing: a graphics card that only exists is no reason to use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice, repeat
from statistics import median
from typing import Final

from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.batched import batch_length
from generation.animation.rendering.threaded import frames_ahead, render_threads
from generation.animation.track.motion_track import MotionTrack

LEAST_GAIN: Final = 3.0  # times the speed of the cores beside it, below which a card is left to others
TIMED: Final = 4  # rounds

Measure = Callable[[FittedPortrait, int, str], float]
_chosen: dict[int, str] = {}


def probed_device(fitted: FittedPortrait, size: int, measure: Measure | None = None) -> str:
    """CUDA where it draws `fitted` at `size` LEAST_GAIN times as fast as this machine's cores, else the CPU.

    Measured once in a process for each size, by the first portrait.
    """
    if size not in _chosen:
        rate = measure or frames_per_s
        on_card, on_cores = (rate(fitted, size, device) for device in ("cuda", "cpu"))
        _chosen[size] = "cuda" if on_card >= LEAST_GAIN * on_cores else "cpu"
    return _chosen[size]


def frames_per_s(fitted: FittedPortrait, size: int, device: str) -> float:
    """Frames a second that a worker draws, as it draws them: on the CPU by as many threads as render, each
    frame by itself; elsewhere in batches. The median of TIMED rounds, after a first that is not counted."""
    threads = render_threads() if device == "cpu" else 1
    count = threads if device == "cpu" else 2 * batch_length(size)
    track = MotionTrack.neutral(count, 25)
    # A live performance in pieces: each round is drawn to its end before the next begins.
    frames = frames_ahead(fitted, size, backend_for(device), repeat(track, 1 + TIMED), threads)
    times = []
    with closing(frames):
        for _ in range(1 + TIMED):
            begun = time.perf_counter()
            for _frame in islice(frames, count):  # on the CPU, so the card has finished
                pass
            times.append(time.perf_counter() - begun)
    return count / median(times[1:])
