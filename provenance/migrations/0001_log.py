import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LogCheckpoint',
            fields=[
                ('size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('root', models.BinaryField(max_length=32)),
                ('note', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='LogNode',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('hash', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='LogEntry',
            fields=[
                ('index', models.BigIntegerField(primary_key=True, serialize=False)),
                ('time', models.DateTimeField()),
                ('event', models.CharField(max_length=40)),
                ('actor', models.CharField(max_length=80)),
                ('body', models.TextField()),
            ],
            options={
                'verbose_name_plural': 'log entries',
                'indexes': [models.Index(fields=['time'], name='log_entry_time'), models.Index(fields=['event', 'index'], name='log_entry_event'), models.Index(fields=['actor', 'index'], name='log_entry_actor')],
            },
        ),
        migrations.CreateModel(
            name='LogReference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=64)),
                ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='references', to='provenance.logentry')),
            ],
            options={
                'indexes': [models.Index(fields=['entry'], name='log_reference_entry')],
                'constraints': [models.UniqueConstraint(fields=('value', 'entry'), name='log_reference_once')],
            },
        ),
    ]
