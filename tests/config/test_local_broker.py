"""The broker of one machine, with real servers: the machine's if it has one, and the embedded one."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from config.local_broker import RedisDidNotStart, find_server, start_redis

MACHINES = shutil.which("valkey-server") or shutil.which("redis-server")


@contextmanager
def running(data_dir: Path) -> Iterator[redis.Redis]:
    process = start_redis(data_dir)
    client = redis.Redis(unix_socket_path=str(data_dir / "redis.sock"), decode_responses=True)
    try:
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, says: str) -> Path:
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)
    return folder / name


def test_without_a_server_on_the_machine_it_takes_the_embedded_one(path: Path) -> None:
    found = find_server()
    assert (found.name, found.path.name) == ("Valkey", "valkey-server")
    assert found.version >= (9, 1, 2)


def test_it_prefers_the_machines_redis_to_the_embedded_server(path: Path) -> None:
    machines = program(path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64")
    found = find_server()
    assert (found.path, found.name, found.version) == (machines, "Redis", (7, 0, 15))


def test_it_prefers_the_machines_valkey_to_its_redis(path: Path) -> None:
    program(path, "redis-server", "Redis server v=8.2.1 sha=00000000:0")
    valkey = program(path, "valkey-server", "Valkey server v=8.1.0 sha=00000000:0")
    assert find_server().path == valkey


def test_it_passes_over_what_is_no_server(path: Path) -> None:
    program(path, "valkey-server", "usage: valkey-server")
    (path / "redis-server").write_text("not a program")
    (path / "redis-server").chmod(0o755)
    assert find_server().path.parent != path


@pytest.mark.parametrize("which", ["the machine's", "embedded"])
def test_it_starts_and_keeps_what_waits_over_a_restart(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if which == "embedded":
        monkeypatch.setenv("PATH", "")
    with running(tmp_path / "data") as client:
        client.rpush("cpu", "a job")
        assert stat.S_IMODE((tmp_path / "data" / "redis.sock").stat().st_mode) == 0o700
    with running(tmp_path / "data") as client:
        assert client.lrange("cpu", 0, -1) == ["a job"]


def test_a_server_does_not_trip_over_the_files_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older one cannot read them, and the machine's may be taken away or put there at any time."""
    machines = os.environ["PATH"]
    for searched in ("", machines, ""):
        monkeypatch.setenv("PATH", searched)
        with running(tmp_path / "data") as client:
            assert client.ping()
            client.rpush("cpu", "a job")


def test_it_says_why_it_did_not_start(tmp_path: Path) -> None:
    (tmp_path / "data" / "redis.sock").mkdir(parents=True)
    with pytest.raises(RedisDidNotStart, match=r"(?i)socket"):
        start_redis(tmp_path / "data")


@pytest.mark.skipif(MACHINES is None, reason="no server is installed on this machine")
def test_the_machines_own_server_is_found() -> None:
    said = subprocess.run([str(MACHINES), "--version"], capture_output=True, text=True, check=True).stdout
    found = find_server()
    assert str(found.path) == MACHINES
    assert ".".join(map(str, found.version)) in said
