"""What a sample of a rendition's frames shows."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0009_video_format'),
    ]

    operations = [
        migrations.AddField(
            model_name='rendition',
            name='pixel_report',
            field=models.JSONField(blank=True, help_text='What a sample of its frames shows; empty for renditions from before there were reports.', null=True),
        ),
    ]
