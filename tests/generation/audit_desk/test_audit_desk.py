"""An auditor finds a video, sees who decided on it with every proof, and takes the entries along, signed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.actors import SYSTEM, actor_of
from accounts.models import StaffRole, Subject, User
from accounts.models.subject import ERASED_NAME
from generation.audit_desk.figures import figures_of
from generation.audit_desk.history import Question, history_of
from generation.audit_desk.videos import AuditFilter, videos_found
from generation.models import Job, Rendition
from generation.services.review import revoke_as_staff
from provenance.keys.service_keys import log_verify_key
from provenance.log.entries import LogEvent
from provenance.log.export_file import check_export
from provenance.models.log import LogEntry
from tests.conftest import browser_of
from tests.factories import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(db: None) -> User:
    return staff_member("Anouk", StaffRole.AUDITOR)


@pytest.fixture
def desk(auditor: User) -> Client:
    return browser_of(auditor)


@pytest.mark.slow
def test_the_way_from_the_desk_to_who_decided_takes_two_clicks(
    desk: Client, released: Rendition, rita: User
) -> None:
    page = desk.get("/audit/").content.decode()
    assert f'href="/audit/videos/{released.id}/"' in page
    assert "Aurora Media" in page
    told = desk.get(f"/audit/videos/{released.id}/").content.decode()
    assert rita.get_full_name() in told
    assert told.count(">proven<") >= 4
    assert ">not proven<" not in told
    for question in ("Who allowed it", "Who made it", "Who approved it", "Who withdrew it"):
        assert question in told


@pytest.mark.slow
def test_every_step_is_told_with_who_and_proof(released: Rendition, rita: User) -> None:
    revoke_as_staff(actor=actor_of(rita), rendition_id=released.id, reason_code="misuse")
    history = history_of(released.id)
    parts = {part: [step.event for step in history.steps if step.question is part] for part in Question}
    assert LogEvent.CONSENT_REQUESTED in parts[Question.ALLOWED]
    assert parts[Question.MADE] == [LogEvent.JOB_SUBMITTED, LogEvent.RENDITION_SEALED]
    assert parts[Question.APPROVED] == [LogEvent.RENDITION_RELEASED]
    assert parts[Question.WITHDRAWN] == [LogEvent.RENDITION_REVOKED]
    assert all(step.is_proven for step in history.steps)
    assert {step.who for step in history.steps if step.actor == rita.id} == {rita.get_full_name()}
    assert {step.who for step in history.steps if step.actor == SYSTEM.id} == {"the service, by policy"}


@pytest.mark.slow
def test_who_was_erased_is_named_so_in_the_language_of_the_page(desk: Client, released: Rendition) -> None:
    subject = released.job.portrait.subject
    Subject.objects.filter(pk=subject.pk).update(display_name=ERASED_NAME, erased_at=timezone.now())
    for address in ("/audit/", f"/audit/videos/{released.id}/"):
        told = desk.get(address, {"lang": "de"}).content.decode()
        assert "Gelöschte Person" in told
        assert ERASED_NAME not in told


@pytest.mark.slow
def test_a_row_that_the_log_contradicts_is_told(desk: Client, released: Rendition) -> None:
    Job.objects.filter(pk=released.job_id).update(seed=99)
    told = desk.get(f"/audit/videos/{released.id}/").content.decode()
    assert "Not everything holds" in told
    assert "seed" in told


@pytest.mark.slow
def test_videos_are_found_by_partner_subject_reviewer_and_period(released: Rendition, rita: User) -> None:
    job = released.job
    today = timezone.now().date()
    found = [
        AuditFilter(),
        AuditFilter(partner_id=job.partner_id),
        AuditFilter(subject_id=job.portrait.subject_id),
        AuditFilter(reviewer_id=rita.id),
        AuditFilter(since=today, until=today),
    ]
    assert all(list(videos_found(wanted)) == [released] for wanted in found)
    missed = [
        AuditFilter(partner_id="prt_other"),
        AuditFilter(subject_id="sub_other"),
        AuditFilter(reviewer_id="usr_other"),
        AuditFilter(until=today - timedelta(days=1)),
        AuditFilter(since=today + timedelta(days=1)),
    ]
    assert not any(videos_found(wanted).exists() for wanted in missed)


@pytest.mark.slow
def test_figures_count_decisions_of_the_period_and_of_one_partner(released: Rendition, rita: User) -> None:
    own, others = AuditFilter(partner_id=released.job.partner_id), AuditFilter(partner_id="prt_other")
    for wanted in (AuditFilter(), own):
        figures = figures_of(wanted)
        assert (figures.sealed, figures.released, figures.approval_rate) == (1, 1, 1.0)
        assert figures.review_minutes is not None
    assert figures_of(others).sealed == figures_of(others).released == 0
    Rendition.objects.update(decided_by=SYSTEM.id)  # as a policy releases, without anybody's decision
    figures = figures_of(own)
    assert (figures.released, figures.approval_rate, figures.review_minutes) == (1, None, None)
    revoke_as_staff(actor=actor_of(rita), rendition_id=released.id, reason_code="misuse")
    assert figures_of(own).revoked == 1
    assert figures_of(AuditFilter(until=timezone.now().date() - timedelta(days=1))).approval_rate is None


@pytest.mark.slow
def test_every_look_is_logged_with_what_was_looked_for(
    desk: Client, released: Rendition, auditor: User
) -> None:
    desk.get("/audit/", {"partner": released.job.partner_id})
    desk.get(f"/audit/videos/{released.id}/")
    b"".join(desk.get("/audit/export.csv"))
    entries = [row.entry for row in LogEntry.objects.filter(actor=auditor.id).order_by("index")]
    assert [entry.event for entry in entries] == [
        LogEvent.AUDIT_VIEWED,
        LogEvent.AUDIT_VIEWED,
        LogEvent.AUDIT_EXPORTED,
    ]
    assert entries[0].data == {"page": "videos", "partner_id": released.job.partner_id}
    assert entries[1].data == {"page": "video", "rendition_id": released.id}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_is_whole_and_checked_without_the_service(
    desk: Client, released: Rendition, tmp_path: Path, form: str
) -> None:
    response = desk.get(f"/audit/export.{form}")
    file = tmp_path / "export"
    file.write_bytes(b"".join(response))
    found = check_export(file, log_verify_key())
    assert found.count == found.about["tree_size"] == LogEntry.objects.count()
    assert released.id in file.read_text()


@pytest.mark.slow
def test_nobody_else_sees_the_desk(
    released: Rendition, rita_browser: Client, otto_browser: Client, alice_browser: Client, vera: Client
) -> None:
    before = LogEntry.objects.count()
    for page in ("/audit/", f"/audit/videos/{released.id}/", "/audit/export.jsonl"):
        for browser in (rita_browser, otto_browser, alice_browser):
            assert browser.get(page).status_code == 403
        assert vera.get(page).status_code == 302
    assert LogEntry.objects.count() == before


@pytest.mark.parametrize("query", ["partner=prt_nobody", "subject=Maya", "since=yesterday", "reviewer=usr_x"])
def test_a_filter_that_cannot_be_used_is_refused_and_not_logged(desk: Client, query: str) -> None:
    assert desk.get(f"/audit/?{query}").status_code == 422
    assert desk.get(f"/audit/export.csv?{query}").status_code == 422
    assert not LogEntry.objects.filter(event__startswith="audit.").exists()


@pytest.mark.parametrize("page", ["/audit/videos/rnd_unknown/", "/audit/export.pdf"])
def test_what_there_is_not_is_not_found(desk: Client, page: str) -> None:
    assert desk.get(page).status_code == 404
