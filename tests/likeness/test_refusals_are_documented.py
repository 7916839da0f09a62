"""Every refusal of the package, and every exit code, is in docs/python-package.md as the code has it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import likeness
from likeness.commands.outcome import ExitCode
from provenance.common.errors import CodedError
from tests.likeness.conftest import ROOT

PAGE = (ROOT / "docs/python-package.md").read_text()


def refusals(kind: type[CodedError] = CodedError) -> Iterator[type[CodedError]]:
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)


def test_the_page_has_every_refusal() -> None:
    for module in pkgutil.walk_packages(likeness.__path__, "likeness."):
        if module.name != "likeness.__main__":
            importlib.import_module(module.name)
    rows = sorted(
        f"| `{kind.code}` | {kind.message} | {kind.hint} |"
        for kind in refusals()
        if kind.__module__.startswith("likeness.")
    )
    assert "\n".join(rows) in PAGE


def test_the_page_has_every_exit_code() -> None:
    assert all(f"\n| {code.value} | " in PAGE for code in ExitCode)


def test_the_page_has_every_public_name() -> None:
    assert [
        name for name in ("verify_file", "check_log", "read_log", "Client") if f"`{name}(" not in PAGE
    ] == []
