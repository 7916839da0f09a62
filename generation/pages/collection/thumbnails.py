"""Small pictures of portraits, and outlines of recordings."""

from __future__ import annotations

import io
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from PIL import Image

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors, storage
from generation.intake.sound.peaks import COLUMNS, peaks_of
from generation.models import DrivingAudio

SIDE: Final = 256
KEPT_S: Final = 300  # browsers of the partner keep them for a short while, as they may be erased
_HEIGHT: Final = 32


def thumbnail_of(picture: Image.Image) -> bytes:
    """A square JPEG of `SIDE` pixels from the upper middle of a picture."""
    side = min(picture.size)
    left = (picture.width - side) // 2
    square = (
        picture.convert("RGB")
        .crop((left, 0, left + side, side))
        .resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    )
    buffer = io.BytesIO()
    square.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


@require_safe
@member_page
def portrait(request: HttpRequest, actor: Actor, portrait_id: str) -> HttpResponse:
    """A small picture of a portrait: of its still, where there is one."""
    found = selectors.portrait_of(require_partner(actor), portrait_id)
    with storage.open_file(found.still_key or found.image_key) as file, Image.open(file) as stored:
        response = HttpResponse(thumbnail_of(stored), content_type="image/jpeg")
    patch_cache_control(response, private=True, max_age=KEPT_S)
    return response


@require_safe
@member_page
def waveform(request: HttpRequest, actor: Actor, driving_audio_id: str) -> HttpResponse:
    """The outline of a recording as SVG. Of recordings from before outlines were kept it is made now."""
    found = selectors.driving_audio_of(require_partner(actor), driving_audio_id)
    if found.peaks is None:
        with storage.open_file(found.audio_key) as file:
            found.peaks = peaks_of(file)
        DrivingAudio.objects.filter(pk=found.pk, erasure_began_at=None).update(peaks=found.peaks)
    response = HttpResponse(_svg(found.peaks), content_type="image/svg+xml")
    patch_cache_control(response, private=True, max_age=KEPT_S)
    return response


def _svg(peaks: list[int]) -> str:
    loudest = max([*peaks, 1])
    bars = []
    for column, peak in enumerate(peaks):
        height = max(1.0, peak * (_HEIGHT - 2) / loudest)
        bars.append(f"M{column * 3 + 1.5} {(_HEIGHT - height) / 2:.1f}v{height:.1f}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * 3} {_HEIGHT}" '
        'preserveAspectRatio="none">'
        "<style>path{stroke:#0f5e5a;stroke-width:2;stroke-linecap:round}"
        "@media(prefers-color-scheme:dark){path{stroke:#5cc2b5}}</style>"
        f'<path d="{"".join(bars)}"/></svg>'
    )
