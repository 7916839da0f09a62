"""Default callables of columns: primary keys with a prefix, and a salt; migrations refer to them by name."""

from __future__ import annotations

import secrets

from provenance.common.ids import new_id


def user_id() -> str:
    """A new id of a person with a login."""
    return new_id("usr")


def partner_id() -> str:
    """A new id of a partner organisation."""
    return new_id("prt")


def membership_id() -> str:
    """A new id of a person's place in a partner."""
    return new_id("mem")


def invitation_id() -> str:
    """A new id of an invitation to join a partner."""
    return new_id("inv")


def api_key_id() -> str:
    """A new id of an API key; not secret."""
    return new_id("key")


def contact_id() -> str:
    """A new id of a contact of living subjects."""
    return new_id("con")


def subject_id() -> str:
    """A new id of somebody in a portrait."""
    return new_id("sub")


def consent_id() -> str:
    """A new id of a consent grant."""
    return new_id("cns")


def webhook_id() -> str:
    """A new id of a webhook endpoint."""
    return new_id("whk")


def delivery_id() -> str:
    """A new id of one message to one webhook endpoint."""
    return new_id("dlv")


def message_id() -> str:
    """A new id of a webhook message, the same for every endpoint and attempt."""
    return new_id("msg")


def terms_salt() -> str:
    """A salt that keeps a digest in the public log from confirming a guess at what was asked (hex)."""
    return secrets.token_hex(16)
