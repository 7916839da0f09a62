"""Partner console: a released video and its captions, and the pages that revoke or delete it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.by_log import downloadable_rendition
from generation.choices.disclosures import disclosure_of
from generation.disclosure.captions import captions as caption_track
from generation.downloads import rendition_file
from generation.services.erasure import deletion
from generation.services.review import revoke_as_partner


@require_safe
@member_page
def video(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponseBase:
    """A released video, for the player on the job page or, with ?download, to keep."""
    rendition = downloadable_rendition(require_partner(actor), rendition_id)
    return rendition_file(request, rendition, as_attachment="download" in request.GET)


@require_safe
@member_page
def captions(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """The caption track of a released video."""
    rendition = downloadable_rendition(require_partner(actor), rendition_id)
    text = caption_track(disclosure_of(rendition.job), rendition.duration_s)
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")


@require_POST
@member_page
def revoke(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Revoke a video."""
    rendition = revoke_as_partner(actor=actor, rendition_id=rendition_id)
    messages.success(request, gettext("The video was revoked. The verify page says so from now on."))
    return redirect("job", job_id=rendition.job_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def delete_video(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Ask once more, then revoke a video and erase its file."""
    rendition = selectors.rendition_of(require_partner(actor), rendition_id)
    if request.method == "POST":
        deletion.delete_rendition(actor=actor, rendition_id=rendition_id)
        messages.success(
            request, gettext("The video was deleted. Whoever checks a copy is told that it was withdrawn.")
        )
    if request.method == "POST" or rendition.is_erased:
        return redirect("job", job_id=rendition.job_id)
    return render(request, "generation/delete.html", {"rendition": rendition})
