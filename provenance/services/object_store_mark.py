"""The log's high-water mark in the S3 bucket of the media, for services beyond one machine.

For `LIKENESS_LOG_MARK_CALLBACK`. The object is written with a condition on what it replaces (If-Match,
If-None-Match), so that of two writers one is refused. A store that does not know these conditions, or writes
in spite of them, keeps no mark. Switch versioning on for the bucket, and restore this object from no backup.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from provenance.log.mark import MAX_MARK_BYTES

if TYPE_CHECKING:
    from provenance.log.mark import MarkStore

NAME = "log/mark"
PROBE = "log/mark-conditions"
_MISSING = frozenset({"NoSuchKey", "404"})
_REFUSED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


def mark_in_media_bucket() -> MarkStore:
    """The mark's store. Raises ImproperlyConfigured where the media are in no bucket."""
    options = cast("dict[str, Any]", settings.STORAGES["media"]).get("OPTIONS", {})
    if "bucket_name" not in options:
        raise ImproperlyConfigured("mark_in_media_bucket needs LIKENESS_S3_BUCKET.")
    place = {"endpoint_url": options["endpoint_url"], "region_name": options["region_name"]}
    keys = {"aws_access_key_id": options["access_key"], "aws_secret_access_key": options["secret_key"]}
    return _store(os.getpid(), options["bucket_name"], **place, **keys)


@cache
def _store(process: int, bucket: str, **place: str) -> ObjectMarkStore:
    """One for each process, since a client's connections do not outlive a fork."""
    return ObjectMarkStore(boto3.client("s3", **place), bucket)


class ObjectMarkStore:
    """A mark in one object of a bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._keeps_conditions = False

    def read(self) -> bytes | None:
        """The object's bytes, or None without one. Raises OSError when the store does not answer."""
        return self._read()[0]

    def replace(self, before: bytes | None, after: bytes) -> bool:
        """As `MarkStore.replace`: the store refuses when another writer was faster."""
        self._require_conditions()
        found, etag = self._read()
        if found != before:
            return False
        return self._put(NAME, after, {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag})

    def _require_conditions(self) -> None:
        """Raise OSError unless the store refuses what a condition forbids: once for each process."""
        if self._keeps_conditions:
            return
        self._put(PROBE, b"", {"IfNoneMatch": "*"})  # so that there is one
        for condition in ({"IfNoneMatch": "*"}, {"IfMatch": f'"{"0" * 32}"'}):
            if self._put(PROBE, b"", condition):
                raise OSError(
                    "The bucket's store writes in spite of If-Match and If-None-Match, so two writers would "
                    "both be let through: it cannot keep the log's high-water mark."
                )
        self._keeps_conditions = True

    def _put(self, name: str, data: bytes, condition: dict[str, str]) -> bool:
        """Write an object; False where its condition does not hold. Raises OSError."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=name, Body=data, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _REFUSED:
                return False
            raise OSError(f"The high-water mark cannot be written: {error}") from error
        except BotoCoreError as error:
            raise OSError(f"The high-water mark cannot be written: {error}") from error
        return True

    def _read(self) -> tuple[bytes | None, str | None]:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=NAME)
            return answer["Body"].read(MAX_MARK_BYTES), answer["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None, None
            raise OSError(f"The high-water mark cannot be read: {error}") from error
        except BotoCoreError as error:
            raise OSError(f"The high-water mark cannot be read: {error}") from error
