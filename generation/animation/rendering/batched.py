"""Batched rendering: a back end draws several frames at once, while others are posed and finished."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from generation.animation.arrays import UInt8Array
from generation.animation.rendering.backends.backend import SurfaceBackend
from generation.animation.rendering.backends.batch import BatchBackend
from generation.animation.rendering.renderer import FrameInputs, Posed, Renderer

PIXELS = 8 * 512 * 512  # of the frames of one batch together


def draws_batches(backend: SurfaceBackend) -> BatchBackend | None:
    """The back end, if it draws batches."""
    return backend if isinstance(backend, BatchBackend) else None


def batch_length(size: int) -> int:
    """How many frames of this size are drawn together."""
    return max(1, PIXELS // size**2)


def frames_in_batches(
    renderer: Renderer, backend: BatchBackend, pieces: Iterable[Iterable[FrameInputs]]
) -> Generator[UInt8Array]:
    """Iterate over (size, size, 3) uint8 RGB frames of a performance in pieces, each a new array.

    All frames of a piece are yielded before the next piece is requested, as `frames_ahead` has it; no batch
    goes beyond a piece. Frames are those of `Renderer.frames` to within a rounding, however they are batched.
    """
    length = batch_length(renderer.size)
    with ThreadPoolExecutor(1, "render") as pool:
        for piece in pieces:
            inputs = iter(piece)
            drawing: tuple[Future[UInt8Array], list[Posed]] | None = None
            while batch := list(islice(inputs, length)):
                surfaces, posed = zip(*(renderer.surface(one) for one in batch), strict=True)
                begun = pool.submit(backend.draw_batch, renderer.scene, surfaces), list(posed)
                if drawing is not None:
                    yield from _finished(renderer, *drawing)
                drawing = begun
            if drawing is not None:
                yield from _finished(renderer, *drawing)


def _finished(renderer: Renderer, drawn: Future[UInt8Array], posed: list[Posed]) -> Iterator[UInt8Array]:
    for frame, pose in zip(drawn.result(), posed, strict=True):
        renderer.finish(frame, pose)
        yield frame
