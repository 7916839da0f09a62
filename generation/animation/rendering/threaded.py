"""Rendering on several cores: frames in order, made a little ahead of whoever takes them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from generation.animation.arrays import UInt8Array
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.backends.backend import DrawingFactory
from generation.animation.rendering.renderer import Moments, Renderer
from generation.animation.track.motion_track import MotionTrack

MOST_THREADS = 4
AHEAD = 2  # frames that each thread may be ahead of the taker


def render_threads() -> int:
    """How many threads render: as many as this process has cores, at most MOST_THREADS."""
    return min(len(os.sched_getaffinity(0)), MOST_THREADS)


def frames_ahead(
    fitted: FittedPortrait,
    size: int,
    drawing: DrawingFactory,
    tracks: Iterable[MotionTrack],
    threads: int,
) -> Generator[UInt8Array]:
    """Iterate over (size, size, 3) uint8 RGB frames, each thread with a renderer of its own.

    `tracks` are one performance in pieces. The frames of a piece come out before the next is asked for, so
    that a live one is never behind. Which thread makes a frame does not change it. Raises ValueError at once
    for a wrong `size`. What a frame raises comes out where that frame would; threads end when the iterator
    does."""
    renderers = [Renderer(fitted, size, drawing) for _ in range(threads)]
    return _in_order(renderers, tracks)


def _in_order(renderers: list[Renderer], tracks: Iterable[MotionTrack]) -> Generator[UInt8Array]:
    with ExitStack() as stack:
        # One thread a renderer: a renderer reuses its buffers.
        pools = [stack.enter_context(ThreadPoolExecutor(1, "render")) for _ in renderers]
        for pool in pools:
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        waiting: deque[Future[UInt8Array]] = deque()
        moments = Moments()
        for track in tracks:
            for i, moment in enumerate(moments.of(track)):
                turn = i % len(pools)
                waiting.append(pools[turn].submit(renderers[turn].frame, *moment))
                if len(waiting) >= AHEAD * len(pools):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
