"""Encrypts short secrets that the service must be able to read again, under the site's secret key."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def box(purpose: str) -> MultiFernet:
    """What encrypts and decrypts the secrets of one purpose, each purpose under a key of its own.

    New secrets are encrypted under `SECRET_KEY`; those under its fallbacks can still be read.
    """
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    derived = [hashlib.sha256(f"likeness {purpose}\0".encode() + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
