"""A video in several parts: each by itself is called a part, together they are checked together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.manifest import development_ca
from provenance.manifest.findings.causes import Cause
from provenance.manifest.states import ManifestState
from provenance.manifest.trust import TrustStore
from provenance.verify.reader.inspect import inspect
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.verify.verify_file import verify_file
from tests.provenance.verify.containers.segmented import segmented
from tests.provenance.verify.credentials.forged_credentials import Forger

OURS = (Path(__file__).parents[3] / "vectors/trust-anchors.pem").read_text()
Parts = tuple[bytes, list[bytes]]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    authority = development_ca.create(tmp_path_factory.mktemp("stranger"))
    return segmented(Forger(*authority.issue_leaf()))


def judged(data: bytes, path: Path) -> Verdict:
    path.write_bytes(data)
    return verify_file(path, trust=TrustStore(OURS), watermarks=None, find=lambda *_: None, read=inspect)


def test_the_beginning_alone_is_incomplete(parts: Parts, tmp_path: Path) -> None:
    verdict = judged(parts[0], tmp_path / "v.mp4")
    assert verdict.signals.manifest is not None
    assert set(verdict.signals.manifest.causes) == {Cause.INCOMPLETE}
    assert "one part of a video" in str(verdict.sentence)
    assert "changed" not in str(verdict.sentence)


def test_a_segment_alone_is_called_one(parts: Parts, tmp_path: Path) -> None:
    verdict = judged(parts[1][0], tmp_path / "v.mp4")
    assert verdict.kind is VerdictKind.CANNOT_TELL
    assert "one part of a video" in str(verdict.sentence)


def test_together_they_fit(parts: Parts, tmp_path: Path) -> None:
    beginning, segments = parts
    manifest = judged(beginning + b"".join(segments), tmp_path / "v.mp4").signals.manifest
    assert manifest is not None
    assert (manifest.state, manifest.is_content_bound) == (ManifestState.VALID_UNTRUSTED, True)


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "exchanged": lambda segments: [segments[1], segments[0], *segments[2:]],
    "one left out": lambda segments: [segments[0], *segments[2:]],
    "one twice": lambda segments: [segments[0], segments[0], *segments[1:]],
    "altered": lambda segments: [segments[0], segments[1][:-9] + b"x" * 9, *segments[2:]],
}


@pytest.mark.parametrize("name", CHANGES)
def test_segments_that_are_not_those_that_were_signed_are_called_changed(
    name: str, parts: Parts, tmp_path: Path
) -> None:
    beginning, segments = parts
    verdict = judged(beginning + b"".join(CHANGES[name](segments)), tmp_path / "v.mp4")
    assert verdict.signals.manifest is not None
    assert set(verdict.signals.manifest.causes) == {Cause.CONTENT}
    assert "it was changed after it was signed" in str(verdict.sentence)


def sent(*files: bytes) -> str:
    uploads = [SimpleUploadedFile(f"{number}.mp4", data) for number, data in enumerate(files)]
    answer = Client().post("/v1/verify", {"file": uploads})
    assert answer.status_code == 200
    return str(answer.json()["credentials"]["state"])


@pytest.mark.django_db
@pytest.mark.slow
def test_the_parts_may_be_sent_together(parts: Parts) -> None:
    beginning, segments = parts
    assert sent(beginning, *segments) == "valid_untrusted"
    assert sent(*segments[:1], beginning, *segments[1:]) == "valid_untrusted"  # the beginning comes first
    assert sent(beginning, segments[2], segments[1]) == "invalid"


@pytest.mark.django_db
def test_several_files_that_are_not_the_parts_of_one_video_are_refused(parts: Parts) -> None:
    beginning, segments = parts
    for files in ([segments[0], beginning, beginning], [beginning, b"text"], [b"text", b"text"]):
        uploads = [SimpleUploadedFile(f"{number}.mp4", data) for number, data in enumerate(files)]
        answer = Client().post("/v1/verify", {"file": uploads})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert answer.json()["hint"] == "Send one file at a time."
