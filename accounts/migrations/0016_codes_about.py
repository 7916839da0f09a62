"""A code is about a request of any kind, by its id. Codes sent before the upgrade end; they last minutes."""

from django.db import migrations, models


def end_codes(apps, schema_editor):
    apps.get_model('accounts', 'OneTimeCode').objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_label_policy'),
    ]

    operations = [
        migrations.RunPython(end_codes, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='onetimecode',
            name='consent',
        ),
        migrations.AddField(
            model_name='onetimecode',
            name='about',
            field=models.CharField(db_index=True, default='', max_length=40),
            preserve_default=False,
        ),
    ]
