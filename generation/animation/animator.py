"""Animator: the library's front door. A portrait and speech in, frames out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generation.animation.framing.paste_back import InPicture, frames_in_picture
from generation.animation.framing.video_format import BLUR, PICTURE, VideoFormat
from generation.animation.framing.view import view_of
from generation.animation.geometry.rig import FaceRig
from generation.animation.identity import ModelIdentity, face_rig_identity
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.guidance import Guidance
from generation.animation.portrait.fit import FittedPortrait, fit_portrait
from generation.animation.protocols import LiveMotion
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.device_probe import probed_device
from generation.animation.rendering.threaded import frames_ahead, render_threads
from generation.animation.track.motion_track import MotionTrack

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Animator:
    """Fits portraits, turns speech or video into motion and motion into frames: the bundled PortraitAnimator.

    Get one from `Animator.load`. `device` is where frames are drawn, "cpu", "cuda", or "auto" for whichever
    draws the first portrait faster.
    """

    device: str
    takes_direction: ClassVar[bool] = True

    @classmethod
    def load(cls, device: str = "auto") -> Self:
        """Load the rig. `device` is "auto", "cpu" or "cuda"; "auto" takes CUDA where
        there is one that draws much faster than the cores: that is measured with the first portrait.

        Raises ValueError for any other name, RuntimeError for "cuda" where torch finds no such device.
        """
        if device not in DEVICES:
            raise ValueError(f"device must be one of {', '.join(DEVICES)}, not {device!r}.")
        FaceRig.load()
        if device == "cpu":
            return cls(device=device)
        import torch  # noqa: PLC0415  (the CPU alone needs no torch to render)

        if torch.cuda.is_available():
            return cls(device=device)
        if device == "cuda":
            raise RuntimeError("There is no CUDA device here; use device='cpu' or 'auto'.")
        return cls(device="cpu")

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest of the model; its pixels come from the portrait."""
        return face_rig_identity()

    def drawing_device(self, fitted: FittedPortrait, size: int) -> str:
        """Where frames of this portrait are drawn: the device, or what its probe says for "auto"."""
        return probed_device(fitted, size) if self.device == "auto" else self.device

    @property
    def renders_stretches(self) -> bool:
        """On the CPU: two cards, or a card and a CPU, may differ by a level."""
        return self.device == "cpu"

    @property
    def motion_identity(self) -> ModelIdentity:
        """The same: motion and speech networks are files of the same model, under the same digest."""
        return face_rig_identity()

    def fit(self, image: NDArray[np.uint8]) -> FittedPortrait:
        """Fit one portrait (H, W, 3) uint8 RGB. Raises PortraitRejected when it cannot be animated."""
        from generation.animation.portrait.portrait_check import check_portrait  # noqa: PLC0415

        return fit_portrait(image, check_portrait(image).landmarks)

    def drive(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls | None = None,
        seed: int = 0,
        fps: float = 25,
        guidance: Guidance | None = None,
        direction: Direction | None = None,
    ) -> MotionTrack:
        """Turn speech (N,) float32 mono into motion; the same inputs and seed give the same track.

        `guidance` holds the scales of classifier-free guidance, 1 each (as learned) unless given; `direction`
        changes controls over time and adds to the performance (`Direction.from_json`).
        """
        from generation.animation.motion.generator import drive  # noqa: PLC0415

        return drive(
            audio,
            sample_rate,
            controls=controls or MotionControls(),
            seed=seed,
            fps=fps,
            guidance=guidance or Guidance(),
            direction=direction,
        )

    def drive_in_pieces(
        self,
        audio: NDArray[np.float32],
        sample_rate: int,
        *,
        controls: MotionControls | None = None,
        seed: int = 0,
        fps: float = 25,
        guidance: Guidance | None = None,
        direction: Direction | None = None,
    ) -> Iterator[MotionTrack]:
        """What `drive` gives, in pieces that follow one another, each as soon as it is driven."""
        from generation.animation.motion.generator import drive_in_pieces  # noqa: PLC0415

        return drive_in_pieces(
            audio,
            sample_rate,
            controls=controls or MotionControls(),
            seed=seed,
            fps=fps,
            guidance=guidance or Guidance(),
            direction=direction,
        )

    def stream(
        self,
        chunks: Iterable[NDArray[np.float32]],
        sample_rate: int,
        *,
        controls: MotionControls | None = None,
        seed: int = 0,
        fps: float = 40,
        guidance: Guidance | None = None,
        direction: Direction | None = None,
    ) -> Iterator[MotionTrack]:
        """Turn speech that is still arriving, chunks (N,) float32 mono of any length, into pieces of motion.

        `render` takes the iterator as it is. A frame is returned about 0.2 s of audio after the time that it
        shows. Chunk boundaries do not change the motion. `guidance` is as for `drive`; each scale that
        differs from the one before it costs one more pass of the network; so is `direction`.
        """
        from generation.animation.motion.generator import stream  # noqa: PLC0415

        return stream(
            chunks,
            sample_rate,
            controls=controls or MotionControls(),
            seed=seed,
            fps=fps,
            guidance=guidance or Guidance(),
            direction=direction,
        )

    def live_motion(self, sample_rate: int, *, controls: MotionControls, seed: int, fps: float) -> LiveMotion:
        """Motion for speech as it arrives, whose controls can be changed meanwhile."""
        from generation.animation.motion.live.speech_motion import LiveSpeechMotion  # noqa: PLC0415

        return LiveSpeechMotion(sample_rate, controls=controls, seed=seed, fps=fps)

    def render_live(
        self, fitted: FittedPortrait, pieces: Iterable[MotionTrack], *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        """As `render`, for pieces of motion that are still being made."""
        return self.render(fitted, pieces, size)

    def capture(self, frames: Iterable[NDArray[np.uint8]], fps: float) -> MotionTrack:
        """Take the motion of one performer from video: frames (H, W, 3) uint8 RGB of one size.

        Motion is relative to the first frame with open eyes, so it drives any portrait: begin as the portrait
        looks, usually at rest and facing the camera. `confidence` of the track says how far each frame can be
        trusted. Frames are consumed one at a time, the track comes after the last. Raises CaptureRejected
        for no face, several faces, and a face that is lost or too small.
        """
        from generation.animation.capture.capture import capture_motion  # noqa: PLC0415

        return capture_motion(frames, fps)

    def render(
        self, fitted: FittedPortrait, track: MotionTrack | Iterable[MotionTrack], size: int = 512
    ) -> Iterator[NDArray[np.uint8]]:
        """Iterate over (size, size, 3) uint8 RGB frames, one for each frame of the track, made on demand.

        Of a live performance, the frames of a piece are returned before the next piece is requested. `size`
        is an even number from 256 to 1080; ValueError otherwise, raised at once. All cores prefetch the next
        frames; memory does not grow with the track.
        """
        return self._frames(fitted, track, VideoFormat(size=size))

    def render_in_picture(
        self,
        fitted: FittedPortrait,
        track: MotionTrack | Iterable[MotionTrack],
        *,
        size: int = 512,
        aspect: str = PICTURE,
        fill: str = BLUR,
    ) -> Iterator[NDArray[np.uint8]]:
        """As `render`, with the person animated inside the picture that was fitted: (H, W, 3) uint8 RGB.

        `size` is the shorter side, `aspect` and `fill` are as in VideoFormat. What is not the person stays as
        it is. Raises ValueError at once for a wrong value, and VideoFormatRefused, which is one, for a
        picture that does not suffice.
        """
        return self._frames(fitted, track, VideoFormat(size=size, aspect=aspect, fill=fill))

    def render_stretch(
        self, fitted: FittedPortrait, track: MotionTrack, *, video: VideoFormat, frames: range
    ) -> Iterator[NDArray[np.uint8]]:
        """The frames with these numbers, which follow one another, as `render` and `render_in_picture` give
        them."""
        return self._frames(fitted, track, video, frames)

    def forget(self, fitted: FittedPortrait) -> None:
        """Drop what was kept with a face between stretches of it."""
        for kept in fitted.kept.values():
            if isinstance(kept, InPicture):
                kept.held.kept.clear()
        fitted.kept.clear()

    def _frames(
        self,
        fitted: FittedPortrait,
        track: MotionTrack | Iterable[MotionTrack],
        video: VideoFormat,
        only: range | None = None,
    ) -> Iterator[NDArray[np.uint8]]:
        device = self.drawing_device(fitted, video.size)
        threads = render_threads() if device == "cpu" else 1
        tracks = [track] if isinstance(track, MotionTrack) else track
        if video.is_square:
            return frames_ahead(fitted, video.size, backend_for(device), tracks, threads, only)
        height, width = fitted.picture.shape[:2]
        view = view_of(video, width, height, fitted.square)
        return frames_in_picture(fitted, view, video.fill, backend_for(device), tracks, threads, only)
