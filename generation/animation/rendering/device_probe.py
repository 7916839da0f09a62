"""Which device draws faster, by drawing: a graphics card that only exists is no reason to use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.renderer import FrameInputSequence, Renderer
from generation.animation.rendering.threaded import render_threads
from generation.animation.track.motion_track import MotionTrack

LEAST_GAIN: Final = 3.0  # times the speed of the cores beside it, below which a card is left to others
WARM_UP, TIMED = 3, 9  # frames

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
    """Frames a second that a worker draws: on the CPU by as many threads as render, elsewhere by one."""
    renderer = Renderer(fitted, size, backend_for(device))
    track = MotionTrack.neutral(WARM_UP + TIMED, 25)
    times = []
    for inputs in FrameInputSequence().iter_frame_inputs(track):
        begun = time.perf_counter()
        renderer.frame(*inputs)  # its frame is on the CPU, so the card has finished
        times.append(time.perf_counter() - begun)
    threads = render_threads() if device == "cpu" else 1
    return threads / median(times[WARM_UP:])
