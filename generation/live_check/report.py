"""Requests to and answers from the confined process that looks at a recording, and what its warnings mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provenance.verify.evidence.reader_report import WatermarkReport


class LiveWarning(StrEnum):
    """What speaks against a recording. Codes, once used, keep their meaning."""

    UNREADABLE = "unreadable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    ANOTHER_FACE = "another_face"
    NOT_TURNED = "not_turned"
    FLAT = "flat"
    SILENT = "silent"
    PHRASE_NOT_HEARD = "phrase_not_heard"
    LIPS_DO_NOT_FOLLOW = "lips_do_not_follow"
    CUT = "cut"
    OWN_VIDEO = "own_video"
    SEEN_BEFORE = "seen_before"


@dataclass(frozen=True)
class RecordingRequest:
    """A recording at `source` and the portrait (PNG) that it is compared with, absolute paths.

    Without a portrait nothing is compared, and the report describes the face that is seen. `words`,
    `language` and `turn` are what was asked for. `watermark_keys` are our marks' keys.
    """

    source: Path
    portrait: Path | None
    words: tuple[str, ...]
    language: str
    turn: str
    watermark_keys: tuple[bytes, ...]


@dataclass(frozen=True)
class RecordingReport:
    """What was found: warnings, and what they rest on.

    `distance` is that of the descriptors of the two faces, None where one has no face. `words_heard` counts
    the phrase's words. `turned` is the turn that was asked for, in degrees. `parallax` and `lips` are as in
    `watching`. `watermark` is what our marks' keys find; who knows the ids that were issued answers from it.
    `descriptor` (128 numbers) and `picture` (JPEG) are of the face where there was no portrait, else empty.
    """

    warnings: tuple[LiveWarning, ...]
    duration_s: float = 0.0
    distance: float | None = None
    words_heard: int = 0
    turned: float = 0.0
    parallax: float = 0.0
    lips: float = 0.0
    watermark: WatermarkReport | None = None
    descriptor: tuple[float, ...] = ()
    picture: bytes = b""


@dataclass(frozen=True)
class FaceRequest:
    """A portrait (PNG) at `source`, an absolute path, of which the face is to be described."""

    source: Path


@dataclass(frozen=True)
class FaceReport:
    """The descriptor (128 numbers) of the largest face of a portrait; empty where none is found."""

    descriptor: tuple[float, ...]
