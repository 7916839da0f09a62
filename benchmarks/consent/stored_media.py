"""What a service has stored, on a disk or in a bucket, and where in it pieces of other files are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3

from tools.deployment.storage import start_storage

BUCKET, SECRET = "likeness-drill", "only-on-loopback"
LOG = "log/"  # of the media's storage: checkpoints, mark and journal, and nobody's picture
# Messages on localhost are kept for a day, and what is published has no names in it.
NOT_SEARCHED = ("mail", "staticfiles", "keys")
PIECE_BYTES, LEAST_VALUES = 48, 24  # of a piece that is searched for, and how many of its bytes differ


class Media:
    """The stored files: in a folder, or in a bucket with every version of each object."""

    def __init__(self, folder: Path, client: Any = None) -> None:
        self._folder, self._client = folder, client

    @property
    def is_in_a_bucket(self) -> bool:
        """Whether the data folder does not hold them."""
        return self._client is not None

    def files(self) -> dict[str, bytes]:
        """What is stored, by place, but for the log's own files."""
        if self._client is None:
            found = {str(path.relative_to(self._folder)): path for path in self._folder.rglob("*")}
            return {
                name: path.read_bytes()
                for name, path in found.items()
                if path.is_file() and not name.startswith(LOG)
            }
        listed = self._client.list_object_versions(Bucket=BUCKET)
        stored = {f"{one['Key']} deleted": b"" for one in listed.get("DeleteMarkers", [])}
        for one in listed.get("Versions", []):
            place = {"Bucket": BUCKET, "Key": one["Key"], "VersionId": one["VersionId"]}
            stored[one["Key"]] = self._client.get_object(**place)["Body"].read()
        return {name: data for name, data in stored.items() if not name.startswith(LOG)}

    def put_back(self, files: Mapping[str, bytes]) -> None:
        """Store what a backup holds."""
        for name, data in files.items():
            if self._client is not None:
                self._client.put_object(Bucket=BUCKET, Key=name, Body=data)
            else:
                path = self._folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def versioned_bucket(folder: Path, servers: ExitStack) -> tuple[Any, dict[str, str], str]:
    """A client of an empty bucket with versions, the settings of a service that uses it, and whose it is."""
    storage = start_storage(folder, servers, SECRET)
    place = {"endpoint_url": storage.url, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": storage.access_key, "aws_secret_access_key": storage.secret_key}
    client = boto3.client("s3", **place, **keys)  # type: ignore[call-overload]
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    settings = {
        "LIKENESS_S3_BUCKET": BUCKET,
        "LIKENESS_S3_ENDPOINT_URL": place["endpoint_url"],
        "LIKENESS_LOG_MARK_CALLBACK": storage.mark_callback,
        "LIKENESS_S3_REGION": place["region_name"],
        "LIKENESS_S3_ACCESS_KEY": storage.access_key,
        "LIKENESS_S3_SECRET_KEY": storage.secret_key,
    }
    return client, settings, storage.told


def pieces_of(contents: list[bytes]) -> Iterator[bytes]:
    """Three pieces of each content, from places that no other file has."""
    for data in contents:
        for part in (1, 2, 3):
            for start in range(len(data) * part // 4, len(data) - PIECE_BYTES, PIECE_BYTES):
                piece = data[start : start + PIECE_BYTES]
                if len(set(piece)) >= LEAST_VALUES:
                    yield piece
                    break


def places_of(data: Path, media: Media, pieces: list[bytes]) -> Iterator[str]:
    """Where any of the pieces is, in the data folder or the bucket."""
    contents = {
        path.relative_to(data).as_posix(): path
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.relative_to(data).parts[0] not in NOT_SEARCHED
    }
    for place, path in contents.items():
        content = path.read_bytes()
        if any(piece in content for piece in pieces):
            yield place
    for place, content in media.files().items() if media.is_in_a_bucket else ():
        if any(piece in content for piece in pieces):
            yield f"bucket: {place}"
