"""A column that repeats what the log says is edited, and named."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import ApiKey, ConsentGrant, Partner
from generation.models import Job, Rendition
from provenance.models import Record
from tests.factories import issue_key
from tests.generation.edited_rows.editing import LATER, edit, named
from tests.generation.edited_rows.setting import KINDS, rows_of

pytestmark = pytest.mark.django_db

DERIVED_EDITS: dict[type[Model], dict[str, Any]] = {
    Job: {"id": "job_none", "log_position": 10**6, "submitted_by": "usr_other", "reason_code": "other"},
    Rendition: {"id": "rnd_none", "size_bytes": 1, "decided_by": "usr_other", "erased_at": LATER},
    Record: {
        "rendition_id": "rnd_none",
        "sealed_at": LATER,
        "withdrawn_at": LATER,
        "withdrawal_reason": "other",
    },
    ConsentGrant: {"id": "cns_none"},
    Partner: {"id": "prt_none", "keep_sources_days": 9, "keep_videos_days": 9},
    ApiKey: {"id": "key_none"},
}
CASES = [(model, column) for model, edits in DERIVED_EDITS.items() for column in edits]


class Undone(Exception):
    """Takes an edit back."""


@pytest.mark.slow
def test_an_edit_of_what_repeats_the_log_is_named(released: Rendition):
    issue_key(released.job.partner)
    rows = rows_of(released)
    for model, edits in DERIVED_EDITS.items():
        for column, value in edits.items():
            is_key = column == model._meta.pk.name
            if is_key and connection.vendor == "postgresql":
                continue  # which refuses it while other rows point there
            with suppress(Undone), transaction.atomic():
                edit(rows[model], column, value)
                found = named()
                kinds = {kind for kind, _ in found}
                assert KINDS[model] in kinds if is_key else (KINDS[model], column) in found, column
                raise Undone
    assert named() == set()
