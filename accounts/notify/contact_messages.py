"""Sends messages to the contact of a subject: by e-mail or by text message. Raises when nobody took them."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.contact_errors import MessageNotSent, PhoneUnavailable
from accounts.models import Channel, Contact
from accounts.notify.telephone import gateway

logger = logging.getLogger(__name__)


def send_to_contact(
    template: str, *, contact: Contact, subject: str, context: dict[str, object], refuse_at: str = ""
) -> None:
    """Send `accounts/email/<template>.txt`, or `accounts/sms/<template>.txt` to a telephone.

    With `refuse_at` mail programs show a button of their own that says no by a POST to that address
    (RFC 8058). Call it outside of transactions: it waits for a server. Raises `MessageNotSent`.
    """
    headers = {
        "List-Unsubscribe": f"<{refuse_at}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    folder = "email" if contact.channel == Channel.EMAIL else "sms"
    values = {**context, "provider_name": settings.LIKENESS_PROVIDER_NAME}
    body = render_to_string(f"accounts/{folder}/{template}.txt", values).strip()
    try:
        if contact.channel == Channel.EMAIL:
            message = EmailMessage(subject, body, None, [contact.address])
            message.extra_headers = headers if refuse_at else {}
            message.send()
        else:
            gateway()(contact.address, body)
    except PhoneUnavailable:
        raise
    # Whatever a mail server, a socket or somebody's gateway raises: the message did not go out.
    except Exception as error:
        logger.exception("A message %s to contact %s could not be sent.", template, contact.id)
        raise MessageNotSent from error
