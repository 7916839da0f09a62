"""How often one address may ask for a verdict, by page and API together."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from provenance.errors import CodedError

FILES_PER_MINUTE = 30
_WINDOW_S = 60


class TooManyFiles(CodedError):
    """One address sent more files than it may in a minute."""

    code = "rate_limited"
    status = 429
    message = "Too many files in a short time."
    hint = "Wait a minute, then go on."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


def count_file(request: HttpRequest) -> None:
    """Count one file from the caller's address. Raises `TooManyFiles` beyond the limit of this minute."""
    now = int(time.time())
    window = now // _WINDOW_S
    key = f"verify:{_address(request)}:{window}"
    # Two windows long, so that a count never vanishes while its own window lasts.
    cache.add(key, 0, timeout=2 * _WINDOW_S)
    if cache.incr(key) > FILES_PER_MINUTE:
        raise TooManyFiles(retry_after_s=(window + 1) * _WINDOW_S - now)


def _address(request: HttpRequest) -> str:
    # Only the last hop's word counts: everything further left in the header is what the sender wrote there.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return str(forwarded.rpartition(",")[2].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
