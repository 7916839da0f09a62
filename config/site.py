"""What every page's template may show about the site."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site_context(request: HttpRequest) -> dict[str, object]:
    """Template context: the provider's name and the version."""
    return {"provider_name": settings.LIKENESS_PROVIDER_NAME, "version": settings.VERSION}
