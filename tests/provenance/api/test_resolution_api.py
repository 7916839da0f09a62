"""From a mark, or a file without credentials, to the manifest; and the form that the specification gives."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import c2pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.common import uploads
from provenance.keys.service_keys import trust_store
from provenance.keys.signing_identity import signing_identity
from provenance.manifest.jumbf import NotAStore, active_manifest_store
from provenance.manifest.signing import sign_edited
from provenance.models import Record
from provenance.selectors.log import LogDamaged
from provenance.services.records import release_record, withdraw_record
from provenance.watermark import ALGORITHM, ALGORITHMS
from tests.provenance import clips
from tests.provenance.manifest.test_edit_claim import EDIT
from tests.provenance.sealing import SealedClip, seal

pytestmark = pytest.mark.django_db

# What the OpenAPI document of the Soft Binding Resolution API 1.0.0 (C2PA 2.2) asks for: parameters by place,
# name, type, default and whether they are required; the answers it lists.
MAX_RESULTS = ("query", "maxResults", "integer", 10, False)
SPECIFIED: dict[tuple[str, str], tuple[set[tuple[Any, ...]], set[int]]] = {
    ("/v1/matches/byBinding", "get"): (
        {("query", "value", "string", None, True), ("query", "alg", "string", None, True), MAX_RESULTS},
        {200, 400, 414},
    ),
    ("/v1/matches/byBinding", "post"): ({MAX_RESULTS}, {200, 400}),
    ("/v1/matches/byContent", "post"): (
        {
            ("query", "alg", "string", ALGORITHM, False),
            ("query", "hintAlg", "string", "", False),
            ("query", "hintValue", "string", "", False),
            MAX_RESULTS,
        },
        {200, 415},
    ),
    ("/v1/manifests/{manifestId}", "get"): (
        {
            ("path", "manifestId", "string", None, True),
            ("query", "returnActiveManifest", "boolean", False, False),
        },
        {200, 400, 404},
    ),
    ("/v1/services/supportedAlgorithms", "get"): (set(), {200}),
    ("/v1/services/capabilities", "get"): (set(), {200}),
    ("/v1/services/status", "get"): (set(), {200}),
}


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    from config.api import api

    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return schema


@pytest.mark.parametrize(("path", "method"), SPECIFIED)
def test_calls_take_what_the_specification_says(openapi: dict[str, Any], path: str, method: str) -> None:
    operation = openapi["paths"][path][method]
    taken = {
        (
            parameter["in"],
            parameter["name"],
            parameter["schema"]["type"],
            parameter["schema"].get("default"),
            parameter["required"],
        )
        for parameter in operation.get("parameters", [])
    }
    assert taken == SPECIFIED[path, method][0]
    assert "security" not in operation


def test_answers_have_the_specified_form(openapi: dict[str, Any]) -> None:
    schemas = openapi["components"]["schemas"]
    assert schemas["QueryResult"]["properties"]["matches"]["items"] == {"$ref": "#/components/schemas/Match"}
    assert schemas["Match"]["required"] == ["manifestId"]
    score = schemas["Match"]["properties"]["similarityScore"]["anyOf"][0]
    assert score == {"type": "integer", "minimum": 0, "maximum": 100}
    assert set(schemas["SoftBindingQuery"]["required"]) == {"alg", "value"}
    assert set(schemas["AlgorithmList"]["properties"]) == {"watermarks", "fingerprints"}


def by_binding(value: str, alg: str = ALGORITHM, **query: Any):
    return Client().get("/v1/matches/byBinding", {"value": value, "alg": alg, **query})


def value_of(clip: SealedClip) -> str:
    return base64.b64encode(clip.watermark_id.to_bytes(6, "big")).decode()


def by_content(data: bytes, content_type: str = "video/mp4", query: str = ""):
    return Client().post(f"/v1/matches/byContent{query}", data=data, content_type=content_type)


def test_a_marks_value_leads_to_the_manifest(released: Record, clip: SealedClip) -> None:
    expected = {"matches": [{"manifestId": clip.manifest_label, "similarityScore": 100}]}
    assert by_binding(value_of(clip)).json() == expected
    body = {"alg": ALGORITHM, "value": value_of(clip)}
    assert Client().post("/v1/matches/byBinding", body, content_type="application/json").json() == expected
    assert Client().get(f"/v1/manifests/{clip.manifest_label}").content == clip.manifest


def test_the_id_of_a_video_marked_in_the_first_version_leads_to_it_too(db, clip: SealedClip) -> None:
    release_record(seal(replace(clip, watermark_version=1)).rendition_id, actor="system")
    assert len(by_binding(value_of(clip), alg=ALGORITHMS[1]).json()["matches"]) == 1
    assert by_binding(value_of(clip)).json() == {"matches": []}


@pytest.mark.slow
@pytest.mark.parametrize(
    "strip",
    [clips.remuxed, clips.with_manifest_hidden, clips.with_signature_changed],
    ids=lambda strip: strip.__name__,
)
def test_a_file_that_lost_its_credentials_leads_to_them(released, clip, strip) -> None:
    response = by_content(strip(clip.data))
    assert response.status_code == 200
    assert [match["manifestId"] for match in response.json()["matches"]] == [clip.manifest_label]


@pytest.mark.slow
def test_a_reencoded_file_leads_to_them_too(released: Record, clip: SealedClip) -> None:
    response = by_content(clips.reencoded(clip.data), "application/octet-stream")
    assert [match["manifestId"] for match in response.json()["matches"]] == [clip.manifest_label]


def test_the_page_and_the_api_name_the_lost_credentials(released: Record, clip: SealedClip) -> None:
    upload = {"file": SimpleUploadedFile("v.mp4", clips.remuxed(clip.data))}
    answer = Client().post("/v1/verify", upload).json()
    assert answer["record"]["manifest_id"] == clip.manifest_label
    assert {"recovered"} <= {reason["signal"] for reason in answer["reasons"]}


def test_what_was_fetched_is_good_but_made_for_another_file(released: Record, clip: SealedClip) -> None:
    store = Client().get(f"/v1/manifests/{clip.manifest_label}").content
    context = c2pa.Context.from_dict(trust_store().settings())
    for data, state in ((clip.data, "Trusted"), (clips.remuxed(clip.data), "Invalid")):
        bare = io.BytesIO(clips.with_manifest_hidden(data) if data == clip.data else data)
        reader = c2pa.Reader("video/mp4", bare, manifest_data=store, context=context)
        assert reader.get_validation_state() == state


@pytest.mark.slow
def test_a_plain_file_leads_nowhere(released: Record, tmp_path: Path) -> None:
    plain = clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(10, seed=7)).read_bytes()
    assert by_content(plain).json() == {"matches": []}


def test_a_hint_is_followed_when_the_file_leads_nowhere(released, clip: SealedClip, tmp_path: Path) -> None:
    plain = clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(10, size=80)).read_bytes()
    hint = value_of(clip).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    response = by_content(plain, query=f"?hintAlg={ALGORITHM}&hintValue={hint}")
    assert [match["manifestId"] for match in response.json()["matches"]] == [clip.manifest_label]


def test_a_withdrawn_video_keeps_its_manifest(released: Record, clip: SealedClip) -> None:
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    assert len(by_binding(value_of(clip)).json()["matches"]) == 1


@pytest.mark.slow
def test_a_video_that_was_never_released_is_not_to_be_found(sealed: Record, clip: SealedClip) -> None:
    assert by_binding(value_of(clip)).json() == {"matches": []}
    assert by_content(clip.data).json() == {"matches": []}
    assert Client().get(f"/v1/manifests/{clip.manifest_label}").status_code == 404


def test_unknown_algorithms_and_values_match_nothing(released: Record, clip: SealedClip) -> None:
    assert by_binding(value_of(clip), alg="com.example.other.1").json() == {"matches": []}
    assert by_binding(base64.b64encode(b"\0" * 6).decode()).json() == {"matches": []}
    assert by_content(clip.data, query="?alg=com.example.other.1").json() == {"matches": []}


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda: by_binding("not base64!"), 400),
        (lambda: Client().get("/v1/matches/byBinding"), 400),
        (lambda: by_binding("AAAA", maxResults=0), 400),
        (lambda: by_binding("A" * 4000), 414),
        (lambda: Client().post("/v1/matches/byBinding", "{}", content_type="application/json"), 400),
        (lambda: by_content(b"%!PS-Adobe", "application/postscript"), 415),
        (lambda: by_content(b""), 415),
        (lambda: Client().get("/v1/manifests/nonsense"), 400),
        (lambda: Client().get("/v1/manifests/urn:c2pa:00000000-0000-0000-0000-000000000000"), 404),
    ],
)
def test_refusals_have_the_specified_status(call, status: int) -> None:
    response = call()
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_it_keeps_no_file_and_takes_none_too_large(settings, tmp_path: Path, monkeypatch) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    by_content(b"once upon a time")
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD_BYTES", 10)
    assert by_content(b"once upon a time").status_code == 413
    assert list(tmp_path.iterdir()) == []


def test_whoever_knows_only_the_domain_finds_the_api_and_what_it_can() -> None:
    found = Client().get("/.well-known/c2pa-soft-binding-resolution").json()
    assert found == {
        "apiEndpoint": "http://testserver/v1",
        "c2paSpecificationVersion": "2.4.0",
        "capabilitiesEndpoint": "http://testserver/v1/services/capabilities",
        "statusEndpoint": "http://testserver/v1/services/status",
    }
    capabilities = Client().get(found["capabilitiesEndpoint"].removeprefix("http://testserver")).json()
    assert capabilities == {"c2paSpecificationVersion": "2.4.0", "supportedCapabilities": ["queryByContent"]}


@pytest.mark.parametrize(("goes_on", "status"), [(True, "ok"), (False, "degraded")])
def test_it_says_whether_it_works(goes_on: bool, status: str, released: Record, monkeypatch) -> None:
    if not goes_on:
        monkeypatch.setattr("provenance.api.resolution_api.require_log_goes_on", _stands_still)
    answer = Client().get("/v1/services/status").json()
    assert answer["status"] == status
    assert answer["timestamp"].endswith("Z")


def _stands_still() -> None:
    raise LogDamaged


def test_it_names_its_algorithms() -> None:
    answer = Client().get("/v1/services/supportedAlgorithms").json()
    assert answer == {
        "watermarks": [{"alg": ALGORITHM}, {"alg": ALGORITHMS[1]}],
        "fingerprints": [{"alg": "org.likeness.fingerprint.sound.1"}],
    }


def test_the_active_manifest_comes_alone_when_asked_for(clip: SealedClip, tmp_path: Path) -> None:
    edited = tmp_path / "edited.mp4"
    edited.write_bytes(clips.reencoded(clip.data))
    signed = sign_edited(
        edited, tmp_path / "signed.mp4", EDIT, signing_identity(), trust_store(), parent=clip.path
    )
    edition = replace(clip, manifest=signed.manifest, manifest_label=signed.label)
    release_record(seal(edition).rendition_id, actor="system")
    whole = Client().get(f"/v1/manifests/{signed.label}").content
    alone = Client().get(f"/v1/manifests/{signed.label}", {"returnActiveManifest": "true"}).content
    assert whole == signed.manifest
    assert signed.label.encode() in alone
    assert len(alone) < len(whole) - 2000
    assert active_manifest_store(alone) == alone


@pytest.mark.parametrize(
    "junk", [b"", b"\0" * 30, b"\0\0\0\x10jumb\0\0\0\x08free", b"\0\0\0\x0cjumb\0\0\0\x09"]
)
def test_it_cuts_no_manifest_out_of_junk(junk: bytes) -> None:
    with pytest.raises(NotAStore):
        active_manifest_store(junk)
