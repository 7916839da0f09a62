"""Gives earlier consents their contact, and voids the links that earlier versions showed to partners.

A grant stays in force as it is. An open request loses its link, of which the partner had a copy: the periodic
task sends a new one to the subject's own address, or ends the request with a log entry (consent.undeliverable)
where there is none, or only the partner's own, or a newer open request to the same person.
"""

from django.db import migrations

LIVING = ('own_likeness', 'other_person')


def identity_of_email(address):
    name, _, domain = address.strip().lower().rpartition('@')
    return f"{name.partition('+')[0]}@{domain}"


def give_contacts(apps, schema_editor):
    Contact = apps.get_model('accounts', 'Contact')
    ConsentGrant = apps.get_model('accounts', 'ConsentGrant')
    asked = set()
    newest_first = ConsentGrant.objects.filter(basis__in=LIVING).select_related('subject')
    for grant in newest_first.order_by('-created_at', 'id').iterator():
        changed = []
        if grant.state == 'requested':
            grant.link_token_hash = None
            changed.append('link_token_hash')
        if grant.subject.email:
            contact, _ = Contact.objects.get_or_create(
                channel='email',
                address=grant.subject.email.strip().lower(),
                defaults={'identity': identity_of_email(grant.subject.email)},
            )
            is_open = grant.state == 'requested'
            if not is_open or (grant.partner_id, contact.identity) not in asked:
                grant.contact = contact
                changed.append('contact')
            if is_open:
                asked.add((grant.partner_id, contact.identity))
        if changed:
            grant.save(update_fields=changed)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_contacts'),
    ]

    operations = [
        migrations.RunPython(give_contacts, migrations.RunPython.noop),
    ]
