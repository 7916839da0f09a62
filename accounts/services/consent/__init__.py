"""Consent: request, answer, live check, review of attestations, use, withdrawal and expiry."""

from __future__ import annotations

from accounts.services.consent.answering import (
    agree,
    decline,
    hold,
    open_link,
    open_receipt,
    prove_contact,
    read_declined,
    read_request,
    send_code,
    withdraw,
)
from accounts.services.consent.asking import request_consent
from accounts.services.consent.delivery import send_request, send_unsent
from accounts.services.consent.expiry import expire_due
from accounts.services.consent.live import (
    GrantedConsent,
    confirm_recorded,
    refuse_recorded,
)
from accounts.services.consent.reviewing import confirm, refuse, withdraw_confirmed
from accounts.services.consent.using import consent_covering, require_in_force, reserve_use, return_use

__all__ = [
    "GrantedConsent",
    "agree",
    "confirm",
    "confirm_recorded",
    "consent_covering",
    "decline",
    "expire_due",
    "hold",
    "open_link",
    "open_receipt",
    "prove_contact",
    "read_declined",
    "read_request",
    "refuse",
    "refuse_recorded",
    "request_consent",
    "require_in_force",
    "reserve_use",
    "return_use",
    "send_code",
    "send_request",
    "send_unsent",
    "withdraw",
    "withdraw_confirmed",
]
