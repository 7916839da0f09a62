"""How a file holds what it plays: its tracks, and what players do to the picture that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provenance.verify.evidence.reader_report import ContainerReport
from provenance.verify.reader.containers import (
    COVERS,
    is_damaged_webp,
    open_untrusted,
    playing_pictures,
    playing_sounds,
)
from provenance.verify.reader.mp4_index import Mp4Index, Mp4Track


def container_report(path: Path, index: Mp4Index) -> ContainerReport:
    """How the file at `path` holds what it plays; `index` is that of an MP4, and empty for other files.

    Raises `av.error.FFmpegError`.
    """
    with open_untrusted(path) as container:
        pictures, sounds = playing_pictures(container), playing_sounds(container)
        videos, heard = list(container.streams.video), list(container.streams.audio)
        texts, chapters = len(container.streams.subtitles), len(container.chapters())
    of_pictures = [track for track in index.tracks if track.handler == b"vide"]
    return ContainerReport(
        pictures=sum(not one.disposition & COVERS for one in videos),
        sounds=len(heard),
        is_picture_unclear=len(pictures) > 1 or index.indexes > 1,
        is_sound_unclear=len(sounds) > 1 or index.indexes > 1,
        is_cover=bool(videos) and all(one.disposition & COVERS for one in videos),
        turn=_turn(of_pictures),
        is_cut=any(track.is_cut for track in index.tracks if track.handler in {b"vide", b"soun"}),
        is_media_uncovered=index.is_media_uncovered,
        is_elsewhere=any(track.is_elsewhere for track in index.tracks),
        texts=texts,
        chapters=chapters,
        is_damaged=is_damaged_webp(path),
    )


def _turn(tracks: Sequence[Mp4Track]) -> int | None:
    """By how many degrees players turn the picture; None for anything else that they do to it."""
    turns = {track.turn for track in tracks if track.is_enabled} or {track.turn for track in tracks} or {0}
    return turns.pop() if len(turns) == 1 else None
