"""deploy/compose.yaml names settings, images and files that exist, and one script makes all it asks for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.deployment import compose_file
from tools.deployment.compose_file import VariableMissing, compose, copied_paths, services

ROOT = Path(__file__).resolve().parents[2]


def new_env(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "deploy/new_env.py", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """What the script prints for a new installation."""
    printed = new_env("likeness.example", "op@likeness.example").stdout.splitlines()
    return dict(line.split("=", 1) for line in printed if not line.startswith("#"))


def test_the_script_makes_every_variable_that_the_file_asks_for(variables: dict[str, str]) -> None:
    assert compose(variables)["services"]["web"]
    for name in variables:
        rest = {key: value for key, value in variables.items() if key != name}
        with pytest.raises(VariableMissing):
            compose(rest)


def test_two_installations_share_no_secret() -> None:
    first, second = (
        dict(
            line.split("=", 1)
            for line in new_env("a.example", "o@a.example").stdout.splitlines()
            if "=" in line
        )
        for _ in range(2)
    )
    secret = {name for name in first if name.endswith(("KEY", "TOKEN", "PASSWORD"))}
    assert len(secret) == 5
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in secret)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.example"],
        ["a b", "o@a.example"],
        ["a.example:8443", "o@a.example"],  # the proxy takes 80 and 443, and setup would refuse the host
        ["a.example", "nobody"],
    ],
)
def test_the_script_refuses_what_is_no_host_or_no_address(arguments: list[str]) -> None:
    done = new_env(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage" in done.stderr


def test_every_setting_that_it_sets_exists(variables: dict[str, str]) -> None:
    def named_in(path: str) -> set[str]:
        return set(re.findall(r'"(LIKENESS_\w+)"', (ROOT / path).read_text()))

    topics = (ROOT / "config/settings/topics").glob("*.py")
    known = set().union(*(named_in(f"config/settings/topics/{path.name}") for path in topics))
    of_gateway = named_in("generation/live/webrtc/gateway.py")
    found = services(variables)
    assert set(found.pop("live-webrtc").environment) <= of_gateway
    for service in found.values():
        assert set(service.environment) <= known


def test_whatever_stands_in_the_env_file_reaches_every_part_but_the_gateway(
    variables: dict[str, str],
) -> None:
    parts = compose(variables)["services"]
    ours = set(services(variables)) - {"live-webrtc"}
    assert {name for name, part in parts.items() if part.get("env_file") == [".env"]} == ours


def test_every_service_of_ours_has_a_target_and_a_command(variables: dict[str, str]) -> None:
    found = services(variables)
    assert set(found) == {
        "setup",
        "web",
        "live",
        "live-webrtc",
        "worker-cpu",
        "worker-io",
        "worker-gpu",
        "beat",
    }
    assert {service.command[0] for service in found.values()} == {"python", "gunicorn", "uvicorn", "celery"}
    queues = [
        service.command[service.command.index("--queues") + 1]
        for name, service in found.items()
        if "worker" in name
    ]
    assert set(",".join(queues).split(",")) == {"cpu", "gpu", "io", "verify"}


def test_the_live_server_is_started_as_by_its_unit(variables: dict[str, str]) -> None:
    unit = (ROOT / "deploy/systemd/likeness-live.service").read_text()
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    by_unit = line.partition("/bin/")[2].split()
    in_container = services(variables)["live"].command
    assert [part for part in by_unit if part not in in_container] == ["127.0.0.1"]


def test_the_gateway_of_webrtc_holds_no_secret_of_the_service_and_is_reached(
    variables: dict[str, str],
) -> None:
    """Its media are UDP of any port, so its network is the host's; the proxy meets it on a bridge."""
    secrets = {value for name, value in variables.items() if name.endswith(("KEY", "TOKEN", "PASSWORD"))}
    gateway = compose(variables)["services"]["live-webrtc"]
    assert not [one for one in gateway["environment"].values() if any(secret in one for secret in secrets)]
    assert "volumes" not in gateway
    assert gateway["network_mode"] == "host"
    unit = (ROOT / "deploy/systemd/likeness-live-webrtc.service").read_text()
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    by_unit, in_container = line.partition("/bin/")[2].split(), services(variables)["live-webrtc"].command
    assert [part for part in by_unit if part not in in_container] == ["127.0.0.1"]
    parts = compose(variables)["services"]
    assert gateway["environment"]["LIKENESS_LIVE_UPSTREAM_URL"] == "ws://127.0.0.1:8001/live/"
    assert parts["live"]["ports"] == ["127.0.0.1:8001:8001"]
    assert (
        "reverse_proxy /live/webrtc {$LIKENESS_WEBRTC_UPSTREAM:host.docker.internal:8002}"
        in (ROOT / "deploy/Caddyfile").read_text()
    )
    assert parts["proxy"]["extra_hosts"] == ["host.docker.internal:host-gateway"]


def test_periodic_tasks_are_started_once(variables: dict[str, str]) -> None:
    starting = [
        name for name, service in services(variables).items() if {"beat", "--beat"} & set(service.command)
    ]
    assert starting == ["beat"]


def test_no_container_may_write_to_its_own_files_or_gain_rights(variables: dict[str, str]) -> None:
    ours = [part for part in compose(variables)["services"].values() if part["image"].startswith("likeness-")]
    assert all(part["read_only"] and part["cap_drop"] == ["ALL"] for part in ours)


def test_the_images_are_made_of_files_that_exist() -> None:
    assert copied_paths()
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()
    for path in copied_paths():
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored, path


def test_the_images_hold_every_package_that_the_service_imports() -> None:
    copied = copied_paths()
    assert {"config", "accounts", "generation", "provenance"} <= copied
    assert not {path for path in copied if path.startswith(("tests", "benchmarks", "docs"))}


def test_a_dollar_is_a_dollar() -> None:
    assert compose_file._filled("$$(hostname) ${A} ${B:-b}", {"A": "a"}) == "$(hostname) a b"
