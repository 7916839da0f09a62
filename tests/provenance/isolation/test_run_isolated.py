"""What a hostile or broken reader can do to us: nothing but fail with a kind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provenance.isolation import IsolatedFailure, run_isolated

HERE = "tests.provenance.isolation.misbehave"
MEMORY = 400 * 1024 * 1024


def run(
    what: str, *more: str, stdin: bytes | None = None, cpu_s: int = 5, wall_s: float = 20.0
) -> dict[str, object]:
    return run_isolated(
        HERE, args=[what, *more], stdin=stdin, memory_bytes=MEMORY, cpu_s=cpu_s, wall_s=wall_s
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


def test_it_stops_an_endless_loop_by_processor_time() -> None:
    assert failure_of("cpu_loop", cpu_s=1).kind == "time"


def test_it_stops_a_sleeper_by_the_clock() -> None:
    assert failure_of("sleep", wall_s=1.0).kind == "time"


def test_it_stops_what_the_module_started_too(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    assert run("leave_child", str(pid_file)) == {"ok": True}
    assert comes_to_an_end(int(pid_file.read_text()))


@pytest.mark.parametrize(
    "what", ["garbage", "two_objects", "a_list", "nothing", "endless_output", "deep_nesting"]
)
def test_it_calls_an_unusable_answer_garbled(what: str) -> None:
    assert failure_of(what).kind == "garbled"


@pytest.mark.parametrize("what", ["raise", "segfault", "exit_3"])
def test_it_calls_an_unexpected_end_crashed(what: str) -> None:
    assert failure_of(what).kind == "crashed"


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


def test_it_refuses_a_huge_file(tmp_path: Path) -> None:
    target = tmp_path / "huge"
    assert run("write_huge", str(target)) == {"refused": "EFBIG"}


def test_it_has_no_network_where_the_kernel_allows_that() -> None:
    result = run("network")
    if result["namespace"] == str(Path("/proc/self/ns/net").readlink()):
        pytest.skip("this kernel or container does not let a process give up its network")
    assert result["routes"] == []


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    arguments = f"{HERE!r}, args=['tell_pid_and_sleep', {str(pid_file)!r}]"
    limits = f"memory_bytes={MEMORY}, cpu_s=5, wall_s=60"
    code = f"from provenance.isolation import run_isolated; run_isolated({arguments}, {limits})"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    while not (pid_file.exists() and pid_file.read_text()):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert comes_to_an_end(int(pid_file.read_text()))
