"""The worker's whole way with a face that only sways; intake, watermark, encoder, manifest, log are real."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import c2pa
import numpy as np
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import storages
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, User
from accounts.services import consent as consents
from accounts.services import partners
from generation import storage
from generation.animation.liveportrait.refusal import WeightsRefused
from generation.models import Job, Portrait, Rendition
from generation.pipeline.decode import probe
from generation.services.advance import advance, claim
from generation.services.attempt import run_attempt
from generation.services.cancel import cancel_job
from generation.services.production.workspace import sweep_workspaces, workspace
from generation.states import RUNNING, JobState
from provenance.keys.service_keys import trust_store
from provenance.manifest import development_ca
from provenance.manifest.claim import TRAINED
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.models.log import LogEntry
from provenance.models.record import Record
from tests.generation.conftest import SPEECH_S, let_out_without_review, run
from tests.generation.intake.files import marked, portrait
from tests.generation.pipeline.moving_portrait import SwayingAnimator

pytestmark = pytest.mark.slow


class InterruptedAnimator(SwayingAnimator):
    """Does something once a few frames are rendered."""

    def __init__(self, interruption) -> None:
        super().__init__()
        self.interruption = interruption
        self.frames = 0

    def render(self, fitted, track, *, size: int) -> Iterator[np.ndarray]:
        for frame in super().render(fitted, track, size=size):
            self.frames += 1
            if self.frames == 3:
                self.interruption()
            yield frame


@pytest.fixture
def _each_frame_renews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short clips are over within the second between two heartbeats."""
    monkeypatch.setattr("generation.services.production.progress.HEARTBEAT_S", 0.0)


def stored_videos() -> set[Path]:
    """The videos in storage, sealed or not."""
    return set(Path(storages["media"].path("renditions")).rglob("*.mp4"))


def portrait_ingredient(job: Job) -> dict[str, str]:
    """What the manifest of the job's video says about where its portrait comes from."""
    assert run(job)
    with storage.local_path(Rendition.objects.get(job=job).file_key) as path:
        context = c2pa.Context.from_dict(trust_store().settings())
        report = json.loads(c2pa.Reader(path, context=context).json())
    manifest = report["manifests"][report["active_manifest"]]
    (item,) = [item for item in manifest["ingredients"] if item["title"] == "portrait"]
    return {name: item[name] for name in ("digital_source_type", "description") if name in item}


def ended(job: Job) -> tuple[str, str]:
    job.refresh_from_db()
    return job.state, job.reason_code


def test_it_ends_with_a_sealed_video_that_waits_for_review(job: Job, settings) -> None:
    assert run(job)
    job.refresh_from_db()
    rendition = Rendition.objects.get(job=job)
    assert job.state == "in_review"
    assert job.frames_done == job.frames_total == rendition.frames == round(SPEECH_S * 25)
    record = Record.objects.get(rendition_id=rendition.id)
    assert record.file_sha256 == rendition.sha256
    assert record.consent_receipt_digest == job.consent.receipt_digest
    with storage.local_path(rendition.file_key) as path:
        reading = read_manifest(path, trust_store())
        facts = probe(path)
    assert reading.state is ManifestState.TRUSTED_OURS
    assert reading.rendition_id == rendition.id
    assert (facts.frames, facts.width, facts.has_audio) == (15, settings.LIKENESS_VIDEO_SIZE, True)
    events = [entry.event for entry in LogEntry.objects.order_by("index") if job.partner_id in entry.body]
    assert events[-2:] == ["job.submitted", "rendition.sealed"]


class FacelessAnimator(SwayingAnimator):
    """Sways a picture with nobody in it."""

    def fit(self, image) -> np.ndarray:
        down, right = np.mgrid[0:256, 0:256]
        waves = 128 + 60 * np.sin(right / 9 + down / 23) + 40 * np.sin(down / 7)
        return np.repeat(waves[..., None], 3, axis=2).astype(np.uint8)


def test_a_video_of_low_quality_waits_for_a_person_whatever_the_policy(job: Job) -> None:
    let_out_without_review(job.partner)
    assert run(job, FacelessAnimator())
    rendition = Rendition.objects.get(job=job)
    assert rendition.job.state == "in_review"
    assert rendition.pixel_report["findings"] == ["face_lost"]
    assert rendition.quality_warning is not None


def test_a_good_video_is_released_by_policy(job: Job) -> None:
    let_out_without_review(job.partner)
    assert run(job)
    rendition = Rendition.objects.get(job=job)
    assert rendition.job.state == "released"
    assert rendition.quality_warning is None


def test_the_manifest_says_that_a_portrait_with_a_generators_mark_is_generated(job: Job) -> None:
    job.portrait.generated_by = "FLUX"
    job.portrait.save()
    assert portrait_ingredient(job) == {
        "digital_source_type": TRAINED,
        "description": "Carries the invisible watermark that FLUX writes",
    }


@pytest.fixture
def _amara_is_generated(amara: Portrait) -> None:
    """Her picture carries a generator's mark, and was stored before marks were read."""
    path = Path(storages["media"].path("generated.png"))
    marked(portrait(512), "Stable Diffusion 1").save(path)
    with path.open("rb") as file:
        amara.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    amara.image_key = storage.store("portraits", path, ".png")
    amara.save()


@pytest.mark.usefixtures("_amara_is_generated")
def test_the_mark_of_a_portrait_that_was_stored_before_marks_were_read_is_found(
    submit: Callable[..., Job],
) -> None:
    assert "Stable Diffusion 1" in portrait_ingredient(submit())["description"]


def test_the_manifest_says_nothing_of_a_portrait_without_a_mark(job: Job) -> None:
    assert portrait_ingredient(job) == {}


def test_a_partner_without_review_gets_the_video_at_once(job: Job, partner_a: Partner) -> None:
    let_out_without_review(partner_a)
    run(job)
    rendition = Rendition.objects.select_related("job").get(job=job)
    assert rendition.is_released
    assert rendition.decided_by == "system"
    assert Record.objects.get(rendition_id=rendition.id).state == "released"
    assert LogEntry.objects.order_by("-index")[0].event == "rendition.released"


def test_running_it_twice_makes_one_video(job: Job) -> None:
    assert run(job)
    entries = LogEntry.objects.count()
    assert not run(job)
    assert Rendition.objects.count() == 1
    assert LogEntry.objects.count() == entries


def test_it_leaves_no_files_of_the_attempt_behind(job: Job, settings) -> None:
    run(job)
    assert list((settings.LIKENESS_DATA_DIR / "attempts").iterdir()) == []


def test_it_clears_what_a_killed_attempt_left_behind(job: Job, settings) -> None:
    left = settings.LIKENESS_DATA_DIR / "attempts" / f"{job.id}.an-earlier-attempt"
    left.mkdir(parents=True)
    (left / "marked.mp4").touch()
    run(job)
    assert not left.exists()


def test_it_clears_what_was_left_of_a_job_that_has_ended(job: Job, settings) -> None:
    run(job)
    left = settings.LIKENESS_DATA_DIR / "attempts" / f"{job.id}.an-earlier-attempt"
    left.mkdir()
    sweep_workspaces()
    assert not left.exists()


def test_a_sweep_leaves_the_folder_of_an_attempt_at_work_alone(job: Job) -> None:
    lease = claim(job_id=job.id)
    assert lease is not None
    with workspace(lease) as folder:
        sweep_workspaces()
        assert folder.exists()
    assert not folder.exists()


def test_two_attempts_at_once_make_one_video(job: Job) -> None:
    """The first attempt is thought dead while it renders; a second one takes over and finishes."""

    def be_overtaken() -> None:
        advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)
        assert run(job)

    assert run(job, InterruptedAnimator(be_overtaken))
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("in_review", 2)
    assert Rendition.objects.count() == 1
    assert Record.objects.count() == 1


@pytest.mark.usefixtures("_each_frame_renews")
def test_withdrawal_during_the_run_stops_it(job: Job, answer: consents.GrantedConsent) -> None:
    animator = InterruptedAnimator(lambda: consents.withdraw(answer.withdraw_token))
    run(job, animator)
    assert ended(job) == ("cancelled", "consent_withdrawn")
    assert animator.frames < job.frames_total
    assert not Rendition.objects.exists()


@pytest.mark.usefixtures("_each_frame_renews")
def test_suspension_during_the_run_stops_it(job: Job, partner_a: Partner, otto: User) -> None:
    def suspend() -> None:
        partners.suspend(partner_id=partner_a.id, actor=actor_of(otto), reason="Misuse.")

    animator = InterruptedAnimator(suspend)
    run(job, animator)
    assert ended(job) == ("cancelled", "partner_suspended")
    assert animator.frames < job.frames_total


@pytest.mark.usefixtures("_each_frame_renews")
def test_cancelling_during_the_run_stops_it(job: Job, alice: User, grant: ConsentGrant) -> None:
    animator = InterruptedAnimator(lambda: cancel_job(actor=actor_of(alice), job_id=job.id))
    run(job, animator)
    assert ended(job) == ("cancelled", "cancelled_by_partner")
    assert animator.frames < job.frames_total
    grant.refresh_from_db()
    assert grant.used_videos == 0


def test_consent_that_runs_out_during_the_run_seals_nothing(job: Job, grant: ConsentGrant) -> None:
    def run_out() -> None:
        ConsentGrant.objects.filter(pk=grant.pk).update(valid_until=timezone.now())

    before = stored_videos()
    run(job, InterruptedAnimator(run_out))
    assert ended(job) == ("failed", "consent_expired")
    assert not Rendition.objects.exists()
    assert not Record.objects.exists()
    assert stored_videos() == before


def test_consent_that_ran_out_in_the_queue_renders_nothing(job: Job, grant: ConsentGrant) -> None:
    ConsentGrant.objects.filter(pk=grant.pk).update(valid_until=timezone.now())
    animator = InterruptedAnimator(lambda: None)
    run(job, animator)
    assert ended(job) == ("failed", "consent_expired")
    assert animator.frames == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [(MemoryError(), "out_of_memory"), (SoftTimeLimitExceeded(), "deadline_exceeded")],
)
def test_what_goes_wrong_gets_its_code(job: Job, error: Exception, code: str) -> None:
    def fail() -> None:
        raise error

    run(job, InterruptedAnimator(fail))
    assert ended(job) == ("failed", code)


def test_a_cancelled_job_is_not_said_to_have_failed(
    job: Job, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    def cancel_and_break() -> None:
        cancel_job(actor=actor_of(alice), job_id=job.id)
        raise MemoryError

    with caplog.at_level("INFO"):
        run(job, InterruptedAnimator(cancel_and_break))
    assert ended(job) == ("cancelled", "cancelled_by_partner")
    assert not [record for record in caplog.records if "failed" in record.getMessage()]
    assert "lost its lease, then met out_of_memory" in caplog.text


def test_an_error_without_a_code_fails_the_job_and_is_raised(job: Job, grant: ConsentGrant) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(job, InterruptedAnimator(fail))
    assert ended(job) == ("failed", "internal")
    grant.refresh_from_db()
    assert grant.used_videos == 0


def test_a_renderer_that_stops_early_fails_the_job(job: Job) -> None:
    run(job, SwayingAnimator(frames_short=2))
    assert ended(job) == ("failed", "video_check_failed")


def test_a_damaged_input_fails_the_job(job: Job) -> None:
    path = Path(storages["media"].path(job.portrait.image_key))
    original = path.read_bytes()
    try:
        path.write_bytes(original[:-10])
        run(job)
    finally:
        path.write_bytes(original)
    assert ended(job) == ("failed", "media_damaged")


def test_the_worker_asks_intake_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.intake.limits.PORTRAIT_MAX_BYTES", 1000)
    run(job)
    assert ended(job) == ("failed", "image_file_too_large")


def test_an_untrusted_signature_releases_nothing(job: Job, settings, tmp_path: Path) -> None:
    stranger = tmp_path / "anchors.pem"
    stranger.write_text(development_ca.create(tmp_path / "stranger").root_pem)
    settings.LIKENESS_TRUST_ANCHORS_FILE = stranger
    run(job)
    assert ended(job) == ("failed", "signature_not_trusted")
    assert not Rendition.objects.exists()


@pytest.mark.django_db
def test_a_job_that_is_not_there_loads_no_model() -> None:
    assert not run_attempt(job_id="job_unknown", load_animator=lambda renderer: pytest.fail("loaded"))


def test_a_job_whose_renderers_weights_do_not_fit_fails_and_says_so(job: Job, caplog) -> None:
    def load(renderer: str) -> SwayingAnimator:
        raise WeightsRefused("warping_module.pth cannot be read as weights; it may be cut short.")

    assert run_attempt(job_id=job.id, load_animator=load)
    assert ended(job) == ("failed", "renderer_not_offered")
    assert "warping_module.pth" in caplog.text


def test_a_job_that_another_worker_has_is_left_alone(job: Job) -> None:
    assert claim(job_id=job.id)
    assert not run(job)
    assert ended(job) == ("animating", "")
