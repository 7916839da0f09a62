"""One decision at every door: page and API, resolution by content and by binding, evidence, offline."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.keys.service_keys import watermark_key
from provenance.models import Record
from provenance.offline import verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import release_record
from provenance.verify.evidence.bundle import open_bundle
from provenance.watermark import ALGORITHM, Embedder, WatermarkPayload
from tests.generation.pipeline.moving_portrait import moving_portrait
from tests.provenance import clips
from tests.provenance.sealing import YEAR, SealedClip, make_sealed_clip, seal
from tests.provenance.verify.credentials.test_edited_elsewhere import Editor
from tests.provenance.verify.credentials.test_vectors import EXPECTED, SHELF, shelf  # noqa: F401 - a fixture
from tests.provenance.verify.doors.test_offline import alike

pytestmark = pytest.mark.slow


def by_api(data: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = Client().post("/v1/verify", {"file": SimpleUploadedFile("v.mp4", data)}).json()
    return answer


def by_content(data: bytes) -> list[str]:
    answer = Client().post("/v1/matches/byContent", data=data, content_type="video/mp4")
    return [match["manifestId"] for match in answer.json()["matches"]]


def by_binding(record: Record) -> list[str]:
    value = base64.b64encode(bytes.fromhex(record.watermark_id)).decode()
    answer = Client().get("/v1/matches/byBinding", {"alg": ALGORITHM, "value": value})
    return [match["manifestId"] for match in answer.json()["matches"]]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "name", ["sealed.mp4", "our_mark_on_foreign_video.mp4", "our_manifest_on_foreign_video.mp4"]
)
def test_a_file_leads_by_content_to_what_the_verdict_names_and_to_nothing_else(name: str) -> None:
    data = (SHELF / name).read_bytes()
    record = by_api(data)["record"]
    assert (record is not None) == (EXPECTED["files"][name]["verdict"] == "ours_intact")
    assert by_content(data) == ([record["manifest_id"]] if record else [])


def edited_elsewhere(data: bytes, folder: Path) -> bytes:
    """By somebody whose tool keeps ours as the parent; the mark is in it still."""
    return Editor(folder / "editor").edit(clips.reencoded(data), (data, "parentOf"))


def remuxed(data: bytes, _: Path) -> bytes:
    """Without credentials."""
    return clips.remuxed(data)


@pytest.mark.parametrize("change", [remuxed, edited_elsewhere])
def test_the_offline_verifier_says_what_the_service_says(
    change: Callable[[bytes, Path], bytes], released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    (tmp_path / "v.mp4").write_bytes(change(clip.data, tmp_path))
    keys = pinned_keys()
    proven = open_bundle(evidence_bundle(released.rendition_id), keys.log_key)
    secret = bytes.fromhex(Path(django_settings.LIKENESS_WATERMARK_KEY_FILE).read_text())
    offline = verify_offline(tmp_path / "v.mp4", keys, [proven], watermark_secret=secret).to_json()
    online = by_api((tmp_path / "v.mp4").read_bytes())
    assert alike(offline) == alike(online)
    assert by_content((tmp_path / "v.mp4").read_bytes()) == [online["record"]["manifest_id"]]


def test_a_row_that_the_log_denies_opens_no_door(released: Record, clip: SealedClip) -> None:
    assert by_binding(released) == [clip.manifest_label]
    Record.objects.filter(pk=released.pk).update(consent_receipt_digest="d" * 64)
    assert by_api(clip.data)["verdict"] == "cannot_tell"
    assert by_content(clip.data) == []
    assert by_binding(released) == []
    assert Client().get(f"/v1/manifests/{clip.manifest_label}").status_code == 404
    assert Client().get(f"/v1/evidence/{released.rendition_id}").json()["code"] == "row_contradicts_log"


def test_the_mark_of_one_over_the_picture_of_another_is_told_and_names_neither(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    frames = moving_portrait("maya", 25, size=320)
    another = make_sealed_clip(
        tmp_path, frames, rendition_id="rnd_" + "C" * 22, watermark_id=0xABCD_EF01_2345
    )
    release_record(seal(another).rendition_id, actor="system")
    embedder = Embedder(WatermarkPayload(clip.watermark_id), watermark_key(YEAR))
    data = clips.write_clip(tmp_path / "v.mp4", frames, mark=embedder.mark).read_bytes()
    answer = by_api(data)
    assert (answer["verdict"], answer["rendition_id"]) == ("mark_transplanted", None)
    assert "what it shows is that of another" in answer["sentence"]
    assert by_content(data) == []
