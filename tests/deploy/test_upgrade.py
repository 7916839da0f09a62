"""Earlier versions go on working on the tables of this one: processes are replaced one after the other.

The models of each of the last releases, as its migrations left them, are used on the present tables. What
breaks it: a column that is gone or named otherwise, and a new one that it cannot leave out (give it a
`db_default`, or let it be empty). A change that needs more is made in two releases.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps as present
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

from accounts.duplicates import doubtful_among
from accounts.models import Partner
from tests.factories import PartnerFactory

pytestmark = pytest.mark.django_db
RELEASES: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("released_migrations.json").read_text()
)


@pytest.fixture(scope="module", params=sorted(RELEASES))
def earlier(request: pytest.FixtureRequest) -> Any:
    """The apps as an earlier release knew them."""
    return MigrationLoader(None).project_state(list(RELEASES[request.param].items())).apps


def of_ours(apps: Any) -> dict[str, type[models.Model]]:
    """The models of our own apps, by their tables."""
    ours = {"accounts", "generation", "provenance"}
    return {model._meta.db_table: model for model in apps.get_models() if model._meta.app_label in ours}


def test_the_version_before_reads_every_table(earlier: Any) -> None:
    for model in of_ours(earlier).values():
        assert list(model._base_manager.all()[:1]) == []


def test_the_version_before_can_leave_out_every_new_column(earlier: Any) -> None:
    now, needed = of_ours(present), {}
    for table, model in of_ours(earlier).items():
        known = {field.column for field in model._meta.concrete_fields}
        needed[table] = [
            field.column
            for field in now[table]._meta.concrete_fields
            if field.column not in known and not field.null and field.db_default is NOT_PROVIDED
        ]
    assert {table: columns for table, columns in needed.items() if columns} == {}


def test_what_it_adds_meanwhile_is_a_row_like_others(earlier: Any) -> None:
    row = earlier.get_model("accounts", "Partner").objects.create(
        name="Aurora", website="", contact_name="A", contact_email="a@aurora.example", purpose="x"
    )
    partner = Partner.objects.get(pk=row.pk)
    assert doubtful_among([partner]) == set()
    partner.save()
    other = PartnerFactory(name="AURORA", website="")
    assert doubtful_among([partner]) == {partner.pk}
    assert doubtful_among([other]) == {other.pk}


def test_every_column_that_is_there_is_known_to_its_model() -> None:
    with connection.cursor() as cursor:
        for table, model in of_ours(present).items():
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            assert there == {field.column for field in model._meta.concrete_fields}, table
