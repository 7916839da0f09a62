"""Partner console: pages for taking in a recording, listening to it and deleting it."""

from __future__ import annotations

from csp.decorators import csp_update
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors, storage
from generation.intake.limits import AUDIO_MAX_S
from generation.models import Voice
from generation.pages.devices import allows_devices
from generation.pages.forms.uploads import DrivingAudioForm
from generation.services import uploads
from generation.services.erasure import deletion
from provenance.common.errors import CodedError
from provenance.pages.in_language import refusal_in_language

RECORDER_MARGIN_S = 1.0  # a browser stops a little later than it is told to


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
            form.add_error(None, refusal_in_language(error))
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
def delete_driving_audio(request: HttpRequest, actor: Actor, driving_audio_id: str) -> HttpResponse:
    """Ask once more, then erase a recording."""
    driving_audio = selectors.driving_audio_of(require_partner(actor), driving_audio_id)
    if request.method == "POST":
        deletion.delete_driving_audio(actor=actor, driving_audio_id=driving_audio_id)
        messages.success(request, gettext("The recording was deleted."))
        return redirect("console")
    return render(request, "generation/delete.html", {"driving_audio": driving_audio})
