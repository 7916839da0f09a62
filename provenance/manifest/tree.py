"""The manifests of a file as a tree: its ingredients, and the credentials that they carry.

Everything in it is text out of the file; how far it can be believed is for `reading` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST, MOST_NODES, MOST_ACTIONS, LONGEST_TEXT = 6, 60, 20, 120


@dataclass(frozen=True)
class ManifestNode:
    """One manifest, or an ingredient without one (then `label` is None).

    `relationship`: how the thing above uses it (`parentOf`, `componentOf`, `inputTo`), None at the top.
    `codes`: what is wrong with an ingredient's own credentials.
    """

    title: str | None
    relationship: str | None
    format: str | None
    label: str | None = None
    generator: str | None = None
    signer: str | None = None
    signed_at: str | None = None
    actions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    ingredients: tuple[ManifestNode, ...] = ()

    @property
    def has_parent(self) -> bool:
        """Whether this is an edition of something that carried a manifest."""
        return self.parent is not None

    @property
    def parent(self) -> ManifestNode | None:
        """The manifest of what this was edited from; None without, or when it names several."""
        parents = [item for item in self.ingredients if item.relationship == "parentOf" and item.label]
        return parents[0] if len(parents) == 1 else None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lists = {"actions": list(self.actions), "codes": list(self.codes)}
        return values | lists | {"ingredients": [item.to_json() for item in self.ingredients]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ManifestNode:
        """The tree that `to_json` described."""
        ingredients = tuple(cls.from_json(item) for item in values["ingredients"])
        lists = {name: tuple(values[name]) for name in ("actions", "codes")}
        return cls(**{**values, **lists, "ingredients": ingredients})


def manifest_tree(report: dict[str, Any]) -> ManifestNode | None:
    """The tree in a reader's report, cut where a hostile file would make it endless."""
    label = report.get("active_manifest")
    manifests: dict[str | None, Any] = report.get("manifests", {})
    if label not in manifests:
        return None
    budget = iter(range(MOST_NODES))
    return _node(manifests, label, {"title": manifests[label].get("title")}, budget, 0)


def _node(
    manifests: dict[str | None, Any],
    label: str | None,
    used: dict[str, Any],
    budget: Iterator[int],
    depth: int,
) -> ManifestNode:
    manifest: dict[str, Any] = manifests.get(label, {})
    signature = manifest.get("signature_info", {})
    generators = manifest.get("claim_generator_info") or [{}]
    ingredients = manifest.get("ingredients", []) if depth < DEEPEST else []
    return ManifestNode(
        title=_text(used.get("title")),
        relationship=_text(used.get("relationship")),
        format=_text(used.get("format") or manifest.get("format")),
        label=label if manifest else None,
        generator=_text(generators[0].get("name")),
        signer=_text(signature.get("issuer") or signature.get("common_name")),
        signed_at=_text(signature.get("time")),
        actions=tuple(_actions(manifest))[:MOST_ACTIONS],
        codes=tuple(sorted(_failures(used))),
        ingredients=tuple(
            _node(manifests, item.get("active_manifest"), item, budget, depth + 1)
            for item in ingredients
            if next(budget, None) is not None
        ),
    )


def _actions(manifest: dict[str, Any]) -> Iterator[str]:
    for item in manifest.get("assertions", []):
        data = item.get("data")
        if str(item.get("label")).startswith("c2pa.actions") and isinstance(data, dict):
            yield from (str(action.get("action"))[:LONGEST_TEXT] for action in data.get("actions", []))


def _failures(used: dict[str, Any]) -> set[str]:
    results = used.get("validation_results", {}).get("activeManifest", {})
    return {str(failure["code"]) for failure in results.get("failure", [])}


def _text(value: object) -> str | None:
    return value[:LONGEST_TEXT] if isinstance(value, str) and value else None
