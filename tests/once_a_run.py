"""What takes long to make and is the same for every test process: made once for a run, read by the others.

Each test process would make it anew, and so do what another has done. What is kept is what was made, in a
folder that goes with the run; whoever asks while it is being made waits.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def once_a_run(name: str, make: Callable[[], T]) -> T:
    """What `make` gives, from whichever process of this run called it first under this name."""
    folder = Path(os.environ["LIKENESS_TEST_DIR"], "made")
    folder.mkdir(exist_ok=True)
    kept = folder / hashlib.sha256(name.encode()).hexdigest()
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            part = kept.with_suffix(".part")
            part.write_bytes(pickle.dumps(make(), pickle.HIGHEST_PROTOCOL))
            part.rename(kept)
    made: T = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
    return made
