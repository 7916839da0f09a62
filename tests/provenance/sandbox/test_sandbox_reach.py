"""What a sandboxed process reaches: its input and its libraries, and nothing else to read or to write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from provenance.checks import sandbox_checks
from provenance.checks.sandbox_checks import check_readers_reach_nothing
from provenance.common.strict_json import to_plain
from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.sandbox.probe import Reach, Targets, network_namespace
from provenance.sandbox.requirement import SandboxState, sandbox_state

ROOT = Path(__file__).parents[3]
needs_whole = pytest.mark.skipif(
    bool(sandbox_state().missing), reason=f"this machine lacks {sandbox_state().missing}"
)
SECRETS = (
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    "/proc/1/environ",
    "/proc/self/environ",
    "/proc/self/maps",
)


def reach(targets: Targets, *readable: Path) -> Reach:
    return run_isolated(
        "provenance.sandbox.probe",
        Reach,
        stdin=json.dumps(to_plain(targets)).encode(),
        readable=readable,
        memory_bytes=400 * 1024 * 1024,
        cpu_s=20,
        wall_s=60.0,
    )


@pytest.fixture
def uploads(tmp_path: Path) -> tuple[Path, Path]:
    """The input, and another upload beside it."""
    for name in ("input", "other"):
        (tmp_path / name).write_bytes(b"a stranger's file")
    return tmp_path / "input", tmp_path / "other"


@needs_whole
def test_it_reads_its_input_and_libraries_and_nothing_else(uploads: tuple[Path, Path]) -> None:
    given, other = uploads
    library = Path(json.__file__)
    ours = [
        ROOT / name for name in ("manage.py", "pyproject.toml", "config/settings/base.py", "accounts/apps.py")
    ]
    files = (given, library, other, *map(Path, SECRETS), *ours, Path(f"/proc/{os.getpid()}/environ"))
    found = reach(
        Targets(files, (), (given.parent, ROOT, ROOT / "var", Path("/"), Path("/etc"), Path.home())), given
    )
    assert set(found.read) == {str(given), str(library)}
    assert found.listed == ()


@needs_whole
def test_it_writes_nothing_anywhere(uploads: tuple[Path, Path]) -> None:
    given, other = uploads
    library = Path(json.__file__)
    folders = (given.parent, Path("/tmp"), Path("/dev/shm"), library.parent, ROOT, ROOT / "provenance")  # noqa: S108
    found = reach(Targets((), (given, other), folders), given)
    assert found.written == ()
    assert sorted(path.name for path in given.parent.iterdir()) == ["input", "other"]
    assert given.read_bytes() == b"a stranger's file"


@needs_whole
def test_it_follows_no_link_out_of_what_it_was_given(uploads: tuple[Path, Path]) -> None:
    given, other = uploads
    link = given.with_name("link")
    link.symlink_to(other)
    assert reach(Targets((link,)), given).read == ()


def test_the_deployment_check_finds_nothing_in_reach() -> None:
    found = check_readers_reach_nothing()
    assert [message.id for message in found] == (["provenance.W009"] if sandbox_state().missing else [])


NOTHING = {"read": (), "written": (), "listed": (), "can_open_socket": False, "network_namespace": ""}


@pytest.mark.parametrize(
    "more",
    [
        {"can_open_socket": True, "network_namespace": network_namespace()},
        {"read": ("/etc/shadow",)},
        {"written": ("/etc: file",)},
        {"listed": ("/etc",)},
    ],
)
def test_the_deployment_check_tells_what_is_in_reach(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, object]
) -> None:
    monkeypatch.setattr(sandbox_checks, "sandbox_state", lambda: SandboxState((), may_be_reduced=False))
    monkeypatch.setattr(sandbox_checks, "run_isolated", lambda *_, **__: Reach(**{**NOTHING, **more}))  # type: ignore[arg-type]
    assert [message.id for message in check_readers_reach_nothing()] == ["provenance.W004"]


def test_the_deployment_check_tells_when_it_could_not_try(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IsolatedFailure("crashed")

    monkeypatch.setattr(sandbox_checks, "sandbox_state", lambda: SandboxState((), may_be_reduced=False))
    monkeypatch.setattr(sandbox_checks, "run_isolated", fail)
    assert [message.id for message in check_readers_reach_nothing()] == ["provenance.W004"]


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root becomes somebody else")
@needs_whole
def test_an_ordinary_user_is_held_to_the_same() -> None:
    """The other tests run as whoever runs them, which is root in a container."""
    python = next(filter(_is_for_everybody, (sys.executable, "/usr/bin/python3")), None)
    if python is None or not _is_for_everybody(str(ROOT / "manage.py")):
        pytest.skip("interpreter or code lie where other users may not look")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        given, other = folder / "input", folder / "other"
        for path in (given, other):
            path.write_bytes(b"a stranger's file")
            path.chmod(0o666)
        targets = json.dumps(
            to_plain(Targets((given, other, Path("/etc/passwd")), (given, other), (folder,)))
        )
        code = AS_NOBODY.format(root=str(ROOT), targets=targets, given=str(given))
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        assert f"read=({str(given)!r},), written=(), listed=()" in done.stdout


AS_NOBODY = """
import os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534); sys.path.insert(0, {root!r})
from pathlib import Path
from provenance.sandbox.isolation import run_isolated
from provenance.sandbox.probe import Reach
print(run_isolated(
    "provenance.sandbox.probe", Reach, stdin={targets!r}.encode(), readable=[Path({given!r})],
    memory_bytes=400 << 20, cpu_s=20, wall_s=60.0,
))
"""


def _is_for_everybody(name: str) -> bool:
    path = Path(name).resolve()
    return path.exists() and all(place.stat().st_mode & 0o001 for place in path.parents)
