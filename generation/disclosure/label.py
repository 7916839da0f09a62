"""Draws the label: an icon and a text on a contrast plate, in one corner of the frames.

A pixel of the label is the same in every frame, so it costs the encoder next to nothing, and what it covers
is cut out of a copied frame in one piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from generation.disclosure.choice import Disclosure
from provenance.common.visible_label import VisibleLabel

Frame = NDArray[np.uint8]

_FONTS = Path(__file__).with_name("fonts")
_FONT_OF = {"ko": "label-sans-kr.ttf"}
_OTHER_FONT = "label-sans-sc.ttf"
# Font size to the frame's shortest side; GB 45438 asks for at least .05.
_FONT_SIZE = 0.055
_MARGIN = 0.03  # from the frame's edges, of the shortest side
# The rest in parts of the font size.
_PAD_X, _PAD_Y, _GAP = 0.5, 0.28, 0.35
_ICON = 0.9
_STROKE = 0.09
_RADIUS = 0.35
_OVERSAMPLED = 4
_PLATE, _INK = (16, 16, 16), (255, 255, 255)
# The text stands out by 11:1 and more even where the picture behind the plate is white.
_PLATE_OPACITY = 0.82


class Label:
    """The label of a disclosure for frames of one size."""

    def __init__(self, disclosure: Disclosure, width: int, height: int) -> None:
        """`width` and `height` of the frames in pixels. The label takes less than .6 of the shortest side."""
        plate, opacity = _drawn(disclosure.language, min(width, height))
        high, wide = opacity.shape
        margin = round(_MARGIN * min(width, height))
        self._left = margin if disclosure.place.endswith("left") else width - margin - wide
        self._top = margin if disclosure.place.startswith("top") else height - margin - high
        self._rows = slice(self._top, self._top + high)
        self._columns = slice(self._left, self._left + wide)
        self._kept = 1 - opacity[:, :, None]
        self._added = plate * opacity[:, :, None] + np.float32(0.5)
        self._facts = VisibleLabel(
            preset=disclosure.preset,
            language=disclosure.language,
            place=disclosure.place,
            first_seconds=disclosure.first_seconds,
            has_sound_cue=disclosure.sound_cue,
            box=(
                self._left / width,
                self._top / height,
                (self._left + wide) / width,
                (self._top + high) / height,
            ),
        )

    @property
    def facts(self) -> VisibleLabel:
        """What record and log keep of it."""
        return self._facts

    def drawn_on(self, frame: Frame) -> Frame:
        """A copy of an (H, W, 3) uint8 RGB frame with the label on it."""
        shown = frame.copy()
        below = shown[self._rows, self._columns]
        shown[self._rows, self._columns] = (below * self._kept + self._added).astype(np.uint8)
        return shown


def labelled(frames: Iterable[Frame], label: Label, shown: int | None) -> Iterator[Frame]:
    """`frames` with the label on the first `shown` of them, None for all."""
    for count, frame in enumerate(frames):
        yield label.drawn_on(frame) if shown is None or count < shown else frame


@cache
def _drawn(language: str, shortest: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours (h, w, 3) in 0..255 and opacity (h, w) in 0..1 of the label."""
    disclosure = Disclosure(language=language)
    size = _FONT_SIZE * shortest * _OVERSAMPLED
    font = ImageFont.truetype(_FONTS / _FONT_OF.get(language, _OTHER_FONT), round(size))
    icon = round(_ICON * size)
    left, top, right, bottom = font.getbbox(disclosure.text)
    text_width, middle = right - left, (top + bottom) / 2
    width = round(2 * _PAD_X * size + icon + _GAP * size + text_width)
    height = round(icon + 2 * _PAD_Y * size)
    width, height = (_OVERSAMPLED * -(-side // _OVERSAMPLED) for side in (width, height))
    plate = Image.new("L", (width, height))
    ink = Image.new("L", (width, height))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, width - 1, height - 1), _RADIUS * size, fill=255)
    pen = ImageDraw.Draw(ink)
    pad = round(_PAD_X * size)
    _draw_icon(pen, pad, (height - icon) // 2, icon, round(_STROKE * size))
    pen.text((pad + icon + _GAP * size - left, height / 2 - middle), disclosure.text, fill=255, font=font)
    small = (width // _OVERSAMPLED, height // _OVERSAMPLED)
    written, covered = (
        np.asarray(image.resize(small, Image.Resampling.BOX), np.float32) / 255 for image in (ink, plate)
    )
    opacity = np.maximum(written, _PLATE_OPACITY * covered)
    colours = np.float32(_PLATE) + written[:, :, None] * (np.float32(_INK) - np.float32(_PLATE))
    return colours.astype(np.float32), opacity.astype(np.float32)


def _draw_icon(pen: ImageDraw.ImageDraw, left: int, top: int, side: int, stroke: int) -> None:
    """A face in a viewfinder: four corners, two eyes and a mouth. It needs no language."""
    right, bottom, arm = left + side - 1, top + side - 1, round(0.28 * side)
    for x, inwards in ((left, 1), (right, -1)):
        for y, down in ((top, 1), (bottom, -1)):
            for far in ((x + inwards * arm, y), (x, y + down * arm)):
                edges = sorted((x, far[0])), sorted((y, far[1]))
                (x0, x1), (y0, y1) = edges
                across, along = (stroke - 1 if inwards > 0 else 0), (stroke - 1 if down > 0 else 0)
                pen.rectangle(
                    (
                        x0 - (0 if inwards > 0 or x1 != x else stroke - 1),
                        y0 - (0 if down > 0 or y1 != y else stroke - 1),
                        x1 + (across if x0 == x and x1 == x else 0),
                        y1 + (along if y0 == y and y1 == y else 0),
                    ),
                    fill=255,
                )
    dot = 0.085 * side
    for x in (left + 0.36 * side, left + 0.64 * side):
        pen.ellipse((x - dot, top + 0.38 * side - dot, x + dot, top + 0.38 * side + dot), fill=255)
    pen.arc(
        (left + 0.3 * side, top + 0.35 * side, left + 0.7 * side, top + 0.74 * side),
        25,
        155,
        fill=255,
        width=stroke,
    )
