"""Live sessions as reviewers see them: which run, and the button that stops one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import StaffRole
from generation.models import LiveSession, LiveState
from generation.services.live.ending import take_down

MOST_SHOWN = 50


@require_safe
@staff_page(StaffRole.REVIEWER)
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The newest sessions that were live, those that still are among them."""
    shown = LiveSession.objects.exclude(started_at=None).select_related("partner", "portrait__subject")
    context = {"sessions": shown.order_by("-started_at", "-id")[:MOST_SHOWN], "live": LiveState.LIVE}
    return render(request, "generation/live_review.html", context)


@require_POST
@staff_page(StaffRole.REVIEWER)
def stop(request: HttpRequest, actor: Actor, session_id: str) -> HttpResponse:
    """Stop a session, or withdraw the record of one that has ended."""
    take_down(actor=actor, session_id=session_id)
    messages.success(request, gettext("The session was stopped. Recordings of it are reported as withdrawn."))
    return redirect("live_review")
