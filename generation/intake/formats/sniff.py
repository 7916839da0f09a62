"""Tells the format of an upload by its content; what the sender calls it only draws a warning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from generation.intake.formats.containers import container_format, packet_format, tagged_format
from generation.intake.formats.iso_bmff import iso_format
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS, MediaFormat
from generation.intake.formats.mpeg_audio import mpeg_audio_format
from generation.intake.formats.pictures import picture_format, tiff_format
from generation.intake.formats.wave_family import wave_format
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning
from provenance.common.errors import gettext_noop as _

HEAD_BYTES = 64
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_KNOWN_SUFFIXES = frozenset(suffix for one in (*PORTRAIT_FORMATS, *AUDIO_FORMATS) for suffix in one.suffixes)


@dataclass(frozen=True)
class Sniffed:
    """The format that a file's content shows, and a warning when the sender calls it another."""

    format: MediaFormat
    warnings: tuple[IntakeWarning, ...]


def sniff(source: Path, accepted: tuple[MediaFormat, ...], *, name: str, content_type: str) -> Sniffed:
    """The format of the file `source` among the `accepted` ones.

    `name` and `content_type` are what the sender claims; empty claims nothing. Raises IntakeRefused with
    file_empty, file_type_unsupported, or file_type_mismatch for content of no accepted format that is called
    one.
    """
    size = source.stat().st_size
    if not size:
        raise IntakeRefused.because(IntakeCode.FILE_EMPTY)
    suffix = PurePath(name).suffix.lower()
    claimed = content_type.partition(";")[0].strip().lower()
    with source.open("rb") as file:
        found = _by_content(file, size)
    if found not in accepted:
        is_claimed = any(suffix in one.suffixes or claimed in one.content_types for one in accepted)
        is_named_wrongly = found is None and is_claimed
        raise IntakeRefused.because(
            IntakeCode.FILE_TYPE_MISMATCH if is_named_wrongly else IntakeCode.FILE_TYPE_UNSUPPORTED
        )
    assert found is not None  # noqa: S101 - None is not among the accepted
    return Sniffed(found, tuple(_remarks(found, suffix, claimed)))


def _by_content(file: BinaryIO, size: int) -> MediaFormat | None:
    head = file.read(HEAD_BYTES)
    return (
        picture_format(head)
        or wave_format(head)
        or container_format(head)
        or tiff_format(file, size)
        or iso_format(file, size)
        or tagged_format(file, size)
        or packet_format(file, size)
        or mpeg_audio_format(file, size)
    )


def _remarks(found: MediaFormat, suffix: str, claimed: str) -> list[IntakeWarning]:
    # A name may hold dots that begin no suffix ("Anna M. Meyer"); many programs send a wrong content type.
    is_named_otherwise = suffix in _KNOWN_SUFFIXES and suffix not in found.suffixes
    is_sent_otherwise = claimed not in _SAYS_NOTHING and claimed not in found.content_types
    if not (is_named_otherwise or is_sent_otherwise):
        return []
    called = suffix if is_named_otherwise else claimed[:60]
    sentence = _("The file is called {name}, but what is in it is {kind}.")
    return [IntakeWarning("named_otherwise", sentence.format(name=called, kind=found.label))]
