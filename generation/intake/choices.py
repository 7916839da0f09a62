"""What the sender of a picture may choose: one face of several, and what is behind transparent parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from generation.intake.places import Box

Colour: TypeAlias = tuple[int, int, int]  # red, green and blue, 0..255, sRGB
GREY: Colour = (128, 128, 128)
# A box as text: left,top,width,height. A colour as text: #rrggbb.
BOX_PATTERN = r"^\d{1,5}(\.\d{1,3})?(,\d{1,5}(\.\d{1,3})?){3}$"
COLOUR_PATTERN = r"^#[0-9A-Fa-f]{6}$"


@dataclass(frozen=True)
class PictureChoices:
    """`face_box` is in pixels of the picture as it would be stored without it, as refusals tell of faces."""

    face_box: Box | None = None
    background: Colour = GREY

    @classmethod
    def from_text(cls, face_box: str | None, background: str | None) -> PictureChoices:
        """Choices as forms and API send them, None or empty for none. Raises ValueError for other text."""
        return cls(
            parse_box(face_box) if face_box else None,
            parse_colour(background) if background else GREY,
        )


def parse_box(text: str) -> Box:
    """A box from text that BOX_PATTERN describes. Raises ValueError for other text."""
    if not re.match(BOX_PATTERN, text):
        raise ValueError("This is no box.")
    left, top, width, height = (float(number) for number in text.split(","))
    return left, top, width, height


def parse_colour(text: str) -> Colour:
    """A colour from text that COLOUR_PATTERN describes. Raises ValueError for other text."""
    if not re.match(COLOUR_PATTERN, text):
        raise ValueError("This is no colour.")
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue
