"""Review queue: pages on which a reviewer approves, refuses or revokes a sealed video."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import StaffRole
from accounts.portraits import portrait_picture
from generation import selectors
from generation.downloads import rendition_file
from generation.pages.forms.decision import ApprovalForm, RejectionForm, RevocationForm
from generation.pages.job_words import (
    described_controls,
    described_direction,
    described_disclosure,
    described_format,
    described_motion,
)
from generation.services import review
from generation.states import JobState
from provenance.common.keyset import shown_page

PER_PAGE = 25


@require_safe
@staff_page(StaffRole.REVIEWER)
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Videos that wait for a decision, oldest first."""
    waiting = shown_page(
        selectors.review_queue(actor), cursor=request.GET.get("cursor"), size=PER_PAGE, scope="review queue"
    )
    return render(request, "generation/review_queue.html", {"waiting": waiting})


@require_safe
@staff_page(StaffRole.REVIEWER)
def detail(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """One video with its evidence and the forms that decide."""
    return _detail(request, actor, rendition_id)


def _detail(
    request: HttpRequest, actor: Actor, rendition_id: str, *, status: int = 200, **forms: object
) -> HttpResponse:
    rendition = selectors.reviewed_rendition(actor, rendition_id)
    job = rendition.job
    context = {
        "rendition": rendition,
        "job": job,
        "consent": job.consent,
        "controls": described_controls(job.controls),
        "direction": described_motion(job.motion) + described_direction(job.direction),
        "video_format": described_format(job.video),
        "label": described_disclosure(job.disclosure),
        "is_waiting": job.state == JobState.IN_REVIEW,
        "is_released": job.state == JobState.RELEASED,
        "approval_form": ApprovalForm(prefix="approve"),
        "rejection_form": RejectionForm(prefix="refuse"),
        "revocation_form": RevocationForm(prefix="revoke"),
        **forms,
    }
    return render(request, "generation/review_detail.html", context, status=status)


@require_safe
@staff_page(StaffRole.REVIEWER)
def video(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponseBase:
    """The sealed video, for the reviewer's player only, and for as long as there is something to decide."""
    rendition = selectors.reviewed_rendition(actor, rendition_id)
    if rendition.job.state not in {JobState.IN_REVIEW, JobState.RELEASED}:
        state = rendition.job.get_state_display().lower()
        raise selectors.NotReleased(_("This video is {state}.").format(state=state))
    return rendition_file(request, rendition, as_attachment=False)


@require_safe
@staff_page(StaffRole.REVIEWER)
def picture(request: HttpRequest, actor: Actor, rendition_id: str) -> FileResponse:
    """The portrait that the video was made from."""
    return portrait_picture(selectors.reviewed_rendition(actor, rendition_id).job.portrait)


@require_POST
@staff_page(StaffRole.REVIEWER)
def approve(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Release the video."""
    form = ApprovalForm(request.POST, prefix="approve")
    if not form.is_valid():
        return _detail(request, actor, rendition_id, status=422, approval_form=form)
    approved = review.approve(actor=actor, rendition_id=rendition_id, note=form.cleaned_data["note"])
    if approved.released_at:
        said = gettext("{video} was released.")
    else:
        said = gettext("{video} waits for a second reviewer now.")
    messages.success(request, said.format(video=rendition_id))
    return redirect("review_queue")


@require_POST
@staff_page(StaffRole.REVIEWER)
def refuse(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Refuse the video for good."""
    form = RejectionForm(request.POST, prefix="refuse")
    if not form.is_valid():
        return _detail(request, actor, rendition_id, status=422, rejection_form=form)
    review.refuse(actor=actor, rendition_id=rendition_id, **form.cleaned_data)
    messages.success(request, gettext("{video} was refused.").format(video=rendition_id))
    return redirect("review_queue")


@require_POST
@staff_page(StaffRole.REVIEWER)
def revoke(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Take a released video back."""
    form = RevocationForm(request.POST, prefix="revoke")
    if not form.is_valid():
        return _detail(request, actor, rendition_id, status=422, revocation_form=form)
    review.revoke_as_staff(actor=actor, rendition_id=rendition_id, **form.cleaned_data)
    messages.success(request, gettext("{video} was revoked.").format(video=rendition_id))
    return redirect("review_rendition", rendition_id=rendition_id)
