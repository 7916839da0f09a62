"""Marked and signed clips as the service makes them, for tests, vectors and the tamper drill."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from provenance.manifest.claim import RenditionClaim, digital_source_type
from provenance.manifest.signing import sign_file
from provenance.models import Record
from provenance.services.keys import trust_store, watermark_secret
from provenance.services.records import seal_record
from provenance.services.signing import signing_identity, timestamp_servers
from provenance.watermark import ALGORITHM, Embedder, WatermarkKey, WatermarkPayload
from tests.provenance.clips import FPS, write_clip

PARTNER = "prt_AAAAAAAAAAAAAAAAAAAAAA"
RECEIPT_DIGEST = "c" * 64


@dataclass(frozen=True)
class SealedClip:
    """A marked and signed clip, before there is a record of it."""

    path: Path
    rendition_id: str
    record_id: int
    manifest: bytes
    manifest_label: str
    duration_s: float

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


def rendition_claim(rendition_id: str, record_id: int, *, duration_s: float) -> RenditionClaim:
    """What a clip says about itself; the inputs are made up."""
    return RenditionClaim(
        rendition_id=rendition_id,
        created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        provider="Likeness (tests)",
        system_version="0.1.0",
        model_name="likeness-animator",
        model_version="1",
        model_digest="d" * 64,
        digital_source_type=digital_source_type(is_speech_synthetic=True, has_portrait_pixels=True),
        watermark_algorithm=ALGORITHM,
        watermark_value=record_id.to_bytes(8, "big"),
        consent_receipt_digest=RECEIPT_DIGEST,
        portrait_commitment="a" * 64,
        speech_commitment="b" * 64,
        log_position=0,
        duration_s=duration_s,
    )


def make_sealed_clip(
    directory: Path, frames: Iterable[NDArray[np.uint8]], *, rendition_id: str, record_id: int
) -> SealedClip:
    """Mark frames ((H, W, 3) uint8 RGB), encode and sign them with the service's own keys."""
    pictures = list(frames)
    marked = Embedder(WatermarkPayload(record_id), WatermarkKey(watermark_secret())).mark(pictures)
    clip, target = write_clip(directory / "marked.mp4", marked), directory / "sealed.mp4"
    claim = rendition_claim(rendition_id, record_id, duration_s=len(pictures) / FPS)
    signed = sign_file(clip, target, claim, signing_identity(), trust_store(), timestamps=timestamp_servers())
    return SealedClip(target, rendition_id, record_id, signed.manifest, signed.label, claim.duration_s)


def seal(clip: SealedClip) -> Record:
    """Write the clip's record and its log entry."""
    return seal_record(
        rendition_id=clip.rendition_id,
        record_id=clip.record_id,
        file_sha256=hashlib.sha256(clip.data).hexdigest(),
        size_bytes=len(clip.data),
        duration_s=clip.duration_s,
        manifest=clip.manifest,
        manifest_label=clip.manifest_label,
        partner_id=PARTNER,
        consent_receipt_digest=RECEIPT_DIGEST,
        actor="system",
    )
