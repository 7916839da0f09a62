"""Frames of a released video, as the verify page shows them beside a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.access.actors import actor_of
from accounts.models import User
from generation.models import ErasureReason, Job, Rendition
from generation.services.erasure.erase import begin
from generation.services.review import approve
from provenance.pages.comparison import SALT
from provenance.services.records import withdraw_record
from tests.generation.conftest import seal
from tests.provenance.clips import FPS, write_clip

SHADES = (40, 120, 200)  # one for each second


@pytest.fixture
def shown(job: Job, rita: User, tmp_path: Path) -> Rendition:
    """A released video of three grey seconds."""
    frames = [np.full((64, 128, 3), shade, np.uint8) for shade in SHADES for _ in range(FPS)]
    clip = write_clip(tmp_path / "grey.mp4", frames, has_audio=False)
    rendition = seal(job, tmp_path, content=clip.read_bytes())
    approve(actor=actor_of(rita), rendition_id=rendition.id)
    return rendition


def get(rendition_id: str, *seconds: float) -> Any:
    token = signing.dumps([rendition_id, list(seconds)], salt=SALT, compress=True)
    return Client().get(reverse("as_made", args=[token]))


@pytest.mark.slow
def test_the_frames_of_these_seconds_stand_beside_each_other(shown: Rendition) -> None:
    response = get(shown.id, 2.5, 0.5, 1.5, 99.0)
    assert response.headers["Cache-Control"] == "private, no-store"
    picture = np.asarray(Image.open(io.BytesIO(response.content)).convert("L"))
    assert picture.shape == (64, 4 * 128)
    shades = [int(picture[:, 128 * place : 128 * (place + 1)].mean()) for place in range(4)]
    assert shades == pytest.approx([200, 40, 120, 200], abs=4)


def test_a_withdrawn_or_erased_video_is_shown_to_nobody(shown: Rendition) -> None:
    begin(shown, reason=ErasureReason.SUBJECT_REQUEST, actor_id="system")
    assert get(shown.id, 0.5).status_code == 404
    Rendition.objects.update(erasure_began_at=None)
    withdraw_record(shown.id, reason_code="consent_withdrawn", actor="system")
    assert get(shown.id, 0.5).status_code == 404


def test_a_video_that_waits_for_review_is_shown_to_nobody(waiting: Rendition) -> None:
    assert get(waiting.id, 0.5).status_code == 404


def test_an_address_that_nobody_signed_shows_nothing(shown: Rendition) -> None:
    token = signing.dumps([shown.id, [0.5]], salt="another")
    assert Client().get(reverse("as_made", args=[token])).status_code == 404
