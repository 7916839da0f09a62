"""The reference page of rooms: every folder, its purpose by its own docstring, and what it imports today."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

HEADER = """# Rooms

Every folder of the three apps, with the purpose that its `__init__.py` states and the rooms that it imports.
Names without an app are of the same app. [Architecture](../architecture.md) draws the same.
"""
ROOT = Path(__file__).resolve().parents[2]
APPS = ("generation", "accounts", "provenance")
NOT_ROOMS = {"migrations", "management", "commands", "templatetags"}


def rooms() -> list[Path]:
    """The folders of the three apps that hold modules."""
    return [
        init.parent
        for app in APPS
        for init in sorted((ROOT / app).rglob("__init__.py"))
        if not NOT_ROOMS & set(init.parent.relative_to(ROOT).parts)
    ]


def dotted(folder: Path) -> str:
    """The folder's name as a package."""
    return ".".join(folder.relative_to(ROOT).parts)


def purpose(folder: Path) -> str:
    """The first paragraph of the package's docstring in one line."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def imported_rooms(folder: Path, names: set[str]) -> set[str]:
    """What the modules of this folder import, at the top or inside of functions: rooms, or modules of a room
    around this one."""
    here = dotted(folder)
    modules = {module for path in folder.glob("*.py") for module in _imports(path.read_text())}
    return {_place(module, here, names) for module in modules} - {"", here}


@cache
def _imports(code: str) -> frozenset[str]:
    """What a module's code imports. The page may be written more than once, and parsing is most of it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found)


def _place(module: str, here: str, names: set[str]) -> str:
    """The room of `module`; of a room around `here` the module itself; nothing for others' packages."""
    room, below = module, ""
    while room and room not in names:
        room, _, below = room.rpartition(".")
    return f"{room}.{below}" if below and here.startswith(f"{room}.") else room


def rooms_page() -> str:
    """One table an app."""
    folders = rooms()
    names = {dotted(folder) for folder in folders}
    parts = [HEADER]
    for app in APPS:
        parts.append(f"## {app}\n\n| room | purpose | imports |\n|---|---|---|")
        for folder in folders:
            name = dotted(folder)
            if name.split(".")[0] == app:
                imported = ", ".join(
                    f"`{room.removeprefix(f'{app}.')}`" for room in sorted(imported_rooms(folder, names))
                )
                short = name.removeprefix(f"{app}.")
                parts.append(f"| `{short}` | {purpose(folder)} | {imported or 'nothing of ours'} |")
        parts.append("")
    return "\n".join(parts)
