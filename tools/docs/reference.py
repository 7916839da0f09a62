"""Write the pages of the reference: one for each stable surface, made from docstrings and from the OpenAPI.

docs/conf.py calls `write_reference` before Sphinx reads anything; the pages are not kept in the repository.
Sphinx's autodoc fills in the Python ones. A package that is not there yet has no page.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec
from pathlib import Path

from tools.docs.reference_commands import commands_page
from tools.docs.reference_http import http_page
from tools.docs.reference_rooms import rooms_page

# Package -> title. Their modules, private ones and entry points aside, become sections of one page.
PACKAGES = {
    "provenance.watermark": "Watermark",
    "provenance.manifest": "C2PA manifest",
    "provenance.log": "Public log",
    "provenance.verify": "Verification",
    "provenance.offline": "Verification without the service",
    "likeness": "The likeness package",
}


def section(module: str) -> str:
    """One module: a heading, what it hands on from others, and what autodoc finds in it."""
    exported = getattr(importlib.import_module(module), "__all__", ())
    handed_on = ", ".join(f"`{name}`" for name in exported)
    names = f"To be imported from here: {handed_on}.\n\n" if handed_on else ""
    autodoc = f"```{{eval-rst}}\n.. automodule:: {module}\n   :ignore-module-all:\n```\n"
    return f"## `{module}`\n\n{names}{autodoc}"


def package_page(name: str, title: str) -> str:
    """All public modules of one package, the package itself first."""
    package = importlib.import_module(name)
    modules = [name]
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            modules.append(found.name)
    return "\n".join([f"# {title}\n", *map(section, modules)])


def animation_page() -> str:
    """What `generation.animation` exports; its rooms are internals."""
    package = importlib.import_module("generation.animation")
    names = "\n".join(f".. autoclass:: generation.animation.{name}\n" for name in sorted(package.__all__))
    return (
        "# Animation library\n\n"
        "```python\nfrom generation.animation import Animator, MotionControls, MotionTrack\n```\n\n"
        f"{package.__doc__}\n\n"
        f"## Names\n\n```{{eval-rst}}\n.. currentmodule:: generation.animation\n\n{names}```\n"
    )


def pages() -> dict[str, str]:
    """File name -> Markdown of every page of the reference."""
    made = {
        "animation.md": animation_page(),
        "http-api.md": http_page(),
        "commands.md": commands_page(),
        "rooms.md": rooms_page(),
    }
    for name, title in PACKAGES.items():
        if find_spec(name) is not None:
            made[f"{name.replace('.', '-')}.md"] = package_page(name, title)
    return made


def write_reference(folder: Path) -> None:
    """Write the pages into `folder`; unchanged ones are left alone and not read again."""
    folder.mkdir(exist_ok=True)
    made = pages()
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        place = folder / name
        if not place.exists() or place.read_text() != text:
            place.write_text(text)
