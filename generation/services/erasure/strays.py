"""Finds and removes files that nothing refers to: in storage, among uploads, in temporary folders and spools.

A process that is killed leaves such files, and so does a backup of the media that is put back.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from generation import storage
from generation.models import (
    DrivingAudio,
    FaceRegistration,
    KeptSession,
    LiveRecording,
    Portrait,
    RenderSegment,
    Rendition,
)
from generation.services.erasure.erase import KEY_COLUMNS, ErasableRow, is_held
from generation.services.resumable.uploading import parts_in_use
from provenance.models.verification import Verification

# Whatever a file is stored for, its row is written within minutes.
STRAY_AFTER = timedelta(days=1)
FOLDERS: dict[str, type[ErasableRow]] = {
    "portraits": Portrait,
    "stills": Portrait,
    "driving-audio": DrivingAudio,
    "motion-tracks": DrivingAudio,
    "renditions": Rendition,
    "live-sessions": KeptSession,
    "live-recordings": LiveRecording,
    "face-registrations": FaceRegistration,
}
OTHER_FOLDERS = ("verifications", "checks", "segments", "uploads")
SPOOLS = ("mail", "sms")  # on localhost messages are written to files
_TEMPORARY = re.compile(r"likeness-(media|intake)-\w+")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stray:
    """A file without an owner: the kind of place, its name there, how to remove it, and why it is one."""

    kind: str
    name: str
    remove: Callable[[], None]
    why: str = "nothing refers to this file"


def find_strays(at: datetime) -> Iterator[Stray]:
    """Every file that nothing refers to and that nobody is about to refer to."""
    for folder, model in FOLDERS.items():
        yield from _in_storage(folder, model, at)
    waiting = set(Verification.objects.exclude(file_key="").values_list("file_key", flat=True))
    for keys in RenderSegment.objects.values_list("plan_key", "made_key"):
        waiting.update(keys)
    waiting |= parts_in_use()
    for folder in OTHER_FOLDERS:
        for file in storage.walk(folder):
            if file.key not in waiting and _is_old(file.written_at, at):
                yield Stray("storage", file.key, lambda file=file: storage.remove_stray(file))  # type: ignore[misc]
    yield from _on_this_machine(at)


def sweep(at: datetime) -> int:
    """Remove every stray; how many. One that cannot be removed is left for the next time."""
    removed = 0
    for stray in find_strays(at):
        try:
            stray.remove()
        except OSError:
            logger.exception("A stray file could not be removed: %s", stray.name)
        else:
            removed += 1
            logger.warning("Removed a stray file (%s): %s", stray.kind, stray.name)
    return removed


def _in_storage(folder: str, model: type[ErasableRow], at: datetime) -> Iterator[Stray]:
    # Of what is being erased the row says so; `finish` removes it.
    needed = _keys(model.objects.filter(erased_at=None))
    erased = _keys(model.objects.exclude(erased_at=None)) - needed
    seen = set()
    for file in storage.walk(folder):
        is_whole = not file.is_partial
        if (is_whole and file.key in needed) or (is_whole and file.key in seen):
            continue
        # What was erased and is back came from a backup: it does not wait.
        is_back = is_whole and file.key in erased
        if is_back or _is_old(file.written_at, at):
            seen.add(file.key)
            why = "what it belonged to is erased" if is_back else Stray.why
            yield Stray("storage", file.key, lambda file=file: _remove(model, file), why)  # type: ignore[misc]


def _keys(rows: QuerySet[ErasableRow]) -> set[str]:
    columns = KEY_COLUMNS[rows.model]
    return {key for keys in rows.values_list(*columns) for key in keys if key}


def _remove(model: type[ErasableRow], file: storage.StoredFile) -> None:
    if file.is_partial:
        storage.remove_stray(file)
        return
    with transaction.atomic():
        storage.lock(file.key)
        if not is_held(model, file.key):
            storage.remove_stray(file)


def _on_this_machine(at: datetime) -> Iterator[Stray]:
    for path in _files(Path(settings.FILE_UPLOAD_TEMP_DIR)):
        if _is_old(_changed(path), at):
            yield Stray("upload", path.name, lambda path=path: path.unlink(missing_ok=True))  # type: ignore[misc]
    for path in _files(Path(tempfile.gettempdir())):
        is_ours = _TEMPORARY.fullmatch(path.name) and path.lstat().st_uid == os.getuid()
        if is_ours and not path.is_symlink() and _is_old(_changed(path), at):
            yield Stray("temporary", path.name, lambda path=path: shutil.rmtree(path, ignore_errors=True))  # type: ignore[misc]
    kept = timedelta(days=settings.LIKENESS_KEEP_SOURCES_DAYS)
    for spool in SPOOLS:
        for path in _files(Path(settings.LIKENESS_DATA_DIR, spool)):
            if _changed(path) + max(kept, STRAY_AFTER) <= at:
                yield Stray("spool", f"{spool}/{path.name}", lambda path=path: path.unlink(missing_ok=True))  # type: ignore[misc]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return datetime.now(tz=UTC)


def _is_old(written_at: datetime, at: datetime) -> bool:
    return written_at + STRAY_AFTER <= at
