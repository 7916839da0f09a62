"""From what was read out of a file's frames to an answer: which video carries that mark, and where.

The closed process that reads frames knows the keys but not which ids were issued; whoever knows them answers.
No caller sees a score: an answer that says how close a file came would teach how to remove a mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.verify.signals import MarkPart, MarkReading, MarkState
from provenance.watermark.content_match import is_same
from provenance.watermark.decision import decide
from provenance.watermark.payload import WatermarkKey, id_text
from provenance.watermark.reading import Extraction
from provenance.watermark.registry import Registry

# Whether prints of a file's frames (n, PRINT_BYTES) show what the video with this id showed; None: not known.
IsSameContent = Callable[[str, NDArray[np.uint8]], bool | None]


class Marks(Protocol):
    """The watermark's keys and what was marked with them."""

    def look_with(self) -> Sequence[WatermarkKey]:
        """The keys to look with."""
        ...

    def reading(self, report: dict[str, Any]) -> MarkReading:
        """The answer to what the closed process reported about those keys."""
        ...


class KnownMarks:
    """The marks of a few videos whose ids are at hand, as an evidence bundle has them."""

    def __init__(self, secret: bytes, issued: Iterable[tuple[int, str, bytes]]) -> None:
        """`issued` are year, id and content prints of each; the years' keys are derived from `secret`."""
        by_year: dict[int, list[int]] = {}
        self._prints: dict[str, bytes] = {}
        for year, found, prints in issued:
            by_year.setdefault(year, []).append(int(found, 16))
            self._prints[found] = prints
        self._registries = []
        self._keys = []
        for year, ids in sorted(by_year.items(), reverse=True):
            key = WatermarkKey(secret).for_year(year)
            registry = Registry(key)
            registry.add(ids)
            self._keys.append(key)
            self._registries.append(registry)

    def look_with(self) -> Sequence[WatermarkKey]:
        """The keys of the years in which the videos were marked."""
        return self._keys

    def reading(self, report: dict[str, Any]) -> MarkReading:
        """The answer, as far as these videos go."""
        return answer(report, self._registries, lambda found, prints: is_same(prints, self._prints[found]))


def answer(
    report: dict[str, Any], registries: Sequence[Registry], is_same_content: IsSameContent
) -> MarkReading:
    """The answer to the report of `mark.read_mark`; `registries` in the order in which keys were given."""
    if report["extraction"] is None:
        return MarkReading(MarkState(report["state"]))
    extraction = Extraction.from_json(report["extraction"])
    decision = decide(extraction, registries)
    found = id_text(decision.record_id) if decision.record_id is not None else None
    reading = decision.reading
    return MarkReading(
        state=MarkState(decision.state.value),
        watermark_id=found,
        frames_read=extraction.frames_read,
        false_match=decision.false_match,
        parts=_parts(report["looked_at"], report["duration_s"], reading.seconds) if found and reading else (),
        is_same_content=is_same_content(found, reading.prints) if found and reading else None,
    )


def _parts(looked_at: list[int], duration_s: float | None, seconds: Sequence[int]) -> tuple[MarkPart, ...]:
    """What each second that was looked at stands for: the time up to the next one, or to the end."""
    if not duration_s:
        return ()
    starts = sorted({second for second in looked_at if second < duration_s})
    ends = [*map(float, starts[1:]), float(duration_s)]
    return tuple(
        MarkPart(float(start), round(end, 3), "found" if start in seconds else "not_found")
        for start, end in zip(starts, ends, strict=True)
    )
