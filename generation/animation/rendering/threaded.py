"""Threaded rendering: several renderers prefetch frames on all cores; frames come out in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain, islice

from generation.animation.arrays import UInt8Array
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.backends.backend import BackendFactory
from generation.animation.rendering.batched import draws_batches, frames_in_batches
from generation.animation.rendering.renderer import FrameInputs, FrameInputSequence, Renderer
from generation.animation.track.motion_track import MotionTrack

MOST_THREADS = 4
AHEAD = 2  # frames that each thread may prefetch


def render_threads() -> int:
    """How many threads render: as many as this process has cores, at most MOST_THREADS."""
    return min(len(os.sched_getaffinity(0)), MOST_THREADS)


def frames_ahead(  # noqa: PLR0917 - the performance, and how to render it
    fitted: FittedPortrait,
    size: int,
    backend: BackendFactory,
    tracks: Iterable[MotionTrack],
    threads: int,
    only: range | None = None,
) -> Generator[UInt8Array]:
    """Iterate over (size, size, 3) uint8 RGB frames, each thread with a renderer of its own.

    `tracks` are one performance in pieces. All frames of a piece are yielded before the next piece is
    requested, so that a live performance has no additional latency. With `only`, the numbers of frames that
    follow one another, no others are rendered. Frames depend neither on it nor on the number of threads. A
    back end that draws batches is given them, by one renderer.
    Raises ValueError at once for a wrong `size`; an exception of a frame is raised in that frame's place.
    Threads end with the iterator."""
    sequence = FrameInputSequence()
    pieces: Iterator[Iterable[FrameInputs]] = (sequence.iter_frame_inputs(track) for track in tracks)
    if only is not None:
        return _stretch(
            fitted, size, backend, islice(chain.from_iterable(pieces), only.start, only.stop), threads
        )
    first = Renderer(fitted, size, backend)
    if (batches := draws_batches(first.backend)) is not None:
        return frames_in_batches(first, batches, pieces)
    return frames_in_order([first, *(first.twin() for _ in range(threads - 1))], pieces)


def _stretch(
    fitted: FittedPortrait,
    size: int,
    backend: BackendFactory,
    inputs: Iterable[FrameInputs],
    threads: int,
) -> Generator[UInt8Array]:
    """The frames of a stretch of a video. Renderers are kept with the face: who makes one stretch makes
    others, and to prepare a renderer takes as long as dozens of frames."""
    renderers = fitted.kept.pop((size, backend, threads), None)  # nobody else has them meanwhile
    if renderers is None:
        first = Renderer(fitted, size, backend)
        renderers = [first, *(first.twin() for _ in range(threads - 1))]

    def frames() -> Generator[UInt8Array]:
        if (batches := draws_batches(renderers[0].backend)) is not None:
            yield from frames_in_batches(renderers[0], batches, [inputs])
        else:
            yield from frames_in_order(renderers, [inputs])
        fitted.kept[size, backend, threads] = renderers

    return frames()


def frames_in_order(
    renderers: Sequence[Renderer], pieces: Iterable[Iterable[FrameInputs]]
) -> Generator[UInt8Array]:
    """As `frames_ahead`, with renderers that are there already, each for one thread."""
    with ExitStack() as stack:
        # One thread a renderer: a renderer reuses its buffers.
        pools = [stack.enter_context(ThreadPoolExecutor(1, "render")) for _ in renderers]
        for pool in pools:
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        waiting: deque[Future[UInt8Array]] = deque()
        for piece in pieces:
            for i, inputs in enumerate(piece):
                turn = i % len(pools)
                waiting.append(pools[turn].submit(renderers[turn].frame, *inputs))
                if len(waiting) >= AHEAD * len(pools):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
