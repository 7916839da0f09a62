"""Detects the format of an upload by its first bytes, and compares it with its name and content type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

import puremagic

from generation.intake.refusals import IntakeCode, IntakeRefused

HEAD_BYTES = 8192
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True)
class UploadFormat:
    """A format that intake knows.

    `name` is Pillow's name of a picture format and FFmpeg's name of a sound container: decoders are told
    which one to use instead of guessing, so that a playlist or a vector graphic never reaches the parser
    made for it.
    """

    name: str
    suffixes: frozenset[str]
    content_types: frozenset[str]


PORTRAIT_TYPES = (
    UploadFormat(
        "JPEG",
        frozenset({".jpg", ".jpeg", ".jpe", ".jfif"}),
        frozenset({"image/jpeg", "image/jpg", "image/pjpeg"}),
    ),
    UploadFormat("PNG", frozenset({".png"}), frozenset({"image/png"})),
    UploadFormat("WEBP", frozenset({".webp"}), frozenset({"image/webp"})),
)
AUDIO_TYPES = (
    UploadFormat(
        "wav",
        frozenset({".wav", ".wave"}),
        frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"}),
    ),
    UploadFormat("mp3", frozenset({".mp3"}), frozenset({"audio/mpeg", "audio/mp3"})),
    UploadFormat("mp4", frozenset({".m4a"}), frozenset({"audio/mp4", "audio/x-m4a", "audio/m4a"})),
    UploadFormat("flac", frozenset({".flac"}), frozenset({"audio/flac", "audio/x-flac"})),
    UploadFormat(
        "ogg",
        frozenset({".ogg", ".oga", ".opus"}),
        frozenset({"audio/ogg", "application/ogg", "audio/opus"}),
    ),
)


def sniff(head: bytes, accepted: tuple[UploadFormat, ...], *, name: str, content_type: str) -> UploadFormat:
    """The accepted type that the first bytes of a file show.

    `name` and `content_type` are what the sender claims; empty claims nothing. Raises IntakeRefused with
    file_empty, file_type_unsupported or file_type_mismatch.
    """
    if not head:
        raise IntakeRefused.because(IntakeCode.FILE_EMPTY)
    suffix = PurePath(name).suffix.lower()
    claimed = content_type.partition(";")[0].strip().lower()
    found = _by_content(head, accepted)
    if found is None:
        is_claimed = any(suffix in t.suffixes or claimed in t.content_types for t in accepted)
        code = IntakeCode.FILE_TYPE_MISMATCH if is_claimed else IntakeCode.FILE_TYPE_UNSUPPORTED
        raise IntakeRefused.because(code)
    if (suffix and suffix not in found.suffixes) or (
        claimed not in _SAYS_NOTHING and claimed not in found.content_types
    ):
        raise IntakeRefused.because(IntakeCode.FILE_TYPE_MISMATCH)
    return found


def _by_content(head: bytes, accepted: tuple[UploadFormat, ...]) -> UploadFormat | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        matches = []
    suffixes = {match.extension.lower() for match in matches}
    for media_type in accepted:
        if suffixes & media_type.suffixes:
            return media_type
    # An MP3 without an ID3 tag begins with a frame: eleven set bits, then version and layer.
    if head[0] == 0xFF and len(head) > 1 and head[1] & 0xE6 == 0xE2:
        return next((media_type for media_type in accepted if media_type.name == "mp3"), None)
    return None
