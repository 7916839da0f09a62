"""LivePortraitRenderer: a PortraitRenderer by LivePortrait's networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.liveportrait.motion_extractor import SourceMotion
from generation.animation.liveportrait.motion_mapping import DrivenMotion, driven_motion
from generation.animation.liveportrait.networks import Networks, Options
from generation.animation.liveportrait.source_face import SourceFace, source_face
from generation.animation.track.motion_track import MotionTrack

NAME, VERSION = "LivePortrait", "2024-07"  # of the published weights


@dataclass(frozen=True, eq=False)
class LivePortraitFace:
    """One portrait, fitted: the features of its face, what it shows, its keypoints and its openings."""

    volume: Tensor
    motion: SourceMotion
    keypoints: Tensor
    face: SourceFace


@dataclass(frozen=True, eq=False)
class LivePortraitRenderer:
    """Renders with networks that were built already; `digest` identifies their weights."""

    networks: Networks
    digest: str
    device: str
    options: Options

    @property
    def identity(self) -> ModelIdentity:
        """LivePortrait with these weights. Every pixel is synthesised."""
        return ModelIdentity(NAME, VERSION, self.digest, PixelOrigin.GENERATED)

    @property
    def renders_stretches(self) -> bool:
        """Where frames are made one at a time by the same arithmetic, wherever a stretch begins."""
        return self.device == "cpu" and self.options.batch == 1

    def fit(self, image: NDArray[np.uint8]) -> LivePortraitFace:
        """Prepare one portrait, (H, W, 3) uint8 RGB. Raises PortraitRejected."""
        from generation.animation.portrait.portrait_check import check_portrait  # noqa: PLC0415

        return self.fit_face(source_face(image, check_portrait(image).landmarks.points))

    def fit_face(self, face: SourceFace) -> LivePortraitFace:
        """As `fit`, for a face that was found already."""
        picture = torch.from_numpy(face.square).to(self.device).permute(2, 0, 1)[None].float() / 255
        volume, motion = self.networks.source(picture)
        zero = torch.zeros(1, 3, device=volume.device)
        return LivePortraitFace(
            volume, motion, keypoints(motion, zero, torch.zeros_like(motion.keypoints)), face
        )

    def render(
        self, fitted: LivePortraitFace, track: MotionTrack, *, size: int
    ) -> Iterator[NDArray[np.uint8]]:
        """One (size, size, 3) uint8 RGB frame for each frame of the track, `options.batch` at a time."""
        driven = driven_motion(track, fitted.keypoints.shape[1])
        for first in range(0, len(track), self.options.batch):
            frames = range(first, min(first + self.options.batch, len(track)))
            moved = self.driven_keypoints(fitted, driven, frames)
            pictures = self.networks.frames(fitted.volume, fitted.keypoints, moved)
            levels = pictures.clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1)
            for picture in levels.cpu().numpy():
                yield _resized(np.ascontiguousarray(picture), size)

    def render_stretch(
        self, fitted: LivePortraitFace, track: MotionTrack, *, video: VideoFormat, frames: range
    ) -> Iterator[NDArray[np.uint8]]:
        """The frames with these numbers. Raises VideoFormatRefused for another shape than a square."""
        if not video.is_square:
            raise VideoFormatRefused.square_only()
        rows = slice(frames.start, frames.stop)
        stretch = MotionTrack(track.fps, track.actions[rows], track.head_pose[rows], track.gaze[rows])
        return self.render(fitted, stretch, size=video.size)

    def driven_keypoints(self, fitted: LivePortraitFace, driven: DrivenMotion, frames: range) -> Tensor:
        """Where keypoints (B, K, 3) lie in the frames with these numbers."""
        rows, motion, face = slice(frames.start, frames.stop), fitted.motion, fitted.face
        device, count = fitted.keypoints.device, len(frames)

        def tensor(values: NDArray[np.floating]) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(device)

        source = fitted.keypoints.expand(count, -1, -1)
        scaled = motion._replace(scale=motion.scale * tensor(driven.scale[rows])[:, None])
        moved = keypoints(scaled, tensor(driven.angles[rows]), tensor(driven.expression[rows]))
        moved[:, :, :2] += tensor(driven.shift[rows] * 2 * face.width)[:, None]  # the square is two wide
        own_eyes = np.broadcast_to(face.eyes, (count, 2))
        wanted = driven.eyes[rows, None] * face.eyes.mean()
        moved += self.networks.retarget_eyes(source, tensor(np.concatenate([own_eyes, wanted], 1)))
        own_lips = np.full((count, 1), face.lips)
        wanted = own_lips + driven.lips[rows, None]
        moved += self.networks.retarget_lips(source, tensor(np.concatenate([own_lips, wanted], 1)))
        return self.networks.stitch(source, moved)


def keypoints(motion: SourceMotion, angles: Tensor, expression: Tensor) -> Tensor:
    """Keypoints (B, K, 3) of a face with `angles` (B, 3) of pitch, yaw and roll in degrees and `expression`
    (B, K, 3) beside its own: equation 2 of the paper, scale (x R + expression) + translation."""
    pitch, yaw, roll = (own + added for own, added in zip(motion[1:4], angles.T, strict=True))
    turned = motion.keypoints @ rotation(pitch, yaw, roll)
    moved = (turned + motion.expression + expression) * motion.scale[:, :, None]
    moved[:, :, :2] += motion.translation[:, None, :2]
    return moved


def rotation(pitch: Tensor, yaw: Tensor, roll: Tensor) -> Tensor:
    """Matrices (B, 3, 3) for rows of points, from angles (B,) in degrees: first about x, then y, then z."""
    about = []
    for angle, (one, other) in zip((pitch, yaw, roll), ((1, 2), (2, 0), (0, 1)), strict=True):
        matrix = torch.eye(3, device=angle.device).repeat(len(angle), 1, 1)
        cos, sin = torch.cos(torch.deg2rad(angle)), torch.sin(torch.deg2rad(angle))
        matrix[:, one, one], matrix[:, other, other] = cos, cos
        matrix[:, one, other], matrix[:, other, one] = -sin, sin
        about.append(matrix)
    x, y, z = about
    return (z @ y @ x).mT


def _resized(frame: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    if frame.shape[0] == size:
        return frame
    how = cv2.INTER_AREA if size < frame.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (size, size), interpolation=how), np.uint8)
