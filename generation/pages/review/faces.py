"""Pages on which a reviewer sees a portrait of "nobody" beside a known face that is like it, and decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import StaffRole
from accounts.portraits import portrait_picture
from generation.models import MatchDecision
from generation.services.face_register import deciding
from generation.services.face_register.sealed_faces import open_picture
from provenance.common.errors import NotFound

MOST_SHOWN = 25  # the oldest; what is decided makes room


@require_safe
@staff_page(StaffRole.REVIEWER)
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The matches that wait, oldest first, each with both faces and the buttons that decide."""
    waiting = deciding.undecided(actor)
    context = {"matches": waiting[:MOST_SHOWN], "count": waiting.count()}
    return render(request, "generation/face_queue.html", context)


@require_safe
@staff_page(StaffRole.REVIEWER)
def portrait(request: HttpRequest, actor: Actor, match_id: str) -> FileResponse:
    """The portrait that is said to show nobody."""
    return portrait_picture(deciding.match_for(actor, match_id).portrait)


@require_safe
@staff_page(StaffRole.REVIEWER)
def known(request: HttpRequest, actor: Actor, match_id: str) -> HttpResponseBase:
    """The registered face, or the portrait of the living subject, while there is something to decide."""
    found = deciding.match_for(actor, match_id)
    if found.other is not None:
        return portrait_picture(found.other)
    if found.registration is None or not found.registration.sealed_picture:
        raise NotFound(_("No picture of this face is kept."))
    return HttpResponse(
        open_picture(found.registration.sealed_picture),
        content_type="image/jpeg",
        headers={"Cache-Control": "private, no-store"},
    )


@require_POST
@staff_page(StaffRole.REVIEWER)
def decide(request: HttpRequest, actor: Actor, match_id: str) -> HttpResponse:
    """Another face, or the same: the same refuses and withdraws what was attested."""
    chosen = request.POST.get("decision", "")
    if chosen not in MatchDecision.values:
        raise NotFound(_("There is no such decision."))
    deciding.decide(match_id=match_id, actor=actor, decision=MatchDecision(chosen))
    messages.success(request, gettext("Your decision is in the log."))
    return redirect("face_queue")
