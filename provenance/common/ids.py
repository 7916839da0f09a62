"""Public ids: a prefix that tells the kind, and 128 random bits."""

from __future__ import annotations

import secrets


def new_id(prefix: str) -> str:
    """A new public id such as `job_` and 22 URL-safe characters (128 random bits)."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"
