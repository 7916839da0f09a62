"""Write docs/errors.md from the code: every refusal with its status, sentence and hint.

Run it after adding a code: `python -m tools.docs.document_errors`. A test compares the page with the code.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import django

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
HEADER = """# Refusals

Every refusal has a code that stays, a sentence and a hint. The API answers with problem details (RFC 9457):
`type` is
`urn:likeness:problem:CODE`. A job that ends without a video carries one of the same codes. This page is
written from the code by `python -m tools.docs.document_errors`.
"""
APPS = ("accounts", "config", "generation", "provenance")
Row = tuple[str, str, str, str]


def rows_of_refusals() -> Iterator[Row]:
    """Refusals of the API and of services."""
    from provenance.common.errors import CodedError  # noqa: PLC0415

    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if not module.name.startswith(("generation.animation", f"{app}.migrations", "config.settings")):
                importlib.import_module(module.name)
    for code, kind in sorted(CodedError.registry.items()):
        if kind.__module__.split(".")[0] in APPS:
            yield code, str(kind.status), kind.message, kind.hint


def rows_of_intake() -> Iterator[Row]:
    """Refusals of files, and of portraits that cannot be animated."""
    from generation.animation.portrait.portrait_check import REFUSALS  # noqa: PLC0415
    from generation.intake.refusals import SENTENCES  # noqa: PLC0415

    for code, (message, hint) in sorted(SENTENCES.items()):
        yield code.value, "422", message, hint
    for name, (message, hint) in sorted(REFUSALS.items()):
        yield name, "422", message, hint


def rows_of_warnings() -> Iterator[Row]:
    """What the portrait check remarks on without refusing."""
    from generation.animation.portrait.portrait_check import WARNINGS  # noqa: PLC0415

    for code, (message, hint) in sorted(WARNINGS.items()):
        yield code, "", message, hint


def rows_of_capture() -> Iterator[Row]:
    """Refusals of videos from which a performer's motion is to be captured."""
    from generation.animation.capture.refusals import REFUSALS  # noqa: PLC0415

    for code, (message, hint) in sorted(REFUSALS.items()):
        yield code, "", message, hint


def rows_of_quality() -> Iterator[Row]:
    """What the pixel report of a video may find: `quality_low` and its reasons."""
    from generation.quality import HINT, QUALITY_LOW, SENTENCES  # noqa: PLC0415

    yield QUALITY_LOW, "", "The sentences of what the pixel report found.", HINT
    for finding, sentence in SENTENCES.items():
        yield finding.value, "", sentence, ""


def rows_of_reserved() -> Iterator[Row]:
    """Codes of earlier versions, which old jobs still show."""
    from generation.intake.refusals import RESERVED  # noqa: PLC0415

    for code, message in sorted(RESERVED.items()):
        yield code, "", message, ""


def rows_of_failures() -> Iterator[Row]:
    """Ends of a job that the pipeline itself decides."""
    from generation.failures import SENTENCES  # noqa: PLC0415

    for code, (message, hint) in sorted(SENTENCES.items()):
        yield code.value, "", message, hint


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEADER]
    for title, rows in (
        ("API and services", rows_of_refusals()),
        ("Files and portraits", rows_of_intake()),
        ("Warnings about portraits, which refuse nothing", rows_of_warnings()),
        ("Capture of motion from video", rows_of_capture()),
        ("Jobs", rows_of_failures()),
        ("Videos of low quality: a warning, and the findings of the pixel report", rows_of_quality()),
        ("Codes of earlier versions, which are not given any more", rows_of_reserved()),
    ):
        lines = "\n".join(
            f"| `{code}` | {status} | {message} | {hint} |" for code, status, message, hint in rows
        )
        parts.append(f"## {title}\n\n| code | status | sentence | hint |\n|---|---|---|---|\n{lines}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    django.setup()
    PAGE.write_text(page())
