"""What an edit says about itself, and what the check before signing refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from provenance.manifest.claim import ClaimInvalid
from provenance.manifest.editing import EDITS, EditClaim, check_edit, edit_definition

Definition = Any  # spoilt here in ways that its type forbids
EDIT = EditClaim("c2pa.transcoded", "Encoded for a messenger", datetime(2026, 3, 5, tzinfo=UTC), "0.1.0")


def actions_of(definition: Definition) -> Any:
    return definition["assertions"][0]["data"]["actions"]


@pytest.mark.parametrize("action", sorted(EDITS))
def test_it_says_what_was_opened_and_what_was_done(action: str) -> None:
    opened, edit = actions_of(edit_definition(replace(EDIT, action=action)))
    assert (opened["action"], opened["parameters"]) == ("c2pa.opened", {"ingredientIds": ["parent"]})
    assert (edit["action"], edit["when"]) == (action, "2026-03-05T00:00:00Z")


@pytest.mark.parametrize(
    "change",
    [
        {"action": "c2pa.drawing"},
        {"description": " "},
        {"description": "for alice@example.org"},
        {"system_version": ""},
    ],
)
def test_it_refuses_facts_in_the_wrong_form(change: dict[str, Any]) -> None:
    with pytest.raises(ClaimInvalid):
        edit_definition(replace(EDIT, **change))


def without_created(definition: Definition) -> None:
    del definition["assertions"][0]["created"]


def with_another_assertion(definition: Definition) -> None:
    definition["assertions"].append({"label": "org.likeness.provenance", "created": True, "data": {}})


def with_an_ingredient(definition: Definition) -> None:
    definition["ingredients"] = [{"label": "music", "relationship": "componentOf"}]


def with_a_thumbnail(definition: Definition) -> None:
    definition["thumbnail"] = {"format": "image/jpeg"}


def with_claim_version_1(definition: Definition) -> None:
    definition["claim_version"] = 1


def with_actions_left_out(definition: Definition) -> None:
    definition["assertions"][0]["data"]["allActionsIncluded"] = False


def without_the_opening(definition: Definition) -> None:
    del actions_of(definition)[0]


def created_instead_of_opened(definition: Definition) -> None:
    actions_of(definition)[0]["action"] = "c2pa.created"


def with_nothing_opened(definition: Definition) -> None:
    del actions_of(definition)[0]["parameters"]


def with_a_local_time(definition: Definition) -> None:
    actions_of(definition)[1]["when"] = "2026-03-05T00:00:00+01:00"


@pytest.mark.parametrize(
    "spoil",
    [
        without_created,
        with_another_assertion,
        with_an_ingredient,
        with_a_thumbnail,
        with_claim_version_1,
        with_actions_left_out,
        without_the_opening,
        created_instead_of_opened,
        with_nothing_opened,
        with_a_local_time,
    ],
)
def test_it_refuses_a_definition(spoil: Callable[[Definition], None]) -> None:
    definition = copy.deepcopy(edit_definition(EDIT))
    check_edit(definition)
    spoil(definition)
    with pytest.raises(ClaimInvalid, match="edit could not be made"):
        check_edit(definition)
