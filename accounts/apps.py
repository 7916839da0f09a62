"""Django app configuration of accounts; registers its system checks."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import get_language

from provenance.common.journal_steps import register


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401, PLC0415  registers the system checks
        from accounts.access.by_log import account_findings  # noqa: PLC0415
        from accounts.access.members_by_log import member_findings  # noqa: PLC0415
        from accounts.access.roles_by_log import role_findings  # noqa: PLC0415
        from provenance.selectors.decisions import register_state_check  # noqa: PLC0415

        register_state_check(account_findings)
        register_state_check(role_findings)
        register_state_check(member_findings)
        user_logged_in.connect(_keep_language, dispatch_uid="language of messages")
        self._register_what_restores()

    def _register_what_restores(self) -> None:
        restoring = "accounts.services.consent.restoring"
        stops = "accounts.services.contacts.stops"
        erasure = "accounts.services.erasure"
        register(
            "consent_withdrawn",
            apply=f"{restoring}.withdraw_again",
            append=f"{restoring}.log_withdrawal_again",
        )
        register("asking_stopped", apply=f"{stops}.stop_again")
        register("asking_allowed", apply=f"{stops}.allow_again")
        register(
            "subject_erased",
            apply=f"{erasure}.erase_subject_again",
            append=f"{erasure}.log_subject_erased_again",
        )
        register("contact_erased", apply=f"{erasure}.erase_contact_again")


def _keep_language(user: Any, **_: object) -> None:
    from accounts.notify.message_text import keep_language  # noqa: PLC0415  models are loaded by then

    keep_language(user, get_language() or "")
