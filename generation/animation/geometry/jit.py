"""JIT compilation of kernels by numba, with a disk cache that also works on read-only installations."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit


def _choose_cache_directory() -> None:
    """Set numba's cache directory where neither the sources' directory nor the user's cache is writable."""
    if config.CACHE_DIR:
        return
    here = Path(__file__).parent
    cache_home = Path(os.environ.get("XDG_CACHE_HOME", Path("~/.cache").expanduser()))
    beside = here / "__pycache__"
    if os.access(beside if beside.exists() else here, os.W_OK) or os.access(cache_home, os.W_OK):
        return
    private = Path(tempfile.gettempdir()) / f"likeness-kernels-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid == os.getuid():
        config.CACHE_DIR = str(private)


_choose_cache_directory()


def jit_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` to machine code at its first call; the result is cached on disk.

    IEEE arithmetic stays in force (no fast-math): the same input gives the same frame.
    """
    compiled: Callable[..., Any] = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled
