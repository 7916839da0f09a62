"""What is said about a video that was edited here after it was signed: the former manifest is its parent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from provenance.manifest.claim import SYSTEM_NAME, VIDEO_FORMAT, ClaimInvalid

# What may happen to a finished video here. Anything that shows other content is a new rendition.
EDITS = {"c2pa.transcoded", "c2pa.repackaged", "c2pa.resized", "c2pa.trimmed"}
PARENT = "parent"


@dataclass(frozen=True)
class EditClaim:
    """What was done to a signed video: one of EDITS, when (aware) and by which version of the system."""

    action: str
    description: str
    edited_at: datetime
    system_version: str


def edit_definition(claim: EditClaim) -> dict[str, Any]:
    """The manifest definition for the C2PA builder; the signer adds the parent. Raises `ClaimInvalid`."""
    if claim.action not in EDITS:
        raise ClaimInvalid(f"{claim.action} is not an edit that keeps a video the same video.")
    when = claim.edited_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    system = {"name": SYSTEM_NAME, "version": claim.system_version}
    opened = {"action": "c2pa.opened", "when": when, "parameters": {"ingredientIds": [PARENT]}}
    edit = {"action": claim.action, "when": when, "description": claim.description, "softwareAgent": system}
    actions = {"allActionsIncluded": True, "actions": [opened, edit]}
    return {
        "claim_version": 2,
        "claim_generator_info": [system],
        "format": VIDEO_FORMAT,
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": actions}],
    }
