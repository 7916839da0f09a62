"""Receives one uploaded file: to a temporary file in chunks, up to a limit, and deleted afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_noop as _

from provenance.common.errors import CodedError, InvalidInput

_FIELD = "file"
LARGEST_UPLOAD_BYTES = 100 * 1000 * 1000
PIECE_BYTES = 1 << 16
# With which a segment of a segmented video begins.
_SEGMENT_BOXES = {b"styp", b"sidx", b"moof"}
# What the form around the file may add.
LARGEST_BODY_BYTES = LARGEST_UPLOAD_BYTES + 64 * 1024


class FileTooLarge(CodedError):
    """More bytes than verification takes."""

    code = "file_too_large"
    status = 413
    message = "The file is larger than 100 MB."
    hint = "Send a shorter part of the video; the mark is in every part of it."


@contextmanager
def received_file(request: HttpRequest) -> Iterator[Path]:
    """The uploaded file in `field` as a path that lives as long as the block.

    The parts of a segmented video, its beginning and segments in their order, may be sent together, and are
    one file then.

    Must be the first to touch the request's body. Raises `FileTooLarge` as soon as the limit is passed, which
    with an honest Content-Length is before anything is read, and `InvalidInput` when there is no file, or
    there are several that are not such parts.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY_BYTES:
        raise FileTooLarge
    handler = _LimitedUpload(request)
    request.upload_handlers = [handler]
    try:
        uploaded = request.FILES.get(_FIELD)
        if handler.is_too_large:
            raise FileTooLarge
        if not isinstance(uploaded, TemporaryUploadedFile):
            raise InvalidInput(
                _("There is no file in the request."), hint=_("Send multipart/form-data with the field file.")
            )
        files = request.FILES.getlist(_FIELD)
        yield _whole([file for file in files if isinstance(file, TemporaryUploadedFile)])
    except MultiPartParserError as error:
        raise InvalidInput(
            _("The request's body could not be read."), hint=_("Send well-formed multipart/form-data.")
        ) from error
    finally:
        handler.discard()


@contextmanager
def received_body(request: HttpRequest) -> Iterator[Path]:
    """The whole body of a request as a file that lives as long as the block. Raises `FileTooLarge`.

    For calls whose body is the file itself, without a form around it.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_UPLOAD_BYTES:
        raise FileTooLarge
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".upload") as file:
        received = 0
        while piece := request.read(PIECE_BYTES):
            received += len(piece)
            if received > LARGEST_UPLOAD_BYTES:
                raise FileTooLarge
            file.write(piece)
        file.flush()
        yield Path(file.name)


def _whole(files: Sequence[TemporaryUploadedFile]) -> Path:
    """The file, or the parts of one segmented video as one. Raises InvalidInput for other several files."""
    parts = [Path(file.temporary_file_path()) for file in files]
    if len(parts) == 1:
        return parts[0]
    kinds = [_first_box(part) for part in parts]
    if kinds.count(b"ftyp") != 1 or not set(kinds) <= {b"ftyp", *_SEGMENT_BOXES}:
        raise InvalidInput(
            _("Several files were sent, and they are not the parts of one video."),
            hint=_("Send one file at a time."),
        )
    beginning = parts.pop(kinds.index(b"ftyp"))
    with beginning.open("ab") as whole:
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, whole)
    return beginning


def _first_box(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)[4:]


class _LimitedUpload(TemporaryFileUploadHandler):
    """Writes to temporary files like Django's own, counts, and stops the upload at the limit."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.is_too_large = False
        self._received = 0
        self._files: list[TemporaryUploadedFile] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._files.append(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > LARGEST_UPLOAD_BYTES:
            self.is_too_large = True
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)

    def discard(self) -> None:
        """Delete what was received; a second time does nothing."""
        for file in self._files:
            file.close()
