"""Django app configuration of provenance; registers triggers and system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate

from provenance.common.journal_steps import register as register_journal


class ProvenanceConfig(AppConfig):
    name = "provenance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # These modules import models, which Django loads after this one.
        from provenance.checks.key_health import (  # noqa: PLC0415
            check_development_roots,
            check_signing_certificate,
            check_timestamp_servers,
        )
        from provenance.checks.log_checks import (  # noqa: PLC0415
            check_log_mark,
            check_sqlite_transactions,
            check_triggers,
        )
        from provenance.checks.sandbox_checks import check_readers_reach_nothing  # noqa: PLC0415
        from provenance.checks.trust_list_checks import check_trust_list  # noqa: PLC0415
        from provenance.models.log_triggers import install_after_migrate  # noqa: PLC0415

        register_journal(
            "rendition_withdrawn",
            apply="provenance.services.records.withdraw_record_again",
            append="provenance.services.records.log_withdrawal_again",
        )
        post_migrate.connect(install_after_migrate, sender=self)
        register(check_triggers, Tags.database)
        register(check_sqlite_transactions, Tags.database)
        register(check_log_mark)
        register(check_signing_certificate, Tags.security, deploy=True)
        register(check_timestamp_servers, Tags.security, deploy=True)
        register(check_development_roots, Tags.security, deploy=True)
        register(check_trust_list, Tags.security, deploy=True)
        register(check_readers_reach_nothing, Tags.security, deploy=True)
