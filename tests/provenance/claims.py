"""What test videos say about themselves; the inputs are made up. Knows no Django."""

from __future__ import annotations

from datetime import UTC, datetime

from provenance.manifest.claim import ModelFacts, RenditionClaim, digital_source_type, picture_source_type
from provenance.watermark import ALGORITHM
from provenance.watermark.coding.payload import WATERMARK_ID_BITS

RECEIPT_DIGEST = "c" * 64


def rendition_claim(rendition_id: str, watermark_id: int, *, duration_s: float) -> RenditionClaim:
    """What a clip says about itself; the inputs are made up."""
    return RenditionClaim(
        rendition_id=rendition_id,
        created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        provider="Likeness (tests)",
        system_version="0.1.0",
        model=ModelFacts("likeness-animator", "1", "d" * 64),
        picture_source_type=picture_source_type(has_portrait_pixels=True),
        digital_source_type=digital_source_type(is_speech_synthetic=True, has_portrait_pixels=True),
        watermark_algorithm=ALGORITHM,
        watermark_value=watermark_id.to_bytes(WATERMARK_ID_BITS // 8, "big"),
        consent_receipt_digest=RECEIPT_DIGEST,
        portrait_commitment="a" * 64,
        speech_commitment="b" * 64,
        log_position=0,
        duration_s=duration_s,
    )
