"""Seals a finished video: stores the file, and writes rendition, record and log entry in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.access.actors import SYSTEM
from accounts.errors import MediaErased
from generation import storage
from generation.models import Job, Rendition
from generation.services.advance import Lease, LeaseLost, advance
from generation.services.permission import lock_permission
from generation.states import JobState
from provenance.common.errors import CodedError
from provenance.models.record import Record
from provenance.services.records import seal_record

_SEAL = object()


class SealBroken(CodedError):
    """The stored video is not the one that was sealed."""

    code = "seal_broken"
    status = 500
    message = "The stored video is missing, or is not the one that was sealed. It stays closed."
    hint = "This is a fault of the service. Report the rendition id."


@dataclass(frozen=True)
class SealedRendition:
    """A rendition whose watermark, manifest and log entry are complete.

    Only the two functions below make one, so whatever takes a SealedRendition cannot be given anything else.
    """

    rendition: Rendition
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("A SealedRendition is made by sealing a video, not by hand.")


@dataclass(frozen=True)
class CheckedVideo:
    """A signed video that was read back and found right: what sealing needs to know about it."""

    path: Path
    rendition_id: str
    watermark_id: int
    watermark_year: int
    watermark_version: int
    content_prints: bytes
    fingerprints: bytes
    pixel_report: dict[str, Any]
    visible_label: str
    manifest: bytes
    manifest_label: str
    frames: int
    fps: float
    duration_s: float
    width: int
    height: int


def store_video(video: CheckedVideo) -> str:
    """Put the file into storage and return its key; again changes nothing. Nobody can reach it there before
    it is sealed.
    """
    return storage.store("renditions", video.path, ".mp4")


def discard_unsealed(video: CheckedVideo) -> None:
    """Take the file out of storage again, unless the video was sealed after all."""
    key = storage.key_for("renditions", storage.sha256_of(video.path), ".mp4")
    if not Rendition.objects.filter(file_key=key).exists():
        storage.remove(key)


def seal_rendition(*, lease: Lease, video: CheckedVideo) -> SealedRendition:
    """Store the file, write the rendition, its record and the log entry, and end the work on the job.

    The rows are written in one transaction with the move out of `verifying`; of two attempts at one job only
    the one that holds the lease gets that far. Raises LeaseLost, or the refusal if consent or partner ended.
    """
    sha256 = storage.sha256_of(video.path)
    size_bytes = video.path.stat().st_size
    key = store_video(video)
    job = Job.objects.select_related("partner", "consent").get(pk=lease.job_id)
    with transaction.atomic():
        lock_permission(job)
        if not advance(
            job_id=job.id,
            before=JobState.VERIFYING,
            after=JobState.IN_REVIEW,
            lease=lease,
            frames_done=video.frames,
            frames_total=video.frames,
        ):
            raise LeaseLost
        rendition = Rendition.objects.create(
            id=video.rendition_id,
            job=job,
            file_key=key,
            sha256=sha256,
            size_bytes=size_bytes,
            duration_s=video.duration_s,
            frames=video.frames,
            fps=video.fps,
            width=video.width,
            height=video.height,
            pixel_report=video.pixel_report,
        )
        seal_record(
            rendition_id=rendition.id,
            watermark_id=video.watermark_id,
            watermark_year=video.watermark_year,
            watermark_version=video.watermark_version,
            content_prints=video.content_prints,
            fingerprints=video.fingerprints,
            visible_label=video.visible_label,
            file_sha256=sha256,
            size_bytes=size_bytes,
            duration_s=video.duration_s,
            manifest=video.manifest,
            manifest_label=video.manifest_label,
            partner_id=job.partner_id,
            consent_receipt_digest=job.consent.receipt_digest,
            actor=SYSTEM.id,
        )
    return SealedRendition(rendition, _SEAL)


def load_sealed_rendition(rendition: Rendition) -> SealedRendition:
    """The sealed rendition of a row, after checking that its record and its file are still as they were
    sealed.

    Raises SealBroken or MediaErased.
    """
    if rendition.is_erased:
        raise MediaErased("This video was erased.")
    record = Record.objects.filter(rendition_id=rendition.id).first()
    if record is None or record.file_sha256 != rendition.sha256:
        raise SealBroken
    try:
        with storage.local_path(rendition.file_key):  # hashes the file
            return SealedRendition(rendition, _SEAL)
    except (FileNotFoundError, storage.StoredFileDamaged) as error:
        raise SealBroken from error
