"""Marks consents of living people that were granted before there were live checks."""

from django.db import migrations

ATTESTED = ["nonexistent_person", "public_domain_artwork"]


def mark(apps, schema_editor):
    granted = apps.get_model("accounts", "ConsentGrant").objects.exclude(receipt_digest="")
    granted.exclude(basis__in=ATTESTED).filter(live_check="").update(live_check="none")


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0010_live_check"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
