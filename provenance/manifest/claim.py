"""Builds the C2PA manifest definition of a rendition from facts, and has it checked before it is signed.

The shapes follow the C2PA specification (actions v2, ingredients v3, soft binding), its AI disclosure
assertion and CAWG's metadata and training-mining assertions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from provenance.common.visible_label import VisibleLabel
from provenance.manifest.commitment import SCHEME
from provenance.manifest.definition import IngredientDefinition, ManifestDefinition, SystemInfo
from provenance.manifest.findings.c2pa_report import PROVENANCE_LABEL, AssertionData
from provenance.manifest.statement.facts import (
    COMPOSITE,
    SYSTEM_NAME,
    TRAINED,
    VIDEO_FORMAT,
    VOICE_NOT_STATED,
    VOICES,
    ClaimInvalid,
    DirectionFacts,
    ModelFacts,
    PerformanceFacts,
    RenditionClaim,
    digital_source_type,
    picture_source_type,
    soft_binding_value,
)
from provenance.manifest.statement.schema import check, form_problems

__all__ = [
    "COMPOSITE",
    "SYSTEM_NAME",
    "TRAINED",
    "VIDEO_FORMAT",
    "VOICE_NOT_STATED",
    "ClaimInvalid",
    "DirectionFacts",
    "ModelFacts",
    "PerformanceFacts",
    "RenditionClaim",
    "check",
    "digital_source_type",
    "form_problems",
    "manifest_definition",
    "picture_source_type",
    "soft_binding_value",
]

_MINING_USES = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.ai_inference", "cawg.data_mining")


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
    speech["description"] = VOICES[claim.voice or VOICE_NOT_STATED]
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
