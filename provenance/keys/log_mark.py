"""Where the log's high-water mark is kept: a file beside the log key, or what a setting names."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from provenance.log.mark import FileMarkStore, MarkStore


def log_mark_file() -> Path:
    """The file beside the log key."""
    key = Path(settings.LIKENESS_LOG_KEY_FILE)
    return key.with_name(f"{key.stem}.mark")


def file_mark_store() -> FileMarkStore:
    """The store of that file. As `LIKENESS_LOG_MARK_CALLBACK` it says that PostgreSQL or a bucket serve this
    machine alone.
    """
    return FileMarkStore(log_mark_file())


def log_mark_store() -> MarkStore:
    """The store of the high-water mark. Raises ImproperlyConfigured when it cannot be imported."""
    if not settings.LIKENESS_LOG_MARK_CALLBACK:
        return file_mark_store()
    try:
        return cast("MarkStore", import_string(settings.LIKENESS_LOG_MARK_CALLBACK)())
    except ImportError as error:
        raise ImproperlyConfigured(f"LIKENESS_LOG_MARK_CALLBACK cannot be imported: {error}.") from error
