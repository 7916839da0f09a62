"""Every panel of the dashboard draws figures that /metrics has, and none that it has is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.config.operations.scraping import TOKEN

DASHBOARD = Path(__file__).resolve().parents[2] / "deploy/grafana/likeness.json"
NOT_DRAWN = {"likeness_build_info"}


@pytest.fixture
def told(db: None, settings: Any) -> set[str]:
    """The names of all figures; of a histogram, that of the whole."""
    settings.LIKENESS_METRICS_TOKEN = TOKEN
    Client().get("/livez")
    text = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    found = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    return {name.removesuffix("_created") for name in found}


def test_the_dashboard_and_the_figures_are_the_same(told: set[str]) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    drawn = {
        re.sub(r"_(bucket|count|sum)$", "", name)
        for query in queries
        for name in re.findall(r"likeness_\w+", query)
    }
    assert drawn == told - NOT_DRAWN


def test_no_two_panels_lie_over_each_other() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in panels})
