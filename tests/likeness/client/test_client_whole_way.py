"""The client against a running service: upload, consent, job, download, and the verdict in four ways."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from likeness import Client, ServiceRefusal, check_log, read_log, verify_file
from likeness.client.answers import RenditionInfo
from likeness.commands.tree import main
from tests.likeness.conftest import ROOT
from tests.running_service import RunningService
from tools.mailbox import Mailbox
from tools.visitor import say_yes

PAGE = ROOT / "docs/python-package.md"
PYTHON_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
def client(service: RunningService) -> Iterator[Client]:
    with Client(service.url, service.api_key) as client:
        yield client


@pytest.fixture(scope="module")
def video(service: RunningService, client: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released video, made with nothing but the client and the subject's yes."""
    portrait = client.upload_portrait(
        service.portrait, subject_id=client.create_subject("Maya", email="mara@mail.example").id
    )
    audio = client.upload_audio(service.speech, voice="synthetic")
    assert (portrait.width, portrait.height, audio.duration_s) == (512, 512, 2.0)
    consent = client.request_consent(
        portrait.id,
        basis="other_person",
        purpose="A test of the client",
        valid_until=datetime.now(UTC) + timedelta(days=30),
        max_videos=3,
    )
    assert client.read_consent(consent.id).state == "requested"
    with pytest.raises(ServiceRefusal) as refused:
        client.create_job(portrait.id, audio.id)
    assert refused.value.code.startswith("consent_")
    assert consent.subject_link is None
    say_yes(Mailbox(service.mail, "mara@mail.example"), service.signed_in_reviewer())
    assert client.read_consent(consent.id).state == "granted"
    asked: dict[str, Any] = {"seed": 7, "controls": {"emotion": "happy"}, "disclosure": {"language": "de"}}
    first = client.create_job(portrait.id, audio.id, **asked, idempotency_key="one")
    assert client.create_job(portrait.id, audio.id, **asked, idempotency_key="one").id == first.id
    assert first.disclosure is not None
    assert (first.disclosure["preset"], first.disclosure["language"]) == ("eu", "de")
    seen: list[str] = []
    sealed = client.wait(first.id, timeout_s=300, on_progress=lambda job: seen.append(job.state))
    assert seen[-1] == "released"
    assert isinstance(sealed, RenditionInfo)
    assert (sealed.width, sealed.height) == (256, 256)
    cancelled = client.cancel_job(client.create_job(portrait.id, audio.id).id)
    assert cancelled.state == "cancelled"
    return client.download(sealed.id, tmp_path_factory.mktemp("video") / f"{sealed.id}.mp4")


def test_the_service_calls_it_intact(client: Client, video: Path) -> None:
    found = client.verify(video)
    assert (found.verdict, found.rendition_id) == ("ours_intact", video.stem)


def test_with_its_evidence_it_is_intact_without_the_service(client: Client, video: Path) -> None:
    found = verify_file(video, keys=client.verification_keys(), bundles=[client.evidence(video.stem)])
    assert (found.verdict, found.rendition_id) == ("ours_intact", video.stem)


def test_the_command_says_the_same_both_ways(
    service: RunningService, client: Client, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(client.verification_keys()))
    (tmp_path / "bundle.json").write_text(json.dumps(client.evidence(video.stem)))
    files = ["--keys", str(tmp_path / "keys.json"), "--bundle", str(tmp_path / "bundle.json")]
    assert main(["verify", str(video), "--json", *files]) == 0
    offline = json.loads(capsys.readouterr().out)
    assert main(["verify", str(video), "--json", "--server", service.url]) == 0
    online = json.loads(capsys.readouterr().out)
    assert offline["sentence"] == online["sentence"]
    assert online["watermark"]["state"] == "found"


def test_the_first_video_takes_the_ten_lines_of_the_documentation(
    service: RunningService, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert video.exists()  # the subject has said yes
    shown = next(block for block in PYTHON_BLOCK.findall(PAGE.read_text()) if "upload_audio" in block)
    lines = [line for line in shown.splitlines() if line.strip()]
    assert len(lines) <= 10
    assert shown in (ROOT / "README.md").read_text()
    program = shown.replace("https://your.host", service.url).replace("lk_...", service.api_key)
    monkeypatch.chdir(tmp_path)
    shutil.copy(service.speech, "speech.wav")
    exec(compile(program, str(PAGE), "exec"), {})  # noqa: S102
    with Client(service.url) as anybody:
        assert anybody.verify("video.mp4").is_intact


def test_its_log_is_sound_and_tells_of_the_video(
    service: RunningService, client: Client, video: Path, tmp_path: Path
) -> None:
    place, keys = f"{service.url}/v1/log", client.verification_keys()
    report = check_log(place, keys=keys, remember=tmp_path / "kept")
    assert report.findings == ()
    events = [entry.event for entry in read_log(place, keys=keys) if video.stem in entry.references]
    assert events == ["rendition.sealed", "rendition.released"]
    client.create_subject("Somebody more")
    again = check_log(place, keys=keys, remember=tmp_path / "kept")
    assert again.findings == ()
    assert again.remembered == report.checkpoint
