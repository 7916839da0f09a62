"""Which renderers a job may name: those in LIKENESS_RENDERERS, of which the first is the default."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_noop as _

from generation.animation.registry import FACE_RIG, MOTION_FLOW
from generation.studio.refusals import StudioNotOffered
from provenance.common.errors import CodedError


class RendererNotOffered(CodedError):
    """The operator does not offer this renderer, or does not any more."""

    code = "renderer_not_offered"
    status = 422
    message = "This service does not offer the renderer that the job names."
    hint = "Leave the renderer out, or name one that is offered."


def offered_renderer(name: str | None) -> str:
    """The renderer called `name`, or the default for None. Raises RendererNotOffered."""
    offered: list[str] = settings.LIKENESS_RENDERERS
    if name is None:
        return offered[0]
    if name not in offered:
        sentence = _("This service does not offer the renderer {name}; it offers {names}.")
        raise RendererNotOffered(sentence.format(name=repr(name), names=", ".join(offered)))
    return name


def require_bundled_parts() -> None:
    """Previews are made by the bundled renderer and motion source. Raises StudioNotOffered where videos are
    made by others."""
    if offered_renderer(None) != FACE_RIG or settings.LIKENESS_MOTION_SOURCE != MOTION_FLOW:
        raise StudioNotOffered
