from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.manifest.claim import RenditionClaim, digital_source_type
from provenance.manifest.signing import sign_file
from provenance.models import Record
from provenance.services.keys import create_missing_keys, trust_store, watermark_key
from provenance.services.records import release_record, seal_record
from provenance.services.signing import signing_identity
from provenance.watermark import ALGORITHM, Embedder, WatermarkPayload
from tests.provenance.clips import moving_frames, prints_of, write_clip

FRAMES = 40
YEAR = 2026


@dataclass(frozen=True)
class SealedClip:
    """A marked and signed clip, as the service makes them, before there is a record of it."""

    path: Path
    rendition_id: str
    record_id: int
    manifest: bytes
    manifest_label: str

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


def make_sealed_clip(directory: Path, *, rendition_id: str, record_id: int, seed: int) -> SealedClip:
    embedder = Embedder(WatermarkPayload(record_id), watermark_key(YEAR))
    marked = write_clip(directory / "marked.mp4", moving_frames(FRAMES, seed=seed), mark=embedder.mark)
    claim = RenditionClaim(
        rendition_id=rendition_id,
        created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        provider="Likeness (tests)",
        system_version="0.1.0",
        model_name="likeness-animator",
        model_version="1",
        digital_source_type=digital_source_type(is_speech_synthetic=True, has_portrait_pixels=True),
        watermark_algorithm=ALGORITHM,
        watermark_value=record_id.to_bytes(6, "big"),
        consent_receipt_digest="c" * 64,
        portrait_commitment="a" * 64,
        speech_commitment="b" * 64,
        log_position=0,
        duration_s=FRAMES / 25,
    )
    signed = sign_file(marked, directory / "sealed.mp4", claim, signing_identity(), trust_store())
    return SealedClip(directory / "sealed.mp4", rendition_id, record_id, signed.manifest, signed.label)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> SealedClip:
    create_missing_keys()
    return make_sealed_clip(
        tmp_path_factory.mktemp("clip"),
        rendition_id="rnd_" + "A" * 22,
        record_id=0xFEDC_BA98_7654,
        seed=1,
    )


@pytest.fixture(scope="session")
def other_clip(tmp_path_factory: pytest.TempPathFactory) -> SealedClip:
    """Another video of ours."""
    create_missing_keys()
    return make_sealed_clip(
        tmp_path_factory.mktemp("other"),
        rendition_id="rnd_" + "B" * 22,
        record_id=0x0123_4567_89AB,
        seed=2,
    )


def seal(clip: SealedClip) -> Record:
    return seal_record(
        rendition_id=clip.rendition_id,
        record_id=clip.record_id,
        watermark_year=YEAR,
        content_prints=prints_of(clip.path),
        file_sha256=hashlib.sha256(clip.data).hexdigest(),
        size_bytes=len(clip.data),
        duration_s=FRAMES / 25,
        manifest=clip.manifest,
        manifest_label=clip.manifest_label,
        partner_id="prt_AAAAAAAAAAAAAAAAAAAAAA",
        consent_receipt_digest="c" * 64,
        actor="system",
    )


@pytest.fixture
def sealed(db: None, clip: SealedClip) -> Record:
    """The clip's record, not released yet."""
    return seal(clip)


@pytest.fixture
def released(sealed: Record) -> Record:
    """The clip's record, released."""
    return release_record(sealed.rendition_id, actor="system")
