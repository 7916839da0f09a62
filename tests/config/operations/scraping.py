"""Reads /metrics as Prometheus does."""

from __future__ import annotations

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "a-long-secret-of-the-operator"


def figures() -> dict[tuple[str, tuple[str, ...]], float]:
    """Every figure by its name and the values of its labels, in the alphabetical order of the labels."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
