"""Signs of life: of each queue that a worker takes from, and of the clockwork that starts periodic tasks.

They lie in the cache, which all machines share, and go stale by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.core.cache import cache

EVERY_S = 10.0
# Three beats may be lost before anybody is told.
STALE_AFTER_S = 90.0
_KEPT_S = 7 * 86_400
BEAT = "beat"


def note(name: str) -> None:
    """Say that `name`, a queue or `BEAT`, is alive now."""
    cache.set(_key(name), time.time(), timeout=_KEPT_S)


def note_all(names: Iterable[str]) -> None:
    """The same for several names at once."""
    now = time.time()
    cache.set_many({_key(name): now for name in names}, timeout=_KEPT_S)


def age_s(name: str) -> float | None:
    """Seconds since `name` was last alive, at least 0; None after a week. Raises what the cache raises."""
    noted = cache.get(_key(name))
    return None if noted is None else max(0.0, time.time() - float(noted))


def _key(name: str) -> str:
    return f"alive:{name}"
