"""A form that only a script can send cannot be sent before the script has come: the page would begin anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORM = re.compile(r"<form\b(?P<says>[^>]*)>(?P<holds>.*?)</form>", re.DOTALL)
BUTTON = re.compile(r"<button\b[^>]*>")
OF_SCRIPTS = [
    (path.relative_to(TEMPLATES).as_posix(), form["holds"])
    for path in sorted(TEMPLATES.rglob("*.html"))
    for form in FORM.finditer(path.read_text())
    if not re.search(r"\b(method|action|hx-post|hx-get)=", form["says"])
]


def test_there_are_such_forms() -> None:
    assert {place for place, _ in OF_SCRIPTS} >= {"api_docs.html", "generation/live.html"}


@pytest.mark.parametrize(("place", "form"), OF_SCRIPTS)
def test_its_button_waits_for_the_script(place: str, form: str) -> None:
    sending = [button for button in BUTTON.findall(form) if 'type="button"' not in button]
    assert all(" disabled" in button for button in sending), f"{place}: {sending}"
