"""Builds the C2PA manifest definition of a video that was edited here after signing, with the former as
parent.

It does not state the rendition again: its parent does, which is embedded and checked with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from provenance.manifest.claim import SYSTEM_NAME, VIDEO_FORMAT, ClaimInvalid, form_problems
from provenance.manifest.definition import ManifestDefinition, SystemInfo

# What may happen to a finished video here. Anything that shows other content is a new rendition.
EDITS = {"c2pa.transcoded", "c2pa.repackaged", "c2pa.resized", "c2pa.trimmed"}
OPENED = "c2pa.opened"
PARENT = "parent"


@dataclass(frozen=True)
class EditClaim:
    """What was done to a signed video: one of EDITS, when (aware) and by which version of the system."""

    action: str
    description: str
    edited_at: datetime
    system_version: str


def edit_definition(claim: EditClaim) -> ManifestDefinition:
    """The manifest definition for the C2PA builder; the signer adds the parent.

    Raises `ClaimInvalid` if it fails our own schema check.
    """
    when = claim.edited_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    system: SystemInfo = {"name": SYSTEM_NAME, "version": claim.system_version}
    opened = {"action": OPENED, "when": when, "parameters": {"ingredientIds": [PARENT]}}
    edit = {"action": claim.action, "when": when, "description": claim.description, "softwareAgent": system}
    actions = {"allActionsIncluded": True, "actions": [opened, edit]}
    definition: ManifestDefinition = {
        "claim_version": 2,
        "claim_generator_info": [system],
        "format": VIDEO_FORMAT,
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": actions}],
    }
    check_edit(definition)
    return definition


def check_edit(definition: ManifestDefinition) -> None:
    """The schema for edits: raise `ClaimInvalid` unless the definition says what we promise."""
    problems = list(_problems(definition))
    if problems:
        raise ClaimInvalid(f"The manifest of this edit could not be made: {'; '.join(problems)}.")


def _problems(definition: ManifestDefinition) -> Iterator[str]:
    if [(item["label"], item.get("created")) for item in definition["assertions"]] != [
        ("c2pa.actions.v2", True)
    ]:
        yield "the assertions are not the required ones"
        return
    if "ingredients" in definition:
        yield "an edit has no input but its parent, which the signer adds"
    data = definition["assertions"][0]["data"]
    yield from form_problems(definition)
    if len(data["actions"]) != 2 or data.get("allActionsIncluded") is not True:
        yield "the actions are not the opening and one edit"
        return
    opened, edit = data["actions"]
    if opened["action"] != OPENED or opened.get("parameters") != {"ingredientIds": [PARENT]}:
        yield "the parent is not what was opened"
    if edit["action"] not in EDITS:
        yield f"{edit['action']} is not an edit that keeps a video the same video"
    if not edit.get("description", "").strip():
        yield "the edit is not described"
    if not all(edit.get("softwareAgent", {}).get(name, "").strip() for name in ("name", "version")):
        yield "system or version is empty"
