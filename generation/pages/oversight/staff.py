"""The first page of staff, second looks, and appeals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import StaffRole
from generation.audit_desk.videos import AuditFilter
from generation.models import AppealOutcome
from generation.oversight import appeals, second_looks
from generation.oversight.waiting import waiting_for
from generation.pages.oversight.audit import AuditForm
from provenance.common.errors import InvalidInput
from provenance.common.keyset import shown_page

PER_PAGE = 25


@require_safe
@staff_page(StaffRole.REVIEWER, StaffRole.OPERATOR, StaffRole.AUDITOR)
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits for this person."""
    return render(request, "generation/staff_home.html", {"waiting": waiting_for(actor)})


@require_safe
@staff_page(StaffRole.REVIEWER)
def second_look_queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The videos that were drawn for another reviewer's opinion."""
    looks = shown_page(
        second_looks.waiting_for(actor), cursor=request.GET.get("cursor"), size=PER_PAGE, scope="second looks"
    )
    return render(request, "generation/second_looks.html", {"looks": looks})


@require_POST
@staff_page(StaffRole.REVIEWER)
def answer_second_look(request: HttpRequest, actor: Actor, look_id: str) -> HttpResponse:
    """Agree or disagree with an approval."""
    said = request.POST.get("agrees", "")
    if said not in {"yes", "no"}:
        raise InvalidInput(gettext("Say whether the approval was right."))
    second_looks.answer(actor=actor, look_id=look_id, agrees=said == "yes", note=request.POST.get("note", ""))
    messages.success(request, gettext("Your second look is on record."))
    return redirect("second_looks")


@require_POST
@staff_page(StaffRole.AUDITOR)
def draw_sample(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Draw approved videos of the period, partner, person and reviewer that are looked for."""
    wanted: AuditFilter = AuditForm(request.POST).wanted()
    count = request.POST.get("count", "")
    if not count.isdecimal() or len(count) > 3:
        raise InvalidInput(gettext("The number of videos cannot be used."))
    drawn = second_looks.draw(actor=actor, wanted=wanted, count=int(count))
    said = gettext("{number} drawn for a second look.")
    messages.success(request, said.format(number=len(drawn)))
    return redirect("audit_desk")


@require_safe
@staff_page(StaffRole.REVIEWER)
def appeal_queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The appeals that wait for an answer."""
    found = shown_page(
        appeals.waiting_for(actor), cursor=request.GET.get("cursor"), size=PER_PAGE, scope="appeals"
    )
    shown = [(appeal, appeals.decider_of(appeal.rendition) == actor.id) for appeal in found]
    context = {"appeals": shown, "page": found, "outcomes": AppealOutcome.choices}
    return render(request, "generation/appeals.html", context)


@require_POST
@staff_page(StaffRole.REVIEWER)
def answer_appeal(request: HttpRequest, actor: Actor, appeal_id: str) -> HttpResponse:
    """Decide an appeal."""
    appeals.decide_appeal(
        actor=actor,
        appeal_id=appeal_id,
        outcome=request.POST.get("outcome", ""),
        answer=request.POST.get("answer", ""),
    )
    messages.success(request, gettext("The organisation is told."))
    return redirect("appeals")
