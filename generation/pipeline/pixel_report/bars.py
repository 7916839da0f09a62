"""The measures of a pixel report, and the bars below which a rendition is of low quality.

The bars were set between good renditions and renditions that were broken on purpose; docs/pixel-report.md has
both, `python -m benchmarks.service.pixel_report` measures them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from generation.quality import Finding

# Gaps between the lips in parts of the face's size, as the mesh network sees them. Closed lips give 0.003 at
# the most, lips that stand still and closed 0.006, an ordered opening 0.04 and more on most faces.
CLOSED: Final = 0.03
OPENED: Final = 0.012
KEPT: Final = 0.5  # of those that were ordered
LEAST_ORDERED: Final = 3  # closures or openings, for a share to mean something
FACES: Final = 0.9  # of the frames looked at
# Viewers accept sound 185 ms late and 90 ms early at the most (ITU-R BT.1359); the measure errs by 25 ms.
SOUND_LATE_S, SOUND_EARLY_S = 0.2, -0.12
TORN: Final = 0.012  # good renditions: 0.007 at the most, most of them 0
PART_APART: Final = 0.85  # good renditions: 0.55 at the most, 0.73 in a broad smile
PROPORTIONS_APART: Final = 0.022  # good renditions: 0.0145
APPEARANCE_APART: Final = 0.37  # good renditions 0.22 at the most, another face 0.40 at the least
STILL_S: Final = 1.0


@dataclass(frozen=True)
class Measures:
    """What a pixel report measures.

    `frames` were looked at, and a face was found in `faces` of them. Of `closures` and `openings` of the lips
    that were ordered in them so many are `..._kept`. `sound_after_picture_s` is negative for sound that comes
    first, and None where too little speech tells. `torn` is the part of some stretch of skin that has edges
    where the portrait has none; `part_apart` and `appearance_apart` say how far the details of the worst
    part and of the whole face are from the portrait's, 0 to 2, and `proportions_apart` how far its steady
    landmarks are, in parts of the face's size. They compare pictures and say nothing about who somebody is.
    They are None where no face was found. `still_s` is the longest time in which nothing moved while the
    sound was loud.
    """

    frames: int
    faces: int
    closures: int
    closures_kept: int
    openings: int
    openings_kept: int
    sound_after_picture_s: float | None
    torn: float | None
    part_apart: float | None
    proportions_apart: float | None
    appearance_apart: float | None
    still_s: float


def findings(measures: Measures) -> tuple[Finding, ...]:
    """The bars that are not reached, in a fixed order; none of a good rendition."""
    failed = {
        Finding.FACE_LOST: measures.faces < FACES * measures.frames,
        Finding.LIPS_STAY_OPEN: _too_few(measures.closures_kept, measures.closures),
        Finding.LIPS_STAY_CLOSED: _too_few(measures.openings_kept, measures.openings),
        Finding.SOUND_APART: not SOUND_EARLY_S <= (measures.sound_after_picture_s or 0.0) <= SOUND_LATE_S,
        Finding.TORN: _above(measures.torn, TORN) or _above(measures.part_apart, PART_APART),
        Finding.FACE_CHANGED: _above(measures.appearance_apart, APPEARANCE_APART)
        or _above(measures.proportions_apart, PROPORTIONS_APART),
        Finding.STILL: measures.still_s > STILL_S,
    }
    return tuple(finding for finding, is_so in failed.items() if is_so)


def _too_few(kept: int, ordered: int) -> bool:
    return ordered >= LEAST_ORDERED and kept < KEPT * ordered


def _above(value: float | None, bar: float) -> bool:
    return value is not None and value > bar
