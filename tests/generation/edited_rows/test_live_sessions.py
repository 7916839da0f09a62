"""Somebody edits a live session before, while or after it speaks; it is named, and opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model
from pytest_django import DjangoDbBlocker

from accounts.access.actors import actor_of
from accounts.access.tokens import hash_token
from accounts.models import ConsentGrant, MemberRole, User
from accounts.services import likeness
from generation.models import KeptSession, LiveSession, LiveState, Voice
from generation.services.kept_sessions.handing_out import downloadable_session
from generation.services.live import starting
from generation.services.live.ending import end_session
from generation.services.live.opening import OpenedSession, open_session
from generation.services.live.reasons import LiveEnd
from generation.services.live.refusals import LiveNotAllowed
from generation.services.live.room import announce
from generation.services.live.starting import claim_session, start_session
from provenance.common.errors import NotFound
from provenance.log.entries import LogEvent
from provenance.models import LogEntry, Record
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import PartnerFactory, PortraitFactory, granted_consent, person
from tests.generation.conftest import let_out_without_review, stored_portrait
from tests.generation.edited_rows.editing import LATER, edit, named
from tests.generation.edited_rows.setting import taken_down_at_the_end
from tests.generation.kept import sealed_session, sealed_when_started
from tests.generation.live.conftest import Open

pytestmark = pytest.mark.django_db

OTHER = object()  # of another partner
WHEN_OPENED: dict[str, Any] = {
    **dict.fromkeys(("partner", "portrait", "consent"), OTHER),
    "controls": {"gaze_yaw": 3},
    "disclosure": {"preset": "none"},
    "voice": "own",
    "seed": 8,
    "renderer": "another",
    "size": 512,
    "fps": 40,
    "max_s": 86_400,
    "is_kept": False,
    "token_hash": hash_token("known"),
    "token_expires_at": LATER,
    "opened_by": "usr_other",
    "opened_at": LATER,
    "watermark_id": "0000deadbeef",
    "watermark_year": 2020,
    "reason_code": "time_over",
    "started_at": LATER,
    "ended_at": LATER,
    "sealed_at": LATER,
}
WHEN_SEALED: dict[str, Any] = {
    **WHEN_OPENED,
    "id": "lvr_other",
    "state": "live",
    "segment_hashes": bytes(32),
    "frames": 7,
    "sealed_at": None,
}
OF_THE_FILE: dict[str, Any] = {
    "session": OTHER,
    "file_key": "live-sessions/aa/bb/other.mp4",
    "sha256": "0" * 64,
    "size_bytes": 1,
    "erased_at": LATER,
}
CASES: list[tuple[type[Model], str]] = [
    *((LiveSession, column) for column in WHEN_SEALED),
    *((KeptSession, column) for column in OF_THE_FILE),
]


@dataclass(frozen=True)
class Setting:
    """A live session of partner A, and what belongs elsewhere, by the columns that would name it."""

    opened: OpenedSession
    kept: KeptSession | None
    alice: User
    others: dict[str, str]

    def other(self, column: str, value: object) -> object:
        """What to write into a column: the given value, or what belongs elsewhere."""
        return self.others[column] if value is OTHER else value


def make_setting(folder: Path, *, is_sealed: bool) -> Setting:
    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    portrait = stored_portrait(partner, folder)
    granted_consent(portrait, alice, allows_live=True)
    let_out_without_review(partner)
    announce("live@here", 3)

    def opened(**more: Any) -> OpenedSession:
        order: dict[str, Any] = {"voice": Voice.SYNTHETIC, "size": 256, "seed": 7, **more}
        return open_session(actor=actor_of(alice), portrait_id=portrait.id, **order)

    session = opened(keep=True)
    kept = sealed_session(session, folder) if is_sealed else None
    partner_b = PartnerFactory()
    charlie = person("Charlie", partner=partner_b, role=MemberRole.OWNER)
    theirs = PortraitFactory(partner=partner_b)
    others = {
        "partner": partner_b.id,
        "portrait": theirs.id,
        "consent": granted_consent(theirs, charlie, allows_live=True).grant.id,
        **({"session": opened().session.pk} if is_sealed else {}),
    }
    return Setting(session, kept, alice, others)


@pytest.fixture(scope="class")
def setting(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Setting]:
    """Made once for the edits of a class, each of which is taken back."""
    with taken_down_at_the_end(django_db_blocker):
        is_sealed = request.cls is TestSealed
        yield make_setting(tmp_path_factory.mktemp("setting"), is_sealed=is_sealed)


class TestOpened:
    @pytest.mark.slow
    def test_nothing_is_named_while_nobody_edits(self, setting: Setting) -> None:
        assert named() == set()
        assert claim_session(setting.opened.token) == setting.opened.session

    @pytest.mark.parametrize("column", WHEN_OPENED)
    def test_what_was_edited_before_it_was_claimed_is_named_and_not_claimed(
        self, setting: Setting, column: str
    ) -> None:
        session = LiveSession.objects.get(pk=setting.opened.session.pk)
        edit(session, column, setting.other(column, WHEN_OPENED[column]))

        assert ("live session", column) in named()
        with pytest.raises(RowContradictsLog if column != "partner" else LiveNotAllowed):
            claim_session("known" if column == "token_hash" else setting.opened.token)
        assert not LogEntry.objects.filter(event=LogEvent.LIVE_STARTED).exists()

    @pytest.mark.parametrize(
        "column", ["token_hash", "max_s", "disclosure", "controls", "portrait", "watermark_id"]
    )
    def test_what_was_edited_after_it_was_claimed_is_not_started(self, setting: Setting, column: str) -> None:
        claimed = claim_session(setting.opened.token)
        edit(claimed, column, setting.other(column, WHEN_OPENED[column]))

        with pytest.raises(RowContradictsLog):
            start_session(claimed.pk)
        claimed.refresh_from_db()
        assert claimed.started_at is None
        assert not LogEntry.objects.filter(event=LogEvent.LIVE_STARTED).exists()


class TestSealed:
    @pytest.mark.slow
    def test_nothing_is_named_and_the_file_is_given_while_nobody_edits(self, setting: Setting) -> None:
        assert setting.kept is not None
        assert named() == set()
        assert downloadable_session(actor_of(setting.alice), setting.kept.pk) == setting.kept

    @pytest.mark.parametrize("column", WHEN_SEALED)
    def test_the_file_of_an_edited_session_is_given_to_nobody(self, setting: Setting, column: str) -> None:
        assert setting.kept is not None
        session = LiveSession.objects.get(pk=setting.opened.session.pk)
        if column == "id":
            KeptSession.objects.all().delete()
        edit(session, column, setting.other(column, WHEN_SEALED[column]))

        assert ("live session", column) in named()
        with pytest.raises((RowContradictsLog, NotFound)):
            downloadable_session(actor_of(setting.alice), setting.kept.pk)

    @pytest.mark.parametrize("column", OF_THE_FILE)
    def test_an_edited_file_of_a_session_is_given_to_nobody(self, setting: Setting, column: str) -> None:
        assert setting.kept is not None
        kept = KeptSession.objects.get(pk=setting.kept.pk)
        edit(kept, column, setting.other(column, OF_THE_FILE[column]))

        assert ("live session", "kept" if column == "session" else f"kept.{column}") in named()
        with pytest.raises((RowContradictsLog, NotFound)):
            downloadable_session(
                actor_of(setting.alice), setting.others["session"] if column == "session" else kept.pk
            )


@pytest.fixture
def opened(open_live: Open, live_grant: ConsentGrant) -> OpenedSession:
    """A session of partner A that waits for its token."""
    return open_live(keep=True)


def test_a_session_that_was_put_in_opens_nothing(opened: OpenedSession) -> None:
    copy = LiveSession.objects.get()
    copy.pk, copy.token_hash = "lvr_other", hash_token("known")
    copy.save(force_insert=True)

    assert ("live session", "id") in named()
    with pytest.raises(RowContradictsLog):
        claim_session("known")
    assert end_session(session_id=copy.pk, reason=LiveEnd.NOT_CONNECTED)
    assert not LogEntry.objects.filter(event=LogEvent.LIVE_ENDED).exists()  # of what the log does not know


def test_a_session_that_ended_does_not_open_again(opened: OpenedSession) -> None:
    end_session(session_id=opened.session.pk, reason=LiveEnd.NOT_CONNECTED)
    assert named() == set()
    LiveSession.objects.update(state=LiveState.OPENED, ended_at=None, reason_code="")

    assert ("live session", "state") in named()
    with pytest.raises(RowContradictsLog):
        claim_session(opened.token)
    end_session(session_id=opened.session.pk, reason=LiveEnd.WORKER_LOST)
    assert LogEntry.objects.filter(event=LogEvent.LIVE_ENDED).count() == 1


def test_a_withdrawal_reaches_the_record_of_a_session_whose_row_says_that_it_showed_nothing(
    opened: OpenedSession,
    tmp_path: Path,
    live_grant: ConsentGrant,
) -> None:
    kept = sealed_session(opened, tmp_path)
    LiveSession.objects.update(frames=0, sealed_at=None)
    assert live_grant.contact is not None
    likeness.withdraw_one(live_grant.contact, live_grant.pk)

    assert Record.objects.get(pk=kept.pk).state == "withdrawn"


@pytest.mark.slow
def test_one_that_an_earlier_version_opened_and_did_not_start_is_opened_anew(
    open_live: Open, live_grant: ConsentGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("provenance.services.log.append", lambda *args, **data: None)
        opened = open_live()
    assert ("live session", "id") in named()
    with pytest.raises(RowContradictsLog):
        claim_session(opened.token)

    end_session(session_id=opened.session.pk, reason=LiveEnd.NOT_CONNECTED)

    assert named() == set()
    assert not LogEntry.objects.filter(event=LogEvent.LIVE_ENDED).exists()


@pytest.mark.slow
def test_one_that_an_earlier_version_started_ends_and_is_sealed(
    open_live: Open, live_grant: ConsentGrant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("provenance.services.log.append", lambda *args, **data: None)
        opened = open_live(keep=True)
    LiveSession.objects.update(state=LiveState.STARTING)
    with monkeypatch.context() as earlier:
        earlier.setattr(starting, "session_as_logged", lambda pk: LiveSession.objects.get(pk=pk))
        payload, year = start_session(opened.session.pk)

    sealed_when_started(opened.session, payload, year, tmp_path)

    assert named() == set()
