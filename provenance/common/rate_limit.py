"""Rate limits per minute: counted in the shared cache, or in the process while that is away."""

from __future__ import annotations

import ipaddress
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest

from provenance.common.errors import CodedError
from provenance.common.shared_cache import cache_away

WINDOW_S = 60
API_CALLS_PER_MINUTE = 600  # ten a second: polling and uploads fit, a runaway loop does not
PUBLIC_FORMS_PER_MINUTE = 10  # for one address
_BUDGET = "likeness_call_budget"
NETWORK_BITS = 64  # of an IPv6 address; whoever has one has all the others with the same beginning

# A service whose cache is unavailable goes on serving, and still limits a runaway loop.
_in_this_process = LocMemCache("calls", {})

logger = logging.getLogger(__name__)


class RateLimited(CodedError):
    """Too many calls in the present minute. `retry_after_s` says when the next one begins."""

    code = "rate_limited"
    status = 429
    message = "Too many calls in a short time."
    hint = "Try again in a minute. Programs read in Retry-After when."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class CallBudget:
    """How many calls of a kind (`name`) are left: `remaining` of `limit`, until the next window of
    `window_s` begins in `reset_s` seconds."""

    name: str
    limit: int
    remaining: int
    reset_s: int
    window_s: int = WINDOW_S


def spend_call(request: HttpRequest, name: str, who: str, *, limit: int) -> None:
    """Count one call of `who` under `name`, and note on the request what is left, for the answer's headers.

    Raises `RateLimited` beyond `limit` in the present minute.
    """
    try:
        calls = count_call(f"{name}:{who}", limit=limit)
    except RateLimited as error:
        _note(request, CallBudget(name, limit, 0, error.retry_after_s))
        raise
    _note(request, CallBudget(name, limit, limit - calls, WINDOW_S - int(time.time()) % WINDOW_S))


def call_budget_of(request: HttpRequest) -> CallBudget | None:
    """What `spend_call` noted on a request, None where nothing was counted."""
    return getattr(request, _BUDGET, None)


def _note(request: HttpRequest, budget: CallBudget) -> None:
    setattr(request, _BUDGET, budget)


def count_call(name: str, *, limit: int) -> int:
    """Count one call under `name`: how many they are in the present minute. Raises `RateLimited` beyond
    `limit`."""
    now = int(time.time())
    window = now // WINDOW_S
    key = f"calls:{name}:{window}"
    try:
        calls = _add_one(cache, key)
    except cache_away() as error:
        logger.warning("The shared cache is away, each web process counts calls alone: %s", error)
        calls = _add_one(_in_this_process, key)
    if calls > limit:
        raise RateLimited(retry_after_s=(window + 1) * WINDOW_S - now)
    return calls


def _add_one(store: BaseCache, key: str) -> int:
    # Two windows long, so that a count never vanishes while its own window lasts.
    store.add(key, 0, timeout=2 * WINDOW_S)
    return int(store.incr(key))


def client_address(request: HttpRequest) -> str:
    """The address that called us, or the one our own proxy says called it; of IPv6 its network (/64)."""
    # Only the last hop's entry counts: everything further left in the header is what the sender wrote there.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return _network_of(forwarded.rpartition(",")[2].strip())
    return _network_of(str(request.META.get("REMOTE_ADDR", "")))


def _network_of(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), NETWORK_BITS), strict=False))


def count_verified_file(request: HttpRequest) -> None:
    """Count one file that an address sends to be verified, by page and API together.

    Raises `RateLimited` beyond LIKENESS_VERIFY_FILES_PER_MINUTE.
    """
    limit = settings.LIKENESS_VERIFY_FILES_PER_MINUTE
    spend_call(request, "verify", client_address(request), limit=limit)


def count_public_call(request: HttpRequest) -> None:
    """Count one call of an address that looks something up: a verdict that waits, a manifest, evidence.

    Raises `RateLimited` beyond LIKENESS_PUBLIC_CALLS_PER_MINUTE.
    """
    limit = settings.LIKENESS_PUBLIC_CALLS_PER_MINUTE
    spend_call(request, "public", client_address(request), limit=limit)
