"""How often one address may ask for a verdict, by page and API together."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import SimpleRateThrottle


class VerifyThrottle(SimpleRateThrottle):
    """Thirty files a minute for each address. One throttle for all ways in, so that they share the count."""

    scope = "verify"

    def __init__(self) -> None:
        super().__init__("30/m")

    def get_cache_key(self, request: HttpRequest) -> str:
        """One counter for each address that connects to us, or to the proxy in front of us."""
        return self.cache_format % {"scope": self.scope, "ident": _address(request)}


def _address(request: HttpRequest) -> str:
    # Only the last hop's word counts: everything further left in the header is what the sender wrote there.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return str(forwarded.rpartition(",")[2].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
