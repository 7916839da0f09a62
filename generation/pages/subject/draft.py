"""The subject's page of the draft: with a code from their contact, their portrait says one sentence."""

from __future__ import annotations

import base64

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.access.decorators import link_page
from accounts.contact_errors import CodeExpired, CodeWrong
from accounts.services import consent
from generation.draft.refusals import DraftBusy
from generation.draft.sentences import WORDS, draft_language
from generation.services.likeness.draft import draft_for_subject


@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"media-src": "data:"})  # the video is in the page and nowhere else
@link_page
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Say what a draft is; send a code; with the code, show the draft once."""
    language = draft_language(get_language() or "en")
    context: dict[str, object] = {
        "grant": consent.read_request(token),
        "token": token,
        "sentence": WORDS[language].sentence,
    }
    if request.method != "POST":
        return render(request, "generation/draft.html", context)
    if "code" not in request.POST:
        consent.send_code(token, is_for_draft=True)
        return render(request, "generation/draft.html", {**context, "is_sent": True})
    try:
        _, video = draft_for_subject(token, code=request.POST["code"], language=language)
    except (CodeWrong, CodeExpired, DraftBusy) as refusal:
        context |= {"is_sent": True, "refusal": refusal}
        return render(request, "generation/draft.html", context, status=refusal.status)
    context["video"] = f"data:video/mp4;base64,{base64.b64encode(video).decode('ascii')}"
    return render(request, "generation/draft.html", context)
