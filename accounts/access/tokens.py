"""Random tokens for links, invitations and API keys, and their hashes. Only the hashes are stored."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32  # 256 random bits: no salt and no slow hash needed, there is nothing to guess


def new_token() -> str:
    """A new random secret of 256 bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """The SHA-256 of a secret in hex: what is stored and looked up in its place."""
    return hashlib.sha256(token.encode()).hexdigest()
