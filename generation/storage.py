"""Content-addressed file storage on disk or in S3 (the storage called "media").

A key is made from the SHA-256 of the content, so storing the same bytes twice is one file, and a file under
its key never changes. Nothing else in the project knows folders or buckets.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction

READ_BYTES = 1024 * 1024
# Every folder that files are stored in here. Each is walked for what should be gone (erasure/strays.py).
KINDS: Final = frozenset(
    {
        "portraits",
        "stills",
        "driving-audio",
        "motion-tracks",
        "renditions",
        "live-sessions",
        "live-recordings",
        "face-registrations",
        "segments",
        "uploads",
    }
)


class StoredFileDamaged(Exception):
    """The bytes under a key do not hash to that key. `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The stored file {key} does not hold what was stored.")
        self.key = key


class StillStored(OSError):
    """Something is left under a key that was to be removed. `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The storage still holds {key}.")
        self.key = key


def media() -> Storage:
    """The storage that all blobs are in."""
    return storages["media"]


def sha256_of(path: Path) -> str:
    """The lower-case hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_for(kind: str, sha256: str, suffix: str) -> str:
    """The key of a blob: `kind` is a folder such as "portraits", `suffix` an extension such as ".png"."""
    return f"{kind}/{sha256[:2]}/{sha256[2:4]}/{sha256}{suffix}"


def store(kind: str, source: Path, suffix: str) -> str:
    """Store a file under the key made from its content and return the key. Storing it again changes nothing.

    On disk the bytes are written to a temporary name in the same folder, flushed and moved into place, so
    that a killed process never leaves half a file under a key. S3 shows an object only when its upload is
    complete. Raises ValueError for a kind that is not in `KINDS`: nobody would erase it.
    """
    if kind.partition("/")[0] not in KINDS:
        raise ValueError(f"{kind} is no kind of file that is erased; add it to KINDS.")
    key = key_for(kind, sha256_of(source), suffix)
    storage = media()
    if storage.exists(key):
        return key
    if isinstance(storage, FileSystemStorage):
        _store_on_disk(Path(storage.path(key)), source)
    else:
        with source.open("rb") as file:
            storage.save(key, File(file))
    return key


def _store_on_disk(target: Path, source: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        with source.open("rb") as read, temporary.open("xb") as written:
            shutil.copyfileobj(read, written, READ_BYTES)
            written.flush()
            os.fsync(written.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def open_file(key: str) -> IO[bytes]:
    """The blob, opened for reading. Raises FileNotFoundError when there is none under `key`."""
    return media().open(key, "rb")


def remove(key: str) -> None:
    """Remove a blob with every version that the storage keeps of it; one that is not there is gone already.

    A bucket with versioning only hides what is deleted by name, so each version is deleted by its own.
    Raises StillStored when something is left.
    """
    storage = media()
    bucket = getattr(storage, "bucket", None)
    if bucket is None:
        storage.delete(key)
    else:
        with _errors_of_bucket():
            for version in _versions(bucket, key):
                version.delete()
    if is_stored(key):
        raise StillStored(key)


def is_stored(key: str) -> bool:
    """Whether the storage holds a blob, or any version of one, under a key. Raises OSError."""
    storage = media()
    bucket = getattr(storage, "bucket", None)
    if bucket is None:
        return storage.exists(key)
    with _errors_of_bucket():
        return bool(_versions(bucket, key))


@contextmanager
def _errors_of_bucket() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise OSError(f"The bucket does not do what it was asked: {error}") from error


def _versions(bucket: Any, key: str) -> list[Any]:
    """Every version and delete marker of exactly this key."""
    return [item for item in bucket.object_versions.filter(Prefix=key) if item.object_key == key]


@dataclass(frozen=True)
class StoredFile:
    """A file in the storage as a walk finds it: versions and unfinished uploads of a bucket are files too."""

    key: str
    written_at: datetime
    is_partial: bool = False


def walk(folder: str) -> Iterator[StoredFile]:
    """Everything that is stored under a folder, whether or not anything refers to it."""
    storage = media()
    bucket = getattr(storage, "bucket", None)
    if bucket is None:
        yield from _walk_disk(Path(storage.path(folder)), Path(storage.path("")))
        return
    with _errors_of_bucket():
        for item in bucket.object_versions.filter(Prefix=f"{folder}/"):
            yield StoredFile(item.object_key, item.last_modified)
        for upload in bucket.multipart_uploads.all():
            if upload.object_key.startswith(f"{folder}/"):
                yield StoredFile(upload.object_key, upload.initiated, is_partial=True)


def _walk_disk(folder: Path, root: Path) -> Iterator[StoredFile]:
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file():
                written_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
                yield StoredFile(
                    path.relative_to(root).as_posix(), written_at, is_partial=path.name.startswith(".")
                )
        except FileNotFoundError:  # moved into place or removed since it was listed
            continue


def remove_stray(file: StoredFile) -> None:
    """Remove what `walk` found. Raises StillStored."""
    bucket = getattr(media(), "bucket", None)
    if file.is_partial and bucket is not None:
        with _errors_of_bucket():
            for upload in bucket.multipart_uploads.all():
                if upload.object_key == file.key:
                    upload.abort()
    else:
        remove(file.key)


def lock(key: str) -> None:
    """Keep others from storing or erasing a blob until the present transaction ends.

    Two partners can hold the same file, and one key is one file: whoever erases it must know that nobody is
    just about to refer to it. SQLite needs nothing: its transactions hold the only write lock.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("storage.lock must be called inside transaction.atomic.")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"media {key}".encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def size_of(key: str) -> int:
    """The size of a blob in bytes."""
    return media().size(key)


@contextmanager
def local_path(key: str) -> Iterator[Path]:
    """A path on this machine with the blob's content, for libraries that need a file.

    On disk this is the stored file itself: read it, never write it. From S3 it is a temporary copy, gone
    afterwards. Raises FileNotFoundError when there is no such blob and StoredFileDamaged when its content
    does not fit its key.
    """
    storage = media()
    with tempfile.TemporaryDirectory(prefix="likeness-media-") as folder:
        if isinstance(storage, FileSystemStorage):
            path = Path(storage.path(key))
        else:
            path = Path(folder) / Path(key).name
            with storage.open(key, "rb") as read, path.open("wb") as written:
                shutil.copyfileobj(read, written, READ_BYTES)
        if sha256_of(path) != Path(key).stem:
            raise StoredFileDamaged(key)
        yield path
