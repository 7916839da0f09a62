"""Without the means for a whole sandbox no file is read, unless an operator said so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from config.local_stack import StackDidNotStart, sandbox_remark
from provenance.sandbox import requirement
from provenance.sandbox.requirement import SETTING, SandboxIncomplete, sandbox_state
from provenance.services.verify import verify_file
from tests.provenance.sandbox.test_run_isolated import needs_filter

ROOT = Path(__file__).parents[3]
SHELF = ROOT / "tests/vectors"
# Reads one credential alone and a portrait, and says what came of each.
READ = """
import json, tempfile
from pathlib import Path
from generation.intake.examine import examine_driving_audio
from provenance.common.errors import CodedError
from provenance.manifest.trust import TrustStore
from provenance.sandbox.requirement import sandbox_state
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.reader.reader_pool import Readers, read_once

folder = Path(tempfile.mkdtemp())
job = ReadJob(Path("tests/vectors/sealed.mp4").resolve(), "video", "video/mp4", TrustStore(""))
speech = Path("samples/speech/sample1_female_calm.wav").resolve()
def outcome(read):
    try:
        read()
    except CodedError as error:
        return error.code
    return "read"
readers = Readers(1)
print(json.dumps({
    "missing": sandbox_state().missing,
    "reads_files": sandbox_state().reads_files,
    "alone": outcome(lambda: read_once(job)),
    "pool": outcome(lambda: readers.read(job)),
    "upload": outcome(lambda: examine_driving_audio(speech, name="", content_type="", workspace=folder)),
}))
readers.close()
"""


def outcome_without(*what: str, setting: str = "") -> dict[str, object]:
    environment = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", **({SETTING: setting} if setting else {})}
    done = subprocess.run(
        [sys.executable, "-m", "tests.provenance.sandbox.denying", *what, "--", READ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@needs_filter
@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ("landlock", ["Landlock"]),
        ("the last step of landlock", []),
        ("seccomp", ["seccomp"]),
        ("limits", []),
    ],
)
def test_nothing_is_read_where_a_part_is_denied(denied: str, named: list[str]) -> None:
    found = outcome_without(denied)
    assert [found["alone"], found["pool"], found["upload"]] == ["sandbox_incomplete"] * 3
    assert found["missing"] == named  # as far as it can be told without trying


@pytest.mark.slow
@needs_filter
@pytest.mark.skipif(bool(sandbox_state().missing), reason="this machine lacks more than namespaces")
def test_files_are_read_where_namespaces_alone_are_denied() -> None:
    found = outcome_without("namespaces")
    assert [found["alone"], found["pool"], found["upload"]] == ["read"] * 3
    assert found["missing"] == []


@pytest.mark.slow
@needs_filter
def test_an_operator_may_have_files_read_nevertheless() -> None:
    found = outcome_without("landlock", setting="reduced")
    assert [found["alone"], found["pool"], found["upload"]] == ["read"] * 3
    assert (found["missing"], found["reads_files"]) == (["Landlock"], True)


@pytest.fixture
def without_landlock(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(requirement, "_missing", lambda: ("Landlock",))
    monkeypatch.delenv(SETTING, raising=False)
    return monkeypatch


def test_readyz_and_every_page_say_that_nothing_is_read(without_landlock: object, db: None) -> None:
    health = Client().get("/readyz").json()
    assert health["ok"] is False
    assert health["sandbox"] == {"reads_files": False, "is_whole": False, "missing": ["Landlock"]}
    assert "No file is read here at the moment" in Client().get("/verify/").content.decode()


def test_readyz_and_every_page_say_that_the_sandbox_is_reduced(
    without_landlock: pytest.MonkeyPatch, db: None
) -> None:
    without_landlock.setenv(SETTING, "reduced")
    health = Client().get("/readyz").json()
    assert health["sandbox"] == {"reads_files": True, "is_whole": False, "missing": ["Landlock"]}
    page = Client().get("/verify/").content.decode()
    assert "reduced sandbox" in page
    assert "Landlock" in page


def test_the_local_stack_names_what_is_missing_and_how_to_go_on(without_landlock: pytest.MonkeyPatch) -> None:
    with pytest.raises(StackDidNotStart, match=r"Landlock missing.*LIKENESS_SANDBOX=reduced"):
        sandbox_remark()
    without_landlock.setenv(SETTING, "reduced")
    assert "reduced sandbox" in sandbox_remark()


def test_pages_say_nothing_where_the_sandbox_is_whole(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(requirement, "_missing", lambda: ())
    assert "sandbox" not in Client().get("/verify/").content.decode()


def test_the_refusal_names_what_is_missing_and_how_to_go_on() -> None:
    refusal = SandboxIncomplete(["Landlock", "seccomp"])
    assert refusal.status == 503
    assert refusal.missing == ("Landlock", "seccomp")
    assert f"{SETTING}=reduced" in refusal.hint


def test_verification_refuses_instead_of_saying_that_it_cannot_tell(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SandboxIncomplete(["Landlock"])

    monkeypatch.setattr("provenance.verify.reader.reader_pool.Readers.read", refuse)
    with pytest.raises(SandboxIncomplete):
        verify_file(SHELF / "sealed.mp4")
