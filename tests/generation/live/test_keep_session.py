"""A session that is opened to be kept leaves a sealed file, for as long as its record may circulate."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.errors import ConsentUsedUp, MediaErased
from accounts.models import ConsentGrant, Partner, User
from accounts.services import likeness
from accounts.services.partners import set_quotas
from generation import storage
from generation.admission.quotas import StorageUsedUp, storage_bytes
from generation.models import KeptSession, LiveSession
from generation.selectors import NotReleased
from generation.services.erasure.due import Retention
from generation.services.kept_sessions.handing_out import downloadable_session, erase_kept
from generation.services.live import streaming
from generation.services.live.by_log import live_findings, session_differences
from generation.services.live.ending import take_down
from generation.services.live.sealing import seal_session
from generation.services.live.starting import claim_session, start_session
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from provenance.models.record import Record, RecordState
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import issue_key
from tests.generation.live.conftest import Open
from tests.generation.live.live_face import SwayingLiveAnimator
from tests.generation.live.test_stream_session import speak_a_little, streamed
from tests.generation.pipeline.moving_portrait import portrait


@pytest.mark.slow
def test_a_kept_session_is_sealed_downloaded_and_erased(  # noqa: PLR0917 - people and rows
    open_live: Open,
    live_grant: ConsentGrant,
    monkeypatch: pytest.MonkeyPatch,
    partner_a: Partner,
    alice: User,
    rita: User,
    client: Client,
) -> None:
    monkeypatch.setattr(streaming, "_portrait_pixels", lambda session: portrait("amara", 256))
    session = claim_session(open_live(keep=True).token)
    streamed(session, speak_a_little)
    assert seal_session(session.pk, SwayingLiveAnimator())
    kept = KeptSession.objects.get()
    record = Record.objects.get(pk=session.pk)
    assert record.file_sha256 == kept.sha256
    assert storage_bytes(partner_a) >= kept.size_bytes

    headers = {"Authorization": f"Bearer {issue_key(partner_a)}"}
    answer = client.get(f"/v1/live/{session.pk}", headers=headers).json()
    assert (answer["is_kept"], answer["file_sha256"]) == (True, kept.sha256)
    file: Any = client.get(f"/v1/live/{session.pk}/file", headers=headers)
    assert hashlib.sha256(b"".join(file.streaming_content)).hexdigest() == kept.sha256

    actor = actor_of(alice)
    KeptSession.objects.update(file_key="live-sessions/aa/bb/other.mp4")
    with pytest.raises(RowContradictsLog):
        downloadable_session(actor, session.pk)
    KeptSession.objects.update(file_key=kept.file_key)
    take_down(actor=actor_of(rita), session_id=session.pk)
    with pytest.raises(NotReleased):
        downloadable_session(actor, session.pk)

    assert list(Retention(timezone.now()).kept_sessions()) == []
    assert list(Retention(timezone.now() + timedelta(days=4000)).kept_sessions()) == [kept]
    assert client.delete(f"/v1/live/{session.pk}/file", headers=headers).status_code == 204
    erase_kept(actor=actor, session_id=session.pk)
    assert not storage.is_stored(kept.file_key)
    with pytest.raises(MediaErased):
        downloadable_session(actor, session.pk)
    assert LogEntry.objects.filter(event=LogEvent.RENDITION_ERASED).count() == 1
    assert list(live_findings()) == []
    assert Record.objects.get(pk=session.pk).state == RecordState.WITHDRAWN


def test_it_takes_two_videos_of_the_consent(open_live: Open, live_grant: ConsentGrant) -> None:
    session = claim_session(open_live(keep=True).token)
    start_session(session.pk)
    live_grant.refresh_from_db()
    assert live_grant.used_videos == 2
    with pytest.raises(ConsentUsedUp):
        open_live(keep=True)
    open_live()


def test_it_is_bounded_and_needs_room(
    open_live: Open, live_grant: ConsentGrant, partner_a: Partner, otto: User, settings: Any
) -> None:
    settings.LIKENESS_LIVE_KEPT_MAX_S = 33
    assert open_live(keep=True).session.max_s == 33
    set_quotas(
        partner_id=partner_a.id,
        actor=actor_of(otto),
        max_active_jobs=None,
        max_month_minutes=None,
        max_storage_mb=0,
    )
    with pytest.raises(StorageUsedUp):
        open_live(keep=True)
    open_live()


def test_a_session_is_not_made_to_be_kept_afterwards(open_live: Open, live_grant: ConsentGrant) -> None:
    session = claim_session(open_live().token)
    start_session(session.pk)
    LiveSession.objects.update(is_kept=True)
    session.refresh_from_db()
    assert "is_kept" in session_differences(session)


@pytest.mark.slow
def test_of_who_took_their_consent_back_before_it_was_sealed_no_file_is_kept(
    open_live: Open, live_grant: ConsentGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_portrait_pixels", lambda session: portrait("amara", 256))
    before = list(storage.walk("live-sessions"))
    session = claim_session(open_live(keep=True).token)
    streamed(session, speak_a_little)
    assert live_grant.contact is not None
    likeness.withdraw_one(live_grant.contact, live_grant.pk)

    assert seal_session(session.pk, SwayingLiveAnimator())

    assert not KeptSession.objects.exists()
    assert list(storage.walk("live-sessions")) == before
    assert Record.objects.get(pk=session.pk).state == RecordState.WITHDRAWN
