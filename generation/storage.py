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
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

READ_BYTES = 1024 * 1024


class StoredFileDamaged(Exception):
    """The bytes under a key do not hash to that key. `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The stored file {key} does not hold what was stored.")
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
    complete.
    """
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
    """Remove a blob; one that is not there is gone already."""
    media().delete(key)


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
    with tempfile.TemporaryDirectory(prefix="likeness-") as folder:
        if isinstance(storage, FileSystemStorage):
            path = Path(storage.path(key))
        else:
            path = Path(folder) / Path(key).name
            with storage.open(key, "rb") as read, path.open("wb") as written:
                shutil.copyfileobj(read, written, READ_BYTES)
        if sha256_of(path) != Path(key).stem:
            raise StoredFileDamaged(key)
        yield path
