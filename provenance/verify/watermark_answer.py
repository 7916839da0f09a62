"""From what was read out of a file's frames to an answer: which video carries that mark, and where.

The closed process that reads frames knows the keys but not which ids were issued; whoever knows them answers.
No caller sees a score: an answer that says how close a file came would teach how to remove a mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.verify.evidence.signals import MarkPart, MarkReading, MarkState
from provenance.watermark.coding.payload import WatermarkKey, format_watermark_id
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import Decision, decide
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry

# Whether prints of a file's frames (n, FINGERPRINT_BYTES) show what the video with this id showed; None: not
# known.
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
    if decision.watermark_id is None or decision.reading is None:
        return MarkReading(
            MarkState(decision.state.value), None, extraction.frames_read, decision.false_match
        )
    found = format_watermark_id(decision.watermark_id)
    carried = _carried(report, decision, registries, is_same_content)
    return MarkReading(
        state=MarkState(decision.state.value),
        watermark_id=found,
        frames_read=extraction.frames_read,
        false_match=decision.false_match,
        parts=_parts(report["looked_at"], report["duration_s"], carried, found),
        is_same_content=is_same_content(
            found, _prints(decision.reading, report["looked_at"], _where(carried, found))
        ),
        others=tuple(dict.fromkeys(one for one in carried.values() if one not in (found, None))),
    )


# The mark in each second that carries one; None for one that was laid over something else.
Carried = dict[int, str | None]


def _carried(
    report: dict[str, Any], first: Decision, registries: Sequence[Registry], is_same_content: IsSameContent
) -> Carried:
    assert first.reading is not None and first.watermark_id is not None  # noqa: S101, PT018
    marks = report["marks"]
    if not marks or marks[0]["watermark_id"] != first.watermark_id:
        # Found by searching the issued ids: the closed process has no word to compare each second with.
        return dict.fromkeys(first.reading.seconds, format_watermark_id(first.watermark_id))
    carried: Carried = {}
    left = list(report["looked_at"])
    for number, mark in enumerate(marks):
        where = [second for second, one in report["seconds"] if one == number]
        decision = first if number == 0 else decide(Extraction.from_json(mark["extraction"]), registries)
        if decision.watermark_id == mark["watermark_id"] and decision.reading is not None:
            found = format_watermark_id(mark["watermark_id"])
            # Of the first mark the verdict itself says what its content is worth.
            is_laid_over = (
                number > 0 and is_same_content(found, _prints(decision.reading, left, where)) is False
            )
            carried |= dict.fromkeys(where, None if is_laid_over else found)
        left = [second for second in left if second not in where]
    return carried


def _where(carried: Carried, found: str) -> list[int]:
    return [second for second, one in carried.items() if one == found]


def _prints(reading: WatermarkReading, looked_at: Sequence[int], where: Sequence[int]) -> NDArray[np.uint8]:
    """What the frames of the seconds in `where` show; `looked_at` are all that the reading was made from."""
    if len(reading.fingerprints) != len(looked_at) or not where:
        return reading.fingerprints
    return reading.fingerprints[[number for number, second in enumerate(looked_at) if second in where]]


def _parts(
    looked_at: list[int], duration_s: float | None, carried: Carried, found: str
) -> tuple[MarkPart, ...]:
    """What each second that was looked at stands for: the time up to the next one, or to the end."""
    if not duration_s:
        return ()
    starts = sorted({second for second in looked_at if second < duration_s})
    ends = [*map(float, starts[1:]), float(duration_s)]
    return tuple(
        MarkPart(float(start), round(end, 3), _state(carried, start, found), carried.get(start))
        for start, end in zip(starts, ends, strict=True)
    )


def _state(carried: Carried, second: int, found: str) -> Literal["found", "other", "not_found"]:
    if second not in carried:
        return "not_found"
    return "found" if carried[second] == found else "other"
