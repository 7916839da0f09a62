"""A worker examines the same stored portrait once, and never takes another one for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import storages
from PIL import Image

from accounts.models import Partner
from generation import storage
from generation.intake import examine
from generation.intake.examine import PortraitFacts
from generation.intake.limits import PORTRAIT_WALL_S, WORKER_WALL_S
from generation.intake.refusals import IntakeRefused
from generation.models import Portrait
from generation.services import preflight
from generation.services.segments.portrait_pixels import portrait_pixels
from generation.storage import StoredFileDamaged
from provenance.manifest import development_ca
from provenance.sandbox.requirement import ReaderLate
from tests.generation.conftest import stored_portrait

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def stored(partner_a: Partner, tmp_path: Path) -> Portrait:
    return stored_portrait(partner_a, tmp_path)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that intake was asked about."""
    asked: list[Path] = []
    real: Callable[..., PortraitFacts] = vars(preflight)["examine_portrait"]

    def watched(source: Path, **claims: object) -> PortraitFacts:
        asked.append(source)
        return real(source, **claims)

    monkeypatch.setattr(preflight, "examine_portrait", watched)
    return asked


def test_the_second_job_of_a_portrait_gets_the_same_without_an_examination(
    stored: Portrait, examined: list[Path], tmp_path: Path
) -> None:
    first, generator = portrait_pixels(stored, workspace=tmp_path)
    again, generator_again = portrait_pixels(stored, workspace=tmp_path)
    assert np.array_equal(first, again)
    assert generator == generator_again
    assert len(examined) == 1


def test_whom_to_believe_changed_so_the_portrait_is_examined_again(
    stored: Portrait, examined: list[Path], tmp_path: Path, settings
) -> None:
    portrait_pixels(stored, workspace=tmp_path)
    settings.LIKENESS_TRUST_ANCHORS_FILE = tmp_path / "anchors.pem"
    settings.LIKENESS_TRUST_ANCHORS_FILE.write_text(development_ca.create(tmp_path / "other").root_pem)
    portrait_pixels(stored, workspace=tmp_path)
    assert len(examined) == 2


def test_a_file_that_was_damaged_since_is_not_the_accepted_one(stored: Portrait, tmp_path: Path) -> None:
    portrait_pixels(stored, workspace=tmp_path)
    path = Path(storages["media"].path(stored.image_key))
    original = path.read_bytes()
    try:
        path.write_bytes(original[:-10])
        with pytest.raises(StoredFileDamaged):
            portrait_pixels(stored, workspace=tmp_path)
    finally:
        path.write_bytes(original)


def test_a_picture_that_intake_alters_is_examined_for_each_job(
    stored: Portrait, examined: list[Path], tmp_path: Path
) -> None:
    """Transparent parts, say: what was accepted are not the pixels that a plain reading gives."""
    picture = Image.open(storages["media"].path(stored.image_key)).convert("RGBA")
    picture.paste((90, 10, 10, 0), (0, 0, 60, 60))
    picture.save(tmp_path / "through.png")
    stored.image_key = storage.store("portraits", tmp_path / "through.png", ".png")
    stored.save()
    first, _ = portrait_pixels(stored, workspace=tmp_path)
    again, _ = portrait_pixels(stored, workspace=tmp_path)
    assert np.array_equal(first, again)
    assert first[0, 0].tolist() != [90, 10, 10]
    assert len(examined) == 2


def test_a_refusal_is_not_remembered(
    stored: Portrait, examined: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as narrower:
        narrower.setattr("generation.intake.limits.PORTRAIT_MAX_BYTES", 1000)
        with pytest.raises(IntakeRefused):
            portrait_pixels(stored, workspace=tmp_path)
    portrait_pixels(stored, workspace=tmp_path)
    assert len(examined) == 2


def test_a_worker_on_a_busy_machine_waits_longer_than_who_waits_for_an_answer(
    partner_a: Partner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = stored_portrait(partner_a, tmp_path, size=437)  # that no test has had examined
    patience: list[float] = []

    def late(*_: object, wall_s: float, **__: object) -> None:
        patience.append(wall_s)
        raise ReaderLate

    monkeypatch.setattr(examine, "_isolated", late)
    for ask in (partial(portrait_pixels, workspace=tmp_path), preflight.preflight_portrait):
        with pytest.raises(ReaderLate):
            ask(stored)
    worker, request = patience
    assert (worker, request) == (WORKER_WALL_S, PORTRAIT_WALL_S)
    assert worker > 5 * request
