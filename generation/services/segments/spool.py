"""Planned and made segments in the storage, for as long as their attempt is at work. For workers only."""

from __future__ import annotations

import hmac
import tempfile
from pathlib import Path

from generation import storage
from generation.models import RenderSegment
from generation.pipeline.segments.plan import PlannedSegment
from generation.pipeline.segments.segment import MadeSegment, SegmentDamaged
from provenance.keys.service_keys import keyed_digest

FOLDER = "segments"


def store_planned(planned: PlannedSegment) -> str:
    """Store what is planned of a segment and return its key. As it names the key of the segment before, which
    is made from content, it stands for all that is planned up to here."""
    return _store(planned.to_bytes(), ".plan")


def read_planned(key: str) -> PlannedSegment:
    """What is planned under a key. Raises PlanDamaged, FileNotFoundError, StoredFileDamaged."""
    with storage.local_path(key) as path:
        return PlannedSegment.from_bytes(path.read_bytes())


def store_segment(row: RenderSegment, segment: MadeSegment) -> tuple[str, str]:
    """Store what was made of a row's segment; its key and its seal."""
    key = _store(segment.to_bytes(), ".segment")
    return key, _seal(row, key)


def read_segment(row: RenderSegment, fps: float) -> MadeSegment:
    """What was made of a row's segment. Raises SegmentDamaged for what is not what was sealed."""
    if not hmac.compare_digest(row.seal, _seal(row, row.made_key)):
        raise SegmentDamaged("This segment was not made by the service for this place.")
    try:
        with storage.local_path(row.made_key) as path:
            return MadeSegment.from_bytes(path.read_bytes(), fps)
    except (FileNotFoundError, storage.StoredFileDamaged) as error:
        raise SegmentDamaged("This segment is not in the storage any more.") from error


def _seal(row: RenderSegment, key: str) -> str:
    """Binds what was made to its attempt, place, key of the year and plan. Keys are made from content."""
    return keyed_digest("segment", f"{row.attempt} {row.number} {row.watermark_year} {row.plan_key} {key}")


def _store(data: bytes, suffix: str) -> str:
    with tempfile.TemporaryDirectory(prefix="likeness-media-") as folder:
        path = Path(folder) / f"stored{suffix}"
        path.write_bytes(data)
        return storage.store(FOLDER, path, suffix)
