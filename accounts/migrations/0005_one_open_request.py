from django.db import migrations, models


class Migration(migrations.Migration):
    # Apart from the one before: PostgreSQL does not change a table whose rows were written in the same
    # transaction and still wait for their foreign keys to be checked.

    dependencies = [
        ('accounts', '0004_links_go_to_contacts'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='consentgrant',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'requested')), fields=('partner', 'contact'), name='consent_one_open_request'),
        ),
    ]
