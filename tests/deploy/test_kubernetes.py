"""The Kubernetes manifests start the same programs with the same settings as the compose file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generation.live.webrtc.gateway import PATH
from provenance.version import VERSION
from tools.deployment.compose_file import commands, services

MANIFESTS = Path(__file__).resolve().parents[2] / "deploy/kubernetes"
ANYWHERE = "0.0.0.0"  # noqa: S104 - in a container
TARGETS = {"web", "worker-cpu", "worker-gpu", "beat"}


def read(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((MANIFESTS / name).read_text()))


@pytest.fixture(scope="module")
def kustomization() -> dict[str, Any]:
    return read("kustomization.yaml")[0]


@pytest.fixture(scope="module")
def containers(kustomization: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The container of each deployment and job, by name."""
    pods = [
        part
        for name in kustomization["resources"]
        for part in read(name)
        if "template" in part.get("spec", {})
    ]
    return {part["metadata"]["name"]: part["spec"]["template"]["spec"]["containers"][0] for part in pods}


def names_in(file: str) -> set[str]:
    lines = (MANIFESTS / file).read_text().splitlines()
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


def made_up() -> dict[str, str]:
    """Values for all that the compose file asks for."""
    names = names_in("settings.env") | names_in("likeness.env.example") | {"LIKENESS_OPERATOR"}
    more = ("LIKENESS_HOST", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "S3_SECRET_KEY")
    return dict.fromkeys([*sorted(names), *more], "x")


def test_every_file_is_applied(kustomization: dict[str, Any]) -> None:
    files = {file.name for file in MANIFESTS.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == files


def test_images_are_of_this_version_and_are_built(
    kustomization: dict[str, Any], containers: dict[str, dict[str, Any]]
) -> None:
    assert {image["newTag"] for image in kustomization["images"]} == {VERSION}
    used = {container["image"] for container in containers.values()}
    assert (
        used
        == {image["name"] for image in kustomization["images"]}
        == {f"likeness-{name}" for name in TARGETS}
    )


def test_each_part_gets_the_settings_of_one_machine(containers: dict[str, dict[str, Any]]) -> None:
    parts = services(made_up())
    of_gateway = set(parts["live-webrtc"].environment)
    on_one_machine = set(parts["web"].environment)
    assert names_in("settings.env") | names_in("likeness.env.example") == on_one_machine
    # The gateway of WebRTC holds none of them but the address that pages have.
    gateway = containers["live-webrtc"]
    assert "envFrom" not in gateway
    assert {one["name"] for one in gateway["env"]} <= of_gateway
    for container in (each for each in containers.values() if each is not gateway):
        assert [next(iter(source)) for source in container["envFrom"]] == ["configMapRef", "secretRef"]


def test_each_part_runs_the_command_of_its_image_or_one_like_it(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name in ("worker-cpu", "worker-gpu", "beat"):
        assert "args" not in containers[name]
    web = " ".join(part for part in commands()["web"] if part != "/dev/shm")  # noqa: S108
    assert web in containers["web"]["args"][2].replace("/tmp", "").strip() + " "  # noqa: S108
    assert "io,verify" in containers["worker-io"]["args"]
    on_one_machine = services(made_up())
    assert containers["live"]["args"] == list(on_one_machine["live"].command)
    differing = zip(containers["live-webrtc"]["args"], on_one_machine["live-webrtc"].command, strict=True)
    assert [pair[0] for pair in differing if pair[0] != pair[1]] == [ANYWHERE]
    (rule,) = read("network.yaml")[-1]["spec"]["rules"]
    routes = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert routes == {"/": "web", "/live/": "live", PATH: "live-webrtc"}


def test_nothing_runs_with_more_rights_than_it_needs(containers: dict[str, dict[str, Any]]) -> None:
    for container in containers.values():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_periodic_tasks_are_started_once() -> None:
    beat = read("beat.yaml")[0]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})
