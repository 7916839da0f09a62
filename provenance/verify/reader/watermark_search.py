"""Looking for our watermark in the frames of a file from a stranger. Only inside the isolated process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from provenance.verify.reader.frames import NotDecodable, first_picture, frame_facts, sampled
from provenance.verify.reader.watermark_by_part import marks_by_second
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.third_party_marks import detect_generator_watermark


def read_mark(path: Path, secrets: Sequence[bytes]) -> dict[str, Any]:
    """What the frames hold under the keys, as plain values: `state`, `extraction`, `generator`, and for where
    the mark is `duration_s`, `looked_at` (the seconds from which frames came), `marks`, and `seconds`, pairs
    of a second and the number of the mark in it (see `mark_parts`).

    Never raises for what is in the file. `extraction` is None, and `state` says why, when there was no
    picture (`not_looked_for`) or it cannot be decoded (`inconclusive`); otherwise the answer is made from it,
    where the issued ids are known. `generator`: whose word the first frame carries, see `watermark.others`.
    """
    extractor = Extractor()
    try:
        facts = frame_facts(path)
        if facts is None:
            return {"state": "not_looked_for", "extraction": None, "generator": None}
        looked_at: dict[int, list[NDArray[np.uint8]]] = {}
        for second, luma in sampled(path, facts):
            extractor.add(luma, second)
            looked_at.setdefault(second, []).append(luma)
        picture = first_picture(path)
    except (av.error.FFmpegError, NotDecodable):
        return {"state": "inconclusive", "extraction": None, "generator": None}
    keys = [WatermarkKey(secret) for secret in secrets]
    extraction = extractor.read(keys)
    marks, seconds = marks_by_second(looked_at, extraction, keys) if len(looked_at) > 1 else ([], {})
    generator = None if picture is None else detect_generator_watermark(picture)
    return {
        "state": None,
        "extraction": extraction.to_json(),
        "generator": generator,
        "duration_s": facts.duration_s,
        "looked_at": sorted(looked_at),
        "marks": marks,
        "seconds": sorted(seconds.items()),
    }
