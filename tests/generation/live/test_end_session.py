from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, User
from accounts.services import consent as consents
from accounts.services import partners
from generation.models import LiveSession, LiveState
from generation.services.live.ending import SILENCE, end_lost_sessions, end_session, take_down
from generation.services.live.reasons import SENTENCES, LiveEnd, reason_of
from generation.services.live.starting import SessionOver, claim_session, start_session
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from tests.factories import granted_consent
from tests.generation.live.conftest import Open


@pytest.fixture
def session(open_live: Open, live_grant: ConsentGrant) -> LiveSession:
    """A session that is live."""
    claimed = claim_session(open_live().token)
    start_session(claimed.pk)
    claimed.refresh_from_db()
    return claimed


def ends() -> list[str]:
    return [str(row.entry.data["reason_code"]) for row in LogEntry.objects.filter(event=LogEvent.LIVE_ENDED)]


@pytest.mark.slow
def test_the_first_reason_stays_and_is_logged_once(session: LiveSession) -> None:
    assert end_session(session_id=session.pk, reason=LiveEnd.ENDED_BY_PARTNER)
    assert not end_session(session_id=session.pk, reason=LiveEnd.WORKER_LOST)
    session.refresh_from_db()
    assert session.reason_code == "ended_by_partner"
    assert ends() == ["ended_by_partner"]


@pytest.mark.slow
def test_a_withdrawal_ends_it(session: LiveSession, alice: User) -> None:
    other = granted_consent(session.portrait, alice, allows_live=True)
    token = other.withdraw_token
    LiveSession.objects.update(consent=other.grant)
    consents.withdraw(token)
    session.refresh_from_db()
    assert (session.state, session.reason_code) == (LiveState.ENDED, "consent_withdrawn")
    assert ends() == ["consent_withdrawn"]


def test_a_suspension_ends_it(session: LiveSession, partner_a: Partner, otto: User) -> None:
    partners.suspend(partner_id=partner_a.pk, actor=actor_of(otto), reason="Misuse was reported.")
    session.refresh_from_db()
    assert session.reason_code == "partner_suspended"


def test_a_reviewer_stops_it(session: LiveSession, rita: User) -> None:
    take_down(actor=actor_of(rita), session_id=session.pk)
    session.refresh_from_db()
    assert session.reason_code == "taken_down"


def test_a_session_whose_server_is_silent_is_ended(session: LiveSession) -> None:
    assert end_lost_sessions() == 0
    LiveSession.objects.update(seen_at=timezone.now() - SILENCE - timedelta(seconds=1))
    assert end_lost_sessions() == 1
    assert ends() == ["worker_lost"]


def test_a_token_that_nobody_brought_is_an_end_in_the_log(open_live: Open, live_grant: ConsentGrant) -> None:
    opened = open_live()
    LiveSession.objects.update(token_expires_at=timezone.now())
    assert end_lost_sessions() == 1
    opened.session.refresh_from_db()
    assert opened.session.reason_code == "not_connected"
    entries = LogEntry.objects.filter(event__startswith="live.").order_by("index")
    assert [row.event for row in entries] == [LogEvent.LIVE_OPENED, LogEvent.LIVE_ENDED]
    assert ends() == ["not_connected"]


def test_what_ended_while_it_was_prepared_does_not_start(open_live: Open, live_grant: ConsentGrant) -> None:
    claimed = claim_session(open_live().token)
    end_session(session_id=claimed.pk, reason=LiveEnd.ENDED_BY_PARTNER)
    with pytest.raises(SessionOver):
        start_session(claimed.pk)
    live_grant.refresh_from_db()
    assert live_grant.used_videos == 0
    assert ends() == ["ended_by_partner"]
    assert not LogEntry.objects.filter(event=LogEvent.LIVE_STARTED).exists()


def test_every_end_has_a_sentence_and_a_hint() -> None:
    assert set(SENTENCES) == set(LiveEnd)
    assert all(reason_of(code).message and reason_of(code).hint for code in LiveEnd)
