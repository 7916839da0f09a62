"""Columns that are new in this version have defaults in the database: the version before leaves them out."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0027_live_kept_and_placed'),
    ]

    operations = [
        migrations.AlterField(
            model_name='livesession',
            name='is_kept',
            field=models.BooleanField(db_default=False, default=False, help_text='Its file is kept when its record is sealed.'),
        ),
        migrations.AlterField(
            model_name='livesession',
            name='server',
            field=models.CharField(blank=True, db_default='', help_text='Which live server it was given to.', max_length=200),
        ),
        migrations.AlterField(
            model_name='renderworker',
            name='address',
            field=models.CharField(blank=True, db_default='', max_length=300),
        ),
    ]
