"""A portrait that carries our own watermark, as a frame of a video that was made here does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from generation.intake.examine import PortraitFacts
from generation.intake.refusals import PORTRAIT_GENERATED
from provenance.common.errors import gettext_noop as _
from provenance.verify.evidence.signals import MarkReading, MarkState

OWN_GENERATOR: Final = "Likeness"
_SENTENCE: Final = _(
    "The picture carries our own watermark, as a frame of a video that was made here does: the video's "
    "manifest will say that the portrait was generated."
)
_HINT: Final = _("If you have the photograph that the video was made from, upload that: it is sharper.")


def is_ours(mark: MarkReading | None) -> bool:
    """Whether our watermark was read, of whichever video."""
    return mark is not None and (mark.state is MarkState.FOUND or mark.is_word_read)


def told_as_ours(facts: PortraitFacts) -> PortraitFacts:
    """The facts of a portrait that carries our mark: it was generated, here, whatever other mark it has."""
    others = [warning for warning in facts.warnings if warning["code"] != PORTRAIT_GENERATED]
    warning: dict[str, object] = {"code": PORTRAIT_GENERATED, "message": _SENTENCE, "hint": _HINT}
    return replace(facts, warnings=[*others, warning], generated_by=OWN_GENERATOR)
