"""The whole way with a real PostgreSQL server and a real server of the S3 protocol instead of files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from config.local_stack import LocalStack
from tests.postgresql_server import postgresql_server
from tests.robustness.observing import FINISHED, wait_until
from tests.robustness.partner_program import consented_inputs, program_of, withdraw
from tools.deployment.storage import start_storage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BUCKET = "likeness-media"


@dataclass(frozen=True)
class Bucket:
    """An empty bucket and how the service is told of it."""

    client: Any
    environment: dict[str, str]

    def folders(self) -> set[str]:
        """What kinds of files are in it, old versions and markers of deleted ones too."""
        found = self.client.list_object_versions(Bucket=BUCKET)
        listed = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        return {item["Key"].partition("/")[0] for item in listed}


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    """A bucket of a server on loopback."""
    with ExitStack() as servers:
        storage = start_storage(tmp_path, servers, "only-on-loopback")
        client = boto3.client(
            "s3",
            endpoint_url=storage.url,
            region_name="us-east-1",
            aws_access_key_id=storage.access_key,
            aws_secret_access_key=storage.secret_key,
        )
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        environment = {
            "LIKENESS_S3_BUCKET": BUCKET,
            "LIKENESS_S3_ENDPOINT_URL": storage.url,
            "LIKENESS_LOG_MARK_CALLBACK": storage.mark_callback,
            "LIKENESS_S3_REGION": "us-east-1",
            "LIKENESS_S3_ACCESS_KEY": storage.access_key,
            "LIKENESS_S3_SECRET_KEY": storage.secret_key,
        }
        yield Bucket(client, environment)


@pytest.fixture
def stack(bucket: Bucket, tmp_path: Path) -> Iterator[LocalStack]:
    """A Likeness that keeps nothing but keys on this disk."""
    with postgresql_server() as database_url:
        environment = {
            **bucket.environment,
            "LIKENESS_DATABASE_URL": database_url,
            "LIKENESS_VIDEO_SIZE": "256",
            "LIKENESS_KEEP_SOURCES_DAYS": "0",
            "LIKENESS_KEEP_VIDEOS_DAYS": "0",
            "LIKENESS_KEEP_LIVE_RECORDINGS_DAYS": "0",
        }
        with LocalStack(tmp_path / "data", port=0, environment=environment) as running:
            yield running


def verdict(stack: LocalStack, video: Path) -> str:
    """What the public API says."""
    with video.open("rb") as file:
        answer = requests.post(f"{stack.base_url}/v1/verify", files={"file": file}, timeout=60)
    return str(answer.json()["verdict"])


def manage_together(stack: LocalStack, *commands: list[str]) -> str:
    """Management commands one after the other in one process, which loads the service once; what they print.

    One that fails ends it. Raises StackDidNotStart then.
    """
    lines = ["from django.core.management import call_command"]
    lines += [f"call_command(*{command})" for command in commands]
    return stack.manage("shell", "--verbosity", "0", "-c", "\n".join(lines))


def test_a_video_is_made_checked_withdrawn_and_erased(stack, bucket, portrait_file, speech_file, tmp_path):
    partner = program_of(stack, json.loads(stack.manage("seed_demo")))
    inputs = consented_inputs(partner, portrait_file, speech_file, max_videos=1)

    job = partner.call("POST", "/jobs", json=inputs.order)
    wait_until(lambda: partner.job(job["id"])["state"] in FINISHED, "The end of the job", every_s=0.5)
    job = partner.job(job["id"])
    assert job["state"] == "released", job["failure"]
    assert partner.videos_used(inputs.portrait_id) == 1

    address = f"/renditions/{job['rendition_id']}/file"
    whole = partner.send("GET", address)
    part = requests.get(
        f"{stack.base_url}/v1{address}",
        headers={"Authorization": f"Bearer {partner.api_key}", "Range": "bytes=1000-1999"},
        timeout=30,
    )
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    video = tmp_path / "video.mp4"
    video.write_bytes(whole.content)
    assert verdict(stack, video) == "ours_intact"
    assert json.loads(stack.manage("verify_video", str(video), "--json"))["verdict"] == "ours_intact"

    withdraw(inputs.receipt)
    assert verdict(stack, video) == "ours_withdrawn"
    assert partner.job(job["id"])["state"] == "revoked"
    assert partner.send("GET", address).status_code == 409
    assert bucket.folders() == {
        "log",
        "portraits",
        "stills",
        "driving-audio",
        "live-recordings",
        "renditions",
    }
    manage_together(stack, ["retention"], ["retention", "--check"])
    assert bucket.folders() == {"log"}
    assert partner.send("GET", address).status_code == 410
    assert verdict(stack, video) == "ours_withdrawn"
    dumpdata = ["dumpdata", "accounts.subject", "accounts.contact", "generation"]
    rows = manage_together(stack, dumpdata, ["auditlog_fsck"])
    assert inputs.portrait_id in rows
    assert "@mail.example" not in rows
    assert not (stack.data_dir / "media").exists()
    assert not (stack.data_dir / "likeness.sqlite3").exists()
