"""deploy/compose.yaml and deploy/Dockerfile as data: what is started, with which command and environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
# ${NAME}, ${NAME:-default} and ${NAME:?why}; $$ is a dollar.
_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\})")
_TARGET = re.compile(r"^FROM (?P<base>\S+) AS (?P<name>\S+)$", re.MULTILINE)


class VariableMissing(ValueError):
    """The file asks for a variable that the environment does not have. The argument names it."""


@dataclass(frozen=True)
class Service:
    """A service of ours: its image's target, its command, and its environment."""

    name: str
    target: str
    command: tuple[str, ...]
    environment: dict[str, str]


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with all variables put in. Raises VariableMissing."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return {key: _filled(value, variables) for key, value in loaded.items() if not key.startswith("x-")}


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """The services that are built from the Dockerfile, by name."""
    described: dict[str, Any] = compose(variables)["services"]
    targets = {part["image"]: part["build"]["target"] for part in described.values() if "build" in part}
    return {
        name: Service(
            name,
            targets[part["image"]],
            tuple(part.get("command") or commands()[targets[part["image"]]]),
            {key: str(value) for key, value in part["environment"].items()},
        )
        for name, part in described.items()
        if part["image"] in targets
    }


def commands() -> dict[str, tuple[str, ...]]:
    """The command of each target of the Dockerfile that has one."""
    found = {}
    for name, text in _stages().items():
        if match := re.search(r"^CMD (\[.*\])$", text, re.MULTILINE):
            found[name] = tuple(json.loads(match[1]))
    return found


def copied_paths() -> set[str]:
    """What the Dockerfile copies out of the repository."""
    paths: set[str] = set()
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            paths.update(line.split()[1:-1])
    return paths


def _stages() -> dict[str, str]:
    text = (DEPLOY / "Dockerfile").read_text()
    starts = [*_TARGET.finditer(text)]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return {match["name"]: text[match.end() : end] for match, end in zip(starts, ends, strict=True)}


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, variables) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, variables) for part in value]
    if not isinstance(value, str):
        return value

    def put_in(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        found = variables.get(match["name"], "")
        if found or (match["kind"] is None and match["name"] in variables):
            return found
        if match["kind"] == ":-":
            return match["rest"]
        raise VariableMissing(match["name"])

    return _VARIABLE.sub(put_in, value)
