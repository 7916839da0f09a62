"""JIT compilation of kernels by numba, with a disk cache that also works on read-only installations.

The machine code is cached beside the sources. Who may not write there, as a sandboxed reader of portraits,
takes what `python -m tools.compile_kernels` left there at set-up. Without that, it is kept in the user's
cache; where nothing can be written at all, it is compiled anew in each process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, InTreeCacheLocator


class _FromSetUp(InTreeCacheLocator):
    def ensure_cache_path(self) -> None:
        """Nothing is written, so nothing has to be writable."""


class _FromSetUpImpl(CompileResultCacheImpl):
    _locator_classes = (_FromSetUp,)


class _ReadOnlyCache(FunctionCache):
    _impl_class = _FromSetUpImpl

    def save_overload(self, sig: object, data: object) -> None:
        """What is compiled here is not kept."""


def _can_write(folder: Path) -> bool:
    """Whether this process can make files in a folder: its permissions do not say so in a sandbox."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _choose_cache() -> bool:
    """Whether this process can keep machine code; sets numba's directory where its own choices fail."""
    if config.CACHE_DIR:
        return True
    here = Path(__file__).parent
    beside = here / "__pycache__"
    cache_home = Path(os.environ.get("XDG_CACHE_HOME", Path("~/.cache").expanduser()))
    if _can_write(beside if beside.exists() else here):
        return True
    if any(beside.glob("*.nbi")):  # made at set-up, for whoever runs this now
        return False
    if _can_write(cache_home):
        return True
    try:  # in a sandbox no folder for temporary files may be left
        private = Path(tempfile.gettempdir()) / f"likeness-kernels-{os.getuid()}"
        private.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return False
    if private.stat().st_uid == os.getuid() and _can_write(private):
        config.CACHE_DIR = str(private)
        return True
    return False


_KEEPS = _choose_cache()


def jit_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` to machine code at its first call; the result is cached on disk.

    IEEE arithmetic stays in force (no fast-math): the same input gives the same frame.
    """
    compiled: Any = njit(cache=_KEEPS, nogil=True, error_model="numpy")(function)
    if not _KEEPS:
        compiled._cache = _ReadOnlyCache(function)
    return compiled  # type: ignore[no-any-return]
