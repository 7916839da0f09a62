"""`likeness verify`: the verdict, as text and as the API's JSON, and what its exit code says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from likeness.commands.tree import main
from tests.likeness.client.stub_service import Prepared, StubService
from tests.likeness.conftest import SHELF
from tests.provenance import clips

KEYS = ["--keys", str(SHELF / "keys.json")]
BUNDLE = ["--bundle", str(SHELF / "released.bundle.json")]
VERDICT = {
    "verdict": "ours_changed",
    "headline": "Made here, but changed since",
    "sentence": "It was changed.",
    "reasons": [{"signal": "watermark", "finding": "found", "sentence": "It carries our watermark."}],
    "not_checked": [{"what": "truth", "sentence": "Whether it is true."}],
    "error_rate": {"false_match": None, "sentence": "No rate."},
    "rendition_id": "rnd_1",
}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return Path(shutil.copy(SHELF / "released.mp4", tmp_path))


@pytest.mark.slow
def test_a_released_video_holds(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(video), *KEYS, *BUNDLE]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Made here, and unchanged\n")
    assert "Not checked:\n" in said
    assert said.endswith("Video: rnd_golden0000000000000001\n")


@pytest.mark.slow
def test_a_changed_video_does_not_hold(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video.write_bytes(clips.with_picture_data_changed(video.read_bytes()))
    assert main(["verify", str(video), *KEYS, *BUNDLE, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["verdict"] == "cannot_tell"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["no.mp4", *KEYS], "file_unreadable"),
        ([str(SHELF / "released.mp4"), "--keys", "no.json"], "file_unreadable"),
        ([str(SHELF / "released.mp4"), "--keys", str(SHELF / "released.mp4")], "file_unreadable"),
        ([str(SHELF / "released.mp4"), "--keys", str(SHELF / "released.bundle.json")], "bundle_rejected"),
        ([str(SHELF / "released.mp4"), *KEYS, "--bundle", str(SHELF / "keys.json")], "bundle_rejected"),
        ([str(SHELF / "keys.json"), *KEYS], "unsupported_media"),
        ([str(SHELF / "released.mp4"), "--server", "http://127.0.0.1:1"], "service_unreachable"),
        ([str(SHELF / "released.mp4"), "--server", "nowhere"], "service_unreachable"),
    ],
)
def test_what_cannot_be_checked_is_said_with_code_sentence_and_hint(
    arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *arguments]) == 2
    said = capsys.readouterr()
    first, hint = said.err.splitlines()
    assert first.startswith(f"{code}: ")
    assert hint
    assert main(["verify", *arguments, "--json"]) == 2
    problem = json.loads(capsys.readouterr().err)
    assert (problem["code"], problem["title"], problem["hint"]) == (
        code,
        first.removeprefix(f"{code}: "),
        hint,
    )
    assert said.out == ""


@pytest.mark.parametrize("server", ["localhost:8000", "your.host"])
def test_an_address_without_its_scheme_is_told_to_need_one(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(SHELF / "released.mp4"), "--server", server]) == 2
    assert "begin with http:// or https://" in capsys.readouterr().err


@pytest.mark.parametrize("ways", [[], [*KEYS, "--server", "http://127.0.0.1:1"], [*BUNDLE, "--server", "x"]])
def test_it_takes_keys_or_a_server(ways: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["verify", "video.mp4", *ways])
    assert stopped.value.code == 2
    assert "usage: likeness verify" in capsys.readouterr().err


def test_by_server_it_gives_the_service_s_answer(
    video: Path, stub: StubService, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.prepare("/v1/verify", Prepared(200, VERDICT))
    assert main(["verify", str(video), "--server", stub.url, "--json"]) == 3
    assert json.loads(capsys.readouterr().out) == VERDICT
    assert main(["verify", str(video), "--server", stub.url]) == 3
    assert "  watermark: It carries our watermark.\n" in capsys.readouterr().out
