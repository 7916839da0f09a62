"""Sends messages to the contact of a subject: by e-mail or by text message. Raises when nobody took them."""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage

from accounts.contact_errors import MessageNotSent, PhoneUnavailable
from accounts.models import Channel, Contact
from accounts.notify.message_text import message_text, subject_and_body
from accounts.notify.telephone import gateway

logger = logging.getLogger(__name__)


def send_to_contact(
    template: str, *, contact: Contact, language: str, context: dict[str, object], refuse_at: str = ""
) -> None:
    """Send `accounts/email/<template>.txt`, or `accounts/sms/<template>.txt` to a telephone.

    The first line of an e-mail is its subject. A template of the same name in a folder of the language is
    taken before. With `refuse_at` mail programs show a button of their own that says no by a POST to that
    address (RFC 8058). Call it outside of transactions: it waits for a server. Raises `MessageNotSent`.
    """
    folder = "email" if contact.channel == Channel.EMAIL else "sms"
    text = message_text(folder, template, language=language, context=context)
    try:
        if contact.channel == Channel.EMAIL:
            subject, body = subject_and_body(text)
            message = EmailMessage(subject, body, None, [contact.address])
            if refuse_at:
                message.extra_headers = {
                    "List-Unsubscribe": f"<{refuse_at}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }
            message.send()
        else:
            gateway()(contact.address, text)
    except PhoneUnavailable:
        raise
    # Whatever a mail server, a socket or somebody's gateway raises: the message did not go out.
    except Exception as error:
        logger.exception("A message %s to contact %s could not be sent.", template, contact.id)
        raise MessageNotSent from error
