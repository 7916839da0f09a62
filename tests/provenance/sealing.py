"""Marked and signed clips as the service makes them, for tests, vectors and the tamper drill."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.cells import cells_of_marked
from provenance.fingerprints.motion.fingerprint import MouthBox
from provenance.fingerprints.motion.measuring import motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.keys.service_keys import trust_store, watermark_key
from provenance.keys.signing_identity import signing_identity, timestamp_servers
from provenance.manifest.signing import sign_file
from provenance.models import Record
from provenance.services.records import seal_record
from provenance.watermark import ALGORITHMS, Embedder, WatermarkPayload
from provenance.watermark.coding.payload import VERSION
from tests.provenance.claims import RECEIPT_DIGEST, rendition_claim
from tests.provenance.clips import FPS, SAMPLE_RATE, lumas, prints_of, write_clip

YEAR = 2026  # whose watermark key marks the clips
PARTNER = "prt_AAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class SealedClip:
    """A marked and signed clip, before there is a record of it."""

    path: Path
    rendition_id: str
    watermark_id: int
    manifest: bytes
    manifest_label: str
    duration_s: float
    content_prints: bytes  # taken once: each test that has a record of the clip would decode all of it
    fingerprints: bytes = b""
    watermark_version: int = VERSION
    watermark_year: int = YEAR

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


def make_sealed_clip(
    directory: Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    rendition_id: str,
    watermark_id: int,
    watermark_version: int = VERSION,
    watermark_year: int = YEAR,
    speech: NDArray[np.float32] | None = None,
    mouth: MouthBox | None = None,
) -> SealedClip:
    """Mark frames ((H, W, 3) uint8 RGB), encode and sign them with the service's own keys.

    `speech`: (N,) at the clips' sample rate, whose fingerprint goes into the record; a tone otherwise. With
    `mouth` that of the motion goes into it too.
    """
    pictures = list(frames)
    embedder = Embedder(WatermarkPayload(watermark_id, watermark_version), watermark_key(watermark_year))
    clip = write_clip(directory / "marked.mp4", pictures, mark=embedder.mark, speech=speech)
    target = directory / "sealed.mp4"
    claim = replace(
        rendition_claim(rendition_id, watermark_id, duration_s=len(pictures) / FPS),
        watermark_algorithm=ALGORITHMS[watermark_version],
    )
    signed = sign_file(clip, target, claim, signing_identity(), trust_store(), timestamps=timestamp_servers())
    return SealedClip(
        target,
        rendition_id,
        watermark_id,
        signed.manifest,
        signed.label,
        claim.duration_s,
        prints_of(target),
        b"" if speech is None else _fingerprints(speech, clip if mouth else None, mouth),
        watermark_version,
        watermark_year,
    )


def _fingerprints(speech: NDArray[np.float32], clip: Path | None, mouth: MouthBox | None) -> bytes:
    sound = fingerprint(band_spectrogram(speech, SAMPLE_RATE))
    if clip is None:
        return RecordFingerprints(sound).to_bytes()
    frames = lumas(clip)
    size = (frames[0].shape[1], frames[0].shape[0])
    motion = motion_fingerprint([cells_of_marked(frame) for frame in frames], FPS, mouth, size)
    return RecordFingerprints(sound, motion).to_bytes()


def seal(clip: SealedClip) -> Record:
    """Write the clip's record and its log entry."""
    return seal_record(
        rendition_id=clip.rendition_id,
        watermark_id=clip.watermark_id,
        watermark_year=clip.watermark_year,
        watermark_version=clip.watermark_version,
        content_prints=clip.content_prints,
        fingerprints=clip.fingerprints,
        file_sha256=hashlib.sha256(clip.data).hexdigest(),
        size_bytes=len(clip.data),
        duration_s=clip.duration_s,
        manifest=clip.manifest,
        manifest_label=clip.manifest_label,
        partner_id=PARTNER,
        consent_receipt_digest=RECEIPT_DIGEST,
        actor="system",
    )
