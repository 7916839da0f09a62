"""Builds the C2PA manifest definition of a rendition from facts, and checks it with a schema before signing.

The shapes follow the C2PA specification (actions v2, ingredients v3, soft binding), its AI disclosure
assertion and CAWG's metadata and training-mining assertions. The library accepts many wrong definitions
silently, so `check` is the schema that it lacks.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from provenance.common.errors import CodedError
from provenance.common.visible_label import VisibleLabel
from provenance.manifest.commitment import SCHEME
from provenance.manifest.definition import IngredientDefinition, ManifestDefinition, SystemInfo
from provenance.manifest.findings.c2pa_report import PROVENANCE_LABEL, AssertionData

SYSTEM_NAME = "Likeness"
VIDEO_FORMAT = "video/mp4"

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = _SOURCE_TYPES + "trainedAlgorithmicMedia"
COMPOSITE = _SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"

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
VOICE_NOT_STATED = "not_stated"
# What the partner attests about the speech, which nobody here knows, or what its speaker agreed to.
_VOICES = {
    "own": "The voice is of the requesting organisation's own people, as it attests",
    "synthetic": "The voice is synthetic, as the requesting organisation attests",
    "speaker": "The speaker agreed to the use of this recording, at a contact of their own",
    VOICE_NOT_STATED: "The requesting organisation did not say whose voice it is",
}
_MINING_USES = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.ai_inference", "cawg.data_mining")

_RENDITION_ID = re.compile(r"rnd_[A-Za-z0-9_-]{16,64}")
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}")
_COMMITMENT = re.compile(r"[0-9a-f]{64}")
_MODEL = re.compile(r"sha256:[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")  # "rig@0.1.0" is a model, not a mailbox


class ClaimInvalid(CodedError):
    """The definition does not match our schema; nothing is signed."""

    code = "claim_invalid"
    status = 500
    message = "The manifest of this video could not be made: a fact is missing or has the wrong form."
    hint = "This is a fault of the service, not of the request. Report the job id."


@dataclass(frozen=True)
class ModelFacts:
    """What a model states about itself; `digest` is over its files, 64 hexadecimal digits."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True)
class DirectionFacts:
    """That people directed the performance, and what of it: names of `controls`, and of the `channels` to
    which something was added. `sha256` is over the direction's canonical JSON, 64 hexadecimal digits."""

    sha256: str
    controls: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class PerformanceFacts:
    """That a performer moves the face: the commitment to the motion track, and whether their lips or those
    of the speech are shown (`lips`: `performer` or `speech`)."""

    commitment: str
    lips: str


@dataclass(frozen=True)
class RenditionClaim:
    """The facts about one rendition that its manifest states. Ids, digests and codes only, no personal data.

    `model` made the pixels, `motion_model` the motion if that was another one. Their digests are over public
    files and are stated in plain, so that anybody can compare. The other inputs are people's, and are bound
    by keyed commitments. `picture_source_type` is that of the frames, `digital_source_type` that of the whole
    video, sound included. `created_at` is aware; `watermark_value` is the payload that the frames carry;
    `log_position` is the number of entries in the log when the video was made, so its own entry stands at
    this index or later; `duration_s` > 0.
    `visible_label` is what was burned into the frames, None for nothing.
    `portrait_generator` is the image generator whose watermark the portrait carries, empty without one.
    `voice` is whose voice it is, as the partner attests: `own`, `synthetic`; `speaker` where the
    service asked; or empty where nobody said.
    `direction` is what people directed over time, None if that was nothing.
    `performance` binds the performer's motion track that moves the face, None where the voice does.
    """

    rendition_id: str
    created_at: datetime
    provider: str
    system_version: str
    model: ModelFacts
    picture_source_type: str
    digital_source_type: str
    watermark_algorithm: str
    watermark_value: bytes
    consent_receipt_digest: str
    portrait_commitment: str
    speech_commitment: str
    log_position: int
    duration_s: float
    motion_model: ModelFacts | None = None
    portrait_generator: str = ""
    voice: str = ""
    visible_label: VisibleLabel | None = None
    direction: DirectionFacts | None = None
    performance: PerformanceFacts | None = None


def picture_source_type(*, has_portrait_pixels: bool) -> str:
    """The IPTC digital source type of the frames.

    Pixels taken over from the portrait make it `compositeWithTrainedAlgorithmicMedia`, otherwise it is
    `trainedAlgorithmicMedia`.
    """
    return COMPOSITE if has_portrait_pixels else TRAINED


def digital_source_type(*, is_speech_synthetic: bool, has_portrait_pixels: bool) -> str:
    """The IPTC digital source type of the video as a whole, sound included.

    `trainedAlgorithmicMedia` only if nothing in it was recorded: all pixels synthesised and synthetic speech.
    Real speech, or pixels taken over from the portrait, make it `compositeWithTrainedAlgorithmicMedia`.
    """
    return picture_source_type(has_portrait_pixels=has_portrait_pixels) if is_speech_synthetic else COMPOSITE


def soft_binding_value(payload: bytes) -> str:
    """The text form of a soft binding value: standard Base64.

    In the file it is a byte string (`signature.draft`), which readers show as a list of numbers. Videos of
    0.5.0 and before hold this text itself.
    """
    return base64.b64encode(payload).decode("ascii")


def manifest_definition(claim: RenditionClaim) -> ManifestDefinition:
    """The manifest definition for the C2PA builder.

    Raises `ClaimInvalid` if it fails our own schema check.
    """
    when = claim.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    system: SystemInfo = {"name": SYSTEM_NAME, "version": claim.system_version}
    definition: ManifestDefinition = {
        "claim_version": 2,
        "claim_generator_info": [system],
        "title": f"{claim.rendition_id}.mp4",
        "format": VIDEO_FORMAT,
        "assertions": [
            {"label": "c2pa.actions.v2", "created": True, "data": _actions(claim, when, system)},
            {"label": "c2pa.soft-binding", "created": True, "data": _soft_binding(claim)},
            {"label": "c2pa.ai-disclosure", "created": True, "data": _ai_disclosure(claim)},
            {"label": PROVENANCE_LABEL, "created": True, "data": _provenance(claim, when)},
            {
                "label": "cawg.training-mining",
                "data": {"entries": {use: {"use": "notAllowed"} for use in _MINING_USES}},
            },
            {"label": "cawg.metadata", "kind": "Json", "data": _metadata(claim, when)},
        ],
        "ingredients": _ingredients(claim),
    }
    check(definition)
    return definition


def _actions(claim: RenditionClaim, when: str, system: SystemInfo) -> AssertionData:
    return {
        "allActionsIncluded": True,
        "actions": [
            {
                "action": "c2pa.created",
                "when": when,
                "digitalSourceType": claim.picture_source_type,
                "description": "Talking-head video synthesised from a consented portrait and speech",
                "softwareAgent": system,
                "parameters": {"ingredientIds": ["portrait", *_performance(claim), *_models(claim)]},
            },
            {
                "action": "c2pa.placed",
                "when": when,
                "description": "The speech recording is the sound of the video",
                "softwareAgent": system,
                "parameters": {"ingredientIds": ["speech"]},
            },
            *_labelling(claim.visible_label, when, system),
            {
                "action": "c2pa.watermarked.bound",
                "when": when,
                "description": "Invisible watermark in every frame, carrying the id of the service's record",
                "softwareAgent": {"name": claim.watermark_algorithm},
            },
            {
                "action": "c2pa.transcoded",
                "when": when,
                "description": "Frames and speech were encoded for delivery",
                "softwareAgent": system,
            },
        ],
    }


def _labelling(label: VisibleLabel | None, when: str, system: SystemInfo) -> Iterator[AssertionData]:
    if label is not None:
        where = label.place.replace("_", " ")
        shown = "throughout" if label.first_seconds is None else f"for the first {label.first_seconds} s"
        yield {
            "action": "c2pa.addedText",
            "when": when,
            "description": f"A visible label that says how the video was made, {where}, {shown}",
            "softwareAgent": system,
        }


def _performance(claim: RenditionClaim) -> list[str]:
    return ["performance"] if claim.performance else []


def _models(claim: RenditionClaim) -> dict[str, ModelFacts]:
    """The models that the video was made with, by the label of their ingredient."""
    return {"model": claim.model} | ({"motion_model": claim.motion_model} if claim.motion_model else {})


def _soft_binding(claim: RenditionClaim) -> AssertionData:
    timespan = {"start": 0, "end": round(claim.duration_s * 1000)}
    value = soft_binding_value(claim.watermark_value)
    return {
        "alg": claim.watermark_algorithm,
        "name": "record id, whole video",
        "blocks": [{"scope": {"timespan": timespan}, "value": value}],
        "pad": "",
    }


def _ai_disclosure(claim: RenditionClaim) -> AssertionData:
    return {
        "modelType": "c2pa.types.model",
        "modelName": claim.model.name,
        "modelIdentifier": f"sha256:{claim.model.digest}",
        "contentProfile": {"humanOversightLevel": "prompt_guided"},
    }


def _provenance(claim: RenditionClaim, when: str) -> AssertionData:
    stated: AssertionData = {
        "provider": claim.provider,
        "system": SYSTEM_NAME,
        "version": claim.system_version,
        "renditionId": claim.rendition_id,
        "createdAt": when,
        "consentReceiptDigest": claim.consent_receipt_digest,
        "commitments": {
            "scheme": SCHEME,
            "portrait": claim.portrait_commitment,
            "speech": claim.speech_commitment,
        },
        "logPosition": claim.log_position,
        "voice": claim.voice or VOICE_NOT_STATED,
        "visibleLabel": claim.visible_label.to_code() if claim.visible_label else "none",
    }
    if claim.performance is not None:
        stated["commitments"]["performance"] = claim.performance.commitment
        stated["performance"] = {"lips": claim.performance.lips}
    if claim.direction is not None:
        stated["direction"] = {
            "sha256": claim.direction.sha256,
            "controls": list(claim.direction.controls),
            "layer": list(claim.direction.channels),
        }
    return stated


def _metadata(claim: RenditionClaim, when: str) -> AssertionData:
    return {
        "@context": {
            "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
            "dc": "http://purl.org/dc/elements/1.1/",
            "xmp": "http://ns.adobe.com/xap/1.0/",
        },
        "Iptc4xmpExt:DigitalSourceType": claim.digital_source_type,
        "dc:identifier": claim.rendition_id,
        "xmp:CreateDate": when,
    }


def _ingredients(claim: RenditionClaim) -> list[IngredientDefinition]:
    # Without bytes: an ingredient made from unsigned media proves nothing about it and would bring its
    # thumbnail. The commitments in our own assertion bind the inputs.
    portrait: IngredientDefinition = {
        "label": "portrait",
        "title": "portrait",
        "format": "image/png",
        "relationship": "inputTo",
        "instance_id": f"urn:likeness:commitment:{claim.portrait_commitment}",
    }
    if claim.portrait_generator:
        portrait["digital_source_type"] = TRAINED
        portrait["description"] = f"Carries the invisible watermark that {claim.portrait_generator} writes"
    speech: IngredientDefinition = {
        "label": "speech",
        "title": "speech",
        "format": "audio/wav",
        "relationship": "componentOf",
        "instance_id": f"urn:likeness:commitment:{claim.speech_commitment}",
    }
    if claim.voice == "synthetic":
        speech["digital_source_type"] = TRAINED
    speech["description"] = _VOICES[claim.voice or VOICE_NOT_STATED]
    models = (_model_ingredient(label, model) for label, model in _models(claim).items())
    return [portrait, speech, *_performed(claim.performance), *models]


def _performed(performance: PerformanceFacts | None) -> Iterator[IngredientDefinition]:
    if performance is not None:
        yield {
            "label": "performance",
            "title": "performance",
            "format": "text/csv",
            "relationship": "inputTo",
            "instance_id": f"urn:likeness:commitment:{performance.commitment}",
            "description": "The motion of a performer who agreed, as the requesting organisation attests",
        }


def _model_ingredient(label: str, model: ModelFacts) -> IngredientDefinition:
    return {
        "label": label,
        "title": f"{label.replace('_', ' ')}: {model.name} {model.version}",
        "format": "application/octet-stream",
        "relationship": "inputTo",
        "instance_id": f"urn:likeness:model:sha256:{model.digest}",
        "data_types": [{"type": "c2pa.types.generator"}],
    }


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
    if data["voice"] not in _VOICES:
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
