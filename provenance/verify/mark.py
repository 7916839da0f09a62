"""Looking for our watermark in the frames of a file from a stranger. Only inside the isolated process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av

from provenance.verify.frames import NotDecodable, first_picture, frame_facts, sampled
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.others import generator_of


def read_mark(path: Path, secrets: Sequence[bytes]) -> dict[str, Any]:
    """What the frames hold under the keys, as plain values: `state`, `extraction`, `generator`, and for where
    the mark is `duration_s` and `looked_at`, the seconds from which frames came.

    Never raises for what is in the file. `extraction` is None, and `state` says why, when there was no
    picture (`not_looked_for`) or it cannot be decoded (`inconclusive`); otherwise the answer is made from it,
    where the issued ids are known. `generator`: whose word the first frame carries, see `watermark.others`.
    """
    extractor = Extractor()
    try:
        facts = frame_facts(path)
        if facts is None:
            return {"state": "not_looked_for", "extraction": None, "generator": None}
        looked_at = set()
        for second, luma in sampled(path, facts):
            extractor.add(luma, second)
            looked_at.add(second)
        picture = first_picture(path)
    except (av.error.FFmpegError, NotDecodable):
        return {"state": "inconclusive", "extraction": None, "generator": None}
    extraction = extractor.read([WatermarkKey(secret) for secret in secrets])
    generator = None if picture is None else generator_of(picture)
    return {
        "state": None,
        "extraction": extraction.to_json(),
        "generator": generator,
        "duration_s": facts.duration_s,
        "looked_at": sorted(looked_at),
    }
