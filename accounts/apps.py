"""Django app configuration of accounts; registers its system checks."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401, PLC0415  registers the system checks
        from accounts.access.by_log import account_findings  # noqa: PLC0415
        from provenance.selectors.decisions import register_state_check  # noqa: PLC0415

        register_state_check(account_findings)
        self._register_what_restores()

    def _register_what_restores(self) -> None:
        from accounts.services import erasure  # noqa: PLC0415
        from accounts.services.consent import restoring  # noqa: PLC0415
        from accounts.services.consent.answering import CONSENT_WITHDRAWN  # noqa: PLC0415
        from accounts.services.contacts import stops  # noqa: PLC0415
        from provenance.services.journal import register  # noqa: PLC0415

        register(CONSENT_WITHDRAWN, apply=restoring.withdraw_again, append=restoring.log_withdrawal_again)
        register(stops.ASKING_STOPPED, apply=stops.stop_again)
        register(stops.ASKING_ALLOWED, apply=stops.allow_again)
        register(
            erasure.SUBJECT_ERASED,
            apply=erasure.erase_subject_again,
            append=erasure.log_subject_erased_again,
        )
        register(erasure.CONTACT_ERASED, apply=erasure.erase_contact_again)
