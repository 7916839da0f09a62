"""Which renderers a job may name: those in LIKENESS_RENDERERS, of which the first is the default."""

from __future__ import annotations

from django.conf import settings

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
        raise RendererNotOffered(
            f"This service does not offer the renderer {name!r}; it offers {', '.join(offered)}."
        )
    return name
