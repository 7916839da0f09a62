"""Whose motion a job's video has: the voice's, or that of a performer whose track the recording has."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from generation.animation.motion.direction.performed import LIPS, LIPS_OF_SPEECH
from generation.by_log import require_motion_as_logged
from generation.models import DrivingAudio
from provenance.common.errors import CodedError, InvalidInput


class MotionMissing(CodedError):
    """The recording has no motion track."""

    code = "motion_missing"
    status = 422
    message = "This recording has no motion track."
    hint = "Upload one for it, or leave the motion out: then the voice moves the face."


class MotionReplaced(CodedError):
    """The recording has another motion track than when the job was submitted."""

    code = "motion_replaced"
    status = 409
    message = "The recording's motion track is not the one that the job was submitted with."
    hint = "Submit the job again."


def chosen_motion(values: dict[str, Any] | None, driving_audio: DrivingAudio) -> dict[str, str]:
    """How a job keeps its motion: digest of the track, and whose lips. Empty for the voice's.

    Raises MotionMissing, InvalidInput and RowContradictsLog.
    """
    if values is None:
        return {}
    lips = values.get("lips", LIPS_OF_SPEECH)
    if lips not in LIPS:
        raise InvalidInput(_("motion.lips must be one of {names}.").format(names=", ".join(LIPS)))
    if not driving_audio.motion_key:
        raise MotionMissing
    require_motion_as_logged(driving_audio)
    return {"sha256": driving_audio.motion_sha256, "lips": str(lips)}


def require_motion(motion: dict[str, str], driving_audio: DrivingAudio) -> None:
    """Require that the recording still has the motion of a job, as logged. Raises MotionReplaced."""
    if not motion:
        return
    if not driving_audio.motion_key or driving_audio.motion_sha256 != motion["sha256"]:
        raise MotionReplaced
    require_motion_as_logged(driving_audio)
