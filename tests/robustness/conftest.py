"""A whole Likeness on loopback that may be broken, and a partner who uses it meanwhile."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.local_stack import LocalStack
from tests.migrated import copy_migrated_database
from tests.robustness.partner_program import Inputs, PartnerProgram, consented_inputs, program_of

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 4
SMALL = {
    "LIKENESS_VIDEO_SIZE": "256",
    "LIKENESS_JOB_LEASE_S": str(LEASE_S),
    "LIKENESS_SPLIT_FROM_S": "15",
}


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Web server, workers and Redis on SQLite, with small pictures and short leases."""
    folder = tmp_path_factory.mktemp("stack")
    copy_migrated_database(folder / "likeness.sqlite3")
    with LocalStack(folder, port=0, environment=SMALL) as running:
        yield running


@pytest.fixture
def stack(shared_stack: LocalStack) -> Iterator[LocalStack]:
    """The shared stack; what a test killed is alive again after it."""
    yield shared_stack
    shared_stack.revive()


@pytest.fixture(scope="session")
def seed(shared_stack: LocalStack) -> dict[str, Any]:
    """The demonstration's people and key."""
    return dict(json.loads(shared_stack.manage("seed_demo")))


@pytest.fixture(scope="session")
def partner(shared_stack: LocalStack, seed: dict[str, Any]) -> PartnerProgram:
    """A partner whose videos are released without review."""
    return program_of(shared_stack, seed)


@pytest.fixture(scope="session")
def portrait_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundled portrait, smaller: it is looked at in every attempt."""
    path = tmp_path_factory.mktemp("portrait") / "maya.png"
    with Image.open(ROOT / "samples/portraits/maya.jpg") as portrait:
        portrait.resize((512, 512)).save(path)
    return path


@pytest.fixture(scope="session")
def speech_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two seconds of bundled speech."""
    path = tmp_path_factory.mktemp("speech") / "hello.wav"
    with (
        wave.open(str(ROOT / "samples/speech/sample1_female_calm.wav")) as sample,
        wave.open(str(path), "wb") as cut,
    ):
        cut.setparams(sample.getparams())
        cut.writeframes(sample.readframes(2 * sample.getframerate()))
    return path


@pytest.fixture(scope="session")
def inputs(partner: PartnerProgram, portrait_file: Path, speech_file: Path) -> Inputs:
    """What jobs can be made of, with consent to many videos."""
    return consented_inputs(partner, portrait_file, speech_file, max_videos=1000)
