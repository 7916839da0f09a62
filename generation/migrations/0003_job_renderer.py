"""Jobs name their renderer; those before it were made with the only one there was."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0002_jobs")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="renderer",
            field=models.CharField(
                default="face_rig", help_text="Name in the registry of renderers.", max_length=40
            ),
            preserve_default=False,
        ),
    ]
