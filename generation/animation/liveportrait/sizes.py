"""The sizes of LivePortrait's networks: those of the published weights, and any other for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Sizes:
    """Numbers of channels and layers.

    `first`, `most` are the first and greatest channels of the two-dimensional parts, `channels` and `depth`
    those of the feature volume, `hourglass_*` those of the dense motion network. The picture goes in with
    four times the volume's height and comes out with eight times it.
    """

    keypoints: int = 21
    first: int = 64
    most: int = 512
    halvings: int = 2
    channels: int = 32
    depth: int = 16
    volume_blocks: int = 6
    hourglass_first: int = 32
    hourglass_most: int = 1024
    hourglass_levels: int = 5
    compressed: int = 4
    generator_blocks: int = 6
    hidden: int = 128
    backbone: tuple[int, ...] = (96, 192, 384, 768)
    backbone_blocks: tuple[int, ...] = (3, 3, 9, 3)
    angle_bins: int = 66
    stitching: tuple[int, ...] = (128, 128, 64)
    lips: tuple[int, ...] = (128, 128, 64)
    eyes: tuple[int, ...] = (256, 256, 128, 128, 64)

    @property
    def features(self) -> int:
        """Channels of the two-dimensional features that the generator takes."""
        return min(self.most, self.first << self.halvings)


# Guo et al., "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024),
# arXiv:2407.03168, and the file src/config/models.yaml that its authors published beside the weights.
PUBLISHED: Final = Sizes()
