"""The erasure journal in the S3 bucket of the media: one object an entry, under `log/erasures/`.

Used wherever the media are in a bucket. Restore these objects from no backup.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import storages

from provenance.log.journal import JournalLine, parse_line

FOLDER = "log/erasures/"


def bucket_of_media() -> Any | None:
    """The bucket that the media are in, or None where they are on a disk."""
    return getattr(storages["media"], "bucket", None)


class ObjectJournalStore:
    """A journal of objects. Their names begin with the time, so that a listing is in order."""

    def __init__(self, bucket: Any) -> None:
        self._bucket = bucket

    def append(self, line: JournalLine) -> None:
        """As `JournalStore.append`."""
        stamp = line.time.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        try:
            self._bucket.put_object(Key=f"{FOLDER}{stamp}-{line.entry_id}", Body=line.to_bytes())
        except (ClientError, BotoCoreError) as error:
            raise OSError(f"The erasure journal cannot be written: {error}") from error

    def read(self) -> Iterator[JournalLine]:
        """As `JournalStore.read`."""
        try:
            for item in self._bucket.objects.filter(Prefix=FOLDER):
                yield parse_line(cast("bytes", item.get()["Body"].read()))
        except (ClientError, BotoCoreError) as error:
            raise OSError(f"The erasure journal cannot be read: {error}") from error
