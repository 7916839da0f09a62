"""Every table of ours is in the list of what an edit could open, and every deciding column is edited."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Model

from tests.contracts.stored.stored_columns import COLUMNS, DERIVED, GATE, NOT_COVERED, OPENS_NOTHING
from tests.generation.edited_rows import (
    test_derived_columns,
    test_face_matches,
    test_invitations,
    test_live_recordings,
    test_live_sessions,
    test_memberships,
    test_released_videos,
    test_staff_roles,
    test_voice_consents,
)

OURS = ("accounts", "generation", "provenance")
IN_TURN = (
    test_face_matches,
    test_invitations,
    test_live_recordings,
    test_live_sessions,
    test_memberships,
    test_staff_roles,
    test_voice_consents,
)


def columns_that_are(kind: str) -> set[tuple[type[Model], str]]:
    return {(model, name) for model, columns in COLUMNS.items() for name in columns if columns[name] == kind}


def test_every_table_is_in_the_list_once():
    ours = {model for name in OURS for model in apps.get_app_config(name).get_models()}
    listed = [*COLUMNS, *OPENS_NOTHING, *NOT_COVERED]
    assert len(listed) == len(set(listed))
    assert set(listed) == ours


@pytest.mark.parametrize("model", COLUMNS)
def test_every_column_is_in_the_table(model):
    assert {field.name for field in model._meta.concrete_fields} == set(COLUMNS[model])


def test_every_gate_and_every_derived_column_is_edited():
    edited = {case for module in IN_TURN for case in module.CASES}
    assert edited | set(test_released_videos.CASES) >= columns_that_are(GATE)
    assert edited | set(test_derived_columns.CASES) >= columns_that_are(DERIVED)
