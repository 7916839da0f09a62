"""Check an uploaded portrait or recording: the one answer that upload, pre-flight and worker share."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

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
from provenance.common.errors import OutOfSpace, is_out_of_space
from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure, run_isolated_for_data

NO_CHOICES = PictureChoices()
# The normalised picture, and a still of the same size at most.
MOST_PICTURE_BYTES = 2 * 3 * limits.PORTRAIT_STORED_SIDE**2
MOST_CHANNELS = 2

Answer = TypeVar("Answer", PortraitAnswer, AudioAnswer)
Inspected = TypeVar("Inspected", InspectedPortrait, InspectedAudio)


@dataclass(frozen=True)
class PortraitFacts:
    """A portrait that intake accepts; the normalised PNG is at `path`, the neutral still (PNG) at `still`.

    `warnings` are code, sentence and details as JSON. `credentials` is what the upload's own C2PA manifest
    said, empty when it had none. `generated_by` is the image generator whose mark the picture carries, empty
    without one. `found` names the format
    that the file is in, for people. `head_square` is left, top and side in pixels of the square around head
    and shoulders.
    """

    path: Path
    still: Path
    width: int
    height: int
    warnings: list[dict[str, object]]
    credentials: dict[str, str]
    generated_by: str
    found: str
    head_square: tuple[float, float, float]


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
    wall_s: float = limits.PORTRAIT_WALL_S,
) -> PortraitFacts:
    """Decode, normalise and check the portrait in `source`.

    Raises IntakeRefused, OutOfSpace, SandboxIncomplete, or ReaderLate after `wall_s` on the clock. `name` and
    `content_type` are the sender's claims,
    empty for none. The normalised picture and the still are made in `workspace`, a folder of the caller's.
    `trust` is whom to believe about credentials in the picture. `choices` are the sender's: one face of
    several, and the colour of transparent parts. Takes one to two seconds, in a sandboxed process that gives
    back pixels and writes no file.
    """
    sniffed = _sniff(source, PORTRAIT_FORMATS, name, content_type, limits.PORTRAIT_MAX_BYTES)
    answer, data = _isolated(
        "generation.intake.inspect_portrait",
        PortraitRequest(source.resolve(), sniffed.format.name, trust, choices),
        PortraitAnswer,
        damaged=IntakeCode.IMAGE_DAMAGED,
        most_data_bytes=MOST_PICTURE_BYTES,
        memory_bytes=limits.PORTRAIT_MEMORY_BYTES,
        cpu_s=limits.PORTRAIT_CPU_S,
        wall_s=wall_s,
    )
    pictures = _pictures(answer, data)
    portrait = _accepted(answer.portrait, answer.refused, pictures)
    path, still = workspace / "portrait.png", workspace / "still.png"
    with _disk_may_be_full():
        for picture, place in zip(pictures, (path, still), strict=True):
            # compress_level 3: a third of the time of the default for a few per cent more bytes.
            picture.save(place, "PNG", compress_level=3)
    return PortraitFacts(
        path=path,
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
        head_square=portrait.head_square,
    )


def examine_driving_audio(
    source: Path, *, name: str, content_type: str, workspace: Path, wall_s: float = limits.AUDIO_WALL_S
) -> AudioFacts:
    """Decode, normalise and check the recording in `source`. Raises IntakeRefused. As `examine_portrait`."""
    sniffed = _sniff(source, AUDIO_FORMATS, name, content_type, limits.AUDIO_MAX_BYTES)
    answer, samples = _isolated(
        "generation.intake.inspect_audio",
        AudioRequest(source.resolve(), sniffed.format.name),
        AudioAnswer,
        damaged=IntakeCode.AUDIO_DAMAGED,
        most_data_bytes=2 * MOST_CHANNELS * limits.AUDIO_SAMPLE_RATE * round(limits.AUDIO_MAX_S + 1),
        memory_bytes=limits.AUDIO_MEMORY_BYTES,
        cpu_s=limits.AUDIO_CPU_S,
        wall_s=wall_s,
    )
    audio = _accepted(answer.audio, answer.refused)
    rate, moments = limits.AUDIO_SAMPLE_RATE, round(audio.duration_s * limits.AUDIO_SAMPLE_RATE)
    is_whole = moments / rate == audio.duration_s and len(samples) == 2 * audio.channels * moments
    if not is_whole or audio.sample_rate != rate or not 1 <= audio.channels <= MOST_CHANNELS:
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
    path = workspace / "driving-audio.wav"
    with _disk_may_be_full(), path.open("wb") as file, wave.open(file, "wb") as written:
        written.setnchannels(audio.channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(samples)
    return AudioFacts(
        path=path,
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


@contextmanager
def _disk_may_be_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_out_of_space(error):
            raise OutOfSpace from error
        raise


def _pictures(answer: PortraitAnswer, data: bytes) -> list[Image.Image]:
    """The pictures behind an answer. Raises IntakeRefused where they are not those that it announces."""
    frame = answer.portrait.frame if answer.portrait else None
    are_right = (
        len(answer.pictures) <= 1
        if frame is None
        else len(answer.pictures) == 2 and answer.pictures[0] == (frame.width, frame.height)
    )
    lengths = [3 * width * height for width, height in answer.pictures if width > 0 and height > 0]
    if not are_right or len(lengths) != len(answer.pictures) or sum(lengths) != len(data):
        raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED)
    pictures, at = [], 0
    for size, length in zip(answer.pictures, lengths, strict=True):
        pictures.append(Image.frombytes("RGB", size, data[at : at + length]))
        at += length
    return pictures


def _jpeg(picture: Image.Image) -> bytes:
    """A preview of at most 1000 pixels a side, as the sender of a refused picture is shown it."""
    coded = io.BytesIO()
    picture.save(coded, "JPEG", quality=85)
    return coded.getvalue()


def _warning_json(warning: IntakeWarning, frame: PictureFrame | None = None) -> dict[str, object]:
    """As stored with the row and shown by the API."""
    plain: dict[str, object] = {"code": warning.code, "message": warning.message}
    if warning.hint:
        plain["hint"] = warning.hint
    if frame is not None:
        plain["details"] = details_of(frame, warning.places)
    return plain


def _accepted(
    accepted: Inspected | None, refused: Refusal | None, pictures: Sequence[Image.Image] = ()
) -> Inspected:
    if refused is not None:
        error = IntakeRefused(refused.message, code=refused.code, hint=refused.hint)
        if refused.frame is not None:
            error.details = details_of(refused.frame, refused.places)
        if pictures:
            error.preview = _jpeg(pictures[0])
        raise error
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
