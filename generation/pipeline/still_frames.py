"""A few small frames of one of our videos, read in a confined process.

`read_stills` runs this module as `python -m generation.pipeline.still_frames` with a `StillsRequest` as JSON
on stdin; it prints a `StillsAnswer` in one line, and the pixels behind it.
"""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from provenance.common.strict_json import parse, to_plain
from provenance.sandbox.isolation import run_isolated_for_data

SIDE: Final = 240  # pixels of the longer side
MOST_STILLS: Final = 12
_MEMORY_BYTES, _CPU_S, _WALL_S = 2 * 1024**3, 20, 30.0
_QUALITY = 80


@dataclass(frozen=True)
class StillsRequest:
    """The video, and seconds of it in ascending order."""

    source: Path
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class StillsAnswer:
    """Size of one picture in pixels, and how many there are."""

    width: int
    height: int
    count: int


def read_stills(path: Path, seconds: tuple[float, ...]) -> bytes:
    """The frames that are shown at these seconds as one JPEG, beside each other in the given order.

    Raises `IsolatedFailure`, `SandboxIncomplete` and `ReaderLate`.
    """
    order = sorted(set(seconds))[:MOST_STILLS]
    request = StillsRequest(path.resolve(), tuple(order))
    answer, data = run_isolated_for_data(
        "generation.pipeline.still_frames",
        StillsAnswer,
        stdin=json.dumps(to_plain(request)).encode(),
        readable=(request.source,),
        memory_bytes=_MEMORY_BYTES,
        cpu_s=_CPU_S,
        wall_s=_WALL_S,
        most_data_bytes=MOST_STILLS * SIDE * SIDE * 3,
    )
    stills = np.frombuffer(data, np.uint8).reshape(answer.count, answer.height, answer.width, 3)
    target = io.BytesIO()
    row = np.concatenate([stills[order.index(one)] for one in seconds if one in order], axis=1)
    Image.fromarray(row).save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def stills(path: Path, seconds: tuple[float, ...]) -> list[NDArray[np.uint8]]:
    """(H, W, 3) uint8 RGB for each second, which are in ascending order; the last frame for later ones."""
    import av  # noqa: PLC0415  (loads FFmpeg, which only the confined process does)

    found: list[NDArray[np.uint8]] = []
    shown = None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        begin = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
        for second in seconds:
            container.seek(int((second + begin) * av.time_base))
            for frame in container.decode(stream):
                if shown is None or (frame.time or 0.0) - begin <= second:
                    shown = frame
                else:
                    break
            if shown is not None:
                scale = min(1.0, SIDE / max(shown.width, shown.height))
                size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
                found.append(shown.to_ndarray(format="rgb24", width=size[0], height=size[1]))
    return found


def main() -> None:
    """Answer one request."""
    request = parse(StillsRequest, sys.stdin.read())
    found = stills(request.source, request.seconds)
    height, width = found[0].shape[:2]
    sys.stdout.write(json.dumps(to_plain(StillsAnswer(width, height, len(found)))) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(b"".join(one.tobytes() for one in found))


if __name__ == "__main__":
    main()
