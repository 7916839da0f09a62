"""Begins resumable uploads, takes their pieces in, and hands the whole file to the call that uses it."""

from __future__ import annotations

import base64
import binascii
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.access.policy import require_active, require_partner
from accounts.models import Partner
from generation import storage
from generation.admission.quotas import require_room
from generation.models import ResumableUpload
from generation.services.resumable.refusals import (
    TooManyUploads,
    UploadIncomplete,
    UploadOffsetDiffers,
    UploadPieceTooSmall,
    UploadTooLarge,
)
from provenance.common.errors import CodedError, InvalidInput, NotFound
from provenance.common.uploads import LARGEST_UPLOAD_BYTES

FOLDER: Final = "uploads"
KEPT_FOR: Final = timedelta(days=1)  # after the last piece
LONGEST: Final = timedelta(days=7)  # that an upload may take
MOST_OPEN: Final = 20  # of one partner
# Without a piece for so long, an upload makes room for another where there are so many.
GIVEN_UP_AFTER: Final = timedelta(hours=1)
LEAST_PIECE_BYTES: Final = 256 * 1024
READ_BYTES: Final = 1 << 20

logger = logging.getLogger(__name__)


class Body(Protocol):
    """What a piece is read from: a request, or an open file."""

    def read(self, size: int, /) -> bytes: ...


def begin_upload(*, actor: Actor, length: int, metadata: str) -> ResumableUpload:
    """Announce a file of `length` bytes. `metadata` is tus's: names and base64, comma-separated.

    Of too many, the one that has waited longest for a piece goes, if that is GIVEN_UP_AFTER and more.

    Raises UploadTooLarge, TooManyUploads, StorageUsedUp, InvalidInput.
    """
    partner = require_partner(actor)
    require_active(partner)
    require_room(partner)
    if length < 1:
        raise InvalidInput("Upload-Length must be at least 1.")
    if length > LARGEST_UPLOAD_BYTES:
        raise UploadTooLarge
    said = _metadata(metadata)
    now = timezone.now()
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner.pk)  # they are counted one after the other
        is_open = ResumableUpload.objects.filter(partner=partner, expires_at__gt=now).order_by("expires_at")
        if is_open.count() >= MOST_OPEN:
            given_up = is_open.filter(expires_at__lte=now + KEPT_FOR - GIVEN_UP_AFTER).first()
            if given_up is None:
                raise TooManyUploads
            given_up.delete()
            transaction.on_commit(lambda: _remove(given_up.parts), robust=True)
        return ResumableUpload.objects.create(
            partner=partner,
            length=length,
            filename=said.get("filename", "")[:200],
            content_type=said.get("filetype", "")[:100],
            expires_at=now + KEPT_FOR,
        )


def upload_of(actor: Actor, upload_id: str) -> ResumableUpload:
    """One open upload of the caller's organisation. Raises NotFound."""
    partner = require_partner(actor)
    found = ResumableUpload.objects.filter(
        partner=partner, pk=upload_id, expires_at__gt=timezone.now()
    ).first()
    if found is None:
        raise NotFound
    return found


def append_piece(*, actor: Actor, upload_id: str, offset: int, body: Body) -> ResumableUpload:
    """Take the next piece in. A piece counts whole or not at all.

    Raises NotFound, UploadOffsetDiffers, UploadTooLarge, UploadPieceTooSmall.
    """
    upload = upload_of(actor, upload_id)
    if offset != upload.offset:
        raise UploadOffsetDiffers
    with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
        path = Path(folder, "piece")
        size = _received(body, path, most=upload.length - offset)
        if not size:
            return upload
        if size < LEAST_PIECE_BYTES and offset + size < upload.length:
            raise UploadPieceTooSmall
        key = storage.store(f"{FOLDER}/{upload.pk}", path, ".part")
    # Of two that send the same piece at once, one counts.
    taken = ResumableUpload.objects.filter(pk=upload.pk, offset=offset).update(
        offset=offset + size,
        parts=[*upload.parts, key],
        expires_at=min(timezone.now() + KEPT_FOR, upload.created_at + LONGEST),
    )
    if not taken:
        raise UploadOffsetDiffers
    upload.refresh_from_db()
    return upload


def drop_upload(*, actor: Actor, upload_id: str) -> None:
    """End an upload and remove what arrived of it. Raises NotFound."""
    _drop(upload_of(actor, upload_id))


def drop_expired(at: datetime) -> int:
    """Drop what nobody used for a day; how many."""
    expired = list(ResumableUpload.objects.filter(expires_at__lte=at))
    for upload in expired:
        _drop(upload)
    return len(expired)


def parts_in_use() -> set[str]:
    """The keys of all pieces that an upload has."""
    return {key for parts in ResumableUpload.objects.values_list("parts", flat=True) for key in parts}


@contextmanager
def sent_file(
    *, actor: Actor, file: UploadedFile[bytes] | None, upload_id: str
) -> Iterator[UploadedFile[bytes]]:
    """The file of a call: sent with it, or uploaded before. An upload is used up when the block succeeds.

    Raises InvalidInput for both, CodedError for neither, NotFound, UploadIncomplete.
    """
    hint = "Send one of file and upload_id."
    if file is None and not upload_id:
        # As where any other field is missing that has to be there.
        raise CodedError(
            "Send a file, or the id of an upload.", code="invalid_request", status=422, hint=hint
        )
    if file is not None and upload_id:
        raise InvalidInput("Send a file, or the id of an upload.", hint=hint)
    if file is not None:
        yield file
        return
    upload = upload_of(actor, upload_id)
    if not upload.is_complete:
        raise UploadIncomplete
    name = upload.filename.replace("\\", "/").rpartition("/")[2].strip(". ") or "upload"
    with TemporaryUploadedFile(name, upload.content_type, upload.length, None) as whole:
        for key in upload.parts:
            with storage.open_file(key) as part:
                while piece := part.read(READ_BYTES):
                    whole.write(piece)
        whole.seek(0)
        yield whole
    _drop(upload)


def _drop(upload: ResumableUpload) -> None:
    """Remove row and pieces."""
    upload.delete()
    _remove(upload.parts)


def _remove(parts: list[str]) -> None:
    """Remove pieces; one that is left is a stray and is swept."""
    for key in set(parts):
        try:
            storage.remove(key)
        except OSError:
            logger.exception("A piece of an upload could not be removed: %s", key)


def _received(body: Body, path: Path, *, most: int) -> int:
    size = 0
    with path.open("wb") as written:
        while piece := body.read(READ_BYTES):
            size += len(piece)
            if size > most:
                raise UploadTooLarge
            written.write(piece)
    return size


def _metadata(text: str) -> dict[str, str]:
    """Names and values of tus's Upload-Metadata. Raises InvalidInput."""
    found = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode().replace("\0", "")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise InvalidInput(
                "Upload-Metadata cannot be read.", hint="Write names and base64 values, comma-separated."
            ) from error
    return found
