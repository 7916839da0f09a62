"""What a file is, by its first bytes. Names and headers from outside say what their sender likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEAD_BYTES = 64

MediaKind = Literal["video", "image", "audio"]


@dataclass(frozen=True)
class MediaType:
    """A media type that verification can look into."""

    name: str
    kind: MediaKind


_MP4 = MediaType("video/mp4", "video")
_MOV = MediaType("video/quicktime", "video")
_M4A = MediaType("audio/mp4", "audio")
_SVG = MediaType("image/svg+xml", "image")
_AVIF = MediaType("image/avif", "image")
_HEIC = MediaType("image/heic", "image")
_BRANDS = {
    b"qt  ": _MOV,
    b"M4A ": _M4A,
    b"M4B ": _M4A,
    b"avif": _AVIF,
    b"avis": _AVIF,
    b"heic": _HEIC,
    b"heix": _HEIC,
    b"mif1": _HEIC,
}
# Old QuickTime files begin with any of these boxes instead of `ftyp`.
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"pnot", b"skip", b"free"}
_RIFF = {
    b"WEBP": MediaType("image/webp", "image"),
    b"WAVE": MediaType("audio/wav", "audio"),
    b"AVI ": MediaType("video/avi", "video"),
}
_PREFIXES: tuple[tuple[bytes, MediaType], ...] = (
    (b"\xff\xd8\xff", MediaType("image/jpeg", "image")),
    (b"\x89PNG\r\n\x1a\n", MediaType("image/png", "image")),
    (b"II*\0", MediaType("image/tiff", "image")),
    (b"MM\0*", MediaType("image/tiff", "image")),
    (b"\0\0\0\x0cJXL ", MediaType("image/jxl", "image")),
    (b"<svg", _SVG),
    (b"GIF87a", MediaType("image/gif", "image")),
    (b"GIF89a", MediaType("image/gif", "image")),
    (b"\x1a\x45\xdf\xa3", MediaType("video/webm", "video")),
    (b"fLaC", MediaType("audio/flac", "audio")),
    (b"OggS", MediaType("audio/ogg", "audio")),
    (b"ID3", MediaType("audio/mpeg", "audio")),
)
_MPEG_AUDIO_SYNC = 0xFFE0


def sniff(head: bytes) -> MediaType | None:
    """The media type of a file that begins with `head` (64 bytes are enough), or None if unknown."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _MP4)
    if head[4:8] in _QUICKTIME_BOXES:
        return _MOV
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    if head.startswith(b"<?xml") and b"<svg" in head:
        return _SVG
    is_mpeg_audio = int.from_bytes(head[:2], "big") & _MPEG_AUDIO_SYNC == _MPEG_AUDIO_SYNC
    return MediaType("audio/mpeg", "audio") if len(head) > 3 and is_mpeg_audio else None
