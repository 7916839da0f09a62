"""Detect a file's media type from its first bytes; names and headers are not believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from provenance.manifest.states import STORE_ALONE

# A drawing may begin with a licence and a picture with a list of brands.
HEAD_BYTES = 4096

# A `document` has no frames: nothing in it is looked at but its credentials.
FileKind = Literal["video", "image", "audio", "document"]


@dataclass(frozen=True)
class FileType:
    """A media type that verification can look into; `name` is one that the C2PA reader knows, if it knows
    the type at all.
    """

    name: str
    kind: FileKind


_MP4 = FileType("video/mp4", "video")
_MOV = FileType("video/quicktime", "video")
_M4A = FileType("audio/mp4", "audio")
_MP3 = FileType("audio/mpeg", "audio")
_TIFF = FileType("image/tiff", "image")  # and what cameras make of it: DNG, NEF, ARW
_JXL = FileType("image/jxl", "image")
_JPEG_2000 = FileType("image/jp2", "image")
_AVIF = FileType("image/avif", "image")
_HEIC = FileType("image/heic", "image")
_HEIF = FileType("image/heif", "image")
_SVG = FileType("image/svg+xml", "document")
_PDF = FileType("application/pdf", "document")
ZIP_TYPE = "application/x-zip"  # of which nothing more is known
_ZIP = FileType(ZIP_TYPE, "document")
_MANIFEST = FileType(STORE_ALONE, "document")
_BRANDS = {
    b"qt  ": _MOV,
    b"M4A ": _M4A,
    b"M4B ": _M4A,
    b"M4P ": _M4A,
    b"avif": _AVIF,
    b"avis": _AVIF,
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), _HEIC),
    **dict.fromkeys((b"mif1", b"mif2", b"msf1", b"miaf"), _HEIF),
}
# Fragments of an MP4 by themselves begin with these.
_FRAGMENT_BOXES = {b"styp", b"sidx", b"moof"}
# Old QuickTime files begin with any of these boxes instead of `ftyp`.
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"pnot", b"skip", b"free"}
_RIFF = {
    b"WEBP": FileType("image/webp", "image"),
    b"WAVE": FileType("audio/wav", "audio"),
    b"AVI ": FileType("video/avi", "video"),
}
_PREFIXES: tuple[tuple[bytes, FileType], ...] = (
    (b"\xff\xd8\xff", FileType("image/jpeg", "image")),
    (b"\x89PNG\r\n\x1a\n", FileType("image/png", "image")),
    (b"II*\0", _TIFF),
    (b"MM\0*", _TIFF),
    (b"II+\0", _TIFF),
    (b"MM\0+", _TIFF),
    (b"\0\0\0\x0cJXL ", _JXL),
    (b"\xff\x0a", _JXL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _JPEG_2000),
    (b"\xff\x4f\xff\x51", _JPEG_2000),  # its codestream alone
    (b"GIF87a", FileType("image/gif", "image")),
    (b"GIF89a", FileType("image/gif", "image")),
    (b"\x1a\x45\xdf\xa3", FileType("video/webm", "video")),
    (b"fLaC", FileType("audio/flac", "audio")),
    (b"OggS", FileType("audio/ogg", "audio")),
    (b"ID3", _MP3),
    (b"PK\x05\x06", _ZIP),
)
_MPEG_AUDIO_SYNC = 0xFFE0
_PDF_WITHIN = 1024  # readers of PDF allow something before it
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# One piece of what may stand before the root of an XML document, or before the DOCTYPE that names the root.
_XML_PROLOG = re.compile(r"[\s\ufeff]+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_SVG_ROOT = re.compile(r"<!DOCTYPE\s+(?:[\w.-]+:)?svg\b|<(?:[\w.-]+:)?svg[\s/>]")

_ZIP_ENTRY = b"PK\x03\x04"
_ZIP_NAME_AT = 30
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
# Formats whose first entry holds their name as plain text.
_SELF_NAMED = {
    "application/epub+zip",
    *(
        _OPEN_DOCUMENT + kind + role
        for kind in ("text", "spreadsheet", "presentation", "graphics")
        for role in ("", "-template")
    ),
}
_OFFICE_FOLDERS = {
    b"word/": FileType(_OFFICE + "wordprocessingml.document", "document"),
    b"xl/": FileType(_OFFICE + "spreadsheetml.sheet", "document"),
    b"ppt/": FileType(_OFFICE + "presentationml.presentation", "document"),
}


def sniff(head: bytes) -> FileType | None:
    """The media type of a file that begins with `head` (`HEAD_BYTES` are enough), or None if unknown."""
    box = head[4:8]
    if box == b"ftyp":
        return _by_brand(head)
    if box in _FRAGMENT_BOXES:
        return _MP4
    if box in _QUICKTIME_BOXES:
        return _MOV
    if box == b"jumb" and head[12:20] == b"jumdc2pa":
        return _MANIFEST
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head.startswith(_ZIP_ENTRY):
        return _zip_type(head)
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    if _is_svg(head):
        return _SVG
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return _PDF
    if head.startswith(_UTF16_MARKS):
        return None
    is_mpeg_audio = int.from_bytes(head[:2], "big") & _MPEG_AUDIO_SYNC == _MPEG_AUDIO_SYNC
    return _MP3 if len(head) > 3 and is_mpeg_audio else None


def _by_brand(head: bytes) -> FileType:
    found = _BRANDS.get(head[8:12], _MP4)
    if found is _HEIF:
        # The general brand; one of the compatible ones, after the version, may say how it is encoded.
        end = min(int.from_bytes(head[:4], "big"), len(head))
        others = (_BRANDS.get(head[at : at + 4]) for at in range(16, end, 4))
        found = next((other for other in others if other in (_AVIF, _HEIC)), _HEIF)
    return found


def _is_svg(head: bytes) -> bool:
    encoding = "utf-16" if head.startswith(_UTF16_MARKS) else "utf-8"
    text = head.decode(encoding, errors="replace")
    at = 0
    while piece := _XML_PROLOG.match(text, at):
        at = piece.end()
    return _SVG_ROOT.match(text, at) is not None


def _zip_type(head: bytes) -> FileType:
    """The type of a ZIP file; to the C2PA reader all of them are one."""
    if head[_ZIP_NAME_AT:].startswith(b"mimetype"):
        start = _ZIP_NAME_AT + len(b"mimetype") + int.from_bytes(head[28:30], "little")
        said = head[start : start + int.from_bytes(head[18:22], "little")].decode("ascii", errors="replace")
        return FileType(said.strip(), "document") if said.strip() in _SELF_NAMED else _ZIP
    if b"[Content_Types].xml" in head:
        return next((kind for folder, kind in _OFFICE_FOLDERS.items() if folder in head), _ZIP)
    return _ZIP
