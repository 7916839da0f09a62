"""The studio: drafts only with consent in force, marked, labelled, logged once an opening, stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, cast

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from accounts.services import consent as consents
from generation import storage
from generation.models import DrivingAudio, Job, Portrait
from generation.pages.studio import drafts
from generation.services.studio import drafting, opening
from generation.studio.refusals import StudioBusy
from generation.studio.studio_order import StudioOrder
from generation.studio.studio_pool import StudioPool
from provenance.keys.service_keys import watermark_key
from provenance.models import LogEntry
from provenance.watermark import Extractor
from provenance.watermark.coding.payload import format_watermark_id
from tests.accounts.log_entries import newest_entry
from tests.generation.api.calls import upload
from tests.generation.motion_tracks.test_motion_tracks import nodding

JPEG = b"\xff\xd8 a picture"


class Recorded(StudioPool):
    """Keeps what was ordered and makes nothing."""

    def __init__(self) -> None:
        super().__init__(1)
        self.orders: list[StudioOrder] = []

    def make(self, order: StudioOrder, **files: object) -> bytes:
        self.orders.append(order)
        return JPEG


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    recorded = Recorded()
    monkeypatch.setattr(drafting, "_pool", lambda process_id: recorded)
    return recorded


@pytest.fixture
def ask(recording: DrivingAudio) -> Callable[..., Any]:
    """Ask for a draft as the page's script does."""

    def _ask(browser: Client, token: str, kind: str = "still", **changed: Any) -> Any:
        call: dict[str, Any] = {
            "token": token, "driving_audio": recording.id, "controls": {}, "direction": None, "seed": 7,
            "fps": 25, "sound_cue": False, "at_s": 0.3, "lips": "",
        }  # fmt: skip
        body = json.dumps(call | changed)
        return browser.post(f"/console/studio/{kind}/", body, content_type="application/json")

    return _ask


def opened(browser: Client, portrait: Portrait) -> str:
    answer = browser.post("/console/studio/open/", {"portrait": portrait.id})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["token"])


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.content)["code"]


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_one_opening_is_one_entry_however_many_drafts_are_made(
    alice_browser: Client, amara: Portrait, ask, pool: Recorded
) -> None:
    token = opened(alice_browser, amara)
    entry = newest_entry()
    entries = LogEntry.objects.count()

    for at_s in (0.1, 0.2, 0.3):
        answer = ask(alice_browser, token, at_s=at_s)
        assert (answer.status_code, answer.content) == (200, JPEG)
        assert "no-store" in answer.headers["Cache-Control"]
    assert opened(alice_browser, amara) == token

    assert entry["event"] == "studio.opened"
    assert LogEntry.objects.count() == entries
    assert {format_watermark_id(order.watermark_id) for order in pool.orders} == {
        entry["data"]["watermark_id"]
    }


@pytest.mark.slow
def test_each_draft_asks_for_consent_anew(
    alice_browser: Client, amara: Portrait, answer: consents.GrantedConsent, ask, pool: Recorded
) -> None:
    token = opened(alice_browser, amara)
    assert ask(alice_browser, token).status_code == 200
    consents.withdraw(answer.withdraw_token)

    for kind in ("still", "clip", "timeline", "curves"):
        assert refusal(ask(alice_browser, token, kind)) == (409, "consent_withdrawn")
    assert refusal(alice_browser.post("/console/studio/open/", {"portrait": amara.id})) == (
        409,
        "consent_withdrawn",
    )
    assert len(pool.orders) == 1


def test_without_consent_it_does_not_open(alice_browser: Client, amara: Portrait) -> None:
    entries = LogEntry.objects.count()
    answer = alice_browser.post("/console/studio/open/", {"portrait": amara.id})
    assert refusal(answer) == (409, "consent_missing")
    assert LogEntry.objects.count() == entries


def test_before_there_is_anybody_to_direct_it_offers_sample_people(charlie_browser: Client) -> None:
    page = charlie_browser.get("/console/studio/").content.decode()
    assert "No portrait has consent" in page
    assert "Begin with Maya" in page


@pytest.mark.slow
@pytest.mark.usefixtures("grant", "pool")
def test_an_opening_is_of_no_use_to_others(
    alice_browser: Client, bob_browser: Client, charlie_browser: Client, amara: Portrait, ask
) -> None:
    token = opened(alice_browser, amara)

    assert refusal(ask(bob_browser, token)) == (409, "studio_closed")
    assert refusal(ask(charlie_browser, token)) == (409, "studio_closed")
    assert refusal(ask(alice_browser, token + "x")) == (409, "studio_closed")
    assert refusal(charlie_browser.post("/console/studio/open/", {"portrait": amara.id})) == (
        404,
        "not_found",
    )


@pytest.mark.usefixtures("grant", "pool")
def test_an_opening_ends(
    alice_browser: Client, amara: Portrait, ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = opened(alice_browser, amara)
    monkeypatch.setattr(opening, "OPEN_S", -1)

    assert refusal(ask(alice_browser, token)) == (409, "studio_closed")


@pytest.mark.slow
@pytest.mark.usefixtures("grant", "pool")
def test_what_cannot_be_used_is_refused_with_its_place(alice_browser: Client, amara: Portrait, ask) -> None:
    token = opened(alice_browser, amara)

    assert refusal(ask(alice_browser, token, controls={"gaze_yaw": 99})) == (422, "controls_invalid")
    assert refusal(ask(alice_browser, token, direction={"version": 2})) == (422, "direction_invalid")
    assert refusal(ask(alice_browser, token, driving_audio="aud_x")) == (404, "not_found")
    for changed in ({"seed": -1}, {"fps": 7}, {"at_s": "soon"}, {"more": 1}):
        assert ask(alice_browser, token, **changed).status_code == 422


@pytest.mark.slow
@pytest.mark.usefixtures("grant", "pool")
def test_drafts_are_counted(
    alice_browser: Client, amara: Portrait, ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "STILLS_PER_MINUTE", 2)
    token = opened(alice_browser, amara)

    answers = [ask(alice_browser, token) for _ in range(3)]

    assert refusal(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.usefixtures("grant")
def test_the_page_makes_the_video_that_it_directed(
    alice_browser: Client, amara: Portrait, recording: DrivingAudio
) -> None:
    page = alice_browser.get(f"/console/studio/?portrait={amara.id}")
    assert "img-src 'self' data: blob:" in page.headers["Content-Security-Policy"]
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    for name in form.fields.keys() - values.keys():  # a browser sends the first choice
        if choices := list(getattr(form.fields[name], "choices", [])):
            values[name] = choices[0][0]
    direction = {"version": 1, "keyframes": [{"time_s": 0.1, "gaze_yaw": 5.0}]}
    values |= {"portrait": amara.id, "driving_audio": recording.id, "direction": json.dumps(direction)}
    values = {name: value for name, value in values.items() if value is not False}

    answer = alice_browser.post("/console/studio/", values)

    assert answer.status_code == 302, answer.context["form"].errors
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/console/jobs/{job.id}/"
    assert (job.seed, job.direction) == (form["seed"].value(), direction | {"layer": []})


@pytest.mark.usefixtures("grant")
def test_the_estimate_names_length_and_size(
    alice_browser: Client, amara: Portrait, recording: DrivingAudio
) -> None:
    query = {"portrait": amara.id, "driving_audio": recording.id, "size": "360", "fps": "30", "aspect": "1:1"}

    said = alice_browser.get("/console/studio/estimate/", query).content.decode()

    assert "0.6 s of video, 360 × 360 pixels, 30 frames a second" in said


def test_a_service_with_other_parts_says_that_it_has_no_preview(
    alice_browser: Client, amara: Portrait, settings: Any
) -> None:
    settings.LIKENESS_RENDERERS = ["painted"]
    assert refusal(alice_browser.post("/console/studio/open/", {"portrait": amara.id})) == (
        409,
        "studio_not_offered",
    )


@pytest.fixture
def _real_pool() -> Iterator[None]:
    yield
    drafting.close_studios()


@pytest.mark.slow
@pytest.mark.usefixtures("grant", "_real_pool")
def test_real_drafts_carry_the_mark_that_the_log_has_and_leave_no_file(
    alice_browser: Client, amara: Portrait, recording: DrivingAudio, ask
) -> None:
    before = stored()
    token = opened(alice_browser, amara)

    still = ask(alice_browser, token).content
    turned = ask(alice_browser, token, controls={"gaze_yaw": 20.0}).content
    clip = ask(alice_browser, token, "clip").content
    timeline = ask(alice_browser, token, "timeline").json()
    stretch = ask(alice_browser, token, "curves", at_s=0.0).json()
    rest = ask(alice_browser, token, "curves", at_s=0.4).json()

    logged = newest_entry()["data"]
    key = watermark_key(logged["watermark_year"])
    extractor = Extractor()
    extractor.add(np.asarray(Image.open(BytesIO(still)).convert("L")))
    ids = [one.payload.watermark_id for one in extractor.read([key]).readings if one.payload]
    assert [format_watermark_id(one) for one in ids] == [logged["watermark_id"]]
    assert all(one.payload.is_draft for one in extractor.read([key]).readings if one.payload)
    pixels = np.asarray(Image.open(BytesIO(still)).convert("L"))
    assert pixels.shape == (512, 512)
    for band in (pixels[:30], pixels[-30:]):
        assert (band > 200).any(), "the label is white on a dark band"
    assert still != turned
    assert clip[4:8] == b"ftyp"
    assert timeline["duration_s"] == pytest.approx(0.6)
    assert (stretch["first"], len(stretch["curves"]["head_yaw"])) == (0, 15)
    assert (rest["first"], rest["curves"]["lids"]) == (10, stretch["curves"]["lids"][10:])
    assert timeline["phones"]
    assert stored() == before

    nodded = alice_browser.post(
        f"/console/driving-audio/{recording.id}/motion/",
        {"file": upload("take.csv", nodding().csv_text().encode()), "performer_consent": "Form 12"},
    )
    assert nodded.status_code == 302
    performed = ask(alice_browser, token, "curves", at_s=0.0, lips="performer").json()
    assert max(performed["curves"]["head_pitch"]) > 5 > max(stretch["curves"]["head_pitch"])


def stored() -> set[str]:
    folders = ("portraits", "stills", "renditions", "checks", "verifications", "driving-audio")
    return {file.key for folder in folders for file in storage.walk(folder)}


def test_only_as_many_portraits_have_a_process_as_there_may_be() -> None:
    pool = StudioPool(1)
    first = pool._process_of("a")

    with pytest.raises(StudioBusy):
        pool._process_of("b")
    first.used_at -= 60
    assert pool._process_of("b") is not first


def test_few_wait_for_one_portrait() -> None:
    pool = StudioPool(1)
    while pool._process_of("a").places.acquire(blocking=False):
        pass

    with pytest.raises(StudioBusy):
        pool.make(cast("StudioOrder", None), portrait="a", files={})
