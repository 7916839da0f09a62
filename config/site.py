"""Template context of every page: provider, version, languages, what the sandbox lacks, open reports."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from config.languages import page_in_languages
from provenance.sandbox.requirement import sandbox_state
from provenance.services.misuse import open_reports

MOST_COUNTED = 99  # of open reports, on every page of a reviewer


def site_context(request: HttpRequest) -> dict[str, object]:
    """Template context: the provider's name, the version, the page in its languages, what the sandbox of
    strangers' files lacks, and for whoever asks, how many reports are open.
    """
    sandbox = sandbox_state()
    return {
        "provider_name": settings.LIKENESS_PROVIDER_NAME,
        "version": settings.VERSION,
        "page_in_languages": page_in_languages(request),
        "sandbox_lacks": ", ".join(sandbox.missing),
        "sandbox_is_reduced": sandbox.is_reduced,
        # Called by the reviewers' navigation alone, so that nobody else's page costs a query.
        "open_report_count": _open_report_count,
    }


def _open_report_count() -> str:
    """How many reports are open, and nothing for none."""
    count = open_reports().order_by()[: MOST_COUNTED + 1].count()  # in order, it would sort them all
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")
