"""System checks of the generation app.

Ids: generation.E001 storage cannot be written, generation.E002 a renderer is offered without its weights.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from generation.animation.registry import LIVEPORTRAIT
from generation.storage import media
from provenance.common.ids import new_id


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
