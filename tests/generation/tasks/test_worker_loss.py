from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What became of five jobs whose worker was killed with -9, each in another stage or another way."""
    data_dir = tmp_path_factory.mktemp("worker-loss")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "LIKENESS_DATA_DIR": str(data_dir),
        "LIKENESS_VIDEO_SIZE": "256",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.generation.tasks.worker_loss", str(data_dir)],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_job_whose_worker_is_killed_in_any_stage_is_finished_by_another(
    reports: list[dict[str, Any]],
) -> None:
    stages = [report["stage"] for report in reports]
    assert stages == ["animating", "marking", "marking", "signing", "verifying"]
    for report in reports:
        assert report["killed"], report
        assert (report["state"], report["reason_code"]) == ("released", ""), report
        assert report["attempts"] >= 2, report


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_video_is_released_twice_and_no_log_entry_is_lost(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        assert (report["renditions"], report["records"]) == (1, 1), report
        assert report["events"] == ["job.submitted", "rendition.sealed", "rendition.released"], report


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_attempts_leave_no_files_behind(reports: list[dict[str, Any]]) -> None:
    assert reports[-1]["left_behind"] == []
