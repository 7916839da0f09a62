"""What a reader may report, and what counts as no answer although it has the right form."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.common.strict_json import from_plain, parse, to_plain
from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion, found_motion, motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.stretch import Change, Stretch
from provenance.manifest.states import ManifestReading, ManifestState
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import (
    FileReport,
    MotionReport,
    PartialWatermark,
    ReadJob,
    WatermarkReport,
)
from provenance.verify.evidence.signals import PictureState, RecordFacts
from provenance.verify.picture_answer import _read_of_mouth, _untold, compare_picture
from provenance.verify.reader import motion_reading
from provenance.verify.reader.motion_reading import track_of
from provenance.watermark import WatermarkPayload
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from tests.provenance.fingerprints.performances import CELLS, performance, piece, recorded, seen
from tests.provenance.sealing import SealedClip

SECRET = bytes(32)
NOT_OURS = {EditKind.MUTED, EditKind.REPLACED, EditKind.INSERTED}


def reading(key: int = 0) -> WatermarkReading:
    return WatermarkReading(key, 9.0, WatermarkPayload(7), np.ones(256, np.float32), np.eye(3), (0, 1))


def report(key: int = 0, pilot: float = 9.0) -> FileReport:
    extraction = Extraction(8, True, pilot, 3, [reading(key)])
    watermark = WatermarkReport(
        None, extraction, None, 2.0, (0, 1), (PartialWatermark(7, extraction),), ((0, 0), (1, 0))
    )
    return FileReport(ManifestReading(ManifestState.NONE), False, watermark)


def job(keys: tuple[bytes, ...] | None) -> ReadJob:
    return ReadJob(Path("/file.mp4"), "video", "video/mp4", TrustStore("PEM"), keys)


def spoilt(**changes: object) -> Any:
    values = json.loads(json.dumps(to_plain(report())))
    values["watermark"]["extraction"]["readings"][0] |= changes
    return values


def test_jobs_and_reports_survive_their_journey() -> None:
    for one in (job(None), job((SECRET,))):
        assert parse(ReadJob, json.dumps(to_plain(one))) == one
    assert to_plain(parse(FileReport, json.dumps(to_plain(report())))) == to_plain(report())


def test_a_report_answers_a_job_with_as_many_keys_as_it_used() -> None:
    assert report(key=1).is_about(job((SECRET, SECRET)))
    assert not report(key=1).is_about(job((SECRET,)))
    assert not report(key=-1).is_about(job((SECRET,)))
    assert not report().is_about(job(None))
    assert FileReport(ManifestReading(ManifestState.NONE), False, None).is_about(job(None))


@pytest.mark.parametrize(
    "changes",
    [
        {"soft_bits": ""},
        {"soft_bits": "AAA="},
        {"soft_bits": "fHw=" * 256},
        {"geometry": [[1.0, 0.0, 0.0]]},
        {"geometry": [[1.0], [1.0, 2.0], []]},
        {"fingerprints": "AA=="},
        {"watermark_id": -1},
        {"watermark_id": 2**48},
        {"pilot": "strong"},
        {"seconds": [0.5]},
    ],
)
def test_a_reading_that_no_extractor_makes_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - numpy's own or ours
        from_plain(FileReport, spoilt(**changes))


def test_a_pilot_that_no_picture_has_is_refused() -> None:
    values = json.loads(json.dumps(to_plain(report())))
    values["watermark"]["extraction"]["pilot"] = 1e200
    with pytest.raises(ValueError, match="pilot"):
        from_plain(FileReport, values)


@pytest.mark.parametrize("state", [None, "inconclusive"])
def test_a_watermark_report_says_either_what_it_found_or_why_not(state: Any) -> None:
    values: Any = json.loads(json.dumps(to_plain(report())))
    values["watermark"] |= {"state": state} if state else {"extraction": None}
    with pytest.raises(ValueError, match="either"):
        from_plain(FileReport, values)


def reported(found: FoundMotion) -> MotionReport:
    """What a reader reports of a motion that fills the frame, beside the mark 7."""
    return MotionReport(
        7,
        zlib.compress(found.packed_levels()),
        np.packbits(found.is_inside).tobytes(),
        np.packbits(found.is_seen).tobytes(),
        len(found),
        ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
    )


@pytest.mark.parametrize(
    "spoil",
    [
        {"levels": b"no zlib"},
        {"levels": zlib.compress(bytes(3))},
        {"inside": b""},
        {"seen": b""},
        {"rows": 0},
        {"watermark_id": 8},
    ],
    ids=lambda spoil: next(iter(spoil)),
)
def test_motion_that_is_not_well_formed_or_of_another_mark_says_nothing(spoil: dict[str, Any]) -> None:
    rows = performance(4, seed=1)
    found, record = seen(rows), RecordFingerprints(motion=recorded(rows))
    told = reported(found)
    facts = RecordFacts(
        "rnd", "released", "", f"{7:012x}", True, 0, datetime.now(UTC), fingerprints=record.to_bytes()
    )
    assert compare_picture(told, facts).state is PictureState.SAME
    assert compare_picture(replace(told, **spoil), facts).state is PictureState.NOT_COMPARED


def test_what_lies_behind_the_part_that_was_followed_is_not_called_cut_out() -> None:
    rows = performance(8, seed=1)
    found, record = seen(piece(rows, 0, 5)), RecordFingerprints(motion=recorded(rows))
    told = MotionReport(
        7,
        zlib.compress(found.packed_levels()),
        np.packbits(found.is_inside).tobytes(),
        np.packbits(found.is_seen).tobytes(),
        len(found),
        ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
        until_s=5.0,
    )
    facts = RecordFacts(
        "rnd", "released", "", f"{7:012x}", True, 0, datetime.now(UTC), fingerprints=record.to_bytes()
    )
    assert compare_picture(told, facts).state is PictureState.SAME
    (edit,) = compare_picture(replace(told, until_s=None), facts).edits
    assert edit.kind == "cut"


@pytest.mark.parametrize("tempo", [1.0, 1.06, 1.12])
def test_a_frame_that_is_held_for_seconds_is_not_said_to_be_ours_at_any_speed(tempo: float) -> None:
    """Nor in what is played once more, in another order or backwards: those say that it is ours."""
    rows = performance(10, seed=1)
    times = [time_s for time_s in np.arange(0, 10 / tempo, 1 / FOUND_RATE) if not 4 < time_s < 6]
    cells = [rows[min(len(rows) - 1, round(time_s * tempo * FOUND_RATE))] for time_s in times]
    found = found_motion(times, cells, 10 / tempo, np.ones(CELLS, np.bool_))
    told = reported(found)
    fingerprints = RecordFingerprints(motion=recorded(rows)).to_bytes()
    facts = RecordFacts(
        "rnd", "released", "", f"{7:012x}", True, 0, datetime.now(UTC), fingerprints=fingerprints
    )
    picture = compare_picture(told, facts)
    unsaid = [*picture.held, *((one.start_s, one.end_s) for one in picture.edits if one.kind in NOT_OURS)]
    for at_s in np.arange(4.2, 5.9, 0.1):
        assert any(start_s <= at_s <= end_s for start_s, end_s in unsaid)


@pytest.mark.parametrize(
    ("edits", "untold"),
    [
        ([], [(4.0, 6.0)]),
        ([Edit(EditKind.MUTED, 3.9, 6.1, 3.9, 6.1)], []),
        ([Edit(EditKind.INSERTED, 4.8, 5.2, 4.8, 4.8)], [(4.0, 4.8), (5.2, 6.0)]),
        ([Edit(EditKind.REPLACED, 2.0, 4.5, 2.0, 4.5)], [(4.5, 6.0)]),
        ([Edit(EditKind.REPLACED, 7.0, 8.0, 7.0, 8.0)], [(4.0, 6.0)]),
        ([Edit(kind, 0, 9, 0, 9) for kind in EditKind if kind not in NOT_OURS], [(4.0, 6.0)]),
    ],
)
def test_of_a_held_frame_is_known_what_is_said_not_to_be_ours(
    edits: list[Edit], untold: list[tuple[float, float]]
) -> None:
    assert list(_untold((4.0, 6.0), edits)) == untold


def test_what_is_left_of_a_mouth_in_a_reversed_picture_is_told_where_it_is_in_the_record() -> None:
    stretch = Stretch(0.0, 10.0, 0.0, 10.0, Change(is_reversed=True), 1.0)
    first, last = _read_of_mouth((2.0, 6.0, 4.0, 8.0), [(3.5, 4.0)], [stretch])
    assert first == pytest.approx((2.0, 3.2, 6.8, 8.0))
    assert last == pytest.approx((4.3, 6.0, 4.0, 5.7))


def test_motion_is_told_for_as_long_as_fits_into_a_report(
    clip: SealedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    track, extraction = track_of(clip.path), Extraction(8, True, 9.0, 3, [reading()])
    whole = track.report(extraction, clip.duration_s)
    assert whole is not None
    assert whole.until_s is None
    monkeypatch.setattr(motion_reading, "MOST_LEVELS_BYTES", len(whole.levels) * 2 // 3)
    part = track.report(extraction, clip.duration_s)
    assert part is not None
    assert len(part.levels) <= len(whole.levels) * 2 // 3
    assert part.until_s == part.rows / FOUND_RATE
    assert whole.rows // 3 < part.rows < whole.rows


@pytest.mark.parametrize("block", [(0, 0), (1, 0)])
def test_a_wide_video_that_fills_the_frame_is_neither_cropped_nor_embedded(block: tuple[int, int]) -> None:
    rows = np.concatenate([performance(4, seed=1), performance(4, seed=1, portrait=1)], axis=1)
    wide = motion_fingerprint(list(rows), FOUND_RATE, size=(1280, 720))
    found, square = seen(rows, wide=(1280, 720), block=block), 720 / 1280
    left = block[0] * square
    told = MotionReport(
        7,
        zlib.compress(found.packed_levels()),
        np.packbits(found.is_inside).tobytes(),
        np.packbits(found.is_seen).tobytes(),
        len(found),
        ((left, 0.0), (left + square, 0.0), (left + square, 1.0), (left, 1.0)),
        blocks=found.blocks,
    )
    record = RecordFacts(
        "rnd",
        "released",
        "",
        f"{7:012x}",
        True,
        0,
        datetime.now(UTC),
        fingerprints=RecordFingerprints(motion=wide).to_bytes(),
    )
    picture = compare_picture(told, record)
    assert picture.state is PictureState.SAME
    assert picture.corners == ((0, 0), (1, 0), (1, 1), (0, 1))
