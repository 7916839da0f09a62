"""Notes for the erasure journal what was withdrawn before there was one; the next run copies it there."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def note(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    entry = apps.get_model("provenance", "JournalEntry")
    grants = apps.get_model("accounts", "ConsentGrant").objects.filter(state="withdrawn")
    records = apps.get_model("provenance", "Record").objects.filter(state="withdrawn")
    for grant in grants.exclude(withdrawn_at=None).only("pk", "withdrawn_at").iterator():
        entry.objects.create(
            time=grant.withdrawn_at, kind="consent_withdrawn", about=grant.pk, data={"actor": "system"}
        )
    for record in records.only("pk", "withdrawn_at", "withdrawal_reason").iterator():
        entry.objects.create(
            time=record.withdrawn_at,
            kind="rendition_withdrawn",
            about=record.pk,
            data={"reason_code": record.withdrawal_reason},
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_webhooks"),
        ("provenance", "0009_erasure_journal"),
    ]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
