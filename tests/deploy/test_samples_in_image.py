"""The image has the files of the samples that the service offers."""

from __future__ import annotations

from pathlib import Path

from generation.samples.catalogue import SAMPLES

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def test_the_folders_of_all_samples_are_copied_and_not_ignored() -> None:
    copied = (DEPLOY / "Dockerfile").read_text()
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    folders = {Path(file).parent.name for one in SAMPLES.values() for file in (one.portrait, one.speech)}
    for folder in folders:
        assert f"COPY samples/{folder} samples/{folder}" in copied
        assert f"!samples/{folder}" in ignored
