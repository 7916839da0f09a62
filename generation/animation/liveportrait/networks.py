"""LivePortrait's networks together: built, filled with weights, and called a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from generation.animation.liveportrait.appearance import AppearanceExtractor
from generation.animation.liveportrait.generator import SpadeGenerator
from generation.animation.liveportrait.heads import eye_head, lip_head, stitching_head
from generation.animation.liveportrait.motion_extractor import MotionExtractor, SourceMotion
from generation.animation.liveportrait.sizes import PUBLISHED, Sizes
from generation.animation.liveportrait.warping import WarpingModule
from generation.animation.liveportrait.weights import APPEARANCE, GENERATOR, MOTION, WARPING, StateDict


@dataclass(frozen=True)
class Options:
    """`half`: sixteen-bit arithmetic where the device has it; `compiled`: `torch.compile` for the two
    networks of each frame; `batch`: frames at a time."""

    half: bool = False
    compiled: bool = False
    batch: int = 1


class Networks(nn.Module):
    """The four networks and three heads. Use `Networks.build`."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.appearance = AppearanceExtractor(sizes)
        self.motion = MotionExtractor(sizes)
        self.warping = WarpingModule(sizes)
        self.generator = SpadeGenerator(sizes)
        self.stitching, self.lips, self.eyes = stitching_head(sizes), lip_head(sizes), eye_head(sizes)
        self._half = False

    def parts(self) -> dict[str, nn.Module]:
        """The networks by the names of their weights."""
        return {
            APPEARANCE: self.appearance,
            MOTION: self.motion,
            WARPING: self.warping,
            GENERATOR: self.generator,
            "stitching": self.stitching,
            "lips": self.lips,
            "eyes": self.eyes,
        }

    @classmethod
    def build(
        cls,
        weights: Mapping[str, StateDict],
        *,
        device: str = "cpu",
        options: Options | None = None,
        sizes: Sizes = PUBLISHED,
    ) -> Self:
        """The networks with `weights`, by the names of `parts`, on `device`, for inference only."""
        options = options or Options()
        with torch.device("meta"):
            networks = cls(sizes)
        for name, part in networks.parts().items():
            part.load_state_dict(dict(weights[name]), assign=True)
        networks.to(device).eval().requires_grad_(requires_grad=False)
        networks._half = options.half
        if options.compiled:
            networks.warping.compile()
            networks.generator.compile()
        return networks

    @torch.inference_mode()
    def source(self, picture: Tensor) -> tuple[Tensor, SourceMotion]:
        """The volume of features and the motion of a picture (1, 3, 256, 256) in 0..1."""
        with self._precision(picture):
            volume, motion = self.appearance(picture), self.motion(picture)
        return volume.float(), SourceMotion(*(part.float() for part in motion))

    @torch.inference_mode()
    def retarget_eyes(self, source: Tensor, openings: Tensor) -> Tensor:
        """What is added to driven keypoints (B, K, 3) for eyes of a source (B, K, 3): `openings` (B, 3) are
        those of its two eyes and the one wanted."""
        return self._added(self.eyes, source, openings)

    @torch.inference_mode()
    def retarget_lips(self, source: Tensor, openings: Tensor) -> Tensor:
        """As `retarget_eyes`, for lips: `openings` (B, 2)."""
        return self._added(self.lips, source, openings)

    @torch.inference_mode()
    def stitch(self, source: Tensor, driven: Tensor) -> Tensor:
        """`driven` keypoints (B, K, 3) moved so that shoulders stay where they are in the source's."""
        added = self.stitching(torch.cat([source.flatten(1), driven.flatten(1)], 1))
        shifted = driven + added[:, :-2].unflatten(1, (-1, 3))
        shifted[:, :, :2] += added[:, None, -2:]
        return shifted

    @torch.inference_mode()
    def frames(self, volume: Tensor, source: Tensor, driven: Tensor) -> Tensor:
        """Frames (B, 3, 512, 512) in 0..1 for keypoints `driven` (B, K, 3), of one source."""
        batch = len(driven)
        volume, source = volume.expand(batch, -1, -1, -1, -1), source.expand(batch, -1, -1)
        with self._precision(volume):
            out: Tensor = self.generator(self.warping(volume, driven, source))
        return out.float()

    def _added(self, head: nn.Module, source: Tensor, openings: Tensor) -> Tensor:
        added: Tensor = head(torch.cat([source.flatten(1), openings], 1))
        return added.unflatten(1, (-1, 3))

    def _precision(self, like: Tensor) -> AbstractContextManager[object]:
        if not self._half:
            return nullcontext()
        # The CPU has no fast sixteen-bit floats of the kind that the weights were trained with.
        kind = torch.float16 if like.device.type == "cuda" else torch.bfloat16
        precision: AbstractContextManager[object] = torch.autocast(like.device.type, dtype=kind)
        return precision
