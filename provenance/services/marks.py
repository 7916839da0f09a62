"""From what was read out of a file's frames to an answer: which of our videos carry that mark.

The ids of all records with their codewords are kept in the process, 40 bytes each, and new records are added
as they come. No caller sees a score: an answer that says how close a file came would teach how to remove a
mark.
"""

from __future__ import annotations

import threading
from typing import Any

from django.utils import timezone
from numpy.typing import NDArray

from provenance.models.record import Record, watermark_id
from provenance.services.keys import watermark_key
from provenance.verify.signals import MarkReading, MarkState
from provenance.watermark.content_match import is_same
from provenance.watermark.decision import decide
from provenance.watermark.payload import WatermarkKey
from provenance.watermark.reading import Extraction
from provenance.watermark.registry import Registry


def marking_years() -> list[int]:
    """The years whose keys have marked videos, the newest first; this year before there are any."""
    years = Record.objects.order_by("-watermark_year").values_list("watermark_year", flat=True).distinct()
    return list(years) or [timezone.now().year]


def mark_reading(report: dict[str, Any], years: list[int]) -> MarkReading:
    """The answer to what the closed process reported about the marks of `years`, in that order."""
    if report["extraction"] is None:
        return MarkReading(MarkState(report["state"]))
    extraction = Extraction.from_json(report["extraction"])
    decision = decide(extraction, [_issued.registry(year) for year in years])
    found = watermark_id(decision.record_id) if decision.record_id is not None else None
    return MarkReading(
        state=MarkState(decision.state.value),
        watermark_id=found,
        frames_read=extraction.frames_read,
        false_match=decision.false_match,
        seconds=decision.reading.seconds if decision.reading else (),
        is_same_content=_is_same_content(found, decision.reading.prints)
        if found and decision.reading
        else None,
    )


def _is_same_content(found: str, prints: NDArray[Any]) -> bool | None:
    record = Record.objects.filter(watermark_id=found).only("content_prints").first()
    return is_same(prints, bytes(record.content_prints)) if record else None


class _Issued:
    """All issued ids by year, brought up to date before every use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[int, list[int]] = {}
        self._registries: dict[WatermarkKey, Registry] = {}
        self._newest: tuple[int, str] | None = None  # log index and mark of the newest record taken in

    def registry(self, year: int) -> Registry:
        """The ids issued in a year, with their codewords. Raises SecretUnusable."""
        key = watermark_key(year)
        with self._lock:
            self._take_in()
            registry = self._registries.setdefault(key, Registry(key))
            registry.add(self._ids.get(year, [])[len(registry) :])
            return registry

    def _take_in(self) -> None:
        rows = Record.objects.order_by("log_index").values_list("log_index", "watermark_id", "watermark_year")
        if self._newest is not None:
            index, mark = self._newest
            if Record.objects.filter(log_index=index, watermark_id=mark).exists():
                rows = rows.filter(log_index__gt=index)
            else:  # another database, or one put back to an earlier state
                self._ids, self._registries, self._newest = {}, {}, None
        for index, mark, year in rows.iterator():
            self._ids.setdefault(year, []).append(int(mark, 16))
            self._newest = index, mark


_issued = _Issued()
