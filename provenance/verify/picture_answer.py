"""Turn the motion of a picture into an answer: is it the performance of the named video, as it was made."""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np

from provenance.fingerprints.motion_fingerprint import GRID, MouthBox
from provenance.verify.evidence.reader_report import Corner, MotionReport
from provenance.verify.evidence.signals import PictureReading, PictureState, RecordFacts

Corners = tuple[Corner, Corner, Corner, Corner]
NOT_COMPARED: Final = PictureReading(PictureState.NOT_COMPARED)


def compare_picture(report: MotionReport | None, record: RecordFacts | None) -> PictureReading:
    """The motion under the mark of a record beside that of its video.

    A report that is not well-formed counts as no report, and one about another mark says nothing. If the mark
    was read without its word, its place is not certain enough to call the picture another performance.
    """
    if report is None or record is None:
        return NOT_COMPARED
    is_certain = report.watermark_id == int(record.watermark_id, 16)
    if not is_certain and report.watermark_id is not None:
        return NOT_COMPARED
    # Imports that most files do not need.
    from provenance.fingerprints.motion import FoundMotion, unpacked_levels  # noqa: PLC0415
    from provenance.fingerprints.motion_edits import motion_edits  # noqa: PLC0415
    from provenance.fingerprints.motion_match import compare_motion  # noqa: PLC0415
    from provenance.fingerprints.record_fingerprints import RecordFingerprints  # noqa: PLC0415

    try:
        ours = RecordFingerprints.from_bytes(record.fingerprints).motion
        size = 2 * report.rows * GRID * GRID
        levels = unpacked_levels(zlib.decompressobj().decompress(report.levels, size + 1), report.rows)
        inside = np.unpackbits(np.frombuffer(report.inside, np.uint8)).astype(np.bool_)
        seen = np.unpackbits(np.frombuffer(report.seen, np.uint8))[: report.rows].astype(np.bool_)
        found = FoundMotion(levels, inside, seen)
    except (ValueError, zlib.error):
        return NOT_COMPARED
    if ours is None:
        return PictureReading(PictureState.NOT_COMPARED, corners=report.corners)
    corners, mouth = _whole(report.corners, ours.size), _of_the_whole(ours.mouth, ours.size)
    comparison = compare_motion(ours, found)
    edits = tuple(motion_edits(ours, comparison, found.duration_s))
    if comparison.is_other and is_certain:
        state = PictureState.OTHER
    elif not comparison.stretches:
        return PictureReading(PictureState.NOT_COMPARED, corners=corners, is_on_record=True)
    else:
        state = PictureState.CHANGED if edits or comparison.mouths else PictureState.SAME
    return PictureReading(
        state,
        edits,
        comparison.stretches,
        comparison.mouths,
        mouth,
        corners,
        found.duration_s,
        report.until_s,
        is_on_record=True,
    )


def _whole(corners: Corners, size: tuple[int, int]) -> Corners:
    """The corners of a marked video of this width and height, from those of the square at its top left."""
    wide, tall = (side / min(size) for side in size)
    (ax, ay), (bx, by), _, (dx, dy) = corners

    def at(x: float, y: float) -> Corner:
        return round(ax + x * (bx - ax) + y * (dx - ax), 4), round(ay + x * (by - ay) + y * (dy - ay), 4)

    return corners if wide == tall else (at(0, 0), at(wide, 0), at(wide, tall), at(0, tall))


def _of_the_whole(mouth: MouthBox | None, size: tuple[int, int]) -> MouthBox | None:
    """A mouth's box in parts of the video's width and height."""
    if mouth is None:
        return None
    wide, tall = (side / min(size) for side in size)
    return MouthBox(mouth.left / wide, mouth.top / tall, mouth.right / wide, mouth.bottom / tall)
