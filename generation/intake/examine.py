"""Check an uploaded portrait or recording: the one answer that upload, pre-flight and worker share."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from generation.intake import limits
from generation.intake.choices import PictureChoices
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS, MediaFormat
from generation.intake.formats.sniff import Sniffed, sniff
from generation.intake.inspection import (
    AudioAnswer,
    AudioRequest,
    InspectedAudio,
    InspectedPortrait,
    PortraitAnswer,
    PortraitRequest,
    Refusal,
)
from generation.intake.places import PictureFrame, details_of
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning
from provenance.common.errors import OutOfSpace
from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure, run_isolated

NO_CHOICES = PictureChoices()
# One with 1000 pixels a side takes a tenth; a process that was taken over may write what it likes.
MOST_PREVIEW_BYTES = 2 * 1024 * 1024

Answer = TypeVar("Answer", PortraitAnswer, AudioAnswer)
Inspected = TypeVar("Inspected", InspectedPortrait, InspectedAudio)


@dataclass(frozen=True)
class PortraitFacts:
    """A portrait that intake accepts; the normalised PNG is at `path`, the neutral still (PNG) at `still`.

    `warnings` are code, sentence and details as JSON. `credentials` is what the upload's own C2PA manifest
    said, empty when it had none. `generated_by` is the image generator whose mark the picture carries, empty
    without one. `found` names the format
    that the file is in, for people.
    """

    path: Path
    still: Path
    width: int
    height: int
    warnings: list[dict[str, object]]
    credentials: dict[str, str]
    generated_by: str
    found: str


@dataclass(frozen=True)
class AudioFacts:
    """Driving audio that intake accepts; the normalised WAV is at `path`.

    `found` names the container and the codec that the file is in, for people.
    """

    path: Path
    duration_s: float
    sample_rate: int
    warnings: list[dict[str, object]]
    found: str


def examine_portrait(
    source: Path,
    *,
    name: str,
    content_type: str,
    workspace: Path,
    trust: TrustStore,
    choices: PictureChoices = NO_CHOICES,
) -> PortraitFacts:
    """Decode, normalise and check the portrait in `source`. Raises IntakeRefused.

    `name` and `content_type` are the sender's claims, empty for none. The normalised picture is made in
    `workspace`, a folder of the caller's. `trust` is whom to believe about credentials in the picture.
    `choices` are the sender's: one face of several, and the colour of transparent parts. Takes one to two
    seconds, in a process of its own.
    """
    sniffed = _sniff(source, PORTRAIT_FORMATS, name, content_type, limits.PORTRAIT_MAX_BYTES)
    destination = _empty_file(workspace / "portrait.png")
    still, preview = _empty_file(workspace / "still.png"), _empty_file(workspace / "preview.jpg")
    trust_file = workspace / "trust.json"
    trust_file.write_text(json.dumps(to_plain(trust)))
    answer = _isolated(
        "generation.intake.inspect_portrait",
        PortraitRequest(
            source=source,
            destination=destination,
            still=still,
            preview=preview,
            image_format=sniffed.format.name,
            trust=trust_file,
            choices=choices,
        ),
        PortraitAnswer,
        damaged=IntakeCode.IMAGE_DAMAGED,
        memory_bytes=limits.PORTRAIT_MEMORY_BYTES,
        cpu_s=limits.PORTRAIT_CPU_S,
        wall_s=limits.PORTRAIT_WALL_S,
    )
    portrait = _accepted(answer.portrait, answer.refused, preview)
    return PortraitFacts(
        path=destination,
        still=still,
        width=portrait.frame.width,
        height=portrait.frame.height,
        warnings=[
            *(_warning_json(warning) for warning in sniffed.warnings),
            *(_warning_json(warning, portrait.frame) for warning in portrait.warnings),
        ],
        credentials=portrait.credentials,
        generated_by=portrait.generated_by,
        found=sniffed.format.label,
    )


def examine_driving_audio(source: Path, *, name: str, content_type: str, workspace: Path) -> AudioFacts:
    """Decode, normalise and check the recording in `source`. Raises IntakeRefused. As `examine_portrait`."""
    sniffed = _sniff(source, AUDIO_FORMATS, name, content_type, limits.AUDIO_MAX_BYTES)
    destination = _empty_file(workspace / "driving-audio.wav")
    answer = _isolated(
        "generation.intake.inspect_audio",
        AudioRequest(source, destination, sniffed.format.name),
        AudioAnswer,
        damaged=IntakeCode.AUDIO_DAMAGED,
        memory_bytes=limits.AUDIO_MEMORY_BYTES,
        cpu_s=limits.AUDIO_CPU_S,
        wall_s=limits.AUDIO_WALL_S,
    )
    audio = _accepted(answer.audio, answer.refused)
    return AudioFacts(
        path=destination,
        duration_s=audio.duration_s,
        sample_rate=audio.sample_rate,
        warnings=[_warning_json(warning) for warning in (*sniffed.warnings, *audio.warnings)],
        found=f"{sniffed.format.label} ({audio.codec})",
    )


def _sniff(
    source: Path, accepted: tuple[MediaFormat, ...], name: str, content_type: str, max_bytes: int
) -> Sniffed:
    sniffed = sniff(source, accepted, name=name, content_type=content_type)
    if source.stat().st_size > max_bytes:
        is_portrait = accepted is PORTRAIT_FORMATS
        code = IntakeCode.IMAGE_FILE_TOO_LARGE if is_portrait else IntakeCode.AUDIO_FILE_TOO_LARGE
        raise IntakeRefused.because(code)
    return sniffed


def _empty_file(path: Path) -> Path:
    # The confined process is a stranger in its own user namespace: it may write into a file, not make one.
    path.write_bytes(b"")
    return path


def _warning_json(warning: IntakeWarning, frame: PictureFrame | None = None) -> dict[str, object]:
    """As stored with the row and shown by the API."""
    plain: dict[str, object] = {"code": warning.code, "message": warning.message}
    if warning.hint:
        plain["hint"] = warning.hint
    if frame is not None:
        plain["details"] = details_of(frame, warning.places)
    return plain


def _accepted(accepted: Inspected | None, refused: Refusal | None, preview: Path | None = None) -> Inspected:
    if refused is not None:
        error = IntakeRefused(refused.message, code=refused.code, hint=refused.hint)
        if refused.frame is not None:
            error.details = details_of(refused.frame, refused.places)
        if preview is not None and preview.stat().st_size <= MOST_PREVIEW_BYTES:
            error.preview = preview.read_bytes()
        raise error
    assert accepted is not None  # noqa: S101 - an answer holds one of the two
    return accepted


def _isolated(
    module: str,
    request: PortraitRequest | AudioRequest,
    answer: type[Answer],
    *,
    damaged: IntakeCode,
    memory_bytes: int,
    cpu_s: int,
    wall_s: float,
) -> Answer:
    try:
        return run_isolated(
            module,
            answer,
            args=[json.dumps(to_plain(request))],
            memory_bytes=memory_bytes,
            cpu_s=cpu_s,
            wall_s=wall_s,
        )
    except IsolatedFailure as failure:
        if os.strerror(errno.ENOSPC) in failure.stderr:  # our disk's fault, not the file's
            raise OutOfSpace from failure
        is_costly = failure.kind in {"memory", "time"}
        raise IntakeRefused.because(IntakeCode.FILE_TOO_COSTLY if is_costly else damaged) from failure
