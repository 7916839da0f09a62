"""Whoever decides about a portrait sees all of it at once: on a telephone and at a desk, light and dark, and
whether the picture is tall or wide."""

from __future__ import annotations

import io
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from accounts.access.actors import actor_of
from accounts.models import Basis, Partner, User
from accounts.services import likeness
from generation.choices.wanted_job import WantedJob
from generation.models import FaceMatch, Portrait
from generation.services.submit import submit_job
from tests.accounts.reading import found
from tests.append_only import use_sanctioned_reset
from tests.factories import (
    PortraitFactory,
    agree,
    ask_consent,
    ask_subject,
    granted_consent,
    newest_mail,
)
from tests.generation.conftest import seal, stored_audio

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SCREENS = [(390, 844), (1280, 900)]
SHAPES = {"tall": (720, 1280), "wide": (1280, 720), "small": (300, 500)}
EDGES = {"top": (230, 30, 30), "bottom": (30, 60, 230), "left": (30, 200, 60), "right": (240, 220, 40)}
PICTURES = os.environ.get("LIKENESS_TELEPHONE_PICTURES", "")
use_sanctioned_reset()


def edged(width: int, height: int) -> bytes:
    """A PNG whose four edges have a colour each."""
    picture = Image.new("RGB", (width, height), (120, 110, 100))
    draw, band = ImageDraw.Draw(picture), min(width, height) // 10
    draw.rectangle((0, 0, band, height), fill=EDGES["left"])
    draw.rectangle((width - band, 0, width, height), fill=EDGES["right"])
    draw.rectangle((0, 0, width, band), fill=EDGES["top"])
    draw.rectangle((0, height - band, width, height), fill=EDGES["bottom"])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def edges_in(shot: bytes) -> set[str]:
    """The edges that can be seen in a picture of a page, each over a good part of its length."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    counts = dict.fromkeys(EDGES, 0)
    for count, colour in picture.getcolors(picture.width * picture.height) or []:
        for edge, its in EDGES.items():
            assert isinstance(colour, tuple)
            counts[edge] += count * (max(abs(a - b) for a, b in zip(colour, its, strict=True)) < 12)
    return {edge for edge, count in counts.items() if count > 0.01 * picture.width * picture.height}


@dataclass(frozen=True)
class Looked:
    """Who looks at a portrait, in which browser, and on which pages."""

    by: Client | None
    paths: list[str]


@pytest.fixture
def sessions(alice_browser: Client, rita_browser: Client) -> dict[str, Client | None]:
    """What signs the people in; the person in the portrait has links alone."""
    return {"person": None, "partner": alice_browser, "reviewer": rita_browser}


@pytest.fixture(params=SHAPES)
def looked(
    request: pytest.FixtureRequest,
    alice: User,
    partner_a: Partner,
    sessions: dict[str, Client | None],
    tmp_path: Path,
) -> list[Looked]:
    """The pages that show a portrait of a shape to somebody who decides."""
    width, height = SHAPES[request.param]
    file = edged(width, height)
    digest = sha256(file).hexdigest()
    key = storages["media"].save(f"portraits/{digest}.png", ContentFile(file))
    stored = {"image_key": key, "sha256": digest, "width": width, "height": height}

    def another() -> Portrait:
        return PortraitFactory(partner=partner_a, **stored)

    unasked = another()
    _, asked = ask_subject(another(), alice)
    recorded = agree(ask_subject(another(), alice)[1])
    attested, _ = ask_consent(another(), alice, basis=Basis.NONEXISTENT_PERSON)
    given = granted_consent(another(), alice).grant
    assert given.contact is not None
    likeness.send_link(given.contact)
    own = found(r"/likeness/([\w-]{43})/", newest_mail(given.contact.address))
    audio = stored_audio(partner_a, tmp_path)
    wanted = WantedJob(portrait_id=given.portrait_id, driving_audio_id=audio.pk, seed=7)
    sealed = seal(submit_job(actor=actor_of(alice), wanted=wanted), tmp_path)
    FaceMatch.objects.create(portrait=attested.portrait, other=given.portrait, distance=0.3)
    paths = {
        "person": [f"/consent/{asked}/", f"/likeness/{own}/"],
        "partner": [f"/partner/portraits/{unasked.pk}/consent/", "/console/studio/"],
        "reviewer": [
            f"/review/consents/{attested.pk}/",
            f"/review/recordings/{recorded.pk}/",
            f"/review/renditions/{sealed.pk}/",
            "/review/faces/",
        ],
    }
    return [Looked(sessions[who], its) for who, its in paths.items()]


def test_the_whole_portrait_is_seen_by_whoever_decides(
    looked: list[Looked], browser: Browser, live_server: LiveServer
) -> None:
    hidden: list[str] = []
    for one in looked:
        for width, height in SCREENS:
            context = browser.new_context(
                base_url=live_server.url,
                viewport={"width": width, "height": height},
                color_scheme="dark" if width > 1000 else "light",
            )
            sign_in(context, one.by, live_server.url)
            for path in one.paths:
                hidden += [f"{path} at {width} px {said}" for said in hidden_at(context, path, height)]
            context.close()
    assert hidden == []


def sign_in(context: BrowserContext, client: Client | None, address: str) -> None:
    """Let a browser be somebody who is signed in."""
    if client is not None:
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def hidden_at(context: BrowserContext, path: str, tallest: int) -> list[str]:
    """What of the portraits of a page cannot be seen, or not at once."""
    page = context.new_page()
    page.goto(path)
    pictures = page.locator("img.portrait, img.studio-still")
    said = ["shows no portrait"] * (pictures.count() == 0)
    for one in pictures.all():
        one.scroll_into_view_if_needed()
        page.wait_for_function("one => one.complete && one.naturalWidth > 0", arg=one.element_handle())
        box = one.bounding_box()
        assert box is not None
        said += [f"is {box['height']:.0f} px tall"] * (box["height"] > tallest)
        missing = EDGES.keys() - edges_in(one.screenshot())
        said += [f"hides {', '.join(sorted(missing))}"] * bool(missing)
    if PICTURES:
        name = "-".join([*path.strip("/").split("/")[:2], str(tallest), secrets.token_hex(3)])
        page.screenshot(path=f"{PICTURES}/whole-{name}.png", full_page=True)
    page.close()
    return said
