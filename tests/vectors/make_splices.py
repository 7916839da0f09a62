"""Add the vectors that were put together from several videos: `python -m tests.vectors.make_splices`.

They carry marks and no signature, as what editing programs write does, so that the shelf's watermark key and
records are enough and they can be added to a shelf whose signing keys are gone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from tests.provenance import clips
from tests.vectors.make_vectors import HERE, YEAR, Expected

SECONDS = 2  # of each part


def splice(path: Path, parts: Sequence[tuple[int, int | None]], key: WatermarkKey) -> None:
    """A video of parts, each the frames of a seed under the mark of a record, or under none."""
    embedders = {
        record: Embedder(WatermarkPayload(record), key.for_year(YEAR)) for _, record in parts if record
    }
    frames: list[NDArray[np.uint8]] = []
    marks: list[int | None] = []
    for seed, record in parts:
        frames += clips.moving_frames(SECONDS * clips.FPS, seed=seed)
        marks += [record] * (SECONDS * clips.FPS)
    turn = iter(marks)

    def mark(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        record = next(turn)
        return luma if record is None else embedders[record].mark(luma)

    clips.write_clip(path, frames, has_audio=False, mark=mark)


def main() -> None:
    """Write the files and what is expected of them."""
    shelf = json.loads((HERE / "expected.json").read_text())
    key = WatermarkKey(bytes.fromhex((HERE / "watermark-key").read_text()))
    one, other = (int(record["record_id"], 16) for record in shelf["records"][:2])  # made of seeds 1 and 2
    splice(HERE / "spliced_from_two_of_ours.mp4", [(1, one), (2, other)], key)
    splice(HERE / "half_marked_half_unmarked.mp4", [(1, one), (3, None)], key)
    for name in ("spliced_from_two_of_ours.mp4", "half_marked_half_unmarked.mp4"):
        shelf["files"][name] = asdict(Expected("ours_changed", "none"))
    (HERE / "expected.json").write_text(json.dumps(shelf, indent=2) + "\n")


if __name__ == "__main__":
    main()
