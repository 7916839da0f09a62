"""What a rendition says about itself, and what the check before signing refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from provenance.manifest.claim import (
    COMPOSITE,
    TRAINED,
    ClaimInvalid,
    ModelFacts,
    check,
    digital_source_type,
    manifest_definition,
    picture_source_type,
)
from provenance.manifest.commitment import commitment
from provenance.manifest.findings.c2pa_report import PROVENANCE_LABEL
from tests.provenance.manifest.conftest import make_claim

Definition = Any  # spoilt here in ways that its type forbids


def data_of(definition: Definition, label: str) -> Any:
    return next(item["data"] for item in definition["assertions"] if item["label"] == label)


@pytest.mark.parametrize(
    ("is_speech_synthetic", "has_portrait_pixels", "expected"),
    [(True, False, TRAINED), (True, True, COMPOSITE), (False, False, COMPOSITE), (False, True, COMPOSITE)],
)
def test_it_computes_the_source_type_from_facts(
    is_speech_synthetic: bool, has_portrait_pixels: bool, expected: str
) -> None:
    computed = digital_source_type(
        is_speech_synthetic=is_speech_synthetic, has_portrait_pixels=has_portrait_pixels
    )
    assert computed == expected


def test_generated_pictures_with_recorded_speech_are_a_composite_as_a_whole() -> None:
    generated = replace(
        make_claim(),
        picture_source_type=picture_source_type(has_portrait_pixels=False),
        digital_source_type=digital_source_type(is_speech_synthetic=False, has_portrait_pixels=False),
    )
    definition = manifest_definition(generated)
    assert data_of(definition, "c2pa.actions.v2")["actions"][0]["digitalSourceType"] == TRAINED
    assert data_of(definition, "cawg.metadata")["Iptc4xmpExt:DigitalSourceType"] == COMPOSITE


def test_a_motion_model_of_its_own_is_an_ingredient_of_its_own() -> None:
    definition = manifest_definition(replace(make_claim(), motion_model=ModelFacts("sway", "2", "e" * 64)))
    assert [item["title"] for item in definition["ingredients"]] == [
        "portrait",
        "speech",
        "model: likeness-animator 1",
        "motion model: sway 2",
    ]
    created = data_of(definition, "c2pa.actions.v2")["actions"][0]
    assert created["parameters"]["ingredientIds"] == ["portrait", "model", "motion_model"]


def test_it_holds_the_four_facts_that_disclosure_laws_ask_for() -> None:
    data = data_of(manifest_definition(make_claim()), PROVENANCE_LABEL)
    assert (data["provider"], data["system"], data["version"]) == ("Likeness (tests)", "Likeness", "0.1.0")
    assert data["createdAt"] == "2026-03-04T05:06:07Z"
    assert data["renditionId"] == "rnd_AAAAAAAAAAAAAAAAAAAAAA"


def test_it_attributes_its_own_knowledge_to_the_signer() -> None:
    created = {
        item["label"] for item in manifest_definition(make_claim())["assertions"] if item.get("created")
    }
    assert created == {"c2pa.actions.v2", "c2pa.soft-binding", "c2pa.ai-disclosure", PROVENANCE_LABEL}


def test_it_binds_the_watermark_as_text_over_the_whole_video() -> None:
    data = data_of(manifest_definition(replace(make_claim(), duration_s=2.52)), "c2pa.soft-binding")
    assert data["blocks"] == [{"scope": {"timespan": {"start": 0, "end": 2520}}, "value": "AAECAwQFBgc="}]


def test_it_says_that_a_marked_portrait_is_generated() -> None:
    plain = manifest_definition(make_claim())
    claim = replace(make_claim(), portrait_generator="Stable Diffusion XL")
    made = manifest_definition(claim)
    portrait = made["ingredients"][0]
    assert portrait.pop("digital_source_type") == TRAINED
    assert portrait.pop("description") == "Carries the invisible watermark that Stable Diffusion XL writes"
    assert made == plain


def test_it_shows_no_input() -> None:
    assert "thumbnail" not in json.dumps(manifest_definition(make_claim()))


@pytest.mark.parametrize(
    "change",
    [
        {"rendition_id": "alice"},
        {"provider": " "},
        {"provider": "alice@example.org"},
        {"digital_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"},
        {"picture_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"},
        {"digital_source_type": TRAINED},
        {"model": ModelFacts("likeness-animator", "1", "unknown")},
        {"consent_receipt_digest": "granted"},
        {"portrait_commitment": "a" * 63},
        {"speech_commitment": "portrait.png"},
        {"watermark_algorithm": "watermark"},
        {"watermark_value": b""},
        {"log_position": -1},
        {"duration_s": 0.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_it_refuses_a_fact_of_the_wrong_form(change: dict[str, Any]) -> None:
    with pytest.raises(ClaimInvalid):
        manifest_definition(replace(make_claim(), **change))


def without_assertion(label: str) -> Callable[[Definition], None]:
    def change(definition: Definition) -> None:
        definition["assertions"] = [item for item in definition["assertions"] if item["label"] != label]

    return change


def with_unknown_action(definition: Definition) -> None:
    data_of(definition, "c2pa.actions.v2")["actions"][1]["action"] = "c2pa.magic"


def with_opened_first(definition: Definition) -> None:
    data_of(definition, "c2pa.actions.v2")["actions"].reverse()


def with_gathered_actions(definition: Definition) -> None:
    del definition["assertions"][0]["created"]


def with_binary_metadata(definition: Definition) -> None:
    for item in definition["assertions"]:
        item.pop("kind", None)


def with_two_source_types(definition: Definition) -> None:
    data_of(definition, "cawg.metadata")["Iptc4xmpExt:DigitalSourceType"] = TRAINED


def with_parent(definition: Definition) -> None:
    definition["ingredients"][0]["relationship"] = "parentOf"


def with_unused_ingredient(definition: Definition) -> None:
    data_of(definition, "c2pa.actions.v2")["actions"][1]["parameters"]["ingredientIds"] = []


def with_thumbnail(definition: Definition) -> None:
    definition["ingredients"][0]["thumbnail"] = {"format": "image/jpeg", "identifier": "portrait.jpg"}


def with_old_claim_version(definition: Definition) -> None:
    definition["claim_version"] = 1


@pytest.mark.parametrize(
    "change",
    [
        without_assertion("c2pa.soft-binding"),
        without_assertion("c2pa.ai-disclosure"),
        without_assertion(PROVENANCE_LABEL),
        with_unknown_action,
        with_opened_first,
        with_gathered_actions,
        with_binary_metadata,
        with_two_source_types,
        with_parent,
        with_unused_ingredient,
        with_thumbnail,
        with_old_claim_version,
    ],
    ids=lambda change: change.__name__,
)
def test_it_refuses_a_definition_that_the_library_would_sign(change: Callable[[Definition], None]) -> None:
    definition = copy.deepcopy(manifest_definition(make_claim()))
    change(definition)
    with pytest.raises(ClaimInvalid):
        check(definition)


def test_two_videos_of_one_portrait_share_no_commitment() -> None:
    first = commitment(b"k" * 32, role="portrait", rendition_id="rnd_1", input_sha256="0" * 64)
    second = commitment(b"k" * 32, role="portrait", rendition_id="rnd_2", input_sha256="0" * 64)
    assert first != second
    assert first == commitment(b"k" * 32, role="portrait", rendition_id="rnd_1", input_sha256="0" * 64)
    assert first != commitment(b"x" * 32, role="portrait", rendition_id="rnd_1", input_sha256="0" * 64)
