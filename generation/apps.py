"""Django app configuration of generation; connects its receivers and system checks."""

from __future__ import annotations

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    """Connects the receivers and the system checks."""

    name = "generation"
    verbose_name = "Generation"

    def ready(self) -> None:
        """Import what registers itself."""
        from generation import checks, receivers  # noqa: F401, PLC0415
        from generation.by_log import generation_findings  # noqa: PLC0415
        from provenance.selectors.decisions import register_state_check  # noqa: PLC0415

        register_state_check(generation_findings)
        self._register_what_restores()

    def _register_what_restores(self) -> None:
        from generation.services.erasure.erase import MEDIA_ERASED  # noqa: PLC0415
        from generation.services.erasure.restoring import erase_again, revoke_again  # noqa: PLC0415
        from provenance.selectors.evidence import RENDITION_WITHDRAWN  # noqa: PLC0415
        from provenance.services.journal import register  # noqa: PLC0415

        register(MEDIA_ERASED, apply=erase_again)
        register(RENDITION_WITHDRAWN, apply=revoke_again)
