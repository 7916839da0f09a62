"""Looking for our watermark in the frames of a file from a stranger. Only inside the isolated process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av

from provenance.verify.frames import NotDecodable, frame_facts, sampled
from provenance.watermark import Extractor, WatermarkKey


def read_mark(path: Path, secrets: Sequence[bytes]) -> dict[str, Any]:
    """What the frames hold under the keys, as plain values: `state` and `extraction`.

    Never raises for what is in the file. `extraction` is None, and `state` says why, when there was no
    picture (`not_looked_for`) or it cannot be decoded (`inconclusive`); otherwise the answer is made from it,
    where the issued ids are known.
    """
    extractor = Extractor()
    try:
        facts = frame_facts(path)
        if facts is None:
            return {"state": "not_looked_for", "extraction": None}
        for second, luma in sampled(path, facts):
            extractor.add(luma, second)
    except (av.error.FFmpegError, NotDecodable):
        return {"state": "inconclusive", "extraction": None}
    extraction = extractor.read([WatermarkKey(secret) for secret in secrets])
    return {"state": None, "extraction": extraction.to_json()}
