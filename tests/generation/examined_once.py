"""Intake's answer about a file, given again to the tests that bring the same file.

Examining takes two seconds in a sandboxed process. Tests of what happens afterwards need its answer, and not
the work; those of intake itself (tests/generation/intake) call it directly. What the sandboxed process says
of a file is kept for all test processes of a run, and for every name that the file is sent under.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from generation.intake import examine as intake
from generation.intake import limits
from generation.intake.examine import AudioFacts, PortraitFacts

Facts = TypeVar("Facts", PortraitFacts, AudioFacts)
FILES = ("path", "still")
PATIENCE = "wall_s"  # changes no answer
_isolated: Callable[..., Any] = intake._isolated
_keeps: ContextVar[bool] = ContextVar("keeps", default=False)


@dataclass(frozen=True)
class _Answer:
    facts: bytes
    files: dict[str, bytes]


def once(examine: Callable[..., Facts]) -> Callable[..., Facts]:
    """`examine`, which works once for each content, claims about it and limits. Refusals are not kept."""
    answers: dict[str, _Answer] = {}

    def examined(source: Path, *, workspace: Path, **claims: Any) -> Facts:
        asked = {name: value for name, value in claims.items() if name != PATIENCE}
        key = hashlib.sha256(source.read_bytes() + pickle.dumps((asked, _bounds()))).hexdigest()
        if key not in answers:
            keeping = _keeps.set(True)
            try:
                facts = examine(source, workspace=workspace, **claims)
            finally:
                _keeps.reset(keeping)
            files = {name: getattr(facts, name).read_bytes() for name in FILES if hasattr(facts, name)}
            answers[key] = _Answer(pickle.dumps(facts), files)
            return facts
        kept = answers[key]
        again: Facts = pickle.loads(kept.facts)  # noqa: S301 - our own
        places = {name: workspace / getattr(again, name).name for name in kept.files}
        for name, place in places.items():
            place.write_bytes(kept.files[name])
        return replace(again, **places)

    return examined


def _bounds() -> dict[str, Any]:
    return {name: value for name, value in vars(limits).items() if name.isupper()}


def _isolated_once(module: str, request: Any, answer: type[Any], **within: Any) -> Any:
    """What the process said of this content before, to whichever test process of the run."""
    content = request.source.read_bytes()
    if not _keeps.get() or b"jumb" in content:  # whom to believe about credentials is each process's own
        return _isolated(module, request, answer, **within)
    asked = {name: value for name, value in vars(request).items() if name not in {"source", "trust"}}
    asked |= {name: value for name, value in within.items() if name != PATIENCE}
    key = hashlib.sha256(content + repr((module, asked, _bounds())).encode()).hexdigest()
    kept = Path(os.environ["LIKENESS_TEST_DIR"], "examined", key)
    if not kept.exists():
        said = _isolated(module, request, answer, **within)
        kept.parent.mkdir(exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        part.write_bytes(pickle.dumps(said))
        part.rename(kept)
    return pickle.loads(kept.read_bytes())  # noqa: S301 - our own


intake._isolated = _isolated_once
