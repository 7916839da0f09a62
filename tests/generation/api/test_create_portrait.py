from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from accounts.models import Partner, Scope
from generation.models import Portrait
from generation.services.segments.portrait_pixels import portrait_pixels
from provenance.keys.service_keys import marking_year, watermark_key
from tests.factories import SubjectFactory
from tests.generation.api.calls import api_without, problem, upload
from tests.generation.intake.files import (
    PORTRAIT,
    frame_of_ours,
    marked,
    png,
    portrait,
    saved,
    two_people,
)


@pytest.fixture
def subject_id(partner_a: Partner) -> str:
    return str(SubjectFactory(partner=partner_a).id)


def post(
    client: Client, subject_id: str, name: str, data: bytes, content_type: str = "application/octet-stream"
):
    return client.post("/v1/portraits", {"subject_id": subject_id, "file": upload(name, data, content_type)})


@pytest.mark.slow
def test_it_takes_a_portrait(api_a: Client, subject_id: str) -> None:
    response = post(api_a, subject_id, "amara.jpg", PORTRAIT.read_bytes(), "image/jpeg")
    assert response.status_code == 201
    body = response.json()
    assert body["id"].startswith("por_")
    assert (body["subject_id"], body["width"], body["height"]) == (subject_id, 1024, 1024)
    row = Portrait.objects.get(pk=body["id"])
    assert row.sha256 == body["sha256"]
    assert row.uploaded_by.startswith("key_")
    assert body["still_url"] == f"/v1/portraits/{row.id}/still"
    assert row.still_key.startswith("stills/")
    left, top, side = row.head_square
    assert min(left, top) >= 0
    assert 600 < side <= 1024


@pytest.mark.slow
def test_it_says_which_generator_made_a_portrait(api_a: Client, subject_id: str) -> None:
    plain = post(api_a, subject_id, "a.png", saved(portrait(384), "PNG")).json()
    made = post(api_a, subject_id, "a.png", saved(marked(portrait(512), "FLUX"), "PNG")).json()
    assert (plain["generated_by"], made["generated_by"]) == ("", "FLUX")
    assert "portrait_generated" in [warning["code"] for warning in made["warnings"]]
    assert Portrait.objects.get(pk=made["id"]).generated_by == "FLUX"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kept", "side"), [((0, 0, 512, 512), 512), ((30, 40, 470, 480), 440), ((30, 40, 470, 480), 940)]
)
def test_a_frame_of_our_own_video_is_a_generated_portrait(
    api_a: Client, subject_id: str, kept: tuple[int, int, int, int], side: int
) -> None:
    """Whole, cropped, and cropped and enlarged, as a JPEG."""
    picture = frame_of_ours(watermark_key(marking_year())).crop(kept).resize((side, side))
    made = post(api_a, subject_id, "a.jpg", saved(picture, "JPEG", quality=90)).json()
    assert made["generated_by"] == "Likeness"
    (warning,) = [one for one in made["warnings"] if one["code"] == "portrait_generated"]
    assert "our own watermark" in warning["message"]


@pytest.mark.slow
def test_a_frame_of_ours_that_was_taken_before_is_generated_too(
    api_a: Client, subject_id: str, tmp_path: Path
) -> None:
    """For the worker that makes a video of it, and in the row as soon as the picture comes again."""
    data = saved(frame_of_ours(watermark_key(marking_year())), "PNG")
    made = post(api_a, subject_id, "a.png", data).json()
    Portrait.objects.update(generated_by="", warnings=[])
    row = Portrait.objects.get(pk=made["id"])
    assert portrait_pixels(row, workspace=tmp_path)[1] == "Likeness"
    again = post(api_a, subject_id, "a.png", data).json()
    assert (again["id"], again["generated_by"]) == (made["id"], "Likeness")
    assert [one["code"] for one in again["warnings"]] == ["portrait_generated"]


@pytest.mark.slow
def test_a_photograph_is_no_frame_of_ours(api_a: Client, subject_id: str) -> None:
    made = post(api_a, subject_id, "a.jpg", saved(portrait(512), "JPEG", quality=90)).json()
    assert made["generated_by"] == ""


def test_the_same_picture_again_is_the_same_portrait(api_a: Client, subject_id: str) -> None:
    first, second = (post(api_a, subject_id, "a.png", saved(portrait(384), "PNG")) for _ in range(2))
    assert first.json() == second.json()
    assert Portrait.objects.count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.png", png(60_000, 60_000, zlib.compress(bytes(1000))), "image_too_large"),
        ("a.png", b"only text", "file_type_mismatch"),
        ("a.mp4", b"only text", "file_type_unsupported"),
        ("a.jpg", PORTRAIT.read_bytes()[:50_000], "image_damaged"),
        ("a.png", b"", "file_empty"),
        ("a.png", saved(Image.new("RGB", (512, 512)), "PNG"), "no_face"),
    ],
    ids=["claims 60000x60000", "text called png", "text called mp4", "truncated", "empty", "no face"],
)
def test_it_refuses_garbage(api_a: Client, subject_id: str, name: str, data: bytes, code: str) -> None:
    problem(post(api_a, subject_id, name, data), 422, code)
    assert not Portrait.objects.exists()


@pytest.mark.slow
def test_a_wrong_content_type_is_said_and_does_no_harm(api_a: Client, subject_id: str) -> None:
    response = post(api_a, subject_id, "a.jpg", PORTRAIT.read_bytes(), "image/png")
    assert response.status_code == 201
    assert [warning["code"] for warning in response.json()["warnings"]] == ["named_otherwise"]


def test_another_partners_subject_does_not_exist(api_b: Client, subject_id: str) -> None:
    problem(post(api_b, subject_id, "a.jpg", PORTRAIT.read_bytes()), 404, "not_found")


def test_it_needs_a_key(vera: Client, subject_id: str) -> None:
    problem(post(vera, subject_id, "a.jpg", PORTRAIT.read_bytes()), 401, "key_missing")


def test_it_needs_the_scope(partner_a: Partner, subject_id: str) -> None:
    client = api_without(partner_a, Scope.PORTRAITS)
    problem(post(client, subject_id, "a.jpg", PORTRAIT.read_bytes()), 403, "scope_missing")


def test_it_needs_file_and_subject(api_a: Client, subject_id: str) -> None:
    problem(api_a.post("/v1/portraits", {"subject_id": subject_id}), 422, "invalid_request")
    problem(api_a.post("/v1/portraits", {"file": upload("a.jpg", b"x")}), 422, "invalid_request")


def test_it_only_allows_get_and_post(api_a: Client) -> None:
    assert api_a.put("/v1/portraits").status_code == 405


@pytest.mark.slow
def test_a_refusal_says_where_the_faces_are_and_one_is_chosen_by_its_box(
    api_a: Client, subject_id: str
) -> None:
    pair = saved(two_people(), "PNG")
    body = problem(post(api_a, subject_id, "pair.png", pair), 422, "several_faces")
    picture, places = body["details"]["picture"], body["details"]["places"]
    assert picture == {"width": 1200, "height": 600, "of_upload": [0, 0, 1200, 600], "turned": 0}
    assert [place["what"] for place in places] == ["face", "face"]
    left, right = sorted(place["box"] for place in places)
    assert left[0] + left[2] < 600 < right[0]

    form = {"subject_id": subject_id, "face_box": ",".join(map(str, right))}
    response = api_a.post("/v1/portraits", {**form, "file": upload("pair.png", pair)})
    assert response.status_code == 201, response.content
    assert Portrait.objects.get(pk=response.json()["id"]).width < 700


@pytest.mark.parametrize("box", ["everything", "1,2,3", "1,2,3,-4", "1,2,3,4,5"])
def test_it_refuses_what_is_no_box(api_a: Client, subject_id: str, box: str) -> None:
    form = {"subject_id": subject_id, "face_box": box, "file": upload("a.png", b"x")}
    problem(api_a.post("/v1/portraits", form), 422, "invalid_request")
