"""Where a partner appeals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from generation.oversight.appeals import file_appeal


@require_POST
@member_page
def appeal(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Object to a reviewer's decision about a video."""
    filed = file_appeal(actor=actor, rendition_id=rendition_id, text=request.POST.get("text", ""))
    messages.success(request, gettext("Your appeal was taken. Another reviewer answers it."))
    return redirect("job", job_id=filed.rendition.job_id)
