"""Requests to and answers from the confined process that decodes an upload.

The process may have been taken over by the file, so its answers are read strictly (`strict_json`).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from generation.intake.choices import PictureChoices
from generation.intake.places import PictureFrame, Place
from generation.intake.refusals import IntakeRefused, IntakeWarning
from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore


@dataclass(frozen=True)
class PortraitRequest:
    """A portrait to decode from `source`, an absolute path.

    `image_format` is Pillow's name of the only decoder that may run; `trust` is whom to believe about
    credentials; `choices` are the sender's.
    """

    source: Path
    image_format: str
    trust: TrustStore
    choices: PictureChoices


@dataclass(frozen=True)
class AudioRequest:
    """A recording to decode from `source`, an absolute path.

    `container` is FFmpeg's name of the only demuxer that may run.
    """

    source: Path
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
    generator whose watermark it carries, empty without one; left, top and side of the square around head and
    shoulders."""

    frame: PictureFrame
    warnings: tuple[IntakeWarning, ...]
    credentials: dict[str, str]
    generated_by: str
    head_square: tuple[float, float, float]


@dataclass(frozen=True)
class InspectedAudio:
    """Seconds, rate and channels of the normalised sound, remarks, and FFmpeg's name of the codec that was
    found. The sound follows the answer, as little-endian int16 samples, channel by channel in each moment."""

    duration_s: float
    sample_rate: int
    channels: int
    warnings: tuple[IntakeWarning, ...]
    codec: str


@dataclass(frozen=True)
class PortraitAnswer:
    """What became of a `PortraitRequest`; exactly one of the first two is not None.

    `pictures` are (width, height) of those that follow the answer, as (height, width, 3) bytes of RGB: the
    normalised one and the neutral still when the portrait is accepted, a small one of what was decoded, if
    anything was, when it is refused.
    """

    portrait: InspectedPortrait | None
    refused: Refusal | None
    pictures: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        _require_one(self.portrait, self.refused)


@dataclass(frozen=True)
class AudioAnswer:
    """What became of an `AudioRequest`; exactly one is not None."""

    audio: InspectedAudio | None
    refused: Refusal | None

    def __post_init__(self) -> None:
        _require_one(self.audio, self.refused)


def write_answer(answer: PortraitAnswer | AudioAnswer, data: bytes) -> None:
    """Tell the parent: the answer in one line, and the data behind it."""
    sys.stdout.write(json.dumps(to_plain(answer)) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _require_one(accepted: object, refused: object) -> None:
    if (accepted is None) == (refused is None):
        raise ValueError("An answer either accepts or refuses.")
