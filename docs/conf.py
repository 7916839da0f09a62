"""How Sphinx builds the documentation site. `make docs` runs it; the front page is docs/index.md.

The source folder is the repository's root, so that a link from one Markdown file to another means the same in
the repository and on the site. Nothing is fetched from the network, neither here nor by the built pages.
"""

from __future__ import annotations

import os
import re
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import django
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from tools.docs.reference import write_reference  # noqa: E402  (needs the path and Django)

write_reference(ROOT / "docs" / "reference")

project = "Likeness"
copyright = "The Likeness contributors, Apache-2.0"  # noqa: A001  (Sphinx reads this name)
extensions = ["myst_parser", "sphinx.ext.autodoc"]

root_doc = "docs/index"
include_patterns = ["docs/**", "*.md", "generation/animation/*/*.md", "samples/*.md", "tools/cast/*.md"]
exclude_patterns = [".[a-z]*", "var"]

# Docstrings put code into single backticks, as Markdown does.
default_role = "code"
highlight_language = "none"
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90

myst_heading_anchors = 3
myst_links_external_new_tab = False

html_theme = "furo"
html_title = "Likeness"
html_favicon = "../static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["likeness.css"]
html_extra_path = ["_extra"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5f5b", "color-brand-content": "#0b5f5b"},
    "dark_css_variables": {"color-brand-primary": "#6fd0c8", "color-brand-content": "#6fd0c8"},
}

# How autodoc writes out `NDArray[np.float32]`.
ARRAY = re.compile(r"~numpy\.ndarray\[tuple\[~typing\.Any, \.\.\.\], ~numpy\.dtype\[~numpy\.(\w+)\]\]")


def with_short_arrays(*event: Any) -> tuple[str | None, str | None]:
    """A signature in which arrays read as they do in the code; its two parts are the last of the event's."""
    arguments, answer = (part and ARRAY.sub(r"NDArray[\1]", part) for part in event[-2:])
    return arguments, answer


def with_values_of_enumerations(*event: Any) -> bool:
    """Whether autodoc leaves a member out: never a value of an enumeration, though it has no docstring."""
    member, would_skip = event[3:5]
    return bool(would_skip) and not isinstance(member, Enum)


def setup(app: Sphinx) -> None:
    """Sphinx calls this once at its start."""
    app.connect("autodoc-process-signature", with_short_arrays)
    app.connect("autodoc-skip-member", with_values_of_enumerations)
