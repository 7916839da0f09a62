"""The Kubernetes manifests start the same programs with the same settings as the compose file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from provenance.version import VERSION
from tools.deployment.compose_file import commands, services

MANIFESTS = Path(__file__).resolve().parents[2] / "deploy/kubernetes"
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
    everything = dict.fromkeys(
        ("LIKENESS_HOST", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "S3_SECRET_KEY"), "x"
    )
    everything |= dict.fromkeys(
        names_in("settings.env") | names_in("likeness.env.example") | {"LIKENESS_OPERATOR"}, "x"
    )
    on_one_machine = set(services(everything)["web"].environment)
    assert names_in("settings.env") | names_in("likeness.env.example") == on_one_machine
    for container in containers.values():
        assert [next(iter(source)) for source in container["envFrom"]] == ["configMapRef", "secretRef"]


def test_each_part_runs_the_command_of_its_image_or_one_like_it(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name in ("worker-cpu", "worker-gpu", "beat"):
        assert "args" not in containers[name]
    web = " ".join(part for part in commands()["web"] if part != "/dev/shm")  # noqa: S108
    assert web in containers["web"]["args"][2].replace("/tmp", "").strip() + " "  # noqa: S108
    assert "io,verify" in containers["worker-io"]["args"]


def test_nothing_runs_with_more_rights_than_it_needs(containers: dict[str, dict[str, Any]]) -> None:
    for container in containers.values():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_periodic_tasks_are_started_once() -> None:
    beat = read("beat.yaml")[0]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})
