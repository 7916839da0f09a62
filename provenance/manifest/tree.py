"""The manifests of a file as a tree: its ingredients, and the credentials that they carry.

Everything in it is text out of the file; how far it can be believed is for `reading` to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypedDict

from provenance.manifest.findings.c2pa_report import (
    C2paReport,
    ReportedGenerator,
    ReportedIngredient,
    ReportedManifest,
    ReportedSignature,
)

DEEPEST, MOST_NODES, MOST_ACTIONS, LONGEST_TEXT = 6, 60, 20, 120


class ManifestNodeJson(TypedDict):
    """A node in a verdict's JSON."""

    title: str | None
    relationship: str | None
    format: str | None
    label: str | None
    generator: str | None
    signer: str | None
    signed_at: str | None
    actions: list[str]
    codes: list[str]
    state: str | None
    ingredients: list[ManifestNodeJson]


@dataclass(frozen=True)
class ManifestNode:
    """One manifest, or an ingredient without one (then `label` is None).

    `relationship`: how the thing above uses it (`parentOf`, `componentOf`, `inputTo`), None at the top.
    `codes`: what is wrong with the credentials of an ingredient; `state`: how far they hold, None where they
    were not judged here.
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
    state: str | None = None
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


class JudgedManifest(Protocol):
    """What was found of a manifest here."""

    @property
    def state(self) -> str: ...

    @property
    def codes(self) -> tuple[str, ...]: ...


def node_json(node: ManifestNode) -> ManifestNodeJson:
    """The tree as a verdict shows it."""
    return {
        "title": node.title,
        "relationship": node.relationship,
        "format": node.format,
        "label": node.label,
        "generator": node.generator,
        "signer": node.signer,
        "signed_at": node.signed_at,
        "actions": list(node.actions),
        "codes": list(node.codes),
        "state": node.state,
        "ingredients": [node_json(item) for item in node.ingredients],
    }


def manifest_tree(
    report: C2paReport, judged: Mapping[str, JudgedManifest] = MappingProxyType({})
) -> ManifestNode | None:
    """The tree in a reader's report, cut where a hostile file would make it endless.

    `judged`: by label, what was found of the manifests of inputs here; of the others, what the tools that
    used them wrote down stands in the tree.
    """
    label = report.get("active_manifest")
    manifests = report.get("manifests", {})
    if label not in manifests:
        return None
    used = ReportedIngredient()
    if title := manifests[label].get("title"):
        used["title"] = title
    return _node(manifests, label, used, judged, budget=iter(range(MOST_NODES)), depth=0)


def _node(
    manifests: Mapping[str | None, ReportedManifest],
    label: str | None,
    used: ReportedIngredient,
    judged: Mapping[str, JudgedManifest],
    *,
    budget: Iterator[int],
    depth: int,
) -> ManifestNode:
    manifest = manifests.get(label, ReportedManifest())
    found = judged.get(label) if label and depth else None
    signature = manifest.get("signature_info", ReportedSignature())
    generators = manifest.get("claim_generator_info") or [ReportedGenerator()]
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
        codes=found.codes if found else tuple(sorted(_failures(used))),
        state=found.state if found else None,
        ingredients=tuple(
            _node(manifests, item.get("active_manifest"), item, judged, budget=budget, depth=depth + 1)
            for item in ingredients
            if next(budget, None) is not None
        ),
    )


def _actions(manifest: ReportedManifest) -> Iterator[str]:
    for item in manifest.get("assertions", []):
        data = item.get("data")
        if str(item.get("label")).startswith("c2pa.actions") and isinstance(data, dict):
            yield from (str(action.get("action"))[:LONGEST_TEXT] for action in data.get("actions", []))


def _failures(used: ReportedIngredient) -> set[str]:
    results = used.get("validation_results", {}).get("activeManifest", {})
    failures = [*results.get("failure", []), *used.get("validation_status", [])]
    return {str(failure["code"]) for failure in failures}


def _text(value: object) -> str | None:
    return value[:LONGEST_TEXT] if isinstance(value, str) and value else None
