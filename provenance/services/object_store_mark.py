"""The log's high-water mark in the S3 bucket of the media, for services beyond one machine.

For `LIKENESS_LOG_MARK_CALLBACK`. The object is written with a condition on what it replaces (If-Match,
If-None-Match), so that of two writers one is refused. Switch versioning on for the bucket, and restore this
object from no backup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from provenance.log.mark import MAX_MARK_BYTES

if TYPE_CHECKING:
    from provenance.log.mark import MarkStore

NAME = "log/mark"
_MISSING = frozenset({"NoSuchKey", "404"})
_REFUSED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


def mark_in_media_bucket() -> MarkStore:
    """The mark's store. Raises ImproperlyConfigured where the media are in no bucket."""
    options = cast("dict[str, Any]", settings.STORAGES["media"]).get("OPTIONS", {})
    if "bucket_name" not in options:
        raise ImproperlyConfigured("mark_in_media_bucket needs LIKENESS_S3_BUCKET.")
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name=options["region_name"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
    )
    return ObjectMarkStore(client, options["bucket_name"])


class ObjectMarkStore:
    """A mark in one object of a bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self) -> bytes | None:
        """The object's bytes, or None without one. Raises OSError when the store does not answer."""
        return self._read()[0]

    def replace(self, before: bytes | None, after: bytes) -> bool:
        """As `MarkStore.replace`: the store refuses when another writer was faster."""
        found, etag = self._read()
        if found != before:
            return False
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            self._client.put_object(Bucket=self._bucket, Key=NAME, Body=after, **condition)
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
