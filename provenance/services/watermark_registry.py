"""All issued watermark ids by year of their key, kept in memory to identify extracted watermarks.

The ids of all records with their codewords are kept in the process, about 50 bytes for each record (40 in the
registry, and the id once more for when a key is replaced), and new records are added as they come.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence

from django.utils import timezone
from numpy import uint8
from numpy.typing import NDArray

from provenance.fingerprints.record_fingerprints import shows_square_alone
from provenance.keys.service_keys import watermark_key
from provenance.models.record import Record
from provenance.verify.evidence.reader_report import WatermarkReport
from provenance.verify.evidence.signals import MarkReading
from provenance.verify.watermark_answer import interpret_extraction
from provenance.watermark.coding.payload import ALGORITHMS, WatermarkKey
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.registry import Registry

MOST_COMPARED = 5000  # records whose picture is compared with one under another's mark


class IssuedWatermarks:
    """All watermarks that were issued, for one file: a `watermark_answer.WatermarkRegistry`."""

    def __init__(self) -> None:
        self._years = marking_years()

    def keys(self) -> Sequence[WatermarkKey]:
        """The keys of all years that have marked videos, the newest first. Raises SecretUnusable."""
        return [watermark_key(year) for year in self._years]

    def interpret(self, report: WatermarkReport) -> MarkReading:
        """The answer to what the confined process reported about those keys."""
        return interpret_extraction(
            report, [_issued.registry(year) for year in self._years], _is_same_content, _find_shown
        )


def marking_years() -> list[int]:
    """The years whose keys have marked videos, the newest first; this year before there are any."""
    years = Record.objects.order_by("-watermark_year").values_list("watermark_year", flat=True).distinct()
    return list(years) or [timezone.now().year]


def _is_same_content(found: str, prints: NDArray[uint8]) -> bool | None:
    record = Record.objects.filter(watermark_id=found).only("content_prints", "fingerprints").first()
    if record is None:
        return None
    is_of_a_part = shows_square_alone(bytes(record.fingerprints))
    return is_same(prints, bytes(record.content_prints), is_of_a_part=is_of_a_part)


def _find_shown(prints: NDArray[uint8]) -> str | None:
    """The mark of the newest video that shows this, of as many as are worth the time."""
    newest = Record.objects.order_by("-log_index").values_list("watermark_id", "content_prints")
    for found, own in newest[:MOST_COMPARED].iterator():
        if is_same(prints, bytes(own)):
            return str(found)
    return None


class _IssuedIds:
    """All issued ids by year, brought up to date before every use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[tuple[int, int], array[int]] = {}  # by year and version of the payload
        self._taken: dict[tuple[WatermarkKey, int], int] = {}  # how many of those are in the registry
        self._registries: dict[WatermarkKey, Registry] = {}
        self._newest: tuple[int, str] | None = None  # log index and mark of the newest record taken in

    def registry(self, year: int) -> Registry:
        """The ids issued in a year, with their codewords. Raises SecretUnusable."""
        key = watermark_key(year)
        with self._lock:
            self._take_in()
            registry = self._registries.setdefault(key, Registry(key))
            for version in ALGORITHMS:
                ids = self._ids.get((year, version), array("Q"))
                registry.add(ids[self._taken.get((key, version), 0) :], version)
                self._taken[key, version] = len(ids)
            return registry

    def _take_in(self) -> None:
        rows = Record.objects.order_by("log_index").values_list(
            "log_index", "watermark_id", "watermark_year", "watermark_version"
        )
        if self._newest is not None:
            index, mark = self._newest
            if Record.objects.filter(log_index=index, watermark_id=mark).exists():
                rows = rows.filter(log_index__gt=index)
            else:  # another database, or one put back to an earlier state
                self._ids, self._taken, self._registries, self._newest = {}, {}, {}, None
        for index, mark, year, version in rows.iterator():
            self._ids.setdefault((year, version), array("Q")).append(int(mark, 16))
            self._newest = index, mark


_issued = _IssuedIds()
