"""Our own schema of manifest definitions: the C2PA library accepts many wrong ones silently."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from provenance.manifest.definition import IngredientDefinition, ManifestDefinition
from provenance.manifest.findings.c2pa_report import PROVENANCE_LABEL, AssertionData
from provenance.manifest.statement.facts import COMPOSITE, TRAINED, VIDEO_FORMAT, VOICES, ClaimInvalid

# Assertions of the signer's own knowledge carry `created`; the rest is attributed to others or to convention.
_CREATED = {"c2pa.actions.v2", "c2pa.soft-binding", "c2pa.ai-disclosure", PROVENANCE_LABEL}
_GATHERED = {"cawg.training-mining", "cawg.metadata"}
_ACTIONS = ["c2pa.created", "c2pa.placed", "c2pa.watermarked.bound", "c2pa.transcoded"]
_LABELLED = [*_ACTIONS[:2], "c2pa.addedText", *_ACTIONS[2:]]  # where the frames carry a visible label
_RELATIONSHIPS = {"portrait": "inputTo", "speech": "componentOf", "model": "inputTo"}
# Beside them, when the motion comes from a model of its own.
_MOTION_MODEL = {"motion_model": "inputTo"}
# When a performer moves the face.
_PERFORMANCE = {"performance": "inputTo"}

_RENDITION_ID = re.compile(r"(rnd|lvr)_[A-Za-z0-9_-]{16,64}")
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}")
_COMMITMENT = re.compile(r"[0-9a-f]{64}")
_MODEL = re.compile(r"sha256:[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")  # "rig@0.1.0" is a model, not a mailbox


def check(definition: ManifestDefinition) -> None:
    """Our own schema: raise `ClaimInvalid` unless the definition says what we promise in the right form."""
    problems = list(_problems(definition))
    if problems:
        raise ClaimInvalid(f"The manifest of this video could not be made: {'; '.join(problems)}.")


def form_problems(definition: ManifestDefinition) -> Iterator[str]:
    """What no definition of ours may have, whatever it says; for people, a clause each."""
    if definition["claim_version"] != 2 or definition["format"] != VIDEO_FORMAT:
        yield "claim version or format is wrong"
    if "thumbnail" in definition or any("thumbnail" in item for item in definition.get("ingredients", [])):
        yield "a thumbnail would show an input"
    (actions,) = (item["data"] for item in definition["assertions"] if item["label"] == "c2pa.actions.v2")
    if not all(_TIME.fullmatch(action["when"]) for action in actions["actions"]):
        yield "an action has no time in UTC"
    if any(_MAIL_ADDRESS.search(text) for text in _texts(definition)):
        yield "something looks like a mail address"


def _problems(definition: ManifestDefinition) -> Iterator[str]:
    data = {item["label"]: item["data"] for item in definition["assertions"]}
    created = {item["label"] for item in definition["assertions"] if item.get("created")}
    if len(data) != len(definition["assertions"]) or set(data) != _CREATED | _GATHERED:
        yield "the assertions are not the required ones"
        return
    if created != _CREATED:
        yield "an assertion is attributed wrongly"
    if any(
        item.get("kind") != "Json" for item in definition["assertions"] if item["label"] == "cawg.metadata"
    ):
        yield "cawg.metadata must be JSON"
    yield from form_problems(definition)
    yield from _action_problems(data["c2pa.actions.v2"]["actions"], definition["ingredients"])
    yield from _soft_binding_problems(data["c2pa.soft-binding"])
    if not _MODEL.fullmatch(data["c2pa.ai-disclosure"]["modelIdentifier"]):
        yield "the model has no digest"
    yield from _provenance_problems(data[PROVENANCE_LABEL])
    picture = data["c2pa.actions.v2"]["actions"][0].get("digitalSourceType")
    # The whole is a composite if its pictures are, or if recorded speech was placed beside generated ones.
    if data["cawg.metadata"]["Iptc4xmpExt:DigitalSourceType"] not in {picture, COMPOSITE}:
        yield "two different digital source types"


def _action_problems(actions: list[AssertionData], ingredients: list[IngredientDefinition]) -> Iterator[str]:
    if [action["action"] for action in actions] not in (_ACTIONS, _LABELLED):
        yield "the actions are not created, placed, perhaps labelled, watermarked, transcoded"
    if actions[0].get("digitalSourceType") not in {TRAINED, COMPOSITE}:
        yield "the digital source type is not one of the two for generated media"
    relationships = {item["label"]: item["relationship"] for item in ingredients}
    known = _RELATIONSHIPS | _MOTION_MODEL | _PERFORMANCE
    if not set(_RELATIONSHIPS) <= set(relationships) or any(
        known.get(label) != relationship for label, relationship in relationships.items()
    ):
        yield "the ingredients are not portrait, speech, perhaps a performance, and models"
    if any(item.get("digital_source_type", TRAINED) != TRAINED for item in ingredients):
        yield "an ingredient is said to be something else than generated"
    named = [name for action in actions for name in action.get("parameters", {}).get("ingredientIds", [])]
    if sorted(named) != sorted(relationships):
        yield "each ingredient must be used by exactly one action"


def _soft_binding_problems(data: AssertionData) -> Iterator[str]:
    block = data["blocks"][0]
    if not re.fullmatch(r"[a-z0-9-]+(\.[A-Za-z0-9_-]+)+", data["alg"]):
        yield "the watermark algorithm has no qualified name"
    if len(data["blocks"]) != 1 or not base64.b64decode(block["value"]):
        yield "the watermark has no value"
    if block["scope"]["timespan"]["end"] <= 0:
        yield "the video has no duration"


def _provenance_problems(data: AssertionData) -> Iterator[str]:
    if not all(data[name].strip() for name in ("provider", "system", "version")):
        yield "provider, system or version is empty"
    if not _RENDITION_ID.fullmatch(data["renditionId"]):
        yield "the rendition id has the wrong form"
    if not _DIGEST.fullmatch(data["consentReceiptDigest"]):
        yield "the consent receipt digest has the wrong form"
    commitments = data["commitments"]
    roles = {"portrait", "speech", *({"performance"} & set(commitments))}
    if not all(_COMMITMENT.fullmatch(commitments[role]) for role in roles):
        yield "a commitment has the wrong form"
    if data["voice"] not in VOICES:
        yield "it is not said whose voice it is"
    if data["logPosition"] < 0:
        yield "the log position is negative"
    if not _COMMITMENT.fullmatch(data.get("direction", {}).get("sha256", "0" * 64)):
        yield "the direction has no digest"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
