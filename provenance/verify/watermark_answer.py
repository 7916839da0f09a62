"""Interpret extracted watermarks: which of our videos a file carries the watermark of, and in which parts.

The confined process that reads frames knows the keys but not which ids were issued; whoever knows them
answers. No caller sees a score: an answer that says how close a file came would teach how to remove a mark.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.verify.evidence.reader_report import WatermarkReport
from provenance.verify.evidence.signals import MarkPart, MarkReading, MarkRegion, MarkState
from provenance.watermark.coding.payload import WatermarkKey, WatermarkSecrets, format_watermark_id
from provenance.watermark.content.fingerprint_match import is_same, is_surely_same, keeps_light
from provenance.watermark.identification.decision import Decision, decide
from provenance.watermark.identification.reading import WatermarkReading
from provenance.watermark.identification.registry import Registry

LEAST_UNSEEN_S: Final = 2.0

# Whether fingerprints of frames (n, FOUND_BYTES) show what the video with this id showed, or None.
IsSameContent = Callable[[str, NDArray[np.uint8]], bool | None]
# Whether light and dark lie in frames about as in the video with this id.
KeepsLight = Callable[[str, NDArray[np.uint8]], bool]
# The mark of the video that showed what fingerprints of frames show, if one did.
FindShown = Callable[[NDArray[np.uint8]], str | None]


class WatermarkRegistry(Protocol):
    """The watermark's keys and what was marked with them."""

    def keys(self) -> Sequence[WatermarkKey]:
        """The keys to look with."""
        ...

    def interpret(self, report: WatermarkReport) -> MarkReading:
        """The answer to what the confined process reported about those keys."""
        ...


class IssuedWatermark(NamedTuple):
    """The watermark of one video: its id, the year whose key it was made with, the version of its payload,
    and what the video shows (content fingerprints, one after the other; `is_of_a_part`: of a part of it).
    """

    watermark_id: str
    year: int
    version: int
    content_prints: bytes
    is_of_a_part: bool = False


class BundledWatermarks:
    """The watermarks of a few videos whose ids are at hand, as evidence bundles have them."""

    def __init__(self, secret: bytes | WatermarkSecrets, issued: Iterable[IssuedWatermark]) -> None:
        """The years' keys are derived from `secret`. Videos of years whose secret is not there are left out.

        Raises ValueError for a secret that is too short.
        """
        secrets = secret if isinstance(secret, WatermarkSecrets) else WatermarkSecrets((secret,))
        by_year: dict[int, list[IssuedWatermark]] = {}
        self._fingerprints: dict[str, bytes] = {}
        self._of_a_part = set[str]()
        for one in issued:
            by_year.setdefault(one.year, []).append(one)
            self._fingerprints[one.watermark_id] = one.content_prints
            if one.is_of_a_part:
                self._of_a_part.add(one.watermark_id)
        self._registries = []
        self._keys = []
        for year, of_year in sorted(by_year.items(), reverse=True):
            if not secrets.has(year):
                continue
            key = secrets.key_of(year)
            registry = Registry(key)
            for one in of_year:
                registry.add([int(one.watermark_id, 16)], one.version)
            self._keys.append(key)
            self._registries.append(registry)

    def keys(self) -> Sequence[WatermarkKey]:
        """The keys of the years in which the videos were marked."""
        return self._keys

    def interpret(self, report: WatermarkReport) -> MarkReading:
        """The answer, as far as these videos go."""
        return interpret_extraction(
            report,
            self._registries,
            lambda watermark_id, fingerprints: is_same(
                fingerprints,
                self._fingerprints[watermark_id],
                is_of_a_part=watermark_id in self._of_a_part,
            ),
            self._shown,
            lambda watermark_id, fingerprints: keeps_light(fingerprints, self._fingerprints[watermark_id]),
        )

    def _shown(self, fingerprints: NDArray[np.uint8]) -> str | None:
        return next(
            (one for one, own in self._fingerprints.items() if is_surely_same(fingerprints, own)), None
        )


def interpret_extraction(
    report: WatermarkReport,
    registries: Sequence[Registry],
    is_same_content: IsSameContent,
    find_shown: FindShown = lambda _: None,
    keeps_light_of: KeepsLight = lambda *_: True,
) -> MarkReading:
    """The answer to a report; `registries` in the order in which the keys were given to the reader.

    `find_shown` is asked where the picture is not that of the video whose mark it carries.
    """
    extraction = report.extraction
    if extraction is None:
        return MarkReading(MarkState(report.state or MarkState.INCONCLUSIVE))
    # Of the watermarks that were told apart by seconds, the first one was read from all frames together.
    parts = report.watermarks[1:]
    decisions = [decide(one, registries) for one in (extraction, *(part.extraction for part in parts))]
    number = next((place for place, one in enumerate(decisions) if one.watermark_id is not None), 0)
    decision = decisions[number]
    if decision.watermark_id is None or decision.reading is None:
        return MarkReading(
            state=MarkState(decision.state.value),
            frames_read=extraction.frames_read,
            false_match=decision.false_match,
            is_word_read=decision.is_word_read,
            is_draft=decision.is_word_read and _is_of_draft(decision.reading),
            is_everywhere=extraction.is_everywhere,
            regions=() if decision.reading is None else _regions(report, decision.reading, None),
            frame_size=report.frame_size,
            unseen=_unseen(report),
            coarse=_coarse(report),
        )
    found = format_watermark_id(decision.watermark_id)
    by_second = _watermark_by_second(report, decisions, number, is_same_content)
    fingerprints = _fingerprints(decision.reading, _read_from(report, number), _seconds_of(by_second, found))
    same = _is_same(found, decision.reading, fingerprints, is_same_content)
    # Marks over this one or beside it in the frame, but for those that were laid over something else.
    over_or_beside = {format_watermark_id(one): reading for one, reading in decision.others}
    beside = [
        other
        for other, reading in over_or_beside.items()
        if _is_same(other, reading, reading.fingerprints, is_same_content) is not False
    ]
    # Where no second carries the mark by itself, it is known of all of them together.
    regions = _regions(report, decision.reading, found, _seconds_of(by_second, found) or None)
    for other, reading in over_or_beside.items():
        if reading is not decision.reading:
            regions += _regions(report, reading, other if other in beside else None)
    for one in decisions[number + 1 :]:
        if one.reading is not None and one.reading.payload is not None:
            other = format_watermark_id(one.reading.payload.watermark_id)
            name = other if other in by_second.values() else None
            regions += _regions(report, one.reading, name, _seconds_of(by_second, name))
    others = dict.fromkeys([*(one for one in by_second.values() if one is not None), *beside])
    return MarkReading(
        state=MarkState(decision.state.value),
        watermark_id=found,
        frames_read=extraction.frames_read,
        false_match=decision.false_match,
        parts=_parts(report.looked_at, report.duration_s, by_second, found),
        is_same_content=same,
        is_light_kept=same is True or keeps_light_of(found, fingerprints),
        compared=decision.reading.compared,
        shows=find_shown(fingerprints) if same is False else None,
        others=tuple(one for one in others if one != found),
        wrong_record=decision.wrong_record,
        is_word_read=decision.is_word_read,
        regions=regions,
        is_everywhere=extraction.is_everywhere,
        frame_size=report.frame_size,
        unseen=_unseen(report),
        coarse=_coarse(report),
    )


def _is_same(
    found: str, reading: WatermarkReading, fingerprints: NDArray[np.uint8], is_same_content: IsSameContent
) -> bool | None:
    """Whether the frames show what the named video shows; None where too little was compared, or where they
    differ and the mark was not seen in these very frames: its picture may have been elsewhere in them.
    """
    same = is_same_content(found, fingerprints)
    return None if same is False and not reading.is_seen else same


def _is_of_draft(reading: WatermarkReading | None) -> bool:
    return reading is not None and reading.payload is not None and reading.payload.is_draft


def _regions(
    report: WatermarkReport,
    reading: WatermarkReading,
    watermark_id: str | None,
    told: Collection[int] | None = None,
) -> tuple[MarkRegion, ...]:
    """Where a reading's picture lies; seconds after one another in which it stays are one region.

    `told`: the seconds that are said to carry the mark. In others, which were read together with them, the
    same place may show somebody else.
    """
    looked_at = sorted(report.looked_at)
    regions: list[MarkRegion] = []
    for one in reading.regions:
        if told is not None and one.second not in told:
            continue
        later = next((second for second in looked_at if second > one.second), None)
        end_s = float(later if later is not None else max(report.duration_s or 0.0, one.second))
        last = regions[-1] if regions else None
        if last and last.end_s == one.second and last.corners == one.corners:
            regions[-1] = replace(last, end_s=round(end_s, 3))
        else:
            regions.append(MarkRegion(float(one.second), round(end_s, 3), one.corners, watermark_id))
    return tuple(regions)


# The watermark in each second that carries one; None for one of no known video, or laid over something else.
WatermarkBySecond = dict[int, str | None]


def _watermark_by_second(
    report: WatermarkReport, decisions: Sequence[Decision], named: int, is_same_content: IsSameContent
) -> WatermarkBySecond:
    """`decisions` on each of the report's watermarks; `named` is the number of the one that is the answer."""
    first = decisions[named]
    assert first.reading is not None and first.watermark_id is not None  # noqa: S101, PT018
    watermarks = report.watermarks
    if not watermarks or watermarks[named].watermark_id != first.watermark_id:
        # Found by searching the issued ids: the reader has no codeword to compare each second with.
        return dict.fromkeys(first.reading.seconds, format_watermark_id(first.watermark_id))
    by_second: WatermarkBySecond = {}
    for number, (watermark, decision) in enumerate(zip(watermarks, decisions, strict=True)):
        where = [second for second, one in report.seconds if one == number]
        if decision.watermark_id == watermark.watermark_id and decision.reading is not None:
            found = format_watermark_id(watermark.watermark_id)
            # Of the named one the verdict itself says what its content is worth.
            seen = _fingerprints(decision.reading, _read_from(report, number), where)
            is_laid_over = (
                number != named and _is_same(found, decision.reading, seen, is_same_content) is False
            )
            by_second |= dict.fromkeys(where, None if is_laid_over else found)
        elif decision.is_word_read and decision.watermark_id is None:
            by_second |= dict.fromkeys(where, None)
    return by_second


def _read_from(report: WatermarkReport, number: int) -> Sequence[int]:
    """The seconds from which the watermark with this number was read."""
    return report.watermarks[number].read_from if number < len(report.watermarks) else report.read_from


def _seconds_of(by_second: WatermarkBySecond, found: str | None) -> list[int]:
    return [second for second, one in by_second.items() if one == found]


def _fingerprints(
    reading: WatermarkReading, looked_at: Sequence[int], where: Sequence[int]
) -> NDArray[np.uint8]:
    """What the frames of the seconds in `where` show; `looked_at` are all that the reading was made from."""
    if len(reading.fingerprints) != len(looked_at) or not set(looked_at).intersection(where):
        return reading.fingerprints
    return reading.fingerprints[[number for number, second in enumerate(looked_at) if second in where]]


def _parts(
    looked_at: Sequence[int], duration_s: float | None, by_second: WatermarkBySecond, found: str
) -> tuple[MarkPart, ...]:
    """What each second that was looked at stands for: the time up to the next one, or to the end."""
    if not duration_s:
        return ()
    starts = sorted({second for second in looked_at if second < duration_s})
    ends = [*map(float, starts[1:]), float(duration_s)]
    return tuple(
        MarkPart(float(start), round(end, 3), _state(by_second, start, found), by_second.get(start))
        for start, end in zip(starts, ends, strict=True)
    )


def _unseen(report: WatermarkReport) -> tuple[tuple[float, float], ...]:
    """The spans of LEAST_UNSEEN_S and more of which no frame was looked at."""
    looked_at = [*report.looked_at, *([report.duration_s] if report.duration_s else [])]
    spans = ((float(one + 1), float(next_one)) for one, next_one in pairwise(looked_at))
    return tuple(span for span in spans if span[1] - span[0] >= LEAST_UNSEEN_S)


def _coarse(report: WatermarkReport) -> tuple[tuple[float, float], ...]:
    """The spans of which too little was looked at to find a faint mark, each up to the next look."""
    starts = sorted({*report.looked_at})
    ends = [*map(float, starts[1:]), max(report.duration_s or 0.0, float(starts[-1] + 1))] if starts else []
    spans: list[tuple[float, float]] = []
    for start, end in zip(starts, ends, strict=True):
        if start in report.coarse:
            begin = spans.pop()[0] if spans and spans[-1][1] == start else float(start)
            spans.append((begin, round(end, 3)))
    return tuple(spans)


def _state(by_second: WatermarkBySecond, second: int, found: str) -> Literal["found", "other", "not_found"]:
    if second not in by_second:
        return "not_found"
    return "found" if by_second[second] == found else "other"
