"""Django app configuration of generation; connects its receivers and system checks."""

from __future__ import annotations

from django.apps import AppConfig

from provenance.common.journal_steps import register


class GenerationConfig(AppConfig):
    """Connects the receivers and the system checks."""

    name = "generation"
    verbose_name = "Generation"

    def ready(self) -> None:
        """Import what registers itself."""
        from generation import checks, receivers  # noqa: F401, PLC0415
        from generation.admission import presence  # noqa: PLC0415
        from generation.by_log import generation_findings  # noqa: PLC0415
        from generation.services.face_register.deciding import match_findings  # noqa: PLC0415
        from generation.services.live.by_log import live_findings  # noqa: PLC0415
        from generation.services.live_check.by_log import recording_findings  # noqa: PLC0415
        from generation.services.voice_consent.checking import voice_findings  # noqa: PLC0415
        from provenance.selectors.decisions import register_state_check  # noqa: PLC0415

        for findings in (
            generation_findings,
            voice_findings,
            match_findings,
            live_findings,
            recording_findings,
        ):
            register_state_check(findings)
        presence.listen()
        self._register_what_restores()

    def _register_what_restores(self) -> None:
        restoring = "generation.services.erasure.restoring"
        register("media_erased", apply=f"{restoring}.erase_again")
        faces = "generation.services.face_register.registering"
        register("face_unregistered", apply=f"{faces}.unregister_again")
        register("voice_withdrawn", apply="generation.services.voice_consent.answering.withdraw_voice_again")
        register("rendition_withdrawn", apply=f"{restoring}.revoke_again")
