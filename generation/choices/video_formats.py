"""The format of a job's video: what it leaves out is as the operator set it; its picture has to suffice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from generation.animation.framing.video_format import VideoFormat, VideoFormatInvalid
from generation.animation.framing.view import VideoFormatRefused, view_of
from generation.models import Job, Portrait
from provenance.common.errors import CodedError, InvalidInput


class PictureTooSmallForSize(CodedError):
    """The picture would be enlarged too much for this size."""

    code = "picture_too_small_for_size"
    status = 422
    message = "The picture would be enlarged more than twice for this size."
    hint = "Use a picture of higher resolution, or a smaller size."


class FaceTooSmallForSize(CodedError):
    """The person would be too small in the video to be animated well."""

    code = "face_too_small_for_size"
    status = 422
    message = "Head and shoulders would take too few pixels of this video."
    hint = "Choose a larger size, or the aspect 1:1, which shows head and shoulders alone."


class AspectNotOffered(CodedError):
    """The job's renderer makes square videos only."""

    code = "aspect_not_offered"
    status = 422
    message = "The renderer of this job makes square videos only."
    hint = "Choose the aspect 1:1, or another renderer."


_REFUSALS = {kind.code: kind for kind in (AspectNotOffered, PictureTooSmallForSize, FaceTooSmallForSize)}


def default_format() -> VideoFormat:
    """The square at the operator's size and frame rate."""
    return VideoFormat(size=settings.LIKENESS_VIDEO_SIZE, fps=settings.LIKENESS_VIDEO_FPS)


def chosen_format(values: dict[str, Any]) -> VideoFormat:
    """The format with `values`, and the default's for what they leave out. Raises InvalidInput."""
    try:
        return VideoFormat.from_json(values, default_format())
    except VideoFormatInvalid as error:
        raise InvalidInput(
            str(error),
            code="video_format_invalid",
            hint=_("Look at video.{field}.").format(field=error.field),
        ) from error


def format_of(job: Job) -> VideoFormat:
    """A job's format; of jobs from before formats were part of them, what the operator has set."""
    return VideoFormat.from_json(job.video) if job.video else default_format()


def require_picture_suffices(
    video: VideoFormat, portrait: Portrait, square: tuple[float, float, float] | None = None
) -> None:
    """The portrait has enough pixels for the format, as far as the place of its head is known.

    `square` is that place, by default what intake found; of portraits from before it was kept, the worker
    finds out. Raises PictureTooSmallForSize, FaceTooSmallForSize.
    """
    known = square or portrait.head_square
    if known is None:
        return
    left, top, side = known
    try:
        view_of(video, portrait.width, portrait.height, (left, top, side))
    except VideoFormatRefused as error:
        raise refusal_of(error) from error


def refusal_of(error: VideoFormatRefused) -> CodedError:
    """The coded refusal for what the animation library says of a picture."""
    return _REFUSALS[error.code](error.message, hint=error.hint)
