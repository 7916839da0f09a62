"""Seals the record of a live session that has ended: its file is made, signed, read back and logged.

The file is what left, packed anew. It is stored where the session was opened to be kept and the person has
not taken their consent back meanwhile; else only its record stays, which lets recordings of the stream
verify. For processes of their own only: this module loads torch, OpenCV and the native C2PA library.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts.access.actors import SYSTEM
from accounts.models import ConsentGrant, Partner
from generation import storage
from generation.animation.identity import PixelOrigin
from generation.animation.protocols import PortraitAnimator
from generation.disclosure.choice import Disclosure
from generation.disclosure.label import Label
from generation.failures import FailureCode, JobFailed
from generation.models import KeptSession, LiveSession, LiveState
from generation.pipeline.audio import as_one_channel
from generation.pipeline.decode import probe, read_luma, read_sound
from generation.pipeline.mouth_box import mouth_box
from generation.services.live import spool
from generation.services.live.by_log import require_session_as_logged
from generation.services.live.closing import close_session
from generation.services.live.permission import require_permission
from generation.services.live.reasons import WITHDRAWING, LiveEnd
from provenance.common.errors import CodedError
from provenance.common.visible_label import VisibleLabel
from provenance.fingerprints.motion.cells import cells_of_marked
from provenance.fingerprints.motion.measuring import motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.keys.service_keys import input_commitment, marking_year, trust_store
from provenance.keys.signing_identity import signing_identity, timestamp_servers
from provenance.manifest.claim import ModelFacts, RenditionClaim, digital_source_type, picture_source_type
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signing import SignedManifest, sign_file
from provenance.services.log import latest_checkpoint
from provenance.services.records import release_record, seal_record, withdraw_record
from provenance.watermark import ALGORITHMS, WatermarkPayload
from provenance.watermark.coding.payload import WATERMARK_ID_BITS
from provenance.watermark.content.fingerprint import fingerprints_of_marked
from provenance.watermark.content.fingerprint_match import RECORD_FINGERPRINTS

SOUND_RATE = 16_000


def seal_session(session_id: str, animator: PortraitAnimator) -> bool:
    """Seal the record of an ended session, and remove its spool; False where no picture of it ever left.

    Of a session that started and showed nothing the log has that: no record is made, and none is waited for.

    The record is released where the consent still holds, and withdrawn where it does not any more: recordings
    are named as ours either way. Again, it seals nothing twice. Raises what signing raises, and JobFailed for
    a file that reads back wrongly; the spool then stays for the next try.
    """
    session = LiveSession.objects.select_related("partner", "consent", "portrait").get(pk=session_id)
    if session.state != LiveState.ENDED:
        raise ValueError("Only a session that has ended is sealed.")
    # A mark that the log does not know would name somebody else's record, and a start that only the log knows
    # has left marked pictures.
    require_session_as_logged(session)
    if session.started_at is None or session.sealed_at is not None:
        spool.remove(session_id)
        return False
    stream = spool.stream_of(session_id)
    if stream is None or not _has_frames(stream):
        with transaction.atomic():
            close_session(session, spool.segment_hashes(session_id) if stream else [], frames=0)
        spool.remove(session_id)
        return False
    folder = stream.parent
    packed = _pack(stream, folder / "packed.mp4")
    payload = WatermarkPayload(int(session.watermark_id or "", 16))
    label = _label(session)
    signed_path = folder / "signed.mp4"
    claim = _claim(session, payload, animator, label, sound_sha256=_sha256_of_sound(packed))
    signed = sign_file(
        packed, signed_path, claim, signing_identity(), trust_store(), timestamps=timestamp_servers()
    )
    _check(signed_path, session.id)
    _write_record(session, payload, label, signed, signed_path)
    spool.remove(session_id)
    return True


def _write_record(
    session: LiveSession,
    payload: WatermarkPayload,
    label: VisibleLabel | None,
    signed: SignedManifest,
    path: Path,
) -> None:
    facts = probe(path)
    prints, fingerprints = _fingerprints(path, facts.frames)
    is_wanted = session.is_kept and _withdrawal(session) != LiveEnd.CONSENT_WITHDRAWN
    key = storage.store("live-sessions", path, ".mp4") if is_wanted else ""
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=session.partner_id)
        ConsentGrant.objects.select_for_update().get(pk=session.consent_id)
        seal_record(
            rendition_id=session.id,
            watermark_id=payload.watermark_id,
            watermark_year=session.watermark_year or marking_year(),
            watermark_version=payload.version,
            content_prints=prints,
            fingerprints=fingerprints,
            visible_label=label.to_code() if label else "",
            file_sha256=storage.sha256_of(path),
            size_bytes=path.stat().st_size,
            duration_s=facts.duration_s,
            manifest=signed.manifest,
            manifest_label=signed.label,
            partner_id=session.partner_id,
            consent_receipt_digest=session.consent.receipt_digest,
            actor=SYSTEM.id,
        )
        withdrawal = _withdrawal(session)
        if key and withdrawal == LiveEnd.CONSENT_WITHDRAWN:  # a moment ago: what they had erased stays erased
            transaction.on_commit(lambda: storage.remove(key), robust=True)
        elif key:
            KeptSession.objects.create(
                session=session,
                file_key=key,
                sha256=storage.sha256_of(path),
                size_bytes=path.stat().st_size,
                duration_s=facts.duration_s,
            )
        if withdrawal:
            withdraw_record(session.id, reason_code=withdrawal, actor=SYSTEM.id)
        else:
            release_record(session.id, actor=SYSTEM.id)
        close_session(session, spool.segment_hashes(session.id), frames=facts.frames)


def _withdrawal(session: LiveSession) -> str:
    """With which code the record is withdrawn at once; empty where it may circulate."""
    if session.reason_code in WITHDRAWING:
        return session.reason_code
    try:
        require_permission(session)
    except CodedError as refusal:
        is_over = refusal.code in {LiveEnd.CONSENT_WITHDRAWN.value, "consent_expired"}
        return refusal.code if is_over else LiveEnd.PARTNER_SUSPENDED.value
    return ""


def _has_frames(path: Path) -> bool:
    with av.open(str(path)) as container:
        return next(container.decode(video=0), None) is not None


def _pack(stream: Path, destination: Path) -> Path:
    """The same encoded frames and sound in one MP4 with its index in front."""
    with (
        av.open(str(stream)) as source,
        av.open(str(destination), "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        streams = {one.index: target.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return destination


def _fingerprints(path: Path, frames: int) -> tuple[bytes, bytes]:
    """Content prints of a few frames spread over the session, and fingerprints of its sound and motion."""
    chosen = {frames * place // RECORD_FINGERPRINTS for place in range(RECORD_FINGERPRINTS)}
    prints: list[bytes] = []
    cells: list[NDArray[np.float32]] = []
    for number, luma in enumerate(read_luma(path)):
        cells.append(cells_of_marked(luma))
        if number in chosen:
            prints += [one.tobytes() for one in fingerprints_of_marked(luma)]
    first = next(_pictures(path))
    height, width = first.shape[:2]
    motion = motion_fingerprint(cells, probe(path).fps, mouth_box(first), (width, height))
    sound = fingerprint(band_spectrogram(as_one_channel(read_sound(path, SOUND_RATE)), SOUND_RATE))
    return b"".join(prints), RecordFingerprints(sound, motion).to_bytes()


def _pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in itertools.islice(container.decode(video=0), 1):
            yield frame.to_ndarray(format="rgb24")


def _sha256_of_sound(path: Path) -> str:
    samples = as_one_channel(read_sound(path, SOUND_RATE))
    return hashlib.sha256(np.ascontiguousarray(samples, "<f4").tobytes()).hexdigest()


def _label(session: LiveSession) -> VisibleLabel | None:
    disclosure = Disclosure.from_json(session.disclosure)
    return Label(disclosure, session.size, session.size).facts if disclosure.has_label else None


def _check(path: Path, session_id: str) -> None:
    """Read the signed file back as any verifier would."""
    reading = read_manifest(path, trust_store())
    is_stamped = settings.LIKENESS_ON_LOOPBACK or reading.is_time_stamped
    if (
        reading.state is not ManifestState.TRUSTED_OURS
        or reading.rendition_id != session_id
        or not is_stamped
    ):
        raise JobFailed.because(FailureCode.VIDEO_CHECK_FAILED)


def _claim(
    session: LiveSession,
    payload: WatermarkPayload,
    animator: PortraitAnimator,
    label: VisibleLabel | None,
    *,
    sound_sha256: str,
) -> RenditionClaim:
    checkpoint = latest_checkpoint()
    model, motion_model = animator.identity, animator.motion_identity
    has_portrait_pixels = model.pixel_origin is PixelOrigin.PORTRAIT
    model_facts, motion_facts = (
        ModelFacts(one.name, one.version, one.digest) for one in (model, motion_model)
    )
    started = session.started_at or timezone.now()
    return RenditionClaim(
        rendition_id=session.id,
        created_at=started,
        provider=settings.LIKENESS_PROVIDER_NAME,
        system_version=settings.VERSION,
        model=model_facts,
        motion_model=motion_facts if motion_facts != model_facts else None,
        picture_source_type=picture_source_type(has_portrait_pixels=has_portrait_pixels),
        digital_source_type=digital_source_type(
            is_speech_synthetic=False, has_portrait_pixels=has_portrait_pixels
        ),
        watermark_algorithm=ALGORITHMS[payload.version],
        watermark_value=payload.watermark_id.to_bytes(WATERMARK_ID_BITS // 8, "big"),
        consent_receipt_digest=session.consent.receipt_digest,
        portrait_commitment=input_commitment(
            role="portrait", rendition_id=session.id, input_sha256=session.portrait.sha256
        ),
        speech_commitment=input_commitment(role="speech", rendition_id=session.id, input_sha256=sound_sha256),
        log_position=checkpoint.size if checkpoint else 0,
        duration_s=max(session.seconds_at(timezone.now()), 1 / session.fps),
        portrait_generator=session.portrait.generated_by,
        voice=session.voice,
        visible_label=label,
    )
