"""Intake's answer about a file, given again to the tests that bring the same file.

Examining takes a second in a sandboxed process. Tests of what happens afterwards need its answer, and not the
work; those of intake itself (tests/generation/intake) call it directly.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from generation.intake import limits
from generation.intake.examine import AudioFacts, PortraitFacts

Facts = TypeVar("Facts", PortraitFacts, AudioFacts)
FILES = ("path", "still")


@dataclass(frozen=True)
class _Answer:
    facts: bytes
    files: dict[str, bytes]


def once(examine: Callable[..., Facts]) -> Callable[..., Facts]:
    """`examine`, which works once for each content, claims about it and limits. Refusals are not kept."""
    answers: dict[str, _Answer] = {}

    def examined(source: Path, *, workspace: Path, **claims: Any) -> Facts:
        bounds = {name: value for name, value in vars(limits).items() if name.isupper()}
        key = hashlib.sha256(source.read_bytes() + pickle.dumps((claims, bounds))).hexdigest()
        if key not in answers:
            facts = examine(source, workspace=workspace, **claims)
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
