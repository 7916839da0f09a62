"""Partner console: the form of a new video, and a job from its queue to its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.admission.admission import admission_of
from generation.admission.usage import usage_of
from generation.models import Job
from generation.oversight.appeals import is_appealable
from generation.pages.collection.again import initial_of
from generation.pages.collection.time_left import seconds_left
from generation.pages.forms.job import FORMAT_FIELDS, NAME_FIELDS, JobForm
from generation.pages.forms.label import LABEL_FIELDS
from generation.pages.job_words import (
    described_controls,
    described_direction,
    described_disclosure,
    described_format,
    described_motion,
)
from generation.samples.catalogue import SAMPLES
from generation.services.cancel import cancel_job
from generation.services.dispatch import queue_name
from generation.services.submit import submit_job
from generation.states import JobState
from provenance.common.errors import CodedError
from provenance.pages.in_language import refusal_in_language

USUAL_FRAMES = 250  # for the forecast of a video whose recording is not chosen yet


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def new_job(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Choose portrait, driving audio and controls, and submit."""
    partner = require_partner(actor)
    form = JobForm(request.POST or None, partner=partner, initial=initial_of(request.GET, partner))
    if request.method == "POST" and form.is_valid():
        try:
            job = submit_job(actor=actor, wanted=form.job())
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
        else:
            return redirect("job", job_id=job.id)
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "portraits": form.shown_portraits,
        "driving_audio": selectors.all_driving_audio_of(partner).exists(),
        "admission": admission_of(partner=partner, queue=queue_name(), frames=USUAL_FRAMES),
        "usage": usage_of(partner),
        "format_fields": [form[name] for name in FORMAT_FIELDS],
        "label_fields": [form[name] for name in LABEL_FIELDS],
        "name_fields": [form[name] for name in NAME_FIELDS],
        "samples": SAMPLES.values(),
    }
    return render(request, "generation/job_new.html", context, status=status)


@require_safe
@member_page
def job(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:
    """One job: its progress, then its video or the reason why there is none."""
    found = selectors.job_of(require_partner(actor), job_id)
    return render(request, "generation/job.html", _job_context(found))


@require_safe
@member_page
def job_progress(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:
    """The part of the job page that is asked for again while the job runs."""
    found = selectors.job_of(require_partner(actor), job_id)
    response = render(request, "generation/_job_progress.html", _job_context(found))
    if not found.is_active:
        response.headers["HX-Refresh"] = "true"
    return response


def _job_context(found: Job) -> dict[str, object]:
    stages = [JobState.QUEUED, JobState.ANIMATING, JobState.MARKING, JobState.SIGNING, JobState.VERIFYING]
    rendition = getattr(found, "rendition", None)
    is_erased = rendition is not None and rendition.is_erased
    has_video = found.state in {JobState.IN_REVIEW, JobState.RELEASED} and not is_erased
    return {
        "job": found,
        "stages": stages,
        "seconds_left": seconds_left(found),
        "rendition": rendition if has_video else None,
        "erased_at": rendition.erasure_began_at if rendition is not None else None,
        "deletable": rendition if rendition is not None and not is_erased else None,
        "appeal": getattr(rendition, "appeal", None) if rendition is not None else None,
        "is_appealable": rendition is not None and not is_erased and is_appealable(found, rendition),
        "is_released": found.state == JobState.RELEASED and not is_erased,
        "controls": described_controls(found.controls),
        "direction": described_motion(found.motion) + described_direction(found.direction),
        "video_format": described_format(found.video),
        "label": described_disclosure(found.disclosure),
    }


@require_POST
@member_page
def cancel(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:
    """Stop a job."""
    cancel_job(actor=actor, job_id=job_id)
    messages.success(request, gettext("The job was cancelled."))
    return redirect("job", job_id=job_id)
