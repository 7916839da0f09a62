"""A mark of ours whose record is not known, and marked videos beside other pictures, as people see them."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from provenance.keys.service_keys import watermark_key
from provenance.models import Record
from provenance.offline import verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import open_bundle
from provenance.watermark import Embedder, WatermarkPayload
from provenance.watermark.coding.payload import DRAFT
from tests.provenance import clips
from tests.provenance.sealing import YEAR, SealedClip

pytestmark = pytest.mark.slow

NEVER_ISSUED = 0x5EED_0000_0077


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    """A video with our mark and an id that was never issued."""
    embedder = Embedder(WatermarkPayload(NEVER_ISSUED), watermark_key(YEAR))
    frames = clips.moving_frames(clips.FPS, seed=5)
    return clips.write_clip(tmp_path / "unknown.mp4", frames, has_audio=False, mark=embedder.mark)


@pytest.fixture
def kept_draft(tmp_path: Path) -> Path:
    """A video with the mark of drafts."""
    embedder = Embedder(WatermarkPayload(NEVER_ISSUED, DRAFT), watermark_key(YEAR))
    frames = clips.moving_frames(clips.FPS, seed=5)
    return clips.write_clip(tmp_path / "draft.mp4", frames, has_audio=False, mark=embedder.mark)


def beside(path: Path, clip: SealedClip, *, is_left: bool) -> Path:
    """The clip's own pictures, marked, with a stranger's moving picture beside them."""
    embedder = Embedder(WatermarkPayload(clip.watermark_id), watermark_key(YEAR))
    ours = clips.moving_frames(clips.FPS, seed=1)
    strange = clips.moving_frames(clips.FPS, seed=7)
    pairs = zip(ours, strange, strict=True)
    frames = [np.concatenate(pair if is_left else pair[::-1], axis=1) for pair in pairs]
    side = frames[0].shape[0]

    def mark(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        own = slice(0, side) if is_left else slice(side, None)
        luma = luma.copy()
        luma[:, own] = embedder.mark(np.ascontiguousarray(luma[:, own]))
        return luma

    return clips.write_clip(path, frames, has_audio=False, mark=mark)


def test_a_mark_that_is_not_on_record_is_said_to_be_so(released: Record, unknown: Path) -> None:
    verdict = verify_file(unknown)
    assert (verdict.kind.value, verdict.rendition_id) == ("cannot_tell", None)
    assert verdict.headline.render() == "Our mark, record unknown"
    reasons = {reason.signal: reason.finding for reason in verdict.reasons}
    assert (reasons["watermark"], reasons["watermark_record"]) == ("found", "not_on_record")
    assert verdict.error_rate.false_match is not None
    assert 0 < verdict.error_rate.false_match < 1e-9


def test_the_api_gives_its_code(released: Record, unknown: Path) -> None:
    upload = SimpleUploadedFile("v.mp4", unknown.read_bytes(), "video/mp4")
    answer = Client().post("/v1/verify", {"file": upload}).json()
    assert answer["verdict"] == "cannot_tell"
    assert ("watermark_record", "not_on_record") in {(r["signal"], r["finding"]) for r in answer["reasons"]}


def test_page_api_and_whoever_holds_the_key_say_that_it_is_a_draft(
    released: Record, kept_draft: Path
) -> None:
    upload = {"file": SimpleUploadedFile("v.mp4", kept_draft.read_bytes())}
    answer = Client().post("/v1/verify", upload).json()
    assert (answer["verdict"], answer["headline"]) == ("cannot_tell", "A draft of ours, never released")
    assert ("watermark_record", "draft") in {(r["signal"], r["finding"]) for r in answer["reasons"]}
    assert "do not pass it on" in answer["sentence"]
    upload["file"].seek(0)
    page = Client().post("/verify/", upload, headers={"Accept-Language": "de"})
    assert "Ein Entwurf von uns, nie freigegeben" in html.unescape(page.content.decode())
    keys = pinned_keys()
    proven = open_bundle(evidence_bundle(released.rendition_id), keys.log_key)
    secret = bytes.fromhex(Path(settings.LIKENESS_WATERMARK_KEY_FILE).read_text())
    offline = verify_offline(kept_draft, keys, [proven], watermark_secret=secret).to_json()
    assert {name: offline[name] for name in ("headline", "sentence", "reasons")} == {
        name: answer[name] for name in ("headline", "sentence", "reasons")
    }


def test_the_page_says_it_in_german(released: Record, unknown: Path) -> None:
    upload = {"file": SimpleUploadedFile("v.mp4", unknown.read_bytes())}
    answer = Client().post("/verify/", upload, headers={"Accept-Language": "de"})
    text = html.unescape(answer.content.decode())
    assert "Unser Zeichen, Eintrag unbekannt" in text
    assert "keines der hier verzeichneten" in text
    assert "nicht verzeichnet" in text


@pytest.mark.parametrize("is_left", [True, False])
def test_a_withdrawn_video_beside_something_else_is_withdrawn(
    released: Record, clip: SealedClip, tmp_path: Path, is_left: bool
) -> None:
    path = beside(tmp_path / "beside.mp4", clip, is_left=is_left)
    verdict = verify_file(path)
    assert (verdict.kind.value, verdict.rendition_id) == ("ours_changed", clip.rendition_id)
    seen = verdict.to_json()["watermark"]
    assert seen["frame"] is not None
    half = seen["frame"]["width"] // 2
    corners = {(place["x"], place["y"]) for region in seen["regions"] for place in region["polygon"]}
    assert {region["rendition_id"] for region in seen["regions"]} == {clip.rendition_id}
    assert corners == {(x + half * (not is_left), y) for x in (0, half) for y in (0, half)}
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    verdict = verify_file(path)
    assert (verdict.kind.value, verdict.rendition_id) == ("ours_withdrawn", clip.rendition_id)
