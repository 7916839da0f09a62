"""Erasure in a bucket that keeps versions: every version goes, and the check finds one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generation import storage
from generation.models import DrivingAudio, ErasureReason
from generation.services.erasure.check import find_left
from generation.services.erasure.erase import begin, finish
from provenance.common.clock import now_of_database
from provenance.log.journal import JournalLine
from provenance.services.journal import journal_store
from tests.generation.conftest import stored_audio
from tests.generation.erasure.conftest import BUCKET

pytestmark = pytest.mark.django_db


@pytest.fixture
def audio(bucket: Any, partner_a, tmp_path: Path) -> DrivingAudio:
    return stored_audio(partner_a, tmp_path)


def versions(client: Any) -> list[str]:
    answer = client.list_object_versions(Bucket=BUCKET)
    return [item["Key"] for item in [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]]


@pytest.mark.slow
def test_every_version_goes_and_what_does_not_is_found(bucket: Any, audio: DrivingAudio):
    key = audio.audio_key
    bucket.put_object(Bucket=BUCKET, Key=key, Body=b"an older one")
    bucket.delete_object(Bucket=BUCKET, Key=key)
    bucket.put_object(Bucket=BUCKET, Key=f"{key}-beside-it", Body=b"x")
    assert versions(bucket).count(key) == 3

    begin(audio, reason=ErasureReason.PARTNER_REQUEST, actor_id="system")
    assert finish(audio)
    assert versions(bucket) == [f"{key}-beside-it"]

    bucket.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    bucket.delete_object(Bucket=BUCKET, Key=key)  # hides it
    assert key in {item.name for item in find_left(now_of_database()) if item.kind == "storage"}

    bucket.create_multipart_upload(Bucket=BUCKET, Key="renditions/half.mp4")
    [half] = list(storage.walk("renditions"))
    assert half.is_partial
    storage.remove_stray(half)
    assert list(storage.walk("renditions")) == []

    line = JournalLine("jrn_a", now_of_database(), "consent_withdrawn", "cns_a", {"actor": "system"})
    journal_store().append(line)
    journal_store().append(line)  # after a crash
    assert list(journal_store().read()) == [line]


@pytest.mark.slow
def test_a_bucket_that_does_not_answer_is_an_error_that_is_tried_again(bucket: Any, audio: DrivingAudio):
    begin(audio, reason=ErasureReason.PARTNER_REQUEST, actor_id="system")
    storage.remove(audio.audio_key)
    bucket.delete_bucket(Bucket=BUCKET)
    with pytest.raises(OSError, match="bucket"):
        finish(audio)
