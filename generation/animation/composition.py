"""A renderer and a motion source, chosen by name, as one animator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.protocols import (
    LiveAnimator,
    MotionSource,
    PictureRenderer,
    PortraitAnimator,
    PortraitRenderer,
    StretchRenderer,
    drawing_device,
    drive_directed,
    drive_in_pieces,
    forget,
)
from generation.animation.registry import MOTION_SOURCES, RENDERERS
from generation.animation.track.motion_track import MotionTrack


@dataclass(frozen=True)
class ComposedAnimator:
    """A renderer and a motion source that need not know of each other, as one PortraitAnimator.

    Raises ValueError for a renderer that does not state where its pixels come from.
    """

    renderer: PortraitRenderer
    motion_source: MotionSource
    takes_direction: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.renderer.identity.pixel_origin is PixelOrigin.NONE:
            raise ValueError(f"{self.renderer.identity.name} renders, so it must state a pixel origin.")

    @property
    def identity(self) -> ModelIdentity:
        """The renderer's."""
        return self.renderer.identity

    @property
    def motion_identity(self) -> ModelIdentity:
        """The motion source's."""
        return self.motion_source.motion_identity

    def fit(self, image: NDArray[np.uint8]) -> Any:
        """As the renderer."""
        return self.renderer.fit(image)

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls,
        seed: int,
        fps: float,
        direction: Direction | None = None,
    ) -> MotionTrack:
        """As the motion source. Raises DirectionNotTaken where it takes none."""
        return drive_directed(
            self.motion_source,
            audio,
            sample_rate,
            controls=controls,
            direction=direction,
            seed=seed,
            fps=fps,
        )

    def drive_in_pieces(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls,
        seed: int,
        fps: float,
        direction: Direction | None = None,
    ) -> Iterator[MotionTrack]:
        """As the motion source, in one piece where it makes none. Raises DirectionNotTaken where it takes no
        direction."""
        return drive_in_pieces(
            self.motion_source,
            audio,
            sample_rate,
            controls=controls,
            direction=direction,
            seed=seed,
            fps=fps,
        )

    def render(self, fitted: Any, track: MotionTrack, *, size: int) -> Iterator[NDArray[np.uint8]]:
        """As the renderer."""
        return self.renderer.render(fitted, track, size=size)

    def render_in_picture(
        self, fitted: Any, track: MotionTrack, *, size: int, aspect: str, fill: str
    ) -> Iterator[NDArray[np.uint8]]:
        """As the renderer. Raises VideoFormatRefused where it makes squares only."""
        if not isinstance(self.renderer, PictureRenderer):
            raise VideoFormatRefused.square_only()
        return self.renderer.render_in_picture(fitted, track, size=size, aspect=aspect, fill=fill)

    def drawing_device(self, fitted: Any, size: int) -> str:
        """As the renderer."""
        return drawing_device(self.renderer, fitted, size)

    def forget(self, fitted: Any) -> None:
        """As the renderer, if it keeps anything."""
        forget(self.renderer, fitted)

    @property
    def renders_stretches(self) -> bool:
        """Whether the renderer does."""
        return isinstance(self.renderer, StretchRenderer) and self.renderer.renders_stretches

    def render_stretch(
        self, fitted: Any, track: MotionTrack, *, video: VideoFormat, frames: range
    ) -> Iterator[NDArray[np.uint8]]:
        """As the renderer. Raises TypeError where `renders_stretches` is false."""
        if not isinstance(self.renderer, StretchRenderer):
            raise TypeError(f"{self.renderer.identity.name} renders whole videos only.")
        return self.renderer.render_stretch(fitted, track, video=video, frames=frames)


def load_live_animator(*, renderer: str, motion_source: str, device: str) -> LiveAnimator | None:
    """As `load_animator`, if these two parts can speak live; else None."""
    parts = RENDERERS.load(renderer, device), MOTION_SOURCES.load(motion_source, device)
    drawing, moving = (part if isinstance(part, LiveAnimator) else None for part in parts)
    return drawing if drawing is moving or type(drawing) is type(moving) else None


def load_animator(*, renderer: str, motion_source: str, device: str) -> PortraitAnimator:
    """The renderer and the motion source with these names, on `device`.

    Raises PartUnknown, and what their loaders raise.
    """
    return ComposedAnimator(RENDERERS.load(renderer, device), MOTION_SOURCES.load(motion_source, device))
