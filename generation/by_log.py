"""Compares jobs and renditions with what the log says about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from accounts.access.actors import SYSTEM
from accounts.models import ConsentGrant, Partner
from generation import storage
from generation.models import DrivingAudio, Job, Portrait, Rendition
from generation.selectors import downloadable_rendition_of
from generation.states import JobState
from provenance.common.errors import NotFound
from provenance.keys.service_keys import keyed_digest
from provenance.log.entries import Entry, LogEvent
from provenance.models.record import Record
from provenance.selectors.decisions import (
    RENDITION_STEPS,
    RowContradictsLog,
    StateFinding,
    digest_of_facts,
    findings_of,
    names_content,
    newest_decision,
    newest_decisions,
    record_differences,
    require_as_logged,
)

_WITHOUT_VIDEO = {LogEvent.JOB_FAILED: JobState.FAILED, LogEvent.JOB_CANCELLED: JobState.CANCELLED}
_WITH_VIDEO = {
    LogEvent.RENDITION_SEALED: {JobState.IN_REVIEW},
    LogEvent.RENDITION_RELEASED: {JobState.RELEASED},
    # A video that was never released is rejected in the log, whether a reviewer or a withdrawal ended it.
    LogEvent.RENDITION_REJECTED: {JobState.REJECTED, JobState.REVOKED},
    LogEvent.RENDITION_REVOKED: {JobState.REVOKED},
}
_ABOUT_RENDITIONS = frozenset(
    {LogEvent.RENDITION_RELEASED, LogEvent.RENDITION_APPROVED, LogEvent.RENDITION_ERASED}
)
_RUNNING = frozenset(
    {JobState.QUEUED, JobState.ANIMATING, JobState.MARKING, JobState.SIGNING, JobState.VERIFYING}
)


def inputs_digest(
    portrait: Portrait,
    driving_audio: DrivingAudio,
    controls: dict[str, Any],
    seed: int,
    renderer: str,
    *,
    video: dict[str, Any],
    disclosure: dict[str, Any],
    voice: str,
    direction: dict[str, Any],
    motion: dict[str, str],
) -> str:
    """What the entry of a job's submission fixes without saying it: all that the video is made from.

    Jobs from before the video's format, its disclosure or the voice's origin was part of them have an empty
    one, and a digest without it; so has every job without a direction.
    """
    facts = [
        json.dumps(part, sort_keys=True) for part in (video, direction, disclosure, motion) if part != {}
    ]
    facts += [f"voice {voice}"] if voice else []
    return digest_of_facts(
        portrait.sha256,
        driving_audio.id,
        driving_audio.sha256,
        json.dumps(controls, sort_keys=True),
        seed,
        renderer,
        *facts,
    )


def job_differences(job: Job) -> list[str]:
    """The columns of a job that the log contradicts. Raises LogDamaged.

    Jobs submitted before the digest of the inputs was logged are compared without it.
    """
    decisions = newest_decisions(job.id, {LogEvent.JOB_SUBMITTED, *_WITHOUT_VIDEO})
    submitted = decisions.newest({LogEvent.JOB_SUBMITTED})
    if submitted is None:
        return ["id"]
    said = submitted.data
    expected = {
        "partner": (job.partner_id, said.get("partner_id")),
        "portrait": (job.portrait_id, said.get("portrait_id")),
        "consent": (job.consent_id, said.get("consent_id")),
        "log_position": (job.log_position, submitted.index),
        "submitted_by": (job.submitted_by, submitted.actor),
    }
    differing = [name for name, (column, logged) in expected.items() if column != logged]
    digest = inputs_digest(
        job.portrait,
        job.driving_audio,
        job.controls,
        job.seed,
        job.renderer,
        video=job.video,
        disclosure=job.disclosure,
        voice=job.voice,
        direction=job.direction,
        motion=job.motion,
    )
    if said.get("inputs_digest", digest) != digest:
        made_from = ["driving_audio", "controls", "direction", "video", "disclosure", "voice"]
        differing += [*made_from, "motion", "seed", "renderer"]
    differing += ["driving_audio"] * bool(_unlike_digest(job.driving_audio))
    differing += ["portrait"] * (not names_content(job.portrait.image_key, job.portrait.sha256))
    return differing + _state_differences(job, decisions.newest(_WITHOUT_VIDEO.keys()))


def _state_differences(job: Job, ended: Entry | None) -> list[str]:
    rendition_id = Rendition.objects.filter(job_id=job.id).values_list("pk", flat=True).first()
    step = newest_decision(rendition_id, RENDITION_STEPS) if rendition_id else None
    if step is not None:
        states, decision = _WITH_VIDEO[step.event], step
    elif ended is not None:
        states, decision = {_WITHOUT_VIDEO[ended.event]}, ended
    else:
        return [] if job.state in _RUNNING else ["state"]
    if job.state not in states:
        return ["state"]
    reason = decision.data.get("reason_code", "")
    return [] if job.reason_code == reason else ["reason_code"]


def rendition_differences(rendition: Rendition) -> list[str]:
    """The columns of a rendition that its record and the log contradict. Raises LogDamaged."""
    record = Record.objects.filter(pk=rendition.id).first()
    if record is None:
        return ["id"]
    job = rendition.job
    decisions = newest_decisions(rendition.id, _ABOUT_RENDITIONS)
    released = decisions.newest({LogEvent.RENDITION_RELEASED})
    digest = ConsentGrant.objects.filter(pk=job.consent_id).values_list("receipt_digest", flat=True).first()
    belongs = (record.partner_id, record.consent_receipt_digest) == (job.partner_id, digest)
    differing = [] if belongs else ["job"]
    expected = {
        "sha256": (rendition.sha256, record.file_sha256),
        "size_bytes": (rendition.size_bytes, record.size_bytes),
        "file_key": (rendition.file_key, storage.key_for("renditions", record.file_sha256, ".mp4")),
        "released_at": (rendition.released_at is None, released is None),
    }
    first = decisions.newest({LogEvent.RENDITION_APPROVED})
    expected["first_approved_by"] = (rendition.first_approved_by, first.actor if first else "")
    erased = decisions.newest({LogEvent.RENDITION_ERASED})
    expected["erased_at"] = (rendition.erased_at is None, erased is None)
    if released is not None:
        expected["decided_by"] = (rendition.decided_by, released.actor)
    return differing + [name for name, (column, said) in expected.items() if column != said]


def require_voice_as_logged(driving_audio: DrivingAudio) -> None:
    """Let a recording pass whose voice was attested as the log says, and whose file is that of its digest.

    Raises RowContradictsLog, LogDamaged.
    """
    stated = newest_decision(driving_audio.pk, {LogEvent.DRIVING_AUDIO_VOICE_STATED})
    differs = driving_audio.voice != ("" if stated is None else stated.data.get("voice"))
    differing = ["voice"] if differs else []
    require_as_logged("recording", driving_audio.pk, differing + _unlike_digest(driving_audio))


def _unlike_digest(driving_audio: DrivingAudio) -> list[str]:
    return [] if names_content(driving_audio.audio_key, driving_audio.sha256) else ["audio_key"]


def require_motion_as_logged(driving_audio: DrivingAudio) -> None:
    """Let a recording pass whose motion track and performer's consent are those of the log.

    Raises RowContradictsLog, LogDamaged.
    """
    stated = newest_decision(driving_audio.pk, {LogEvent.DRIVING_AUDIO_MOTION_STATED})
    said = {} if stated is None else stated.data
    columns = {
        "motion_sha256": (driving_audio.motion_sha256, said.get("motion_digest")),
        "motion_key": (
            driving_audio.motion_key,
            storage.key_for("motion-tracks", str(said.get("motion_digest")), ".csv"),
        ),
        "performer_consent": (performer_consent_digest(driving_audio), said.get("performer_consent_digest")),
    }
    differing = [name for name, (column, logged) in columns.items() if column != logged]
    require_as_logged("recording", driving_audio.pk, differing)


def performer_consent_digest(driving_audio: DrivingAudio) -> str:
    """What the log keeps of the reference to a performer's consent: only the service can make it."""
    return keyed_digest("performer consent", f"{driving_audio.pk}\n{driving_audio.performer_consent}")


def are_samples(grant: ConsentGrant, portrait: Portrait, driving_audio: DrivingAudio) -> bool:
    """Whether portrait and speech both came with Likeness. No reviewer has to look at such a video.

    The rows are not asked alone: the log has the service's own word for both, and the digests of the receipt
    and of the entry are those of the files. Raises LogDamaged.
    """
    confirmed = newest_decision(grant.pk, {LogEvent.CONSENT_CONFIRMED})
    stated = newest_decision(driving_audio.pk, {LogEvent.DRIVING_AUDIO_VOICE_STATED})
    if confirmed is None or stated is None:
        return False
    by_service = confirmed.actor == stated.actor == SYSTEM.id
    named = bool(confirmed.data.get("sample")) and bool(stated.data.get("sample"))
    if not by_service or not named or confirmed.data.get("receipt_digest") != grant.receipt_digest:
        return False
    return (
        json.loads(grant.receipt).get("portrait_sha256") == portrait.sha256
        and stated.data.get("sample_digest") == driving_audio.sha256
    )


def require_job_as_logged(job: Job) -> None:
    """Let a job pass that the log bears out. Raises RowContradictsLog, LogDamaged."""
    current = Job.objects.select_related("portrait", "driving_audio").get(pk=job.pk)
    require_as_logged("job", job.id, job_differences(current))


def require_released_in_log(rendition: Rendition) -> None:
    """Let a video be downloaded that the log says was released and not revoked since, by rows that agree.

    Raises RowContradictsLog, LogDamaged.
    """
    require_job_as_logged(rendition.job)
    require_as_logged("rendition", rendition.id, rendition_differences(rendition))
    record = Record.objects.filter(pk=rendition.id).first()
    if record is None:
        raise RowContradictsLog
    require_as_logged("record", rendition.id, record_differences(record))


def downloadable_rendition(partner: Partner, rendition_id: str) -> Rendition:
    """One rendition of a partner that row and log say is released.

    Raises NotFound, NotReleased, RowContradictsLog or LogDamaged.
    """
    rendition = downloadable_rendition_of(partner, rendition_id)
    require_released_in_log(rendition)
    return rendition


def released_rendition(rendition_id: str) -> Rendition:
    """A rendition that row and log say is released and not erased, whosever it is.

    Raises NotFound, NotReleased, RowContradictsLog or LogDamaged.
    """
    rendition = Rendition.objects.select_related("job").filter(pk=rendition_id).first()
    if rendition is None or not rendition.is_released:
        raise NotFound
    require_released_in_log(rendition)
    return rendition


def generation_findings() -> Iterator[StateFinding]:
    """Every job and rendition that contradicts the log."""
    jobs = Job.objects.select_related("portrait", "driving_audio")
    renditions = Rendition.objects.select_related("job")
    return chain(
        findings_of("job", jobs, job_differences),
        findings_of("rendition", renditions, rendition_differences),
    )
