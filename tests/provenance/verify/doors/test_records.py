"""The record of a rendition: sealed once, released once, withdrawn once, and each step in the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from provenance.common.errors import NotFound
from provenance.keys.key_creation import TIMESTAMP_CHAIN_FILE, TIMESTAMP_KEY_FILE
from provenance.log.entries import LogEvent
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import serving
from provenance.models import LogEntry, Record, RecordState
from provenance.selectors.evidence import is_in_log
from provenance.services.records import (
    NotTimeStamped,
    RecordConflict,
    new_watermark_id,
    release_record,
    seal_record,
    withdraw_record,
)
from provenance.watermark.coding.payload import format_watermark_id
from tests.provenance.clips import moving_frames
from tests.provenance.sealing import SealedClip, make_sealed_clip, seal


def events() -> list[str]:
    return list(LogEntry.objects.order_by("index").values_list("event", flat=True))


def test_sealing_writes_record_and_entry(sealed: Record) -> None:
    assert events() == [LogEvent.RENDITION_SEALED]
    assert sealed.state == RecordState.SEALED
    assert sealed.watermark_id == "fedcba987654"
    assert is_in_log(sealed)


def test_sealing_the_same_file_twice_changes_nothing(sealed: Record, clip: SealedClip) -> None:
    assert seal(clip) == sealed
    assert len(events()) == 1


def test_a_rendition_is_sealed_with_one_file_only(sealed: Record, clip: SealedClip) -> None:
    with pytest.raises(RecordConflict):
        seal_record(
            rendition_id=clip.rendition_id,
            watermark_id=clip.watermark_id,
            watermark_year=2026,
            watermark_version=2,
            content_prints=b"",
            file_sha256="0" * 64,
            size_bytes=1,
            duration_s=1.0,
            manifest=b"",
            manifest_label="",
            partner_id="prt_AAAAAAAAAAAAAAAAAAAAAA",
            consent_receipt_digest="c" * 64,
            actor="system",
        )


def test_beyond_loopback_nothing_is_released_without_a_time_stamp(sealed: Record, settings) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    with pytest.raises(NotTimeStamped):
        release_record(sealed.rendition_id, actor="system")
    sealed.refresh_from_db()
    assert (sealed.state, events()) == (RecordState.SEALED, [LogEvent.RENDITION_SEALED])


def test_beyond_loopback_a_time_stamped_video_is_released(db, settings, tmp_path: Path) -> None:
    folder = Path(settings.LIKENESS_KEYS_DIR)
    clock = TimestampAuthority.from_files(folder / TIMESTAMP_CHAIN_FILE, folder / TIMESTAMP_KEY_FILE)
    with serving(clock.reply) as url:
        settings.LIKENESS_TIMESTAMP_SERVERS = [url]
        stamped = make_sealed_clip(
            tmp_path, moving_frames(10, seed=3), rendition_id="rnd_" + "T" * 22, watermark_id=7
        )
    record = seal(stamped)
    settings.LIKENESS_ON_LOOPBACK = False
    assert release_record(record.rendition_id, actor="system").state == RecordState.RELEASED


def test_what_was_released_on_loopback_stays_released(released: Record, settings) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    assert release_record(released.rendition_id, actor="system").state == RecordState.RELEASED


def test_releasing_twice_is_one_release(sealed: Record) -> None:
    first = release_record(sealed.rendition_id, actor="system")
    assert first.state == RecordState.RELEASED
    assert release_record(sealed.rendition_id, actor="system").released_at == first.released_at
    assert events() == [LogEvent.RENDITION_SEALED, LogEvent.RENDITION_RELEASED]


def test_withdrawing_a_released_video_revokes_it(released: Record) -> None:
    record = withdraw_record(released.rendition_id, reason_code="consent_withdrawn", actor="system")
    again = withdraw_record(released.rendition_id, reason_code="another", actor="system")
    assert (record.state, record.withdrawal_reason) == (RecordState.WITHDRAWN, "consent_withdrawn")
    assert (again.withdrawn_at, again.withdrawal_reason) == (record.withdrawn_at, "consent_withdrawn")
    assert events()[2:] == [LogEvent.RENDITION_REVOKED]


def test_withdrawing_a_video_that_was_never_released_rejects_it(sealed: Record) -> None:
    withdraw_record(sealed.rendition_id, reason_code="quality", actor="system")
    assert events()[1:] == [LogEvent.RENDITION_REJECTED]


def test_a_withdrawn_video_is_not_released(sealed: Record) -> None:
    withdraw_record(sealed.rendition_id, reason_code="quality", actor="system")
    with pytest.raises(RecordConflict):
        release_record(sealed.rendition_id, actor="system")


@pytest.mark.django_db
def test_unknown_videos_have_no_record() -> None:
    with pytest.raises(NotFound):
        release_record("rnd_unknown", actor="system")
    with pytest.raises(NotFound):
        withdraw_record("rnd_unknown", reason_code="quality", actor="system")


@pytest.mark.parametrize("field", ["file_sha256", "watermark_id", "partner_id"])
def test_a_changed_row_is_not_what_the_log_says(sealed: Record, field: str) -> None:
    Record.objects.filter(pk=sealed.pk).update(**{field: "0" * 12})
    sealed.refresh_from_db()
    assert not is_in_log(sealed)


@pytest.mark.parametrize(
    ("steps", "row"),
    [
        ("sealed", {"state": RecordState.RELEASED, "released_at": timezone.now()}),
        ("withdrawn", {"state": RecordState.RELEASED, "withdrawn_at": None}),
        ("released", {"state": RecordState.SEALED, "released_at": None}),
    ],
)
def test_a_changed_state_is_not_what_the_log_says(sealed: Record, steps: str, row: dict[str, object]) -> None:
    if steps != "sealed":
        release_record(sealed.rendition_id, actor="system")
    if steps == "withdrawn":
        withdraw_record(sealed.rendition_id, reason_code="quality", actor="system")
    sealed.refresh_from_db()
    assert is_in_log(sealed)
    Record.objects.filter(pk=sealed.pk).update(**row)
    sealed.refresh_from_db()
    assert not is_in_log(sealed)


def test_the_database_refuses_times_that_do_not_fit_the_state(sealed: Record) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Record.objects.filter(pk=sealed.pk).update(state=RecordState.RELEASED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Record.objects.filter(pk=sealed.pk).update(state=RecordState.WITHDRAWN, withdrawn_at=timezone.now())


@pytest.mark.django_db
def test_record_ids_have_forty_eight_bits_without_sign() -> None:
    assert 0 <= new_watermark_id() < 2**48
    assert format_watermark_id(2**48 - 1) == "f" * 12
    for impossible in (-1, 2**48):
        with pytest.raises(ValueError, match="48 bits"):
            format_watermark_id(impossible)
