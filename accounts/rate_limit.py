"""Counting calls in windows of one minute, in the shared cache."""

from __future__ import annotations

import time

from django.core.cache import cache

from accounts.errors import RateLimited

WINDOW_S = 60
API_CALLS_PER_MINUTE = 600  # ten a second: polling and uploads fit, a loop gone wild does not
PUBLIC_FORMS_PER_MINUTE = 10  # for one address


def count_call(name: str, *, limit: int) -> None:
    """Count one call under `name`; raises `RateLimited` beyond `limit` in the present minute."""
    now = int(time.time())
    window = now // WINDOW_S
    key = f"calls:{name}:{window}"
    # Two windows long, so that a count never vanishes while its own window lasts.
    cache.add(key, 0, timeout=2 * WINDOW_S)
    if cache.incr(key) > limit:
        raise RateLimited(retry_after_s=(window + 1) * WINDOW_S - now)
