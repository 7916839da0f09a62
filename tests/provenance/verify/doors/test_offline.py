"""With pinned keys and a bundle, a stranger without server, database or settings gets the same verdict."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from provenance.log.keys import LogSigningKey, create_log_key
from provenance.models import Record
from provenance.offline import main, verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import BundleRejected, PinnedKeys, open_bundle
from tests.provenance import clips
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]


@pytest.fixture
def bundle(released: Record) -> dict[str, Any]:
    """What /v1/evidence/ gives for the released clip."""
    answer: dict[str, Any] = Client().get(f"/v1/evidence/{released.rendition_id}").json()
    return answer


class Stranger:
    """Somebody with a checkout and files, and nothing of the service."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def write(self, name: str, values: object) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(values))
        return path

    def run(self, file: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """What the command says, in this process. It takes nothing of the service: an import contract."""
        self._capsys.readouterr()
        with contextlib.chdir(self.folder):
            code = main([str(file), *map(str, arguments)])
        said = self._capsys.readouterr()
        return subprocess.CompletedProcess([], code, said.out, said.err)

    def run_alone(self, file: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """The same as a process of its own."""
        command = [sys.executable, "-m", "provenance.offline", str(file), *map(str, arguments)]
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def stranger(tmp_path: Path, bundle: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Stranger:
    """The stranger has kept the keys, and got the bundle."""
    stranger = Stranger(tmp_path, capsys)
    stranger.write("keys.json", Client().get("/v1/verification-keys").json())
    stranger.write("bundle.json", bundle)
    return stranger


def alike(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict without the moments, which the row keeps finer than the log."""
    record = verdict["record"] or {}
    return {**verdict, "record": {name: record.get(name) for name in ("state", "log_index")}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [(bytes, "ours_intact"), (clips.with_free_box, "ours_changed")],
    ids=["untouched", "free_box"],
)
def test_it_reaches_the_same_verdict_by_hash_and_signature(stranger, clip, change, expected) -> None:
    file = stranger.folder / "video.mp4"
    file.write_bytes(change(clip.data))
    done = stranger.run_alone(file, "--keys", "keys.json", "--bundle", "bundle.json", "--json")
    verdict, online = json.loads(done.stdout), verify_file(file).to_json()
    assert done.returncode == (0 if expected == "ours_intact" else 3)
    assert verdict["verdict"] == online["verdict"] == expected
    assert verdict["sentence"] == online["sentence"]
    assert verdict["rendition_id"] == online["rendition_id"]


@pytest.mark.parametrize(
    "change",
    [
        bytes,
        clips.with_picture_data_changed,
        clips.remuxed,
        clips.with_free_box,
        clips.with_signature_changed,
    ],
    ids=lambda change: change.__name__,
)
def test_whoever_holds_the_marks_key_gets_the_very_same_answer(stranger, clip, change) -> None:
    file = stranger.folder / "video.mp4"
    file.write_bytes(change(clip.data))
    key = Path(django_settings.LIKENESS_WATERMARK_KEY_FILE)
    done = stranger.run(
        file, "--keys", "keys.json", "--bundle", "bundle.json", "--watermark-key", key, "--json"
    )
    assert alike(json.loads(done.stdout)) == alike(verify_file(file).to_json())


def test_the_marks_key_without_a_bundle_finds_no_mark_and_stops_nothing(stranger, clip) -> None:
    keys = PinnedKeys.from_json(Client().get("/v1/verification-keys").json())
    secret = bytes.fromhex(Path(django_settings.LIKENESS_WATERMARK_KEY_FILE).read_text().strip())
    found = verify_offline(clip.path, keys, [], watermark_secret=secret)
    assert (found.signals.read_failure, found.signals.mark.state) == (None, "not_looked_for")


def test_without_the_marks_key_it_says_what_was_not_looked_for(stranger, clip) -> None:
    file = stranger.folder / "video.mp4"
    file.write_bytes(clips.remuxed(clip.data))
    done = stranger.run(file, "--keys", "keys.json", "--bundle", "bundle.json")
    assert done.returncode == 3
    assert done.stdout.startswith("We cannot tell\n")
    assert "keeps the key" in done.stdout


def test_a_newer_bundle_knows_of_a_withdrawal(stranger, clip: SealedClip) -> None:
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    stranger.write("bundle.json", evidence_bundle(clip.rendition_id))
    done = stranger.run(clip.path, "--keys", "keys.json", "--bundle", "bundle.json")
    assert done.returncode == 3
    assert done.stdout.startswith("Made here, but withdrawn\n")
    assert "consent_withdrawn" in done.stdout


def test_it_needs_no_bundle_to_know_a_signature(stranger, clip: SealedClip) -> None:
    done = stranger.run(clip.path, "--keys", "keys.json", "--json")
    verdict = json.loads(done.stdout)
    assert verdict["verdict"] == "cannot_tell"
    assert verdict["credentials"]["state"] == "trusted_ours"
    assert "Do not rely on it" not in verdict["sentence"]
    assert "evidence of this video is not at hand" in verdict["sentence"]
    assert "We have no record" not in done.stdout


def test_the_command_loads_no_framework(stranger, clip: SealedClip) -> None:
    code = (
        "import sys; from provenance.offline import main;"
        f"main([{str(clip.path)!r}, '--keys', 'keys.json', '--bundle', 'bundle.json']);"
        "assert 'django' not in sys.modules, 'Django was loaded'"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=stranger.folder, env=environment, check=True)


def flip(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def forge_entry(bundle: dict[str, Any], old: bytes, new: bytes) -> None:
    item = bundle["log"]["entries"][0]
    item["entry"] = base64.b64encode(base64.b64decode(item["entry"]).replace(old, new)).decode()


@pytest.mark.parametrize(
    "forge",
    [
        lambda bundle: forge_entry(bundle, b'"file_digest":"', b'"file_digest":"0'),
        lambda bundle: bundle["log"]["entries"].pop(0),
        lambda bundle: bundle["log"]["entries"].reverse(),
        lambda bundle: bundle["log"]["entries"].clear(),
        lambda bundle: bundle.update(manifest=flip(bundle["manifest"])),
        lambda bundle: bundle.update(consent_receipt_digest="0" * 64),
        lambda bundle: bundle.update(rendition_id="rnd_another"),
        lambda bundle: bundle.update(format="likeness-evidence/2"),
        lambda bundle: bundle["log"].update(checkpoint=bundle["log"]["checkpoint"].replace("\n2\n", "\n3\n")),
        lambda bundle: bundle["log"].update(checkpoint="no note"),
        lambda bundle: bundle["log"]["entries"][0].update(inclusion_proof=[]),
        lambda bundle: bundle["log"].update(entries=[None]),
        lambda bundle: bundle.pop("log"),
    ],
    ids=[
        "entry", "without_sealing", "order", "empty", "manifest", "receipt", "another_video", "version",
        "checkpoint", "no_checkpoint", "no_proof", "nonsense", "no_log",
    ],
)  # fmt: skip
def test_a_forged_bundle_is_rejected(bundle: dict[str, Any], forge) -> None:
    open_bundle(bundle, pinned_keys().log_key)
    forge(bundle)
    with pytest.raises(BundleRejected):
        open_bundle(bundle, pinned_keys().log_key)


def test_a_bundle_of_another_log_is_rejected(bundle: dict[str, Any], tmp_path: Path) -> None:
    create_log_key(tmp_path / "other.pem")
    other = LogSigningKey.load(tmp_path / "other.pem", django_settings.LIKENESS_LOG_ORIGIN).verify_key
    with pytest.raises(BundleRejected):
        open_bundle(bundle, other)


@pytest.mark.parametrize("keys", [{}, {"format": "likeness-verification-keys/1"}, [], "junk"])
def test_keys_that_are_none_end_the_command_with_a_sentence(stranger, clip, keys: object) -> None:
    stranger.write("keys.json", keys)
    done = stranger.run(clip.path, "--keys", "keys.json")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "/v1/verification-keys" in done.stderr


@pytest.mark.django_db
def test_keys_survive_the_way_through_json() -> None:
    keys = pinned_keys()
    assert PinnedKeys.from_json(json.loads(json.dumps(keys.to_json()))) == keys
