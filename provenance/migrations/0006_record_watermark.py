from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('provenance', '0005_verification'),
    ]

    operations = [
        migrations.AlterField(
            model_name='record',
            name='watermark_id',
            field=models.CharField(max_length=12, unique=True),
        ),
        migrations.AddField(
            model_name='record',
            name='watermark_year',
            field=models.PositiveSmallIntegerField(default=0, help_text="Which year's key the frames are marked with."),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='record',
            name='content_prints',
            field=models.BinaryField(default=b'', help_text='What its frames show, to tell a mark that was moved.'),
            preserve_default=False,
        ),
    ]
