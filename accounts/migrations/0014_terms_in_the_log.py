"""The salt of the digests by which the log knows what was asked; rows from before have none."""

from django.db import migrations, models

import accounts.ids


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_quotas'),
    ]

    operations = [
        migrations.AddField(
            model_name='consentgrant',
            name='terms_salt',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AlterField(
            model_name='consentgrant',
            name='terms_salt',
            field=models.CharField(blank=True, default=accounts.ids.terms_salt, editable=False, max_length=32),
        ),
        migrations.AlterField(
            model_name='consentgrant',
            name='live_check',
            field=models.CharField(
                blank=True,
                choices=[
                    ('none', 'nobody: granted before there were live checks (0.4.0 and earlier)'),
                    ('reviewer', 'a reviewer, who was shown recording and portrait'),
                ],
                editable=False,
                help_text='Empty if attested.',
                max_length=16,
            ),
        ),
    ]
