"""View: which part of a picture a video of a given format shows, and where in it the animated frame lies.

Places in the picture are in its pixels, as continuous coordinates: pixel i covers i to i + 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from generation.animation.framing.video_format import PICTURE, SIZES, VideoFormat
from generation.animation.sentences import gettext_noop as _

# The longer side of a picture's own shape to its shorter one; of longer pictures a part is shown.
LONGEST = 2.0
# Output pixels for one of the picture: at 2 eyes and hair still have edges, above them they are a blur.
MOST_ENLARGED = 2.0
ALWAYS_SQUARE = 512  # pixels to which the square crop is enlarged whatever it has
LEAST_FRAME = 96  # output pixels of the frame around the head, of which the face takes a good third
RENDERED_TWICE = 254  # output pixels of the frame under which it is rendered some even times as large
LEAST_HELD = 0.85  # of the frame's side that a crop has to hold: less would cut into hair or shoulders
MOST_ROOM = 2.5  # frame sides: of a larger picture a closer part is shown, unless its own shape is asked for
FACE_HEIGHT = 0.42  # of the view's height: where the middle of the frame is put
HAIR_FIRST = 0.25  # of what a low view cuts off the frame's height, this is cut at its top, the rest below

Square = tuple[float, float, float]


class VideoFormatRefused(ValueError):
    """The picture does not suffice for the format: a stable `code`, why (`message`), what to do (`hint`)."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint

    @classmethod
    def square_only(cls) -> VideoFormatRefused:
        """The refusal of a renderer that animates nothing but the square."""
        return cls(
            "aspect_not_offered",
            _("The renderer of this job makes square videos only."),
            _("Choose the aspect 1:1, or another renderer."),
        )


@dataclass(frozen=True)
class View:
    """A part of the picture, and the size in pixels at which it is shown.

    `left`, `top` are where output pixel 0, 0 begins in the picture, `scale` is output pixels for one of the
    picture's. The frame, `frame` pixels a side, begins at output pixel `frame_x`, `frame_y`, which may
    lie outside.
    """

    width: int
    height: int
    left: float
    top: float
    scale: float
    frame: int
    frame_x: int
    frame_y: int


def output_size(video: VideoFormat, width: int, height: int) -> tuple[int, int]:
    """Width and height, both even, of a video in this format of a picture of `width` x `height` pixels."""
    ratio = _ratio(video, width, height)
    longer = 2 * round(video.size * max(ratio, 1 / ratio) / 2)
    return (longer, video.size) if ratio > 1 else (video.size, longer)


def view_of(video: VideoFormat, width: int, height: int, square: Square) -> View:
    """The view of a picture of `width` x `height` pixels whose frame `square` is left, top and side.

    As much of the picture as the aspect allows, with the whole head and shoulders. Where the picture is too
    narrow or too low for that, the view reaches beyond it. Raises VideoFormatRefused.
    """
    out = output_size(video, width, height)
    left, top, side = square
    part = (side, side) if video.is_square else _part(video, width, height, side)
    # Rounded up to whole pixels, and the view with it: frames are pasted without being resampled.
    exact = side * max(out[0] / part[0], out[1] / part[1])
    step = 1 if exact < RENDERED_TWICE else 2
    frame = step * math.ceil(exact / step - 1e-6)
    scale = frame / side
    _require_enough(video, scale, frame, side)
    part = (out[0] / scale, out[1] / scale)
    x = _begin(part[0], width, left + side / 2 - part[0] / 2)
    if part[1] < side:
        y = top + HAIR_FIRST * (side - part[1])
    else:
        y = _begin(part[1], height, min(top, top + side / 2 - FACE_HEIGHT * part[1]))
    if video.is_square:
        x, y = left, top
    frame_x, frame_y = round((left - x) * scale), round((top - y) * scale)
    return View(*out, left - frame_x / scale, top - frame_y / scale, scale, frame, frame_x, frame_y)


def _ratio(video: VideoFormat, width: int, height: int) -> float:
    if video.aspect == PICTURE:
        return min(max(width / height, 1 / LONGEST), LONGEST)
    across, down = video.aspect.split(":")
    return int(across) / int(down)


def _part(video: VideoFormat, width: int, height: int, side: float) -> tuple[float, float]:
    """Width and height in the picture of what is shown."""
    ratio = _ratio(video, width, height)
    shorter = min(width, height * ratio) / max(ratio, 1.0)
    if video.aspect != PICTURE:
        shorter = side if shorter < LEAST_HELD * side else min(shorter, MOST_ROOM * side)
    return shorter * max(ratio, 1.0), shorter * max(1 / ratio, 1.0)


def _begin(part: float, whole: float, wish: float) -> float:
    """Where a part of a length begins: as wished where the picture allows, centred where it is too short."""
    return (whole - part) / 2 if part > whole else min(max(wish, 0.0), whole - part)


def _require_enough(video: VideoFormat, scale: float, frame: int, side: float) -> None:
    allowed = max(ALWAYS_SQUARE, MOST_ENLARGED * side) if video.is_square else MOST_ENLARGED * side
    if frame > allowed + 2:
        largest = int(video.size * allowed / frame) // 2 * 2
        hint = _("Use a picture of higher resolution, or the aspect 1:1.")
        if largest >= SIZES[0]:
            hint = _("Use a picture of higher resolution, or a size of {size} at most.").format(size=largest)
        sentence = _("The picture would be enlarged {times} times for this size; {most} times is the most.")
        raise VideoFormatRefused(
            "picture_too_small_for_size",
            sentence.format(times=f"{scale:.1f}", most=f"{MOST_ENLARGED:g}"),
            hint,
        )
    if frame < LEAST_FRAME:
        raise VideoFormatRefused(
            "face_too_small_for_size",
            _(
                "Head and shoulders would take only {pixels} pixels of this video; {least} are the least."
            ).format(pixels=frame, least=LEAST_FRAME),
            _("Choose a larger size, or the aspect 1:1, which shows head and shoulders alone."),
        )
