"""Pages of a recording's motion track: upload one, and take it along."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.downloads import motion_file
from generation.services.motion_tracks.uploading import LONGEST_REFERENCE, upload_motion_track
from provenance.common.errors import CodedError
from provenance.pages.in_language import refusal_in_language


class MotionTrackForm(forms.Form):
    """A performer's motion, and the consent that covers it."""

    file = forms.FileField(
        label=_("Motion track or video"),
        help_text=_(
            "The CSV file of a Live Link Face take, or a video of the performer, up to 90 MB: it "
            "is not kept, and captured in about the recording's length. Either begins with the recording."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv,video/*"}),
    )
    performer_consent = forms.CharField(
        label=_("The performer's consent"),
        max_length=LONGEST_REFERENCE,
        help_text=_(
            "Where their signed consent is kept: its number or its address. You attest that they agreed."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def motion_track(request: HttpRequest, actor: Actor, driving_audio_id: str) -> HttpResponse:
    """What track a recording has, and upload another."""
    driving_audio = selectors.driving_audio_of(require_partner(actor), driving_audio_id)
    form = MotionTrackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload_motion_track(
                actor=actor,
                driving_audio_id=driving_audio.pk,
                file=form.cleaned_data["file"],
                performer_consent=form.cleaned_data["performer_consent"],
            )
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
        else:
            messages.success(request, gettext("The motion track was taken in."))
            return redirect("motion_track", driving_audio_id=driving_audio.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "driving_audio": driving_audio}
    return render(request, "generation/motion_track.html", context, status=status)


@require_safe
@member_page
def motion_csv(request: HttpRequest, actor: Actor, driving_audio_id: str) -> FileResponse:
    """The stored track."""
    return motion_file(selectors.driving_audio_of(require_partner(actor), driving_audio_id))
