from __future__ import annotations

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.errors import ConsentNotLive
from accounts.models import ConsentGrant, Partner, ReviewPolicy, User
from generation.admission.quotas import MinutesUsedUp, TooManyJobs, month_minutes
from generation.models import LiveSession, LiveState, Portrait
from generation.services.live.by_log import opening_digest
from generation.services.live.opening import TOKEN_LASTS
from generation.services.live.refusals import LiveNotAllowed, LiveTokenUnknown
from generation.services.live.room import LiveBusy, announce, announce_gone
from generation.services.live.starting import claim_session, start_session
from provenance.common.errors import InvalidInput
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import log_policy
from tests.generation.conftest import let_out_without_review
from tests.generation.live.conftest import Open


def test_a_token_is_given_that_opens_the_session_once(open_live: Open, live_grant: ConsentGrant) -> None:
    opened = open_live()
    assert claim_session(opened.token).pk == opened.session.pk
    with pytest.raises(LiveTokenUnknown):
        claim_session(opened.token)


def test_only_the_hash_of_the_token_is_stored(open_live: Open, live_grant: ConsentGrant) -> None:
    opened = open_live()
    assert opened.token not in str(LiveSession.objects.values_list().get())


def test_its_opening_is_logged_with_who_may_speak_and_for_how_long(
    open_live: Open, live_grant: ConsentGrant, alice: User
) -> None:
    opened = open_live()
    entry = LogEntry.objects.get(event=LogEvent.LIVE_OPENED).entry
    assert entry.actor == alice.pk
    assert entry.data["consent_id"] == live_grant.pk
    assert entry.data["opening_digest"] == opening_digest(LiveSession.objects.get())
    assert opened.token not in str(entry.data)
    assert opened.session.token_hash not in str(entry.data)


def test_a_token_that_came_too_late_opens_nothing(open_live: Open, live_grant: ConsentGrant) -> None:
    opened = open_live()
    with time_machine.travel(timezone.now() + TOKEN_LASTS), pytest.raises(LiveTokenUnknown):
        claim_session(opened.token)


def test_a_consent_that_does_not_name_live_use_does_not_suffice(
    open_live: Open, grant: ConsentGrant, partner_a: Partner
) -> None:
    let_out_without_review(partner_a)
    announce("live@here", 1)
    with pytest.raises(ConsentNotLive):
        open_live()


def test_a_row_that_was_made_to_name_live_use_does_not_either(
    open_live: Open, partner_a: Partner, grant: ConsentGrant
) -> None:
    let_out_without_review(partner_a)
    announce("live@here", 1)
    ConsentGrant.objects.update(allows_live=True)
    with pytest.raises(RowContradictsLog):
        open_live()


def test_a_partner_whose_videos_are_reviewed_gets_none(
    open_live: Open, live_grant: ConsentGrant, partner_a: Partner
) -> None:
    with transaction.atomic():
        Partner.objects.update(review_policy=ReviewPolicy.REVIEW)
        log_policy(Partner.objects.get(pk=partner_a.pk))
    with pytest.raises(LiveNotAllowed):
        open_live()


@pytest.mark.slow
def test_it_is_busy_while_no_server_has_room_and_says_when_to_ask_again(
    open_live: Open, live_grant: ConsentGrant
) -> None:
    open_live()
    open_live()
    with pytest.raises(LiveBusy) as refusal:
        open_live()
    assert refusal.value.code == "busy"
    assert 5 <= refusal.value.retry_after_s <= 60  # a token that nobody brings leaves room
    announce_gone("live@here")
    with pytest.raises(LiveBusy):
        open_live()


def test_minutes_of_a_session_count_as_minutes_of_video(
    open_live: Open, live_grant: ConsentGrant, partner_a: Partner
) -> None:
    session = open_live().session
    assert month_minutes(partner_a) == pytest.approx(session.max_s / 60)


def test_sessions_count_as_jobs(
    open_live: Open, live_grant: ConsentGrant, partner_a: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.admission.quotas.ACTIVE_JOBS", 1)
    open_live()
    with pytest.raises(TooManyJobs):
        open_live()


def test_too_few_minutes_open_nothing(
    open_live: Open, live_grant: ConsentGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.admission.quotas.live_seconds_left", lambda partner: 3.0)
    with pytest.raises(MinutesUsedUp):
        open_live()


def test_a_session_has_no_sound_cue(open_live: Open, live_grant: ConsentGrant) -> None:
    with pytest.raises(InvalidInput):
        open_live(disclosure={"sound_cue": True})


def test_its_start_takes_a_video_and_is_logged(open_live: Open, live_grant: ConsentGrant) -> None:
    session = claim_session(open_live().token)
    payload, year = start_session(session.pk)
    session.refresh_from_db()
    live_grant.refresh_from_db()
    entry = LogEntry.objects.get(event=LogEvent.LIVE_STARTED)
    assert session.state == LiveState.LIVE
    assert live_grant.used_videos == 1
    assert entry.entry.data["watermark_id"] == session.watermark_id == f"{payload.watermark_id:012x}"
    assert entry.entry.data["rendition_id"] == session.pk
    assert year == timezone.now().year


def test_the_api_opens_one(api_a: Client, live_grant: ConsentGrant, amara: Portrait) -> None:
    answer = api_a.post(
        "/v1/live", {"portrait_id": amara.pk, "voice": "own"}, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert said["state"] == "opened"
    assert said["token"]
    assert said["url"].startswith("ws://")
    shown = api_a.get(f"/v1/live/{said['id']}").json()
    assert "token" not in shown
    assert api_a.post(f"/v1/live/{said['id']}/end").json()["end"]["code"] == "ended_by_partner"


def test_another_partner_sees_nothing_of_it(api_b: Client, open_live: Open, live_grant: ConsentGrant) -> None:
    session = open_live().session
    for answer in (api_b.get(f"/v1/live/{session.pk}"), api_b.post(f"/v1/live/{session.pk}/end")):
        assert answer.status_code == 404


def test_a_session_is_given_to_the_server_with_the_most_room(
    open_live: Open, live_grant: ConsentGrant
) -> None:
    announce_gone("live@here")
    announce("live@one", 1, "wss://one.example/live/")
    announce("live@two", 2, "wss://two.example/live/")
    given = [open_live() for _ in range(3)]
    assert sorted(one.session.server for one in given) == ["live@one/live", "live@two/live", "live@two/live"]
    assert {one.session.server: one.url for one in given} == {
        "live@one/live": "wss://one.example/live/",
        "live@two/live": "wss://two.example/live/",
    }
    with pytest.raises(LiveBusy) as refusal:
        open_live()
    assert refusal.value.retry_after_s


def test_a_session_counts_where_it_was_claimed(open_live: Open, live_grant: ConsentGrant) -> None:
    announce("live@there", 9)
    opened = open_live()
    assert claim_session(opened.token, "live@here/live").pk == opened.session.pk
    assert LiveSession.objects.get().server == "live@here/live"
