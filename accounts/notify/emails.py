"""Sends plain-text e-mails after the transaction that they report has been committed."""

from __future__ import annotations

from django.core.mail import send_mail
from django.db import transaction

from accounts.notify.message_text import language_of, message_text, subject_and_body


def send_on_commit(
    template: str, *, to: str, context: dict[str, object], language_otherwise: str = ""
) -> None:
    """Send `accounts/email/<template>.txt` to one address after the present transaction.

    It is in the language of who signs in with that address, else in `language_otherwise`. For invitations,
    decisions and notices to partners' people; messages to subjects go by `contact_messages`. A mail server
    that is down is logged and does not undo what was decided: an invitation can be sent again.
    """
    language = language_of(to, otherwise=language_otherwise)
    subject, body = subject_and_body(message_text("email", template, language=language, context=context))

    # A named function: Django names it when it logs the failure, which a partial does not let it do.
    def send() -> None:
        send_mail(subject, body, None, [to])

    transaction.on_commit(send, robust=True)
