"""Check an uploaded portrait or recording: the one answer that upload, pre-flight and worker share."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from generation.intake import limits
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
from generation.intake.refusals import IntakeCode, IntakeRefused
from provenance.common.errors import OutOfSpace
from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure, run_isolated

Answer = TypeVar("Answer", PortraitAnswer, AudioAnswer)
Inspected = TypeVar("Inspected", InspectedPortrait, InspectedAudio)


@dataclass(frozen=True)
class PortraitFacts:
    """A portrait that intake accepts; the normalised PNG is at `path`.

    `warnings` are pairs of code and sentence as JSON. `credentials` is what the upload's own C2PA manifest
    said, empty when it had none. `generated_by` is the image generator whose mark the picture carries, empty
    without one. `found` names the format
    that the file is in, for people.
    """

    path: Path
    width: int
    height: int
    warnings: list[dict[str, str]]
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
    warnings: list[dict[str, str]]
    found: str


def examine_portrait(
    source: Path, *, name: str, content_type: str, workspace: Path, trust: TrustStore
) -> PortraitFacts:
    """Decode, normalise and check the portrait in `source`. Raises IntakeRefused.

    `name` and `content_type` are the sender's claims, empty for none. The normalised picture is made in
    `workspace`, a folder of the caller's. `trust` is whom to believe about credentials in the picture. Takes
    one to two seconds, in a process of its own.
    """
    sniffed = _sniff(source, PORTRAIT_FORMATS, name, content_type, limits.PORTRAIT_MAX_BYTES)
    destination = _empty_file(workspace / "portrait.png")
    trust_file = workspace / "trust.json"
    trust_file.write_text(json.dumps(to_plain(trust)))
    answer = _isolated(
        "generation.intake.inspect_portrait",
        PortraitRequest(source, destination, sniffed.format.name, trust_file),
        PortraitAnswer,
        damaged=IntakeCode.IMAGE_DAMAGED,
        memory_bytes=limits.PORTRAIT_MEMORY_BYTES,
        cpu_s=limits.PORTRAIT_CPU_S,
        wall_s=limits.PORTRAIT_WALL_S,
    )
    portrait = _accepted(answer.portrait, answer.refused)
    return PortraitFacts(
        path=destination,
        width=portrait.width,
        height=portrait.height,
        warnings=[warning.to_json() for warning in (*sniffed.warnings, *portrait.warnings)],
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
        warnings=[warning.to_json() for warning in (*sniffed.warnings, *audio.warnings)],
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


def _accepted(accepted: Inspected | None, refused: Refusal | None) -> Inspected:
    if refused is not None:
        raise IntakeRefused(refused.message, code=refused.code, hint=refused.hint)
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
