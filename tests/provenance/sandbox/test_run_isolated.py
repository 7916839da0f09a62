"""What a hostile or broken reader can do to us: nothing but fail with a kind."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provenance.checks import sandbox_checks
from provenance.checks.sandbox_checks import check_readers_have_no_network
from provenance.sandbox import syscall_filter
from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.sandbox.probe import Reach, network_namespace

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


@pytest.mark.parametrize("what", ["raise", "segfault", "abort", "exit_3"])
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


@needs_filter
def test_it_gets_no_socket_no_program_and_no_other_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = run("refused_calls", str(server.getsockname()[1]))
    assert len(found) == 12
    assert set(found.values()) == {"EPERM"}, found


@needs_filter
def test_it_gets_no_socket_where_it_may_have_no_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a container whose profile forbids it.
    limits = json.dumps({"memory_bytes": MEMORY, "cpu_s": 5})
    code = (
        "import ctypes, sys; from provenance.sandbox import child; child._CLONE_NEWUSER = 1 << 31;"
        f"child._CLONE_NEWNET = 1 << 31; child.main([{limits!r}, 'provenance.sandbox.probe'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout) == {
        "can_open_socket": False,
        "network_namespace": str(Path("/proc/self/ns/net").readlink()),
    }


def test_it_may_start_threads() -> None:
    assert run("start_threads") == {"threads": 8}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_leads_each_call_to_its_answer(machine: str) -> None:
    """The filter, run by hand: the kernel does so only for the machine that it runs on."""
    code = syscall_filter._program(machine)
    at_home, elsewhere = syscall_filter._ARCHITECTURES[machine], 0x40000003
    for numbers in syscall_filter._REFUSED.values():
        assert not is_allowed(code, at_home, numbers[machine == "aarch64"])
    for number in (0, 1, 500):
        assert is_allowed(code, at_home, number)
        assert not is_allowed(code, elsewhere, number)
        assert not is_allowed(code, at_home, number + 0x40000000)
    assert is_allowed(code, at_home, syscall_filter._TGKILL[machine], os.getpid())
    assert not is_allowed(code, at_home, syscall_filter._TGKILL[machine], os.getppid())


def is_allowed(code: bytes, architecture: int, number: int, argument: int = 0) -> bool:
    call = struct.pack("=IIQQ", number, architecture, 0, argument)
    steps = list(struct.iter_unpack("=HBBI", code))
    at = word = 0
    while True:
        kind, then, otherwise, value = steps[at]
        at += 1
        match kind:
            case 0x20:
                (word,) = struct.unpack_from("=I", call, value)
            case 0x15:
                at += then if word == value else otherwise
            case 0x35:
                at += then if word >= value else otherwise
            case _:
                return bool(value == 0x7FFF0000)


def test_the_deployment_check_finds_no_network() -> None:
    assert check_readers_have_no_network() == []


def test_the_deployment_check_tells_when_readers_keep_the_network(monkeypatch) -> None:
    found = Reach(can_open_socket=True, network_namespace=network_namespace())
    monkeypatch.setattr(sandbox_checks, "run_isolated", lambda *_, **__: found)
    assert [message.id for message in check_readers_have_no_network()] == ["provenance.W004"]


def test_the_deployment_check_tells_when_it_could_not_try(monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IsolatedFailure("crashed")

    monkeypatch.setattr(sandbox_checks, "run_isolated", fail)
    assert [message.id for message in check_readers_have_no_network()] == ["provenance.W004"]


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    arguments = f"{HERE!r}, dict[str, object], args=['tell_pid_and_sleep', {str(pid_file)!r}]"
    limits = f"memory_bytes={MEMORY}, cpu_s=5, wall_s=60"
    code = f"from provenance.sandbox.isolation import run_isolated; run_isolated({arguments}, {limits})"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while not (pid_file.exists() and pid_file.read_text()):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert comes_to_an_end(int(pid_file.read_text()))
