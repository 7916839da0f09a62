"""Sends plain-text e-mails after the transaction that they report has been committed."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation


def send_on_commit(template: str, *, to: str, subject: str, context: dict[str, object]) -> None:
    """Send `accounts/email/<template>.txt` to one address after the present transaction.

    For invitations and decisions about partners; messages to subjects go by `contact_messages`. A mail
    server that is down is logged and does not undo what was decided: an invitation can be sent again.
    """
    values = {**context, "provider_name": settings.LIKENESS_PROVIDER_NAME}
    # In English, whatever the page of who caused it is in: nobody knows what the recipient reads.
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string(f"accounts/email/{template}.txt", values)

    # A named function: Django names it when it logs the failure, which a partial does not let it do.
    def send() -> None:
        send_mail(subject, body, None, [to])

    transaction.on_commit(send, robust=True)
