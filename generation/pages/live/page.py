"""Opens a live session for a member of a partner, and shows the page that speaks and watches it."""

from __future__ import annotations

from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from accounts.models import ReviewPolicy
from generation.animation.motion.controls import EMOTIONS, RANGES
from generation.choices.control_names import word_of
from generation.models import Voice
from generation.pages.devices import allows_devices
from generation.pages.live.words import live_words
from generation.selectors import live_portraits_of
from generation.services.live.opening import SIZES, open_session
from generation.services.live.room import addresses, is_served
from provenance.common.errors import CodedError
from provenance.pages.in_language import problem_in_language

# What is set while it speaks: name, label, start, step.
SLIDERS = (
    ("expressiveness", _("Expressiveness"), 1.0, 0.05),
    ("head_motion", _("Head movement"), 1.0, 0.05),
    ("emotion_intensity", _("Strength of the emotion"), 0.6, 0.05),
    ("gaze_yaw", _("Gaze to the side"), 0.0, 1.0),
    ("head_distance", _("Distance"), 1.0, 0.02),
)


@require_safe
@allows_devices("microphone")
@member_page
def live(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Microphone or file in, live face out."""
    partner = require_partner(actor)
    context = {
        "partner": partner,
        "portraits": live_portraits_of(partner),
        "is_allowed": partner.review_policy == ReviewPolicy.RELEASE,
        "is_served": is_served(),
        "sizes": SIZES,
        "emotions": [(name, word_of(name)) for name in EMOTIONS],
        "words": live_words(),
        "webrtc_url": settings.LIKENESS_WEBRTC_URL,
        "sliders": [
            {"name": name, "label": gettext(label), "value": value, "step": step, "range": RANGES[name]}
            for name, label, value, step in SLIDERS
        ],
    }
    response = render(request, "generation/live.html", context)
    reached = {*addresses(), settings.LIKENESS_WEBRTC_URL} - {""}
    servers = {"{0.scheme}://{0.netloc}".format(urlsplit(address)) for address in reached}
    csp_update({"media-src": "blob:", "connect-src": sorted(servers)})(lambda _: response)(request)
    return response


@require_POST
@member_page
def open_live(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open a session; the answer is JSON for the page's script: where to connect, and the token."""
    size = request.POST.get("size", "")
    voice = request.POST.get("voice", "")
    try:
        opened = open_session(
            actor=actor,
            portrait_id=request.POST.get("portrait", ""),
            voice=Voice.SYNTHETIC if voice == Voice.SYNTHETIC else Voice.OWN,
            size=int(size) if size.isdigit() else 0,
            keep=request.POST.get("keep") == "on",
        )
    except CodedError as refusal:
        return JsonResponse(problem_in_language(refusal), status=refusal.status)
    response = JsonResponse({"id": opened.session.id, "token": opened.token, "url": opened.url}, status=201)
    add_never_cache_headers(response)
    return response
