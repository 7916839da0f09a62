"""Segments shared by processes through a folder: what the service does with rows and its storage."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, read_picture
from generation.animation import Animator
from generation.animation.framing.video_format import VideoFormat
from generation.disclosure.choice import Disclosure
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.sharing import MakeSegment
from generation.pipeline.segments.stretches import stretches
from provenance.watermark import WatermarkKey

KEY = WatermarkKey(b"a key of the benchmark, not of service")
ASK_EVERY_S = 0.05


class FolderSharing:
    """Shares through a folder. `made` and `joined` are seconds of this process for each segment made here,
    and between the segments; `claimed` the numbers made here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[float] = []
        self.published_at = 0.0
        self.ended_at = 0.0

    def segments(self, plan: SegmentPlan, make: MakeSegment) -> Generator[MadeSegment]:
        """As SegmentSharing."""
        self.published_at = time.process_time()
        _write(self.folder / "plan", plan.to_bytes())
        here: dict[int, MadeSegment] = {}
        for number in range(len(plan)):
            while number not in here:
                data = _read(self.folder / f"made-{number}")
                if data is not None:
                    here[number] = MadeSegment.from_bytes(data, plan.track.fps)
                    break
                free = _claim(self.folder, len(plan))
                if free is None:
                    time.sleep(ASK_EVERY_S)
                    continue
                begun = time.process_time()
                here[free] = make(free, lambda done: None)
                self.made.append(time.process_time() - begun)
            yield here.pop(number)
        self.ended_at = time.process_time()


def help_in(folder: Path, portrait: NDArray[np.uint8], video: VideoFormat) -> dict[str, object]:
    """Make segments until none is left; seconds of this process before the first one, and for each."""
    animator = Animator.load("cpu")
    _write(folder / f"ready-{os.getpid()}", b"")
    while (data := _read(folder / "plan")) is None:
        time.sleep(ASK_EVERY_S)
    begun = time.process_time()
    plan = SegmentPlan.from_bytes(data)
    face = animator.fit(portrait)
    rendered = stretches(animator, face, plan.track, video)
    start, made = time.process_time() - begun, []
    while (number := _claim(folder, len(plan))) is not None:
        begun = time.process_time()
        maker = SegmentMaker(portrait, plan.track, Disclosure())
        prepared = maker.prepared(plan.cuts[number], rendered(plan.frames(number)))
        segment = maker.begin(plan, KEY, number, prepared, lambda done: None).finish()
        _write(folder / f"made-{number}", segment.to_bytes())
        made.append(time.process_time() - begun)
    return {"start": start, "made": made}


def _claim(folder: Path, count: int) -> int | None:
    """The first segment that nobody has claimed; one process gets it."""
    for number in range(count):
        try:
            (folder / f"claim-{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return number
    return None


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[4])})
    told = help_in(
        Path(sys.argv[1]),
        read_picture(CAST / "amara.jpg"),
        VideoFormat(size=int(sys.argv[2]), fps=int(sys.argv[3])),
    )
    print(json.dumps(told))
