"""Frames of a released video as it was made, for the comparison on the verify page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from generation.by_log import released_rendition
from generation.downloads import frames_file
from generation.storage import StoredFileDamaged
from provenance.common.errors import CodedError
from provenance.common.rate_limit import count_public_call
from provenance.pages.comparison import NoComparison, compared_moments
from provenance.sandbox.isolation import IsolatedFailure


@require_safe
def as_made(request: HttpRequest, token: str) -> HttpResponse:
    """The frames at the moments that a verdict compares, beside each other in one JPEG.

    404 for any other address, an hour after the verdict, and where the video is no longer given to anybody.
    """
    try:
        count_public_call(request)
        rendition_id, moments = compared_moments(token)
        return frames_file(released_rendition(rendition_id), moments)
    except (NoComparison, CodedError, FileNotFoundError, StoredFileDamaged, IsolatedFailure) as error:
        raise Http404("There is nothing to compare with.") from error
