"""Builds the absolute addresses of the links in e-mails."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def _absolute(route: str, token: str) -> str:
    base: str = settings.LIKENESS_BASE_URL
    return f"{base}{reverse(route, args=[token])}"


def consent_link(token: str) -> str:
    """Where the subject reads the request and answers it."""
    return _absolute("consent_link", token)


def refusal_link(token: str) -> str:
    """Where one click says no to a request."""
    return _absolute("consent_no", token)


def receipt_link(token: str) -> str:
    """Where the subject finds the receipt and the way to withdraw."""
    return _absolute("consent_receipt", token)


def voice_link(token: str) -> str:
    """Where the speaker of a recording hears it and answers."""
    return _absolute("voice_link", token)


def voice_refusal_link(token: str) -> str:
    """Where one click says no to the use of a recording."""
    return _absolute("voice_no", token)


def voice_receipt_link(token: str) -> str:
    """Where the speaker of a recording withdraws."""
    return _absolute("voice_receipt", token)


def likeness_address() -> str:
    """Where anybody asks for a link to everything that was made with their likeness."""
    base: str = settings.LIKENESS_BASE_URL
    return f"{base}{reverse('likeness')}"


def likeness_link(token: str) -> str:
    """Where the holder of a contact sees everything that was made with their likeness."""
    return _absolute("my_likeness", token)


def invitation_link(token: str) -> str:
    """Where an invited person joins a partner."""
    return _absolute("invitation", token)
