"""Serves stored videos, with range requests, stills of portraits and motion tracks over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext_noop as _

from accounts.errors import MediaErased
from generation import storage
from generation.models import DrivingAudio, KeptSession, Portrait, Rendition
from generation.pipeline.still_frames import read_stills
from provenance.common.errors import NotFound

PIECE_BYTES = 256 * 1024
# Eighteen digits count more bytes than any file has; Python refuses to read thousands of them.
_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def rendition_file(
    request: HttpRequest, rendition: Rendition | KeptSession, *, as_attachment: bool
) -> HttpResponseBase:
    """The video, or the part of it that the Range header asks for. The caller has checked who asks.

    Several ranges, or an If-Range with another version, give the whole file, as RFC 9110 allows. Raises
    MediaErased.
    """
    if rendition.is_erased:
        raise MediaErased(_("This video was erased."))
    size, etag = rendition.size_bytes, f'"{rendition.sha256}"'
    wanted = _range(request, size, etag)
    response: HttpResponseBase
    if wanted is None:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    elif request.method == "HEAD":
        response = HttpResponse(content_type="video/mp4")
    else:
        start, end = wanted
        response = StreamingHttpResponse(
            _pieces(storage.open_file(rendition.file_key), start, end), content_type="video/mp4"
        )
    if wanted is not None:
        start, end = wanted
        response.headers["Content-Length"] = str(end - start)
        if (start, end) != (0, size):
            response.status_code = 206
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    disposition = "attachment" if as_attachment else "inline"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{rendition.id}.mp4"'
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    # A released video can be revoked, so nobody in between keeps a copy.
    response.headers["Cache-Control"] = "private, no-store"
    return response


def still_file(portrait: Portrait) -> FileResponse:
    """The neutral still of a portrait. The caller has checked who asks. Raises NotFound for old portraits."""
    if not portrait.still_key:
        raise NotFound(
            _("This portrait was taken in before there were stills."),
            hint=_("Upload the same picture again; the portrait stays the same."),
        )
    response = FileResponse(storage.open_file(portrait.still_key), content_type="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def frames_file(rendition: Rendition, seconds: tuple[float, ...]) -> HttpResponse:
    """Small frames of a video at these seconds, beside each other in one JPEG. The caller has checked who
    asks.

    Raises FileNotFoundError, StoredFileDamaged, IsolatedFailure and ReaderLate.
    """
    with storage.local_path(rendition.file_key) as path:
        response = HttpResponse(read_stills(path, seconds), content_type="image/jpeg")
    # It can be withdrawn, so nobody in between keeps a copy.
    response.headers["Cache-Control"] = "private, no-store"
    return response


def motion_file(driving_audio: DrivingAudio) -> FileResponse:
    """The motion track of a recording, to keep. The caller has checked who asks. Raises NotFound."""
    if not driving_audio.motion_key:
        raise NotFound(_("This recording has no motion track."))
    response = FileResponse(
        storage.open_file(driving_audio.motion_key),
        content_type="text/csv",
        as_attachment=True,
        filename=f"{driving_audio.pk}.csv",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """The wanted bytes as start and end (exclusive); None when the file has no such bytes."""
    match = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or match.group(0) == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return 0, size
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else None
    start, end = int(first), min(int(last), size - 1) + 1 if last else size
    return (start, end) if start < end else None


def _pieces(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece
