"""What a hostile or broken reader can do to us: nothing but fail with a kind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provenance.sandbox import isolation, syscall_filter
from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.sandbox.requirement import ReaderLate, ReaderUnavailable

ROOT = Path(__file__).parents[3]
HAS_FILTER = (
    sys.platform == "linux"
    and os.uname().machine in syscall_filter._ARCHITECTURES
    and "Seccomp_filters:" in Path("/proc/self/status").read_text()
)
needs_filter = pytest.mark.skipif(not HAS_FILTER, reason="this kernel has no filters of system calls")
HERE = "tests.provenance.sandbox.misbehave"
MEMORY = 400 * 1024 * 1024


def run(
    what: str, *more: str, stdin: bytes | None = None, cpu_s: int = 5, wall_s: float = 20.0
) -> dict[str, object]:
    return run_isolated(
        HERE,
        dict[str, object],
        args=[what, *more],
        stdin=stdin,
        memory_bytes=MEMORY,
        cpu_s=cpu_s,
        wall_s=wall_s,
    )


def failure_of(what: str, *more: str, cpu_s: int = 5, wall_s: float = 20.0) -> IsolatedFailure:
    with pytest.raises(IsolatedFailure) as caught:
        run(what, *more, cpu_s=cpu_s, wall_s=wall_s)
    return caught.value


def comes_to_an_end(pid: int) -> bool:
    """Whether a process is gone, or a zombie until init collects it, within ten seconds."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


def test_it_returns_the_object_that_the_module_prints() -> None:
    assert run("echo", "one", "two", stdin=b'{"n": 3}') == {"args": ["one", "two"], "stdin": {"n": 3}}


def test_it_passes_a_large_input_whole() -> None:
    assert run("count", stdin=b"x" * 3_000_000) == {"bytes": 3_000_000}


def test_it_survives_a_module_that_ignores_its_input() -> None:
    assert run("ignore_input", stdin=b"x" * 3_000_000) == {"ok": True}


def test_it_stops_a_memory_bomb() -> None:
    assert failure_of("memory_bomb").kind == "memory"


def test_it_stops_a_memory_bomb_in_native_code() -> None:
    assert failure_of("native_memory_bomb").kind == "memory"


@pytest.mark.slow
def test_it_stops_an_endless_loop_by_processor_time() -> None:
    assert failure_of("cpu_loop", cpu_s=1).kind == "time"


@pytest.mark.slow
def test_what_the_clock_ends_at_work_says_nothing_of_the_file() -> None:
    with pytest.raises(ReaderLate) as caught:
        run("cpu_loop", cpu_s=60, wall_s=1.0)
    assert (caught.value.code, caught.value.status) == ("reader_late", 503)


@needs_filter  # Linux, which tells what another process uses
def test_it_stops_what_does_nothing_long_before_the_clock_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.sandbox.standstill.STILL_S", 1.0)
    assert failure_of("doze", wall_s=60.0).kind == "time"


@pytest.mark.slow
def test_it_waits_for_what_gets_little_of_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.sandbox.standstill.STILL_S", 3.0)
    assert run("dawdle", wall_s=60.0) == {"ok": True}


@pytest.mark.parametrize(
    "what", ["garbage", "two_objects", "a_list", "nothing", "endless_output", "deep_nesting"]
)
def test_it_calls_an_unusable_answer_garbled(what: str) -> None:
    assert failure_of(what).kind == "garbled"


@pytest.mark.parametrize("what", ["raise", "segfault", "abort", "exit_3"])
def test_it_calls_an_unexpected_end_crashed(what: str) -> None:
    assert failure_of(what).kind == "crashed"


def test_a_module_that_is_not_there_is_no_fault_of_the_file() -> None:
    with pytest.raises(ReaderUnavailable):
        run_isolated(
            "provenance.sandbox.nowhere", dict[str, object], memory_bytes=MEMORY, cpu_s=5, wall_s=20.0
        )


def test_a_library_that_is_not_there_is_no_fault_of_the_file() -> None:
    with pytest.raises(ReaderUnavailable):
        run("import_what_is_not_there")


def test_our_code_that_is_not_there_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(isolation, "_PROJECT_ROOT", tmp_path)
    with pytest.raises(ReaderUnavailable):
        run("echo")


def test_a_python_that_is_not_there_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ReaderUnavailable):
        run("echo")


def test_it_keeps_the_traceback_out_of_the_sentence() -> None:
    failure = failure_of("raise")
    assert "secret path" in failure.stderr
    assert "secret path" not in str(failure)


def test_it_ignores_what_native_code_prints() -> None:
    assert run("native_noise") == {"ok": True}


def test_it_hands_down_none_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_SECRET_KEY", "do not tell")
    environment = run("environment")["environment"]
    assert isinstance(environment, dict)
    assert "do not tell" not in environment.values()
    assert "LIKENESS_SECRET_KEY" not in environment


def test_it_leads_its_own_session() -> None:
    assert run("session")["sid"] != os.getsid(0)


def test_it_refuses_files_beyond_the_limits() -> None:
    assert run("open_many") == {"refused": "EMFILE"}


@needs_filter
def test_it_gets_no_socket_no_program_and_no_other_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = run("refused_calls", str(server.getsockname()[1]))
    assert len(found) == 18
    assert set(found.values()) == {"EPERM"}, found


def test_it_cannot_raise_its_limits() -> None:
    assert run("raise_limits") == {"refused": 3, "of": 3}


@needs_filter
def test_it_gets_no_socket_where_it_may_have_no_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a container whose profile forbids it.
    limits = json.dumps({"memory_bytes": MEMORY, "cpu_s": 5, "readable": [], "may_be_reduced": False})
    code = (
        "from provenance.sandbox import child; child._CLONE_NEWUSER = 1 << 31;"
        f"child._CLONE_NEWNET = 1 << 31; child.main([{limits!r}, 'provenance.sandbox.probe'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        input=b'{"read": [], "change": [], "folders": []}',
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["can_open_socket"] is False
    assert found["network_namespace"] == str(Path("/proc/self/ns/net").readlink())


def test_it_may_start_threads() -> None:
    assert run("start_threads") == {"threads": 8}


def test_it_dies_with_its_parent() -> None:
    limits = f"memory_bytes={MEMORY}, cpu_s=5, wall_s=60"
    code = (
        "from provenance.sandbox.isolation import run_isolated;"
        f"run_isolated({HERE!r}, dict[str, object], args=['sleep'], {limits})"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    while not (sandboxed := children.read_text().split()):
        assert parent.poll() is None
        time.sleep(0.02)
    status = Path(f"/proc/{sandboxed[0]}/status")
    deadline = time.monotonic() + (60 if HAS_FILTER else 0.3)
    # Before its filter is set it has asked to die with its parent.
    while time.monotonic() < deadline and "Seccomp:\t2" not in status.read_text():
        time.sleep(0.02)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert comes_to_an_end(int(sandboxed[0]))
