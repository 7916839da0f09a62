"""Check an uploaded portrait or recording: the one answer that upload, pre-flight and worker share."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

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
from provenance.common.errors import OutOfSpace, is_out_of_space
from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure, run_isolated_for_data

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
    """Decode, normalise and check the portrait in `source`.

    Raises IntakeRefused, OutOfSpace or SandboxIncomplete. `name` and `content_type` are the sender's claims,
    empty for none. The normalised picture is made in `workspace`, a folder of the caller's. `trust` is whom
    to believe about credentials in the picture. Takes one to two seconds, in a sandboxed process that gives
    back pixels and writes no file.
    """
    sniffed = _sniff(source, PORTRAIT_FORMATS, name, content_type, limits.PORTRAIT_MAX_BYTES)
    answer, pixels = _isolated(
        "generation.intake.inspect_portrait",
        PortraitRequest(source.resolve(), sniffed.format.name, trust),
        PortraitAnswer,
        damaged=IntakeCode.IMAGE_DAMAGED,
        most_data_bytes=3 * limits.PORTRAIT_STORED_SIDE**2,
        memory_bytes=limits.PORTRAIT_MEMORY_BYTES,
        cpu_s=limits.PORTRAIT_CPU_S,
        wall_s=limits.PORTRAIT_WALL_S,
    )
    portrait = _accepted(answer.portrait, answer.refused)
    if min(portrait.width, portrait.height) < 1 or len(pixels) != 3 * portrait.width * portrait.height:
        raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED)
    path = workspace / "portrait.png"
    with _disk_may_be_full():
        # compress_level 3: a third of the time of the default for a few per cent more bytes.
        image = Image.frombytes("RGB", (portrait.width, portrait.height), pixels)
        image.save(path, "PNG", compress_level=3)
    return PortraitFacts(
        path=path,
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
    answer, samples = _isolated(
        "generation.intake.inspect_audio",
        AudioRequest(source.resolve(), sniffed.format.name),
        AudioAnswer,
        damaged=IntakeCode.AUDIO_DAMAGED,
        most_data_bytes=2 * limits.AUDIO_SAMPLE_RATE * round(limits.AUDIO_MAX_S + 1),
        memory_bytes=limits.AUDIO_MEMORY_BYTES,
        cpu_s=limits.AUDIO_CPU_S,
        wall_s=limits.AUDIO_WALL_S,
    )
    audio = _accepted(answer.audio, answer.refused)
    duration_s, rate = len(samples) / 2 / limits.AUDIO_SAMPLE_RATE, limits.AUDIO_SAMPLE_RATE
    if len(samples) % 2 or (audio.duration_s, audio.sample_rate) != (duration_s, rate):
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
    path = workspace / "driving-audio.wav"
    with _disk_may_be_full(), path.open("wb") as file, wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(samples)
    return AudioFacts(
        path=path,
        duration_s=duration_s,
        sample_rate=rate,
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


@contextmanager
def _disk_may_be_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_out_of_space(error):
            raise OutOfSpace from error
        raise


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
    most_data_bytes: int,
    memory_bytes: int,
    cpu_s: int,
    wall_s: float,
) -> tuple[Answer, bytes]:
    try:
        return run_isolated_for_data(
            module,
            answer,
            stdin=json.dumps(to_plain(request)).encode(),
            readable=(request.source,),
            memory_bytes=memory_bytes,
            cpu_s=cpu_s,
            wall_s=wall_s,
            most_data_bytes=most_data_bytes,
        )
    except IsolatedFailure as failure:
        is_costly = failure.kind in {"memory", "time"}
        raise IntakeRefused.because(IntakeCode.FILE_TOO_COSTLY if is_costly else damaged) from failure
