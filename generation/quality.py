"""What the pixel report of a rendition may find, in words: the code `quality_low` and its reasons.

The report itself is made by workers (`generation.pipeline.pixel_report`); pages and API only repeat it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from provenance.common.errors import gettext_noop as _

QUALITY_LOW: Final = "quality_low"


class Finding(StrEnum):
    """Bars of the pixel report that a rendition does not reach."""

    FACE_LOST = "face_lost"
    LIPS_STAY_OPEN = "lips_stay_open"
    LIPS_STAY_CLOSED = "lips_stay_closed"
    SOUND_APART = "sound_apart"
    TORN = "torn"
    FACE_CHANGED = "face_changed"
    STILL = "still"


SENTENCES: Final[Mapping[Finding, str]] = {
    Finding.FACE_LOST: _("In some frames no face can be made out."),
    Finding.LIPS_STAY_OPEN: _("The lips do not close where p, b and m are spoken."),
    Finding.LIPS_STAY_CLOSED: _("The lips do not open where the speech needs it."),
    Finding.SOUND_APART: _("Sound and lips are apart in time."),
    Finding.TORN: _("The skin is torn or stretched somewhere."),
    Finding.FACE_CHANGED: _("The face looks unlike the one in the portrait."),
    Finding.STILL: _("The picture stands still while somebody speaks."),
}
HINT: Final = _(
    "Watch it before you use it. Another portrait helps most: closed lips, facing the camera, nothing before "
    "the face. Another seed or softer controls may do."
)


@dataclass(frozen=True)
class QualityWarning:
    """That a rendition is of low quality, as the API says it; pages translate it."""

    code: str
    message: str
    hint: str


def quality_warning(report: Mapping[str, Any] | None) -> QualityWarning | None:
    """What to say about a stored pixel report; None for one that found nothing, and where there is none."""
    known = {finding.value: sentence for finding, sentence in SENTENCES.items()}
    found = [known[name] for name in (report or {}).get("findings", ()) if name in known]
    return QualityWarning(QUALITY_LOW, " ".join(found), HINT) if found else None
