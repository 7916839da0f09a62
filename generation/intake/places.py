"""Places in a portrait: where in the picture a refusal or a warning belongs, and how the picture was made.

All coordinates are pixels of the picture as it is stored: upright, cut and scaled. `PictureFrame` says which
part of the upload that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Box: TypeAlias = tuple[float, float, float, float]  # left, top, width, height
Point: TypeAlias = tuple[float, float]
PlaceName = Literal["face", "eyes", "mouth", "lower_face", "dark_side", "edge"]


@dataclass(frozen=True)
class Place:
    """An outline in the stored picture, inside of it: what it is around, and its corners in pixels."""

    what: PlaceName
    polygon: tuple[Point, ...]

    @property
    def box(self) -> Box:
        """Left, top, width and height of what the outline takes up."""
        across, down = ([point[axis] for point in self.polygon] for axis in (0, 1))
        left, top = min(across), min(down)
        return left, top, round(max(across) - left, 1), round(max(down) - top, 1)

    def details(self) -> dict[str, object]:
        """As the API shows it."""
        return {"what": self.what, "box": list(self.box), "polygon": [list(point) for point in self.polygon]}


@dataclass(frozen=True)
class PictureFrame:
    """The stored picture: its size in pixels, and where it lies in the upload.

    `of_upload` is left, top, width and height in pixels of the upload as programs show it (EXIF respected);
    `turned` by how many degrees this part was turned clockwise to stand upright.
    """

    width: int
    height: int
    of_upload: Box
    turned: int = 0

    def quarter_turned(self, turns: int) -> PictureFrame:
        """The frame after `turns` quarter turns counter-clockwise, as `np.rot90` makes them."""
        width, height = (self.height, self.width) if turns % 2 else (self.width, self.height)
        return replace(self, width=width, height=height, turned=(self.turned - 90 * turns) % 360)

    def part(self, left: int, top: int, width: int, height: int) -> PictureFrame:
        """The frame of a part of this picture, in pixels of this picture."""
        across, down, wide, high = self._before_turning(left, top, width, height)
        is_sideways = self.turned % 180 != 0
        own_width, own_height = (self.height, self.width) if is_sideways else (self.width, self.height)
        x, y, upload_width, upload_height = self.of_upload
        kx, ky = upload_width / own_width, upload_height / own_height
        box = (x + across * kx, y + down * ky, wide * kx, high * ky)
        return replace(self, width=width, height=height, of_upload=box)

    def scaled(self, width: int, height: int) -> PictureFrame:
        """The frame of the same picture with another number of pixels."""
        return replace(self, width=width, height=height)

    def details(self) -> dict[str, object]:
        """As the API shows it."""
        return {
            "width": self.width,
            "height": self.height,
            "of_upload": [round(value, 1) for value in self.of_upload],
            "turned": self.turned,
        }

    def _before_turning(self, left: int, top: int, width: int, height: int) -> tuple[int, int, int, int]:
        match self.turned:
            case 90:  # clockwise: the upload's left edge is at the top
                return top, self.width - left - width, height, width
            case 180:
                return self.width - left - width, self.height - top - height, width, height
            case 270:
                return self.height - top - height, left, height, width
            case _:
                return left, top, width, height


def details_of(frame: PictureFrame, places: Sequence[Place]) -> dict[str, object]:
    """`details` of a refusal or a warning."""
    return {"picture": frame.details(), "places": [place.details() for place in places]}


def outline(what: PlaceName, points: NDArray[np.floating], width: int, height: int) -> Place:
    """The place with the corners `points` (N, 2), kept inside of a picture of this size."""
    inside = np.clip(points, 0, (width, height))
    return Place(what, tuple((round(float(x), 1), round(float(y), 1)) for x, y in inside))


def boxed(what: PlaceName, box: Box, width: int, height: int) -> Place:
    """A place with four corners."""
    left, top, wide, high = box
    corners = np.array(
        [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)], np.float64
    )
    return outline(what, corners, width, height)
