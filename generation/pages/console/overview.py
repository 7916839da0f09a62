"""Partner console: its first page, with what the partner has and what it is making."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.admission.usage import usage_of
from generation.samples.catalogue import SAMPLES
from provenance.common.keyset import shown_page

RECENT_JOBS = 8
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
