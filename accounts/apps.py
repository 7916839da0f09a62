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
