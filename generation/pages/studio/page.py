"""The studio: a portrait that follows the controls, a timeline under its recording, then the video."""

from __future__ import annotations

import re
from datetime import timedelta

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.admission.admission import admission_of
from generation.admission.capacity import usual_frames
from generation.animation.framing.video_format import SQUARE
from generation.animation.framing.view import output_size
from generation.animation.motion.direction.direction import LAYER_RANGES
from generation.choices.video_formats import chosen_format, require_picture_suffices
from generation.disclosure.choice import CUE_S
from generation.models.job import frames_for
from generation.pages.collection.again import initial_of
from generation.pages.forms.job import FORMAT_FIELDS, NAME_FIELDS
from generation.pages.forms.label import LABEL_FIELDS
from generation.pages.studio.form import StudioForm
from generation.pages.studio.words import studio_words
from generation.samples.catalogue import SAMPLES
from generation.services.dispatch import queue_name
from generation.services.submit import submit_job
from provenance.common.errors import CodedError
from provenance.pages.in_language import refusal_in_language


@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"img-src": "blob:", "media-src": "blob:"})  # drafts are in the page and nowhere else
@member_page
def studio(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Direct a performance while looking at it, then have the video made."""
    partner = require_partner(actor)
    form = StudioForm(request.POST or None, partner=partner, initial=initial_of(request.GET, partner))
    if request.method == "POST" and form.is_valid():
        try:
            job = submit_job(actor=actor, wanted=form.job())
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
        else:
            return redirect("job", job_id=job.id)
    context = {
        "form": form,
        "portraits": form.shown_portraits,
        "shown": next((row for row in form.shown_portraits if row.pk == form["portrait"].value()), None),
        "driving_audio": selectors.all_driving_audio_of(partner).exists(),
        "format_fields": [form[name] for name in FORMAT_FIELDS],
        "name_fields": [form[name] for name in NAME_FIELDS],
        "label_fields": [form[name] for name in LABEL_FIELDS],
        "layer_ranges": {part: dict(ranges) for part, ranges in LAYER_RANGES.items()},
        "words": studio_words(),
        "cue_s": CUE_S,
        "samples": SAMPLES.values(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "generation/studio.html", context, status=status)


@require_safe
@member_page
def estimate(request: HttpRequest, actor: Actor) -> HttpResponse:
    """When a video of the chosen format would be ready, as a part of the page."""
    partner = require_partner(actor)
    asked = request.GET
    numbers = {
        name: int(asked[name]) for name in ("size", "fps") if re.fullmatch(r"\d{1,4}", asked.get(name, ""))
    }
    try:
        portrait = selectors.portrait_of(partner, asked.get("portrait", ""))
        audio = selectors.driving_audio_of(partner, asked.get("driving_audio", ""))
        video = chosen_format({**numbers, "aspect": asked.get("aspect", SQUARE)})
        require_picture_suffices(video, portrait)
    except CodedError as refusal:
        return render(request, "generation/_studio_estimate.html", {"refusal": refusal_in_language(refusal)})
    size = output_size(video, portrait.width, portrait.height)
    frames = usual_frames(frames_for(audio.duration_s, video.fps), *size)
    admission = admission_of(partner=partner, queue=queue_name(), frames=frames)
    context = {
        "audio": audio,
        "size": size,
        "fps": video.fps,
        "admission": admission,
        "is_soon": admission.estimate.end_at - timezone.now() < timedelta(minutes=1),
    }
    return render(request, "generation/_studio_estimate.html", context)
