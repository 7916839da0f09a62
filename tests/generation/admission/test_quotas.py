"""What operators set is what a partner may have: jobs at a time, minutes in a month, megabytes."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.access.actors import actor_of
from accounts.access.by_log import partner_differences
from accounts.errors import RoleRequired
from accounts.models import Partner
from accounts.services.partners import set_quotas
from generation.admission.quotas import MinutesUsedUp, StorageUsedUp, TooManyJobs, storage_bytes
from generation.admission.usage import usage_of
from generation.models import Job, Rendition
from generation.services.uploads import upload_driving_audio
from provenance.models import LogEntry

pytestmark = pytest.mark.django_db


def give(partner: Partner, otto, **quotas: int) -> None:
    """Set some quotas, and no limit for the others."""
    given = {"max_active_jobs": None, "max_month_minutes": None, "max_storage_mb": None, **quotas}
    set_quotas(partner_id=partner.id, actor=actor_of(otto), **given)


def test_a_partner_may_have_other_numbers_of_jobs(submit, partner_a, otto):
    give(partner_a, otto, max_active_jobs=1)
    submit()
    with pytest.raises(TooManyJobs, match="1 of your jobs"):
        submit()


def test_minutes_of_the_month_come_to_an_end_and_failed_jobs_do_not_count(submit, partner_a, otto):
    give(partner_a, otto, max_month_minutes=0)
    with pytest.raises(MinutesUsedUp):
        submit()
    give(partner_a, otto, max_month_minutes=1)
    job = submit()
    assert usage_of(Partner.objects.get()).month_minutes == pytest.approx(0.01)
    Job.objects.filter(pk=job.pk).write_state(state="failed", reason_code="internal")
    assert usage_of(Partner.objects.get()).month_minutes == 0


def test_storage_comes_to_an_end_for_uploads_and_jobs(submit, partner_a, otto, alice, waiting: Rendition):
    assert storage_bytes(partner_a) >= waiting.size_bytes + 384 * 384 * 3
    give(partner_a, otto, max_storage_mb=0)
    for call in (
        submit,
        lambda: upload_driving_audio(actor=actor_of(alice), file=SimpleUploadedFile("a.wav", b"x")),
    ):
        with pytest.raises(StorageUsedUp):
            call()


@pytest.mark.slow
def test_the_partner_sees_what_it_has(submit, partner_a, otto, api_a: Client, alice_browser: Client):
    give(partner_a, otto, max_active_jobs=3, max_storage_mb=500)
    submit()
    usage = api_a.get("/v1/usage").json()
    assert (usage["active_jobs"], usage["max_active_jobs"]) == (1, 3)
    assert (usage["max_month_minutes"], usage["max_storage_mb"]) == (None, 500)
    page = alice_browser.get("/console/jobs/new/").content.decode()
    assert "1 of 3 jobs wait or run" in page
    assert "of 500 MB" in page


def test_only_operators_set_them_and_the_log_has_them(partner_a, otto, rita, otto_browser: Client):
    with pytest.raises(RoleRequired):
        give(partner_a, rita, max_active_jobs=9)
    address = f"/operator/partners/{partner_a.id}/quotas/"
    values = {"max_active_jobs": "20", "max_month_minutes": "", "max_storage_mb": "100"}
    assert otto_browser.post(address, values).status_code == 302
    data = LogEntry.objects.get(event="partner.quotas_set").entry.data
    assert data["max_active_jobs"] == 20
    assert data["max_month_minutes"] is None
    partner = Partner.objects.get(pk=partner_a.pk)
    assert (partner.max_active_jobs, partner.max_storage_mb) == (20, 100)
    assert partner_differences(partner) == []
    assert otto_browser.post(address, {"max_active_jobs": "-1"}).status_code == 422
    assert otto_browser.get(f"/operator/partners/{partner_a.id}/").status_code == 200
