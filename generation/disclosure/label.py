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
# Font size to the frame's shortest side; GB 45438 asks for at least .05. Letters of many strokes are larger:
# on a small copy theirs run together first, and their words are short.
_FONT_SIZE = 0.055
_DENSE_FONT_SIZE = 0.065
_DENSE = ("ja", "ko", "zh")
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
    size = (_DENSE_FONT_SIZE if language in _DENSE else _FONT_SIZE) * shortest * _OVERSAMPLED
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
    dark, light = np.array(_PLATE, np.float32), np.array(_INK, np.float32)
    return dark + written[:, :, None] * (light - dark), opacity.astype(np.float32)


def _draw_icon(pen: ImageDraw.ImageDraw, left: int, top: int, side: int, stroke: int) -> None:
    """A face in a viewfinder: four corners, two eyes and a mouth. It needs no language."""
    right, bottom, arm = left + side, top + side, round(0.28 * side) + stroke
    for x in (left, right - arm):
        for y in (top, bottom - stroke):
            pen.rectangle((x, y, x + arm - 1, y + stroke - 1), fill=255)
    for x in (left, right - stroke):
        for y in (top, bottom - arm):
            pen.rectangle((x, y, x + stroke - 1, y + arm - 1), fill=255)
    dot, eyes = 0.085 * side, top + 0.38 * side
    for eye in (left + 0.36 * side, left + 0.64 * side):
        pen.ellipse((eye - dot, eyes - dot, eye + dot, eyes + dot), fill=255)
    mouth = (left + 0.3 * side, top + 0.35 * side, left + 0.7 * side, top + 0.74 * side)
    pen.arc(mouth, 25, 155, fill=255, width=stroke)
