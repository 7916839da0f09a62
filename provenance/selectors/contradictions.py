"""That a gate held a row back lately, as it contradicts the log: for figures, whichever process it was."""

from __future__ import annotations

import logging

from django.core.cache import cache

from provenance.common.shared_cache import cache_away

REMEMBERED_S = 3600
_KEY = "row-contradicts-log"

logger = logging.getLogger(__name__)


def note_contradiction() -> None:
    """Remember for an hour that there was one. Without the shared cache, the process log alone has it."""
    try:
        cache.set(_KEY, True, timeout=REMEMBERED_S)
    except cache_away() as error:
        logger.warning("The shared cache is unavailable, so a contradiction is not noted: %s", error)


def had_contradiction_lately() -> bool:
    """Whether there was one in the last hour, as far as the shared cache knows."""
    try:
        return bool(cache.get(_KEY))
    except cache_away():
        return False
