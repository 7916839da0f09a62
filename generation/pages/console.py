"""Partner console: its first page, and pages for driving audio, jobs and their videos."""

from __future__ import annotations

from csp.decorators import csp_update
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors, storage
from generation.admission.admission import admission_of
from generation.admission.usage import usage_of
from generation.by_log import downloadable_rendition
from generation.choices.disclosures import disclosure_of
from generation.disclosure.captions import captions as caption_track
from generation.downloads import rendition_file
from generation.intake.limits import AUDIO_MAX_S
from generation.models import Job, Voice
from generation.oversight.appeals import is_appealable
from generation.pages.collection.again import initial_of
from generation.pages.collection.time_left import seconds_left
from generation.pages.devices import allows_devices
from generation.pages.forms import (
    FORMAT_FIELDS,
    NAME_FIELDS,
    DrivingAudioForm,
    JobForm,
    described_controls,
    described_direction,
    described_format,
    described_motion,
)
from generation.pages.label_form import LABEL_FIELDS, described_disclosure
from generation.samples.catalogue import SAMPLES
from generation.services import uploads
from generation.services.cancel import cancel_job
from generation.services.dispatch import queue_name
from generation.services.erasure import deletion
from generation.services.review import revoke_as_partner
from generation.services.submit import submit_job
from generation.states import JobState
from provenance.common.errors import CodedError
from provenance.common.keyset import shown_page
from provenance.pages.in_language import refusal_in_language

RECORDER_MARGIN_S = 1.0  # a browser stops a little later than it is told to
RECENT_JOBS = 8
USUAL_FRAMES = 250  # for the forecast of a video whose recording is not chosen yet
PORTRAITS_PER_PAGE = 24
RECORDINGS_PER_PAGE = 25


@require_safe
@member_page
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the partner has and what it is making."""
    partner = require_partner(actor)
    portraits = shown_page(
        selectors.portraits_of(partner).prefetch_related("consents"),
        cursor=request.GET.get("portraits"),
        size=PORTRAITS_PER_PAGE,
        scope=f"portraits:{partner.id}",
    )
    context = {
        "partner": partner,
        "portraits": portraits,
        "cards": [selectors.portrait_card(portrait) for portrait in portraits],
        "driving_audio": shown_page(
            selectors.all_driving_audio_of(partner),
            cursor=request.GET.get("recordings"),
            size=RECORDINGS_PER_PAGE,
            scope=f"driving-audio:{partner.id}",
        ),
        "jobs": selectors.jobs_of(partner)[:RECENT_JOBS],
        "usage": usage_of(partner),
        "samples": SAMPLES.values(),
    }
    return render(request, "generation/console.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def delete_portrait(request: HttpRequest, actor: Actor, portrait_id: str) -> HttpResponse:
    """Ask once more, then erase a portrait."""
    portrait = selectors.portrait_of(require_partner(actor), portrait_id)
    if request.method == "POST":
        deletion.delete_portrait(actor=actor, portrait_id=portrait_id)
        messages.success(request, gettext("The portrait was deleted."))
        return redirect("console")
    return render(request, "generation/delete.html", {"portrait": portrait})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def delete_driving_audio(request: HttpRequest, actor: Actor, driving_audio_id: str) -> HttpResponse:
    """Ask once more, then erase a recording."""
    driving_audio = selectors.driving_audio_of(require_partner(actor), driving_audio_id)
    if request.method == "POST":
        deletion.delete_driving_audio(actor=actor, driving_audio_id=driving_audio_id)
        messages.success(request, gettext("The recording was deleted."))
        return redirect("console")
    return render(request, "generation/delete.html", {"driving_audio": driving_audio})


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


@require_http_methods(["GET", "HEAD", "POST"])
@allows_devices("microphone")
@csp_update({"media-src": "blob:"})  # to listen to what was recorded
@member_page
def new_driving_audio(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Upload driving audio, or record it in the page.

    htmx gets a refusal alone, so that the browser keeps the recording.
    """
    form = DrivingAudioForm(request.POST or None, request.FILES or None, partner=require_partner(actor))
    is_part = bool(getattr(request, "htmx", False))
    context = {"form": form, "is_part": is_part, "longest_s": AUDIO_MAX_S - RECORDER_MARGIN_S}
    if request.method == "POST" and form.is_valid():
        try:
            speaker = form.cleaned_data["speaker"]
            uploads.upload_driving_audio(
                actor=actor,
                file=form.cleaned_data["file"],
                voice=Voice(form.cleaned_data["voice"]),
                speaker_id=speaker.pk if speaker else "",
                purpose=form.cleaned_data["purpose"],
                title=form.cleaned_data["title"],
            )
        except CodedError as error:
            _add_refusal(form, error)
        else:
            messages.success(request, gettext("The recording was taken in."))
            return (
                HttpResponse(headers={"HX-Redirect": reverse("job_new")}) if is_part else redirect("job_new")
            )
    if request.method == "POST" and is_part:
        return render(request, "generation/_intake_advice.html", context)  # htmx shows only what is 200
    status = 422 if request.method == "POST" else 200
    return render(request, "generation/driving_audio_new.html", context, status=status)


@require_safe
@member_page
def driving_audio_file(request: HttpRequest, actor: Actor, driving_audio_id: str) -> FileResponse:
    """The stored sound."""
    driving_audio = selectors.driving_audio_of(require_partner(actor), driving_audio_id)
    response = FileResponse(storage.open_file(driving_audio.audio_key), content_type="audio/wav")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def new_job(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Choose portrait, driving audio and controls, and submit."""
    partner = require_partner(actor)
    form = JobForm(request.POST or None, partner=partner, initial=initial_of(request.GET, partner))
    if request.method == "POST" and form.is_valid():
        try:
            job = submit_job(actor=actor, **form.job())
        except CodedError as error:
            _add_refusal(form, error)
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


def _add_refusal(form: DrivingAudioForm | JobForm, error: CodedError) -> None:
    form.add_error(None, refusal_in_language(error))
