"""Encrypts the secrets of second factors at rest, under the site's secret key."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from accounts.access.encryption import box

PURPOSE = "second factor"


class EncryptingMFAAdapter(DefaultMFAAdapter):
    """A stolen database does not give the authenticator codes of staff."""

    def encrypt(self, text: str) -> str:
        return box(PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box(PURPOSE).decrypt(encrypted_text.encode()).decode()
