"""What the verdict says about the visible label that a video was made with."""

from __future__ import annotations

from typing import Final

from provenance.common.visible_label import VisibleLabel
from provenance.verify.evidence.reader_report import Corner
from provenance.verify.evidence.signals import PictureState, RecordFacts, Signals
from provenance.verify.verdict.messages import Message

_POINTS: Final = 12  # in each direction of the label
_GONE, _WHOLE = 0.1, 0.9  # of its points in the frame: at most, it is not in this copy; at least, it is


def label_finding(signals: Signals, record: RecordFacts) -> tuple[str, Message] | None:
    """What became of the label of `record`, as far as the place of the picture tells.

    None where the video had no label, or the file shows another picture. Only the place is looked at: a label
    that was painted over is not told from one that can be read.
    """
    label = record.visible_label
    if label is None or signals.mark.is_same_content is False or signals.picture.state is PictureState.OTHER:
        return None
    corners = signals.picture.corners
    share = _share_in_frame(label, corners) if corners else 1.0
    if share <= _GONE:
        return "cropped_off", Message(
            "It was made with a visible label; the part of the picture with the label is not in this copy."
        )
    if share < _WHOLE:
        return "cropped", Message(
            "It was made with a visible label; a part of the label is not in this copy."
        )
    return "made_with", Message(
        "It was made with a visible label. Whether it can still be seen in this copy was not looked at."
    )


def _share_in_frame(label: VisibleLabel, corners: tuple[Corner, ...]) -> float:
    left, top, right, bottom = label.box
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    inside = 0
    for row in range(_POINTS):
        for column in range(_POINTS):
            x = left + (column + 0.5) / _POINTS * (right - left)
            y = top + (row + 0.5) / _POINTS * (bottom - top)
            weights = ((1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y)
            place_x = sum(w * v for w, v in zip(weights, (ax, bx, cx, dx), strict=True))
            place_y = sum(w * v for w, v in zip(weights, (ay, by, cy, dy), strict=True))
            inside += 0 <= place_x <= 1 and 0 <= place_y <= 1
    return inside / _POINTS**2
