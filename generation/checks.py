"""System checks of the generation app.

Ids: generation.E001 storage cannot be written, generation.E002 a renderer is offered without its weights,
generation.W001 kernels have no machine code of their own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from generation.animation.registry import LIVEPORTRAIT
from generation.storage import media
from provenance.common.ids import new_id

KERNELS: Final = Path(__file__).parent / "animation"


@register("generation", deploy=True)
def media_storage_is_writable(**kwargs: Any) -> list[CheckMessage]:
    """Write, read and remove a small file, so that a wrong bucket or folder shows before the first upload."""
    storage = media()
    name = f"checks/{new_id('chk')}"
    try:
        stored = storage.save(name, ContentFile(b"likeness"))
        with storage.open(stored, "rb") as file:
            is_same = file.read() == b"likeness"
        storage.delete(stored)
    except Exception as error:  # noqa: BLE001 - each storage raises errors of its own; all mean the same here
        is_same, reason = False, type(error).__name__
    else:
        reason = "the file read back was not the file written"
    if is_same:
        return []
    where = storage.location if isinstance(storage, FileSystemStorage) else type(storage).__name__
    return [
        Error(
            f"The media storage ({where}) cannot be used: {reason}.",
            hint="Check LIKENESS_DATA_DIR and its permissions, or the LIKENESS_S3_ variables.",
            id="generation.E001",
        )
    ]


@register("generation")
def offered_weights_are_named(**kwargs: Any) -> list[CheckMessage]:
    """LivePortrait is offered only where its weights are named: this service brings none."""
    is_offered = LIVEPORTRAIT in settings.LIKENESS_RENDERERS
    if not is_offered or (settings.LIKENESS_LIVEPORTRAIT_FOLDER and settings.LIKENESS_LIVEPORTRAIT_DIGEST):
        return []
    return [
        Error(
            "LIKENESS_RENDERERS offers liveportrait, whose weights are not named.",
            hint="Set LIKENESS_LIVEPORTRAIT_FOLDER and LIKENESS_LIVEPORTRAIT_DIGEST (docs/liveportrait.md).",
            id="generation.E002",
        )
    ]


@register("generation")
def kernels_are_compiled(**kwargs: Any) -> list[CheckMessage]:
    """The renderer's kernels have machine code that is not older than they are, or are kept elsewhere.

    Intake's trial frames would wait for a compiler, and portraits be refused as too costly to read.
    """
    stale = [] if os.environ.get("NUMBA_CACHE_DIR") else uncompiled_kernels(KERNELS)
    if not stale:
        return []
    return [
        Warning(
            f"{len(stale)} files of the renderer's kernels are not compiled, as {stale[0]}.",
            hint="Run `python -m tools.compile_kernels`, as `make setup` does: until then uploads of "
            "portraits are slow and may be refused.",
            id="generation.W001",
        )
    ]


def uncompiled_kernels(folder: Path) -> list[str]:
    """The modules below a folder that hold kernels and have no machine code, or code of an earlier source."""
    found = []
    for source in sorted(folder.rglob("*.py")):
        if "\n@jit_kernel" in source.read_text(encoding="utf-8"):
            made = (source.parent / "__pycache__").glob(f"{source.stem}.*.nbi")
            if not any(index.stat().st_mtime >= source.stat().st_mtime for index in made):
                found.append(source.relative_to(folder).as_posix())
    return found
