"""In an environment with nothing but the wheel and what it asks for, the package does what it says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.likeness.conftest import SHELF

pytestmark = pytest.mark.slow


def run_in(environment: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(environment / "bin/python"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_importing_it_loads_neither_django_nor_torch_nor_a_decoder(environment: Path, tmp_path: Path) -> None:
    heavy = ("django", "torch", "celery", "cv2", "av", "scipy", "c2pa", "config")
    done = run_in(
        environment,
        tmp_path,
        "-c",
        f"import likeness, likeness.commands.tree, sys; print([n for n in {heavy} if n in sys.modules])",
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(("name", "code"), [("released", 0), ("withdrawn", 3), ("edited", 3)])
def test_the_command_verifies_a_golden_file(environment: Path, tmp_path: Path, name: str, code: int) -> None:
    bundle = SHELF / ("withdrawn" if name == "withdrawn" else "released")
    arguments = [str(SHELF / f"{name}.mp4"), "--keys", str(SHELF / "keys.json"), "--json"]
    arguments += ["--bundle", f"{bundle}.bundle.json"]
    done = run_in(environment, tmp_path, "-m", "likeness", "verify", *arguments)
    assert done.returncode == code, done.stderr
    offline = run_in(environment, tmp_path, "-m", "provenance.offline", *arguments)
    assert offline.returncode == code
    assert json.loads(done.stdout) == json.loads(offline.stdout)


def test_the_entry_point_is_the_command(environment: Path, tmp_path: Path) -> None:
    program = (
        "from importlib.metadata import entry_points;"
        "(found,) = entry_points(group='console_scripts', name='likeness');"
        "found.load()(['--version'])"
    )
    done = run_in(environment, tmp_path, "-c", program)
    assert done.stdout.startswith("likeness "), done.stderr


def test_with_the_extra_the_watermark_is_looked_for(environment_with_decoders: Path, tmp_path: Path) -> None:
    done = look_for_watermark(environment_with_decoders, tmp_path, "--json")
    verdict = json.loads(done.stdout)
    assert verdict["watermark"]["state"] == "not_found", done.stderr  # it was made with another key
    assert verdict["watermark"]["frames_read"] > 0


def look_for_watermark(environment: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "key").write_text("00" * 32)
    arguments = [str(SHELF / "released.mp4"), "--keys", str(SHELF / "keys.json"), "--watermark-key", "key"]
    bundle = ["--bundle", str(SHELF / "released.bundle.json")]
    return run_in(environment, folder, "-m", "provenance.offline", *arguments, *bundle, *more)


def test_without_the_decoders_a_watermark_key_is_refused_in_words(environment: Path, tmp_path: Path) -> None:
    done = look_for_watermark(environment, tmp_path)
    assert done.returncode == 2
    assert "likeness[watermark]" in done.stderr
