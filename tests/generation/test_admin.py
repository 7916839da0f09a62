"""Operators look at jobs and what belongs to them in Django's admin, and change nothing."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.test import Client

from generation.models import Rendition

MODELS = [model for model in admin.site._registry if model._meta.app_label == "generation"]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_operator_looks_and_changes_nothing(
    otto_browser: Client, rita_browser: Client, waiting: Rendition, model: type[Model]
) -> None:
    address = f"/admin/generation/{model._meta.model_name}/"
    assert otto_browser.get(address).status_code == 200
    assert otto_browser.get(f"{address}add/").status_code == 403
    assert rita_browser.get(address).status_code == 302
    row = model._default_manager.first()
    if row is not None:
        address += quote(str(row.pk))
        assert otto_browser.get(f"{address}/change/").status_code == 200
        assert otto_browser.post(f"{address}/change/", {}).status_code == 403
        assert otto_browser.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
