"""First steps: sample people to make a first video with."""

from __future__ import annotations

import io
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from PIL import Image

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from generation.pages.collection.thumbnails import thumbnail_of
from generation.samples.adding import add_sample
from generation.samples.catalogue import SAMPLES, read_sample, sample_named
from generation.tasks import describe_portrait_soon


@require_POST
@member_page
def add(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """Take in a sample, and go on to a new video with it."""
    added = add_sample(actor=actor, name=name)
    describe_portrait_soon(added.portrait.pk)
    chosen = f"?portrait={added.portrait.pk}&driving_audio={added.driving_audio.pk}"
    return redirect(f"{reverse('job_new')}{chosen}")


@require_safe
@cache_control(max_age=3600, private=True)
@member_page
def picture(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """A small picture of a sample."""
    return HttpResponse(_small(sample_named(name).name), content_type="image/jpeg")


@lru_cache(maxsize=len(SAMPLES))
def _small(name: str) -> bytes:
    with Image.open(io.BytesIO(read_sample(SAMPLES[name].portrait))) as portrait:
        return thumbnail_of(portrait)
