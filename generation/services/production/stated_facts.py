"""The facts about a video that its manifest states, from the job, its inputs and what was produced."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.protocols import PortraitAnimator
from generation.choices.directions import direction_facts
from generation.models import Job
from generation.pipeline.render_stream import ProducedVideo
from provenance.keys.service_keys import input_commitment
from provenance.manifest.claim import (
    ModelFacts,
    PerformanceFacts,
    RenditionClaim,
    digital_source_type,
    picture_source_type,
)
from provenance.services.log import latest_checkpoint
from provenance.watermark import ALGORITHMS, WatermarkPayload
from provenance.watermark.coding.payload import WATERMARK_ID_BITS


def rendition_claim(
    job: Job,
    rendition_id: str,
    payload: WatermarkPayload,
    produced: ProducedVideo,
    animator: PortraitAnimator,
    *,
    portrait_generator: str,
) -> RenditionClaim:
    """The facts that the manifest states, as they are now."""
    checkpoint = latest_checkpoint()
    model, motion_model = animator.identity, animator.motion_identity
    has_portrait_pixels = model.pixel_origin is PixelOrigin.PORTRAIT
    return RenditionClaim(
        rendition_id=rendition_id,
        created_at=timezone.now(),
        provider=settings.LIKENESS_PROVIDER_NAME,
        system_version=settings.VERSION,
        model=_model_facts(model),
        motion_model=_model_facts(motion_model) if motion_model != model else None,
        picture_source_type=picture_source_type(has_portrait_pixels=has_portrait_pixels),
        # The speech is a recording as far as anybody can tell.
        digital_source_type=digital_source_type(
            is_speech_synthetic=False, has_portrait_pixels=has_portrait_pixels
        ),
        watermark_algorithm=ALGORITHMS[payload.version],
        watermark_value=payload.watermark_id.to_bytes(WATERMARK_ID_BITS // 8, "big"),
        consent_receipt_digest=job.consent.receipt_digest,
        portrait_commitment=input_commitment(
            role="portrait", rendition_id=rendition_id, input_sha256=job.portrait.sha256
        ),
        speech_commitment=input_commitment(
            role="speech", rendition_id=rendition_id, input_sha256=job.driving_audio.sha256
        ),
        log_position=checkpoint.size if checkpoint else 0,
        duration_s=produced.video.duration_s,
        portrait_generator=portrait_generator,
        voice=job.voice,
        visible_label=produced.visible_label,
        direction=direction_facts(job),
        performance=_performance_facts(job, rendition_id),
    )


def _performance_facts(job: Job, rendition_id: str) -> PerformanceFacts | None:
    if not job.motion:
        return None
    bound = input_commitment(role="performance", rendition_id=rendition_id, input_sha256=job.motion["sha256"])
    return PerformanceFacts(bound, job.motion["lips"])


def _model_facts(identity: ModelIdentity) -> ModelFacts:
    return ModelFacts(identity.name, identity.version, identity.digest)
