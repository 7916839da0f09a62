"""All issued watermark ids, to identify extracted watermarks."""

from __future__ import annotations

from collections.abc import Sequence

from numpy import uint8
from numpy.typing import NDArray

from provenance.fingerprints.record_fingerprints import shows_square_alone
from provenance.keys.service_keys import watermark_key
from provenance.models.record import Record
from provenance.services.issued_ids import issued_ids, marking_years
from provenance.verify.evidence.reader_report import WatermarkReport
from provenance.verify.evidence.signals import MarkReading
from provenance.verify.watermark_answer import interpret_extraction
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.content.fingerprint_match import is_same, is_surely_same, keeps_light

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
            report,
            [issued_ids.registry(year) for year in self._years],
            _is_same_content,
            _find_shown,
            _keeps_light,
        )


def _is_same_content(found: str, prints: NDArray[uint8]) -> bool | None:
    record = Record.objects.filter(watermark_id=found).only("content_prints", "fingerprints").first()
    if record is None:
        return None
    is_of_a_part = shows_square_alone(bytes(record.fingerprints))
    return is_same(prints, bytes(record.content_prints), is_of_a_part=is_of_a_part)


def _keeps_light(found: str, prints: NDArray[uint8]) -> bool:
    own = Record.objects.filter(watermark_id=found).values_list("content_prints", flat=True).first()
    return own is None or keeps_light(prints, bytes(own))


def _find_shown(prints: NDArray[uint8]) -> str | None:
    """The mark of the newest video that shows this, of as many as are worth the time."""
    newest = Record.objects.order_by("-log_index").values_list("watermark_id", "content_prints")
    for found, own in newest[:MOST_COMPARED].iterator():
        if is_surely_same(prints, bytes(own)):
            return str(found)
    return None
