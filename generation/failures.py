"""Failure codes of jobs: a stable code, a sentence for a person and a hint for what to do next.

A refusal that another part has already coded (consent, intake, the portrait check, signing) keeps its own
code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenance.common.errors import CodedError, OutOfSpace
from provenance.common.errors import gettext_noop as _

MAX_TEXT = 300


class FailureCode(StrEnum):
    """Ends of a job that the job pipeline itself decides."""

    WORKER_LOST = "worker_lost"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    MEDIA_DAMAGED = "media_damaged"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_SPACE = "out_of_space"
    ENCODING_FAILED = "encoding_failed"
    VIDEO_CHECK_FAILED = "video_check_failed"
    INTERNAL = "internal"
    CANCELLED_BY_PARTNER = "cancelled_by_partner"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PARTNER_SUSPENDED = "partner_suspended"


@dataclass(frozen=True)
class JobReason:
    """Why a job ended, or what a running one waits for: as the row keeps it, and API and pages show it."""

    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, code: FailureCode) -> JobReason:
        """The reason with this code and its own sentence and hint."""
        message, hint = SENTENCES[code]
        return cls(code.value, message, hint)

    @classmethod
    def of_error(cls, error: CodedError) -> JobReason:
        """The reason that a coded refusal gives, cut to what the row holds."""
        return cls(error.code, error.message[:MAX_TEXT], error.hint[:MAX_TEXT])


SENTENCES: dict[FailureCode, tuple[str, str]] = {
    FailureCode.WORKER_LOST: (
        _("The worker stopped in the middle of the job, several times."),
        _("Submit it again; if it happens again, report the job id."),
    ),
    FailureCode.DEADLINE_EXCEEDED: (
        _("The job was not finished in the time that a job may take."),
        _("Submit it again when fewer jobs wait, or with shorter driving audio."),
    ),
    FailureCode.MEDIA_DAMAGED: (
        _("A stored input is missing or is not what was uploaded any more."),
        _("Upload the portrait and the driving audio again; report the job id."),
    ),
    FailureCode.OUT_OF_MEMORY: (
        _("The worker ran out of memory."),
        _("Submit it again with shorter driving audio, or report the job id."),
    ),
    FailureCode.OUT_OF_SPACE: (OutOfSpace.message, OutOfSpace.hint),
    FailureCode.ENCODING_FAILED: (
        _("The video could not be written."),
        _("Submit it again; if it happens again, report the job id."),
    ),
    FailureCode.VIDEO_CHECK_FAILED: (
        _("The finished video did not pass its own check, so it was thrown away."),
        _("This is a fault of the service, not of the request. Report the job id."),
    ),
    FailureCode.INTERNAL: (
        _("Something went wrong on our side."),
        _("Submit it again; if it happens again, report the job id."),
    ),
    FailureCode.CANCELLED_BY_PARTNER: (
        _("The job was cancelled."),
        _("Submit a new one when you want the video after all."),
    ),
    FailureCode.CONSENT_WITHDRAWN: (
        _("The subject withdrew consent for this portrait."),
        _("What was made from it cannot be used any more. Unless they said never, they can be asked again."),
    ),
    FailureCode.PARTNER_SUSPENDED: (
        _("The organisation was suspended."),
        _("The partner page shows the reason."),
    ),
}


class JobFailed(CodedError):
    """Ends the job with one of the pipeline's own codes."""

    code = "job_failed"
    status = 500
    message = "The job failed."
    hint = "See the job for the reason."

    @classmethod
    def because(cls, code: FailureCode, *, detail: str = "") -> JobFailed:
        """The failure with this code; `detail` is put behind the sentence."""
        message, hint = SENTENCES[code]
        return cls(f"{message} {detail}".strip(), code=code.value, hint=hint)
