"""Every example does what its first line says."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.animation import MotionTrack
from likeness import verify_file
from tests.likeness.client.live_service import HEAD, live_service
from tests.likeness.client.stub_service import Prepared, stub_service
from tests.likeness.conftest import SHELF
from tests.likeness.test_log_check import bodies_of, write_log
from tests.provenance.log.store import KEY
from tests.running_service import RunningService

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py") if path.name != "__init__.py")


def command_of(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"examples.{name}", *map(str, arguments)]


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command_of(name, *arguments), cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_says_what_it_is_for_is_short_and_is_run_here(example: Path) -> None:
    purpose = ast.get_docstring(ast.parse(example.read_text()))
    assert purpose
    assert purpose.splitlines()[0].endswith(".")
    assert len(example.read_text().splitlines()) <= 60
    assert f'"{example.stem}"' in Path(__file__).read_text()


@pytest.mark.parametrize(
    ("name", "code", "verdict"), [("released", 0, "ours_intact"), ("edited", 3, "ours_changed")]
)
def test_a_video_is_verified(name: str, code: int, verdict: str) -> None:
    done = run("verify_file", SHELF / f"{name}.mp4")
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith(f"{verdict}: ")


def test_a_log_is_checked_and_read(tmp_path: Path) -> None:
    write_log(tmp_path / "log", bodies_of(3))
    (tmp_path / "key").write_text(KEY.verify_key.vkey)
    done = run("read_and_check_log", tmp_path / "log", tmp_path / "key")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["0", "1", "2"]
    (tmp_path / "log/tile/0/000.p/3").write_bytes(bytes(96))
    done = run("read_and_check_log", tmp_path / "log", tmp_path / "key")
    assert (done.returncode, done.stdout.count("node_changed: ")) == (3, 3)


@pytest.mark.slow
def test_a_portrait_is_animated(tmp_path: Path) -> None:
    done = run("animate_portrait", tmp_path / "motion.csv", tmp_path / "strip.png")
    assert done.returncode == 0, done.stderr
    assert MotionTrack.from_csv(tmp_path / "motion.csv").actions.shape == (75, 52)
    with Image.open(tmp_path / "strip.png") as strip:
        frames = np.split(np.asarray(strip.convert("RGB")), 5, axis=1)
    assert {frame.shape for frame in frames} == {(256, 256, 3)}
    assert all((frame != frames[0]).any() for frame in frames[1:])


@pytest.mark.parametrize("name", ["speak_live", "live_text_to_speech"])
def test_a_portrait_speaks_live(name: str, tmp_path: Path) -> None:
    """Against a stand-in that answers sound with bytes: tests/e2e/test_live.py has the service itself."""
    with stub_service() as stub, live_service() as live:
        stub.prepare("/v1/live", Prepared(201, live.opened()))
        environment = {**os.environ, "LIKENESS_SERVER": stub.url, "LIKENESS_API_KEY": "key"}
        speech = tmp_path / "speech.wav"
        with wave.open(str(speech), "wb") as file:
            file.setparams((1, 2, 24_000, 0, "NONE", ""))
            file.writeframes(bytes(48_00))
        given = ("por_1", speech, tmp_path / "face.mp4") if name == "speak_live" else ("por_1", 24_000)
        done = subprocess.run(
            command_of(name, *given), cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60,
            input=speech.read_bytes()[44:],
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "face.mp4").read_bytes() if name == "speak_live" else done.stdout
    assert shown == HEAD + bytes(live.sound)
    assert abs(len(live.sound) - 2 * 1600) <= 128


@pytest.mark.slow
@pytest.mark.timeout(480)
def test_a_video_is_created_through_the_api(service: RunningService, tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    environment = {**os.environ, "LIKENESS_SERVER": service.url, "LIKENESS_API_KEY": service.api_key}
    process = subprocess.Popen(
        command_of("create_video", video, service.portrait, service.speech),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    stop = threading.Timer(420, process.kill)
    stop.start()
    try:
        line = process.stdout.readline()
        assert line.startswith("Waiting for a reviewer: "), process.communicate()[1]
        service.confirm(line.split()[-1])
        said, complaint = process.communicate()
    finally:
        stop.cancel()
        process.kill()
        process.wait()
    assert process.returncode == 0, complaint
    assert "released" in said
    assert said.splitlines()[-1].startswith(f"{video}: ")
    assert (
        verify_file(video, keys=SHELF / "keys.json").verdict == "other_credentials"
    )  # of another installation
