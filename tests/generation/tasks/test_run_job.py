from __future__ import annotations

import pytest

from accounts.models import Partner
from generation import storage, tasks
from generation.models import Job, Rendition
from generation.pipeline.decode import probe
from provenance.models.record import Record
from provenance.services.verify import verify_file
from tests.generation.conftest import let_out_without_review
from tests.generation.pipeline.moving_portrait import SwayingAnimator


@pytest.mark.slow
def test_running_it_twice_makes_one_video(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_animator", lambda renderer: SwayingAnimator())
    tasks.run_job(job.id)
    tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("in_review", 1)
    assert Rendition.objects.count() == 1


@pytest.mark.django_db
def test_a_job_that_does_not_exist_is_nothing_to_do() -> None:
    tasks.run_job("job_that_never_was")


@pytest.mark.slow
def test_the_real_model_makes_a_video_that_leads_back_to_its_record(job: Job, partner_a: Partner) -> None:
    let_out_without_review(partner_a)
    tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("released", "")
    rendition = Rendition.objects.get(job=job)
    with storage.local_path(rendition.file_key) as path:
        facts = probe(path)
        verdict = verify_file(path)
    assert (facts.frames, facts.codec, facts.has_audio) == (job.frames_total, "h264", True)
    record = Record.objects.get(rendition_id=rendition.id)
    assert verdict.kind == "ours_intact"
    assert verdict.signals.mark.watermark_id == record.watermark_id
    assert verdict.signals.mark.is_same_content
