"""Template context of every page: provider name, version, number of open misuse reports."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from provenance.services.misuse import open_reports


def site_context(request: HttpRequest) -> dict[str, object]:
    """Template context: the provider's name, the version, and for whoever asks, how many reports are open."""
    return {
        "provider_name": settings.LIKENESS_PROVIDER_NAME,
        "version": settings.VERSION,
        # Called by the reviewers' navigation alone, so that nobody else's page costs a query.
        "open_report_count": lambda: open_reports().count(),
    }
