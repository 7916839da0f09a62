"""Writes key files: never over an existing one, and secret ones readable by their owner alone."""

from __future__ import annotations

import os
from pathlib import Path


def write_new(path: Path, data: bytes, *, is_secret: bool) -> None:
    """Write a file that must not exist yet; secrets get mode 0600 from the first byte on.

    Raises `FileExistsError`. A crash leaves either the whole file or none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if is_secret else 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # unlike a rename, fails if the name is taken
    finally:
        partial.unlink()
