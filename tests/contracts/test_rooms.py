"""The shape of the house: no circle of imports, no crowded folder, a purpose at every door."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "generation", "provenance")
PACKAGES = (*APPS, "benchmarks", "config", "likeness", "tools")
MOST_MODULES = 16

Graph = Mapping[str, set[str]]


def modules() -> dict[str, Path]:
    """Dotted name to file of every module outside of migrations and tests."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in files
        if "migrations" not in path.parts and path.name != "__init__.py"
    }


@cache
def imports() -> Graph:
    """Module to the modules it imports, at the top or later; packages that hand names on are no rooms."""
    known = modules()
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        graph[name] = {found for found in _named_in(path) if found in known and found != name}
    return graph


def _named_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def folders(graph: Graph) -> dict[str, set[str]]:
    """The same arrows between folders; a file beside folders (`animator`, `tasks`) is a room of its own."""
    holding_folders = {module.rpartition(".")[0].rpartition(".")[0] for module in graph}

    def room(module: str) -> str:
        folder = module.rpartition(".")[0]
        return module if folder in holding_folders else folder

    arrows: dict[str, set[str]] = defaultdict(set)
    for module, found in graph.items():
        arrows[room(module)] |= {room(other) for other in found} - {room(module)}
    return arrows


def circle_in(graph: Graph) -> list[str]:
    """One circle of the graph, or nothing."""
    done: set[str] = set()
    for start in graph:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []

        def enter(node: str, path: list[str] = path, stack: list[tuple[str, Iterator[str]]] = stack) -> None:
            path.append(node)
            stack.append((node, iter(sorted(graph.get(node, ())))))

        if start in done:
            continue
        enter(start)
        while stack:
            following = next(stack[-1][1], None)
            if following is None:
                done.add(stack.pop()[0])
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            elif following not in done:
                enter(following)
    return []


@pytest.mark.slow
def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle_in(imports()) == []


def test_no_folders_import_each_other_in_a_circle() -> None:
    assert circle_in(folders(imports())) == []


def test_a_circle_would_be_found() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_no_folder_holds_more_modules_than_a_reader_can_keep_in_mind() -> None:
    count: dict[Path, int] = defaultdict(int)
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py"]
    for path in [*modules().values(), *tests]:
        count[path.parent] += 1
    assert {str(folder): held for folder, held in count.items() if held > MOST_MODULES} == {}


@pytest.mark.parametrize("app", [*APPS, "likeness"])
def test_every_package_says_what_lives_there(app: str) -> None:
    doors = [path for path in (ROOT / app).rglob("__init__.py") if "migrations" not in path.parts]
    assert [path for path in doors if not ast.get_docstring(ast.parse(path.read_text()))] == []
