"""Every alert asks for a figure that /metrics has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from tests.config.operations.scraping import TOKEN

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.mark.django_db
def test_every_alert_asks_for_a_figure_that_there_is(settings: Any) -> None:
    settings.LIKENESS_METRICS_TOKEN = TOKEN
    Client().get("/livez")
    text = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    told |= {f"{name}_count" for name in told}
    rules = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"][0]["rules"]
    assert len(rules) == len({rule["alert"] for rule in rules})
    for rule in rules:
        asked = set(re.findall(r"likeness_\w+", rule["expr"]))
        assert asked <= told, rule["alert"]
