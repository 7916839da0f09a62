"""An index that finds when a partner's last attempt began."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_one_open_request'),
        ('generation', '0006_portrait_still'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='job',
            index=models.Index(fields=['partner', '-started_at'], name='generation_job_by_start'),
        ),
    ]
