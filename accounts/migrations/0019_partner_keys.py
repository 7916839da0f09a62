"""What names and websites of organisations are compared by, kept beside them and indexed.

The earlier version goes on adding rows meanwhile: they have empty keys, which are like no other, until saved.
"""

from django.db import migrations, models

from accounts.models.plain_names import KEY_LENGTH, plain_host, plain_name

AT_ONCE = 1000


def fill_keys(apps, schema_editor):
    partners = apps.get_model('accounts', 'Partner').objects
    changed = []
    for partner in partners.only('pk', 'name', 'website').order_by().iterator(chunk_size=AT_ONCE):
        partner.name_key, partner.host_key = plain_name(partner.name), plain_host(partner.website)
        changed.append(partner)
        if len(changed) == AT_ONCE:
            partners.bulk_update(changed, ['name_key', 'host_key'])
            changed = []
    partners.bulk_update(changed, ['name_key', 'host_key'])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0018_live'),
    ]

    operations = [
        migrations.AddField(
            model_name='partner',
            name='name_key',
            field=models.CharField(db_default='', default='', editable=False, max_length=KEY_LENGTH),
        ),
        migrations.AddField(
            model_name='partner',
            name='host_key',
            field=models.CharField(db_default='', default='', editable=False, max_length=KEY_LENGTH),
        ),
        migrations.AddIndex(
            model_name='partner',
            index=models.Index(fields=['name_key'], name='partner_by_name_key'),
        ),
        migrations.AddIndex(
            model_name='partner',
            index=models.Index(fields=['host_key'], name='partner_by_host_key'),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
