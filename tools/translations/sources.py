"""Every sentence that a page or message shows in its reader's language, found in templates and code."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from django.template import Template, engines
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from provenance.common.errors import CodedError

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PROGRAM = ("accounts", "config", "generation", "provenance")
VERDICTS = ROOT / "provenance/verify/verdict"
MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
# Describes programs to programmers, in English as the API is (config.languages.IN_ENGLISH).
FOR_PROGRAMMERS = ("api_docs.html",)
# Sentences of django-allauth's pages that its German catalogue says to a friend; ours is found before it.
RESTATED = (
    "Are you sure you want to sign out?",
    "Be patient, you are sending too many requests.",
    "Do you really want to remove the selected email address?",
    "Please type your current password.",
    "You are about to deactivate authenticator app based authentication. Are you sure?",
    "You are about to generate a new set of recovery codes for your account.",
    "You are already logged in as %(user_display)s.",
    "You cannot add more than %d email addresses.",
    "You cannot remove your primary email address (%(email)s).",
    "You cannot remove your primary email address.",
    "You have confirmed %(email)s.",
    "You have signed out.",
    "You must type the same email each time.",
    "You must type the same password each time.",
    "Your account has no password set up.",
    "Your account has no verified email address.",
    "Your email address is still pending verification.",
    "Your password has been changed.",
    "Your password is now changed.",
    "Your primary email address must be verified.",
)
# Refusals that only programs and operators' commands are given. A new one is for everybody unless it stands
# here, alone or with its module.
NOT_SHOWN = (
    "accounts.errors.Key",
    "accounts.errors.ScopeMissing",
    "config.",
    "generation.services.idempotency.",
    "generation.services.resumable.",
    "provenance.api.",
    "provenance.keys.",
    "provenance.manifest.",
    "provenance.services.new_log.",
)


def translatable() -> dict[str, str]:
    """Every sentence that is shown translated, with its plural ("" without one). Django must be set up."""
    found: dict[str, str] = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        found |= template_texts(path)
    for sentence in [*marked_in_code(), *verdict_sentences(), *refusals(), *RESTATED]:
        found.setdefault(sentence, "")
    return found


def template_texts(path: Path) -> dict[str, str]:
    """The sentences of a template's `translate` and `blocktranslate` tags, as they are looked up."""
    template: Template = engines["django"].engine.from_string(path.read_text())  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for node in template.nodelist.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode) and node.filter_expression.var.literal is not None:
            found[str(node.filter_expression.var.literal)] = ""
        elif isinstance(node, BlockTranslateNode):
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            found[node.render_token_list(node.singular)[0]] = plural
    return found


def marked_in_code() -> Iterator[str]:
    """What code marks for translation: literals in `_()` and its like."""
    for folder in PROGRAM:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if "gettext" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                    continue
                first = node.args[0]
                if node.func.id in MARKERS and isinstance(first, ast.Constant):
                    yield str(first.value)


def verdict_sentences() -> Iterator[str]:
    """Every sentence in the modules that make a verdict: constants that are no part of another text."""
    for path in sorted(VERDICTS.rglob("*.py")):
        if path.stem in {"__init__", "messages", "verdict_json"}:
            continue
        tree = ast.parse(path.read_text())
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
        docs = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if id(node) not in inner and node.value not in docs and re.match(r"[A-Z].* ", node.value):
                yield node.value


def refusals() -> Iterator[str]:
    """The sentence and the hint of every refusal that a page can show."""
    importlib.import_module("config.urls")  # whatever a request can raise is imported by what answers it
    for kind in _kinds(CodedError):
        if not f"{kind.__module__}.{kind.__name__}".startswith(NOT_SHOWN):
            yield from (text for text in (kind.message, kind.hint) if text)


def _kinds(kind: type[CodedError]) -> Iterator[type[CodedError]]:
    yield kind
    for narrower in sorted(kind.__subclasses__(), key=lambda one: f"{one.__module__}.{one.__name__}"):
        # The package's own refusals are raised at those who use it, not by the service.
        if not narrower.__module__.startswith(("tests.", "likeness.")):
            yield from _kinds(narrower)
