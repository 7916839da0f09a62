"""VideoFormat: aspect, size, frame rate and fill of one video, as a job states them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from generation.animation.sentences import gettext_noop as _

SQUARE, PICTURE = "1:1", "picture"
# Width to height. The square is the head-and-shoulders crop; "picture" keeps the picture's own shape.
ASPECTS = (SQUARE, "9:16", "16:9", PICTURE)
SIZES = (256, 1080)  # pixels of the shorter side
FRAME_RATES = (24, 60)
BLUR = "blur"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class VideoFormatInvalid(ValueError):
    """A value outside of its range. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class VideoFormat:
    """The shape of a video.

    `aspect` is one of ASPECTS. `size` is the shorter side in pixels, even, within SIZES: the number of lines
    of a wide video, 1080 for 1920x1080. `fps` is a whole number within FRAME_RATES. `fill` is what lies
    beyond the picture where the aspect needs more than there is: "blur", its own edges blurred, or a colour
    as #rrggbb.

    Raises VideoFormatInvalid for any other value.
    """

    aspect: str = SQUARE
    size: int = 512
    fps: int = 25
    fill: str = BLUR

    def __post_init__(self) -> None:
        if self.aspect not in ASPECTS:
            raise VideoFormatInvalid(
                "aspect", _("aspect must be one of {names}.").format(names=", ".join(ASPECTS))
            )
        if not _is_whole(self.size, *SIZES) or self.size % 2:
            low, high = SIZES
            raise VideoFormatInvalid(
                "size", _("size must be an even number from {least} to {most}.").format(least=low, most=high)
            )
        if not _is_whole(self.fps, *FRAME_RATES):
            low, high = FRAME_RATES
            raise VideoFormatInvalid(
                "fps", _("fps must be a whole number from {least} to {most}.").format(least=low, most=high)
            )
        if self.fill != BLUR and not (isinstance(self.fill, str) and COLOUR.fullmatch(self.fill)):
            raise VideoFormatInvalid("fill", _("fill must be blur or a colour as #rrggbb."))

    @classmethod
    def from_json(cls, values: Mapping[str, object], default: VideoFormat | None = None) -> VideoFormat:
        """A format from decoded JSON; what is left out is as in `default`. Raises VideoFormatInvalid."""
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise VideoFormatInvalid(key, _("{name} is not a part of a video's format.").format(name=key))
        return cls(**{**asdict(default or cls()), **values})

    def to_json(self) -> dict[str, str | int]:
        """All fields, as stored with a job."""
        return asdict(self)

    @property
    def is_square(self) -> bool:
        """Whether it is the head-and-shoulders crop."""
        return self.aspect == SQUARE


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
