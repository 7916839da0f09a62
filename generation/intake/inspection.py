"""Requests to and answers from the confined process that decodes an upload.

The process may have been taken over by the file, so its answers are read strictly (`strict_json`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generation.intake.choices import PictureChoices
from generation.intake.places import PictureFrame, Place
from generation.intake.refusals import IntakeRefused, IntakeWarning


@dataclass(frozen=True)
class PortraitRequest:
    """A portrait to decode from `source` into `destination`, which exists.

    `still` (PNG) is written when the portrait is accepted, `preview` (JPEG) when it is refused once it was
    decoded; both exist. `image_format` is Pillow's name of the only decoder that may run; `trust` a file with
    a `TrustStore` as JSON, since a public trust list is too long for an argument. `choices` are the sender's.
    """

    source: Path
    destination: Path
    still: Path
    preview: Path
    image_format: str
    trust: Path
    choices: PictureChoices


@dataclass(frozen=True)
class AudioRequest:
    """A recording to decode from `source` into `destination`, which exists.

    `container` is FFmpeg's name of the only demuxer that may run.
    """

    source: Path
    destination: Path
    container: str


@dataclass(frozen=True)
class Refusal:
    """Why the file is refused: code, sentence and hint; for a picture that was decoded, where."""

    code: str
    message: str
    hint: str
    places: tuple[Place, ...] = ()
    frame: PictureFrame | None = None

    @classmethod
    def of(cls, refused: IntakeRefused, frame: PictureFrame | None = None) -> Refusal:
        """From the exception that was raised inside."""
        return cls(refused.code, refused.message, refused.hint, refused.places, frame)


@dataclass(frozen=True)
class InspectedPortrait:
    """The normalised picture's frame, remarks, what the upload's own credentials said, and the image
    generator whose watermark it carries, empty without one."""

    frame: PictureFrame
    warnings: tuple[IntakeWarning, ...]
    credentials: dict[str, str]
    generated_by: str


@dataclass(frozen=True)
class InspectedAudio:
    """Seconds and rate of the normalised sound, remarks, and FFmpeg's name of the codec that was found."""

    duration_s: float
    sample_rate: int
    warnings: tuple[IntakeWarning, ...]
    codec: str


@dataclass(frozen=True)
class PortraitAnswer:
    """What became of a `PortraitRequest`; exactly one is not None."""

    portrait: InspectedPortrait | None
    refused: Refusal | None

    def __post_init__(self) -> None:
        _require_one(self.portrait, self.refused)


@dataclass(frozen=True)
class AudioAnswer:
    """What became of an `AudioRequest`; exactly one is not None."""

    audio: InspectedAudio | None
    refused: Refusal | None

    def __post_init__(self) -> None:
        _require_one(self.audio, self.refused)


def _require_one(accepted: object, refused: object) -> None:
    if (accepted is None) == (refused is None):
        raise ValueError("An answer either accepts or refuses.")
