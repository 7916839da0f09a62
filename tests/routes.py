"""Every address pattern of the service."""

from __future__ import annotations

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver


def routes(resolver: URLResolver | None = None, before: str = "") -> list[str]:
    """The patterns below a resolver, by default all there are."""
    found: list[str] = []
    for entry in (resolver or get_resolver()).url_patterns:
        path = before + str(entry.pattern)
        found += [path] if isinstance(entry, URLPattern) else routes(entry, path)
    return found
