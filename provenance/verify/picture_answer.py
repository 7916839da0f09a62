"""Turn the motion of a picture into an answer: is it the performance of the named video, as it was made."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.motion.fingerprint import BLOCK, Block
from provenance.fingerprints.stretch import Stretch
from provenance.verify.evidence.reader_report import Corner, MotionReport
from provenance.verify.evidence.signals import PictureReading, PictureState, RecordFacts

Corners = tuple[Corner, Corner, Corner, Corner]
_LEAST_MOUTH_S: Final = 0.4
_LIKE_LOST: Final = {EditKind.REPLACED, EditKind.MUTED}
_NOT_OURS: Final = {*_LIKE_LOST, EditKind.INSERTED}
_LEAST_HELD_S: Final = 0.3  # of what is left of a frame that is held: edits are placed as closely
NOT_COMPARED: Final = PictureReading(PictureState.NOT_COMPARED)


def compare_picture(
    report: MotionReport | None, record: RecordFacts | None, *, is_light_kept: bool = True
) -> PictureReading:
    """As `_compared`, in seconds of the file, which may show its first frame late."""
    reading = _compared(report, record, is_light_kept=is_light_kept)
    if report is None:
        return reading
    at_s = report.start_s
    return replace(
        reading,
        edits=tuple(one.later(at_s) for one in reading.edits),
        stretches=tuple(one.later(at_s) for one in reading.stretches),
        mouths=tuple((start + at_s, end + at_s, first, last) for start, end, first, last in reading.mouths),
        unclear=tuple((start + at_s, end + at_s) for start, end in reading.unclear),
        held=tuple((start + at_s, end + at_s) for start, end in reading.held),
        duration_s=reading.duration_s + at_s if reading.duration_s else 0.0,
        unread=report.unread,
    )


def _compared(
    report: MotionReport | None, record: RecordFacts | None, *, is_light_kept: bool
) -> PictureReading:
    """The motion under the mark of a record beside that of its video.

    A report that is not well-formed counts as no report, and one about another mark says nothing. If the mark
    was read without its word, its place is not certain enough to call the picture another performance. Nor
    is it called that, or a part of it replaced, unless `is_light_kept`: what exchanges light and dark, as
    solarising does, exchanges how they change.
    """
    if report is None or record is None:
        return NOT_COMPARED
    is_certain = report.watermark_id == int(record.watermark_id, 16)
    if not is_certain and report.watermark_id is not None:
        return NOT_COMPARED
    # Imports that most files do not need.
    from provenance.fingerprints.edits import known_of_a_part, known_of_a_recording  # noqa: PLC0415
    from provenance.fingerprints.motion.edits import motion_edits  # noqa: PLC0415
    from provenance.fingerprints.motion.match import compare_motion  # noqa: PLC0415
    from provenance.fingerprints.motion.measuring import FoundMotion, unpacked_levels  # noqa: PLC0415
    from provenance.fingerprints.motion.standing import stands_still  # noqa: PLC0415
    from provenance.fingerprints.record_fingerprints import RecordFingerprints  # noqa: PLC0415
    from provenance.fingerprints.unread import known_of_the_readable, seconds_of  # noqa: PLC0415

    try:
        ours = RecordFingerprints.from_bytes(record.fingerprints).motion
        blocks = len(report.blocks)
        size = 2 * report.rows * blocks * BLOCK
        data = zlib.decompressobj().decompress(report.levels, size + 1)
        levels = unpacked_levels(data, report.rows, blocks)
        inside = np.unpackbits(np.frombuffer(report.inside, np.uint8)).astype(np.bool_)
        seen = np.unpackbits(np.frombuffer(report.seen, np.uint8))[: report.rows].astype(np.bool_)
        found = FoundMotion(levels, inside, seen, report.blocks)
    except (ValueError, zlib.error):
        return NOT_COMPARED
    if ours is None:
        return PictureReading(PictureState.NOT_COMPARED, corners=report.corners)
    comparison = compare_motion(ours, found)
    may_stand = is_certain and not report.is_moving and not report.unread and not comparison.stretches
    if may_stand and stands_still(ours, found):
        stands = Edit(EditKind.MUTED, 0.0, found.duration_s, 0.0, ours.duration_s)
        return PictureReading(
            PictureState.CHANGED,
            (stands,),
            corners=_whole(report.corners, ours.size, comparison.block),
            duration_s=found.duration_s,
            until_s=report.until_s,
            is_on_record=True,
        )
    corners = _whole(report.corners, ours.size, comparison.block)
    edits = motion_edits(ours, comparison, found.duration_s)
    if report.until_s is not None:
        edits = known_of_a_part(edits, comparison.stretches)
    if record.is_live:
        edits = known_of_a_recording(edits, comparison.stretches)
    unread = [(begin - report.start_s, end - report.start_s) for begin, end in report.unread]
    edits = known_of_the_readable(edits, unread)
    stretches = comparison.stretches
    mouths = tuple(span for one in comparison.mouths for span in _read_of_mouth(one, unread, stretches))
    is_damaged = seconds_of(unread) > found.duration_s / 2
    unclear: tuple[tuple[float, float], ...] = ()
    is_unlike = comparison.is_other or mouths or any(one.kind in _LIKE_LOST for one in edits)
    if is_unlike and not is_light_kept:
        return PictureReading(
            PictureState.NOT_COMPARED,
            stretches=comparison.stretches,
            corners=corners,
            duration_s=found.duration_s,
            is_on_record=True,
            held_s=found.held_s,
            has_few_frames=found.has_few_frames,
        )
    if report.is_moving:
        # Where such a picture was not followed exactly it looks like another one: only what has the whole
        # picture jump in time is a finding.
        unclear = tuple((one.start_s, one.end_s) for one in edits if one.kind in _LIKE_LOST)
        mouths, edits = (), [one for one in edits if one.kind not in _LIKE_LOST]
    if comparison.is_other and is_certain and not report.is_moving and not is_damaged:
        state = PictureState.OTHER
    elif not comparison.stretches:
        return PictureReading(
            PictureState.NOT_COMPARED,
            corners=corners,
            is_on_record=True,
            held_s=found.held_s,
            has_few_frames=found.has_few_frames,
        )
    else:
        state = PictureState.CHANGED if edits or mouths else PictureState.SAME
    return PictureReading(
        state,
        tuple(edits),
        comparison.stretches,
        mouths,
        ours.mouth,
        corners,
        found.duration_s,
        report.until_s,
        is_on_record=True,
        is_moving=report.is_moving,
        unclear=unclear,
        held_s=found.held_s,
        has_few_frames=found.has_few_frames,
        held=tuple(piece for one in found.held for piece in _untold(one, edits)),
    )


def _untold(span: tuple[float, float], edits: Sequence[Edit]) -> Iterator[tuple[float, float]]:
    """The pieces of a span of which no edit says that they are not ours."""
    at_s, last_s = span
    told = sorted((one.start_s, one.end_s) for one in edits if one.kind in _NOT_OURS)
    for start_s, end_s in [*told, (last_s, last_s)]:
        if min(start_s, last_s) - at_s >= _LEAST_HELD_S:
            yield at_s, min(start_s, last_s)
        at_s = max(at_s, end_s)


def _read_of_mouth(
    span: tuple[float, float, float, float],
    unread: Sequence[tuple[float, float]],
    stretches: Sequence[Stretch],
) -> Iterator[tuple[float, float, float, float]]:
    """The pieces of a span of the mouth, which lies in one of the stretches, that were not damaged."""
    from provenance.fingerprints.motion.mouths import with_record  # noqa: PLC0415
    from provenance.fingerprints.unread import outside  # noqa: PLC0415

    if not unread:
        yield span
        return
    start_s, end_s = span[:2]
    around = max(stretches, key=lambda one: min(one.end_s, end_s) - max(one.start_s, start_s))
    for begin, end in outside(start_s, end_s, unread, _LEAST_MOUTH_S):
        yield with_record(around, begin, end)


def moves_as_recorded(picture: PictureReading) -> bool:
    """Whether at least half of the time the picture moves as the recorded one does.

    No picture of something else does that, even if its head moves in the same way.
    """
    length = sum(one.end_s - one.start_s for one in picture.stretches)
    return picture.duration_s > 0 and length >= picture.duration_s / 2


def _whole(corners: Corners, size: tuple[int, int], block: Block) -> Corners:
    """The corners of a marked video of this width and height, from those of one of its blocks."""
    wide, tall = (side / min(size) for side in size)
    left, top = -block[0], -block[1]
    (ax, ay), (bx, by), _, (dx, dy) = corners

    def at(x: float, y: float) -> Corner:
        return round(ax + x * (bx - ax) + y * (dx - ax), 4), round(ay + x * (by - ay) + y * (dy - ay), 4)

    if wide == tall:
        return corners
    return at(left, top), at(left + wide, top), at(left + wide, top + tall), at(left, top + tall)
