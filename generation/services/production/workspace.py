"""Working folders of attempts: one for each, removed when it ends or swept by the next attempt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from generation.models import Job
from generation.services.advance import Lease


@contextmanager
def workspace(lease: Lease) -> Iterator[Path]:
    """A fresh folder for this attempt. It is removed afterwards, as is what killed attempts left behind."""
    sweep_workspaces()
    folder = _all_attempts() / f"{lease.job_id}.{lease.owner}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        _remove(folder)


def sweep_workspaces() -> None:
    """Remove the folders on this machine of attempts that do not hold their job any more.

    Such an attempt can change nothing any more, whether its worker was killed or only slept. A folder is made
    after its claim, so the row always knows of an attempt that is at work. The folders lie side by side, not
    within one for each job: a worker killed while it sweeps leaves nothing that the next one would not see.
    """
    for folder in _all_attempts().glob("*.*"):
        job_id, _, owner = folder.name.partition(".")
        if not Job.objects.filter(pk=job_id, lease_owner=owner).exists():
            _remove(folder)


def _all_attempts() -> Path:
    return Path(settings.LIKENESS_DATA_DIR) / "attempts"


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # another worker may be sweeping it too
