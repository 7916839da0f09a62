"""Whether the log goes on, as health checks and figures tell it."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from provenance.models.log_triggers import missing_triggers
from provenance.selectors.log import LogDamaged
from provenance.selectors.signed_head import require_log_goes_on


def log_state() -> tuple[str, list[str]]:
    """Why the log stands still, if it does, and the triggers that are missing of those that keep it."""
    missing = missing_triggers()
    try:
        require_log_goes_on()
    except LogDamaged as error:
        return error.message, missing
    except ImproperlyConfigured:
        return "The log's key cannot be read.", missing
    return "", missing
