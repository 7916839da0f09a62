from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.errors import ConsentExpired, FourEyesRequired, RoleRequired
from accounts.models import ConsentGrant, Partner, User
from accounts.services import consent as consents
from accounts.services import partners
from generation.models import Job, Rendition
from generation.selectors import review_queue
from generation.services.release import NotInReview, release_rendition
from generation.services.review import NotRevocable, approve, refuse, revoke_as_partner, revoke_as_staff
from generation.services.seal import SealBroken, SealedRendition
from provenance.common.errors import InvalidInput, NotFound
from provenance.models.log import LogEntry
from provenance.models.record import Record
from tests.factories import issue_key, join


def last_event() -> str:
    return LogEntry.objects.order_by("-index")[0].event


def test_approving_releases_the_video(waiting: Rendition, rita: User) -> None:
    rendition = approve(actor=actor_of(rita), rendition_id=waiting.id, note="Fine.")
    assert rendition.released_at is not None
    assert (rendition.decided_by, rendition.note) == (rita.id, "Fine.")
    assert Job.objects.get().state == "released"
    assert Record.objects.get().state == "released"
    assert last_event() == "rendition.released"


def test_approving_twice_releases_once(waiting: Rendition, rita: User) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    entries = LogEntry.objects.count()
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    assert LogEntry.objects.count() == entries


def test_refusing_closes_the_video_with_a_reason(waiting: Rendition, rita: User, grant: ConsentGrant) -> None:
    refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="misleading", note="He never said so.")
    job = Job.objects.get()
    assert (job.state, job.reason_code, job.reason_hint) == ("rejected", "misleading", "He never said so.")
    assert Record.objects.get().state == "withdrawn"
    assert last_event() == "rendition.rejected"
    grant.refresh_from_db()
    assert grant.used_videos == 0


def test_what_was_decided_stays_decided(waiting: Rendition, rita: User) -> None:
    refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="misleading")
    with pytest.raises(NotInReview):
        approve(actor=actor_of(rita), rendition_id=waiting.id)
    with pytest.raises(NotInReview):
        refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="poor_quality")


def test_an_unknown_reason_is_refused(waiting: Rendition, rita: User) -> None:
    with pytest.raises(InvalidInput):
        refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="because")


def test_only_reviewers_decide(waiting: Rendition, alice: User, otto: User) -> None:
    for user in (alice, otto):
        with pytest.raises(RoleRequired):
            approve(actor=actor_of(user), rendition_id=waiting.id)
        with pytest.raises(RoleRequired):
            refuse(actor=actor_of(user), rendition_id=waiting.id, reason_code="misleading")


def test_a_reviewer_does_not_decide_about_their_own_partner(
    waiting: Rendition, rita: User, partner_a: Partner
) -> None:
    join(partner_a, rita)
    with pytest.raises(FourEyesRequired):
        approve(actor=actor_of(rita), rendition_id=waiting.id)
    assert not review_queue(actor_of(rita)).exists()


def test_consent_is_asked_once_more_at_release(waiting: Rendition, rita: User, grant: ConsentGrant) -> None:
    ConsentGrant.objects.filter(pk=grant.pk).update(valid_until=timezone.now())
    with pytest.raises(ConsentExpired):
        approve(actor=actor_of(rita), rendition_id=waiting.id)
    assert Job.objects.get().state == "in_review"


def test_a_file_that_changed_since_sealing_is_not_released(waiting: Rendition, rita: User) -> None:
    path = Path(storages["media"].path(waiting.file_key))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(SealBroken):
        approve(actor=actor_of(rita), rendition_id=waiting.id)
    assert Job.objects.get().state == "in_review"


def test_a_row_edited_to_point_to_another_file_is_not_released(waiting: Rendition, rita: User) -> None:
    Rendition.objects.filter(pk=waiting.pk).update(sha256="0" * 64)
    with pytest.raises(SealBroken):
        approve(actor=actor_of(rita), rendition_id=waiting.id)


def test_nothing_but_a_sealed_rendition_is_released(waiting: Rendition, rita: User) -> None:
    with pytest.raises(TypeError):
        SealedRendition(waiting, object())
    with pytest.raises(AttributeError):
        release_rendition(sealed=waiting, actor=actor_of(rita))  # type: ignore[arg-type]
    assert Job.objects.get().state == "in_review"


@pytest.mark.parametrize("is_released", [False, True])
def test_withdrawal_revokes_the_video(
    waiting: Rendition, rita: User, answer: consents.GrantedConsent, is_released: bool
) -> None:
    if is_released:
        approve(actor=actor_of(rita), rendition_id=waiting.id)
    consents.withdraw(answer.withdraw_token)
    job, record = Job.objects.get(), Record.objects.get()
    assert (job.state, job.reason_code) == ("revoked", "consent_withdrawn")
    assert (record.state, record.withdrawal_reason) == ("withdrawn", "consent_withdrawn")


def test_suspension_revokes_the_partners_videos(
    waiting: Rendition, rita: User, otto: User, partner_a: Partner
) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    partners.suspend(partner_id=partner_a.id, actor=actor_of(otto), reason="Misuse.")
    job = Job.objects.get()
    assert (job.state, job.reason_code) == ("revoked", "partner_suspended")
    assert Record.objects.get().state == "withdrawn"


def test_a_withdrawal_that_cannot_be_carried_out_does_not_happen(
    waiting: Rendition, answer: consents.GrantedConsent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError

    monkeypatch.setattr("generation.services.release.withdraw_record", fail)
    with pytest.raises(OSError):  # noqa: PT011
        consents.withdraw(answer.withdraw_token)
    assert ConsentGrant.objects.get().state == "granted"
    assert Job.objects.get().state == "in_review"


def test_the_partner_takes_its_video_back(waiting: Rendition, rita: User, alice: User) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    revoke_as_partner(actor=actor_of(alice), rendition_id=waiting.id)
    assert Job.objects.get().state == "revoked"
    assert last_event() == "rendition.revoked"
    with pytest.raises(NotRevocable):
        revoke_as_partner(actor=actor_of(alice), rendition_id=waiting.id)


def test_another_partner_takes_nothing_back(waiting: Rendition, charlie: User) -> None:
    with pytest.raises(NotFound):
        revoke_as_partner(actor=actor_of(charlie), rendition_id=waiting.id)


def test_a_reviewer_revokes_a_released_video(waiting: Rendition, rita: User) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    revoke_as_staff(
        actor=actor_of(rita), rendition_id=waiting.id, reason_code="misuse", note="Seen elsewhere."
    )
    assert Job.objects.get().reason_code == "misuse"


def test_keys_cannot_review(waiting: Rendition, partner_a: Partner) -> None:
    from accounts.access.actors import actor_of_key
    from accounts.access.auth import find_key

    actor = actor_of_key(find_key(issue_key(partner_a)))
    with pytest.raises(RoleRequired):
        approve(actor=actor, rendition_id=waiting.id)
