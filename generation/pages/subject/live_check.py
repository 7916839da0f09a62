"""The subject's page of the live check: read a phrase before the camera, or choose a file.

Access is by the secret link of the request, as in `accounts.pages.subject_consent`.
"""

from __future__ import annotations

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.access.decorators import link_page
from accounts.live_errors import PhraseExpired, RecordingUnusable
from accounts.models import ConsentGrant, Contact
from accounts.services import consent
from generation.pages.devices import allows_devices
from generation.services.live_check.receiving import draw_phrase, is_received, receive_recording
from generation.tasks import check_recording_soon

LONGEST_S = 25  # what the page records at most


@require_http_methods(["GET", "HEAD", "POST"])
@allows_devices("camera", "microphone")
@csp_update({"media-src": "blob:"})  # to look at what was recorded
@link_page
def record(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show words that were drawn for this one recording; take the recording in and send the code."""
    grant = consent.open_link(token)
    if request.method != "POST":
        return _page(request, token)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise RecordingUnusable
        row = receive_recording(
            grant,
            ticket=request.POST.get("ticket", ""),
            file=file,
            is_live=request.POST.get("is_live") == "yes",
        )
    except (RecordingUnusable, PhraseExpired) as refusal:
        kept = grant.recordings.filter(erasure_began_at=None)
        if file is not None and is_received(kept, request.POST.get("ticket", ""), file):
            return redirect("consent_code", token=token)
        return _page(request, token, refusal=refusal, status=refusal.status)
    check_recording_soon(row.pk)
    consent.send_code(token)
    return redirect("consent_code", token=token)


def words_to_read(about: ConsentGrant | Contact) -> dict[str, object]:
    """What `_record_yourself.html` shows: words drawn for one recording, and how long that may be."""
    return {"drawn": draw_phrase(about, get_language() or "en"), "longest_s": LONGEST_S}


def _page(request: HttpRequest, token: str, *, status: int = 200, **more: object) -> HttpResponse:
    grant = consent.open_link(token)
    context = {
        "grant": grant,
        "token": token,
        **words_to_read(grant),
        **more,
    }
    return render(request, "generation/live_check.html", context, status=status)
