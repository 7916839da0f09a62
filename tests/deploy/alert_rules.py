"""Evaluates the rules of deploy/prometheus/alerts.yaml on figures as /metrics gives them.

Only what the rules use of PromQL: figures with equal labels, `sum`, `rate` between two scrapes, products
with a number, and a comparison with a number or such a product. Anything else raises ValueError. `for` is
left out: an alert that would fire after its time fires here at once.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

RULES = Path(__file__).resolve().parents[2] / "deploy/prometheus/alerts.yaml"
SCRAPED_EVERY_S = 15.0
Labels = tuple[tuple[str, str], ...]
Scrape = Mapping[str, Mapping[Labels, float]]
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_RULE = re.compile(r"(?P<left>.+?) (?P<comparison>==|>|<) (?P<right>.+)")
_TERM = re.compile(
    r"(?:(?P<factor>[\d.]+) \* )?(?P<sum>sum\()?(?P<rate>rate\()?(?P<name>\w+)(?:\{(?P<labels>[^}]*)\})?"
    r"(?(rate)\[\d+m\]\))(?(sum)\))"
)


def rules() -> list[dict[str, Any]]:
    """All rules of the file."""
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return found


def scrape_of(exposition: str) -> Scrape:
    """The figures of one answer of /metrics, and `up`, which Prometheus adds."""
    scrape: dict[str, dict[Labels, float]] = {"up": {(("job", "likeness"),): 1.0}}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            scrape.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return scrape


def alerts_of(before: Scrape, now: Scrape) -> dict[str, list[dict[str, str]]]:
    """The alerts that two scrapes raise, each with the labels that it is about. Raises ValueError."""
    raised: dict[str, list[dict[str, str]]] = {}
    for rule in rules():
        if found := _matches(rule["expr"], before, now):
            raised[rule["alert"]] = found
    return raised


def _matches(expression: str, before: Scrape, now: Scrape) -> list[dict[str, str]]:
    parts = _RULE.fullmatch(expression)
    if parts is None:
        raise ValueError(expression)
    compare = COMPARISONS[parts["comparison"]]
    right = parts["right"]
    # A rule that compares two sums has one number on each side; nothing is compared with no number.
    limits = [float(right)] if re.fullmatch(r"[\d.]+", right) else list(_values(right, before, now).values())
    return [
        dict(labels)
        for labels, value in _values(parts["left"], before, now).items()
        if limits and compare(value, limits[0])
    ]


def _values(term: str, before: Scrape, now: Scrape) -> dict[Labels, float]:
    parts = _TERM.fullmatch(term)
    if parts is None:
        raise ValueError(term)
    wanted = set(re.findall(r'(\w+)="([^"]*)"', parts["labels"] or ""))
    values = {labels: value for labels, value in now.get(parts["name"], {}).items() if wanted <= set(labels)}
    if parts["rate"]:
        earlier = before.get(parts["name"], {})
        values = {key: (value - earlier.get(key, 0.0)) / SCRAPED_EVERY_S for key, value in values.items()}
    if parts["sum"] and values:
        values = {(): sum(values.values())}
    factor = float(parts["factor"] or 1)
    return {labels: factor * value for labels, value in values.items()}
