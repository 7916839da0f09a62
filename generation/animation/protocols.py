"""The exchangeable parts of an animation: what a renderer and what a motion source must offer.

Both state who they are; manifests repeat it. `generation.animation.Animator` is one class that is both.
docs/extending.md shows how to write another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Protocol, TypeGuard, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from generation.animation.framing.video_format import VideoFormat
from generation.animation.identity import ModelIdentity
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction, DirectionNotTaken
from generation.animation.track.motion_track import MotionTrack


class PortraitRenderer(Protocol):
    """Turns a portrait and motion into frames."""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the pixels."""
        ...

    def fit(self, image: NDArray[np.uint8]) -> Any:
        """Prepare one portrait, (H, W, 3) uint8 RGB; the result is opaque and goes to `render`.

        Raises PortraitRejected when it cannot be animated.
        """
        ...

    def render(self, fitted: Any, track: MotionTrack, *, size: int) -> Iterator[NDArray[np.uint8]]:
        """One (size, size, 3) uint8 RGB frame for each frame of `track`, in order, each a new array."""
        ...


@runtime_checkable
class PictureRenderer(Protocol):
    """What a renderer may offer as well: the person animated inside the picture. Without it, a job's aspect
    is 1:1."""

    def render_in_picture(
        self, fitted: Any, track: MotionTrack, *, size: int, aspect: str, fill: str
    ) -> Iterator[NDArray[np.uint8]]:
        """As `render`, but (H, W, 3) frames of another aspect; the arguments are the fields of VideoFormat.

        Raises VideoFormatRefused for a picture that does not suffice.
        """
        ...


@runtime_checkable
class StretchRenderer(PortraitRenderer, Protocol):
    """A renderer that offers more: any stretch of a video by itself, so that several workers share a
    long one."""

    @property
    def renders_stretches(self) -> bool:
        """Whether it does; one that is made of other parts may find out."""
        ...

    def render_stretch(
        self, fitted: Any, track: MotionTrack, *, video: VideoFormat, frames: range
    ) -> Iterator[NDArray[np.uint8]]:
        """The frames with these numbers, which follow one another, of the whole video: bit by bit what
        `render` and `render_in_picture` give. `track` is the motion of the video from its beginning, at least
        up to the last of these frames."""
        ...


@runtime_checkable
class KeepingRenderer(Protocol):
    """What a renderer may offer as well: it keeps something with a face, to render more of it sooner."""

    def forget(self, fitted: Any) -> None:
        """No more of this face is rendered."""
        ...


@runtime_checkable
class DeviceRenderer(Protocol):
    """What a renderer may offer as well: where it draws, so that frames are marked there too."""

    def drawing_device(self, fitted: Any, size: int) -> str:
        """The name of the device on which this portrait is drawn at this size: "cpu", or one of torch's."""
        ...


class MotionSource(Protocol):
    """Turns speech into motion."""

    @property
    def motion_identity(self) -> ModelIdentity:
        """The model that makes the motion."""
        ...

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls,
        seed: int,
        fps: float,
    ) -> MotionTrack:
        """The motion for speech, (N,) float32 mono in -1..1: round(N / sample_rate * fps) frames.

        The same arguments give the same track.
        """
        ...


@runtime_checkable
class DirectedMotionSource(Protocol):
    """What a motion source may offer as well: a performance directed over time. Without it, jobs with a
    direction are refused."""

    takes_direction: ClassVar[bool]

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
        """As `MotionSource.drive`, following `direction`."""
        ...


@runtime_checkable
class PiecewiseMotionSource(Protocol):
    """What a motion source may offer as well: motion in pieces, so that others render the first while it
    drives the next. Without it, a long video is shared once all of its motion is driven."""

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
        """The track of `drive`, bit by bit, in pieces that follow one another, each when it is driven."""
        ...


class LiveMotion(Protocol):
    """Motion that is made while its speech arrives."""

    @property
    def delay_s(self) -> float:
        """How much speech beyond a frame's time the frame needs at most."""
        ...

    def push(self, samples: NDArray[np.float32]) -> MotionTrack:
        """The frames that are final with the next samples, (N,) float32 mono in -1..1; maybe none."""
        ...

    def direct(self, values: Mapping[str, float | str]) -> None:
        """Change controls, by the names of MotionControls, from the next frame on. Raises ControlsInvalid."""
        ...


@runtime_checkable
class LiveAnimator(Protocol):
    """What an animator may offer as well: a face that speaks while the voice is still arriving."""

    def fit(self, image: NDArray[np.uint8]) -> Any:
        """As PortraitRenderer."""
        ...

    def live_motion(self, sample_rate: int, *, controls: MotionControls, seed: int, fps: float) -> LiveMotion:
        """Motion for speech of `sample_rate` samples a second."""
        ...

    def render_live(
        self, fitted: Any, pieces: Iterable[MotionTrack], *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        """As `render`; the frames of a piece come before the next piece is asked for."""
        ...


class PortraitAnimator(PortraitRenderer, MotionSource, Protocol):
    """Both parts: what turns a portrait and speech into frames."""


def drive_directed(
    source: MotionSource,
    audio: NDArray[np.float32],
    sample_rate: int,
    *,
    controls: MotionControls,
    direction: Direction | None,
    seed: int,
    fps: float,
) -> MotionTrack:
    """`source.drive`, with the direction if there is one. Raises DirectionNotTaken where the source takes
    none."""
    if direction is None or direction.is_empty:
        return source.drive(audio, sample_rate, controls=controls, seed=seed, fps=fps)
    if not _takes_direction(source):
        raise DirectionNotTaken
    return source.drive(audio, sample_rate, controls=controls, seed=seed, fps=fps, direction=direction)


def drive_in_pieces(
    source: MotionSource,
    audio: NDArray[np.float32],
    sample_rate: int,
    *,
    controls: MotionControls,
    direction: Direction | None,
    seed: int,
    fps: float,
) -> Iterator[MotionTrack]:
    """What `drive_directed` gives, in pieces where the source makes some, else in one."""
    is_directed = direction is not None and not direction.is_empty
    if isinstance(source, PiecewiseMotionSource) and (not is_directed or _takes_direction(source)):
        yield from source.drive_in_pieces(
            audio, sample_rate, controls=controls, seed=seed, fps=fps, direction=direction
        )
        return
    yield drive_directed(
        source, audio, sample_rate, controls=controls, direction=direction, seed=seed, fps=fps
    )


def _takes_direction(source: MotionSource) -> TypeGuard[DirectedMotionSource]:
    return isinstance(source, DirectedMotionSource) and source.takes_direction


def renders_stretches(animator: PortraitRenderer) -> TypeGuard[StretchRenderer]:
    """Whether any stretch of a video can be asked of it."""
    return isinstance(animator, StretchRenderer) and animator.renders_stretches


def forget(renderer: PortraitRenderer, fitted: Any) -> None:
    """Tell a renderer that keeps something with a face that no more of it is rendered."""
    if isinstance(renderer, KeepingRenderer):
        renderer.forget(fitted)


def drawing_device(renderer: PortraitRenderer, fitted: Any, size: int) -> str:
    """Where a portrait is drawn at a size: "cpu" where the renderer does not say."""
    return renderer.drawing_device(fitted, size) if isinstance(renderer, DeviceRenderer) else "cpu"
