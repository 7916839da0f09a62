"""VisibleLabel: what a video was released with for eyes and ears, as record and log keep it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self, cast

PLACES = ("top_right", "top_left", "bottom_right", "bottom_left")
PlaceName = Literal["top_right", "top_left", "bottom_right", "bottom_left"]
# left, top, right, bottom, in parts of the video's width and height.
Box = tuple[float, float, float, float]

_THOUSANDTHS = 1000
_CODE = re.compile(
    rf"(?P<preset>[a-z_]{{1,30}}):(?P<language>[a-z]{{2}}):(?P<place>{'|'.join(PLACES)})"
    r":(?P<seconds>whole|\d{1,3}):(?P<cue>cue|silent):(?P<box>\d{1,4}(-\d{1,4}){3})"
)


@dataclass(frozen=True)
class VisibleLabel:
    """A label that was burned into the frames before they were marked.

    `preset`: the set of rules that it follows. `language`: of its text. `first_seconds`: how long it is
    shown, None for the whole video. `has_sound_cue`: whether the sound begins with a tone that says the same.
    `box`: where it stands.
    """

    preset: str
    language: str
    place: PlaceName
    first_seconds: int | None
    has_sound_cue: bool
    box: Box

    def to_code(self) -> str:
        """The form in record and log entry, made of codes and numbers only. It keeps its meaning for ever."""
        seconds = "whole" if self.first_seconds is None else str(self.first_seconds)
        box = "-".join(str(round(edge * _THOUSANDTHS)) for edge in self.box)
        cue = "cue" if self.has_sound_cue else "silent"
        return ":".join((self.preset, self.language, self.place, seconds, cue, box))

    @classmethod
    def from_code(cls, code: str) -> Self | None:
        """The label that a code stands for; None for the empty one, and for one of a later version."""
        found = _CODE.fullmatch(code)
        if found is None:
            return None
        left, top, right, bottom = (int(edge) / _THOUSANDTHS for edge in found["box"].split("-"))
        return cls(
            preset=found["preset"],
            language=found["language"],
            place=cast("PlaceName", found["place"]),
            first_seconds=None if found["seconds"] == "whole" else int(found["seconds"]),
            has_sound_cue=found["cue"] == "cue",
            box=(left, top, right, bottom),
        )
