"""Segments shared by processes through a folder: what the service does with rows and its storage."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Generator, Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, read_picture
from generation.animation import Animator
from generation.animation.framing.video_format import VideoFormat
from generation.animation.track.motion_track import MotionTrack, concatenate_tracks
from generation.disclosure.choice import Disclosure
from generation.pipeline.segments.making import SegmentMaker
from generation.pipeline.segments.plan import PlannedSegment, SegmentPlan
from generation.pipeline.segments.segment import MadeSegment
from generation.pipeline.segments.sharing import MakeSegment
from generation.pipeline.segments.stretches import stretches
from provenance.watermark import WatermarkKey

KEY = WatermarkKey(b"a key of the benchmark, not of service")
ASK_EVERY_S = 0.05


class FolderSharing:
    """Shares through a folder with so many helpers.

    Seconds of this process: `planned` for the motion of each segment, `chosen` from the last motion that was
    announced to the plan, `made` for each segment made here, `joined` behind each segment until the next was
    asked for; `ended` is when the last was joined.
    """

    def __init__(self, folder: Path, helpers: int) -> None:
        self.folder, self.helpers = folder, helpers
        self.chosen = self.ended = 0.0
        self.planned: list[float] = []
        self.made: list[float] = []
        self.joined: list[float] = []

    def announce(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        """As SegmentSharing."""
        _write(self.folder / "asked", b"")
        self._plan(plan, islice(motion, self.helpers + 1))
        self.chosen = time.process_time()

    def _plan(self, plan: SegmentPlan, motion: Iterator[MotionTrack]) -> None:
        begun = time.process_time()
        for number, piece in enumerate(motion):
            planned = PlannedSegment(plan, number, piece, f"planned-{number - 1}" if number else "")
            _write(self.folder / f"planned-{number}", planned.to_bytes())
            if number == len(self.planned):
                self.planned.append(time.process_time() - begun)
                begun = time.process_time()

    def end(self) -> None:
        """As SegmentSharing; the folder is somebody else's."""

    def segments(
        self, plan: SegmentPlan, motion: Iterator[MotionTrack], make: MakeSegment
    ) -> Generator[MadeSegment]:
        """As SegmentSharing."""
        self.chosen = time.process_time() - self.chosen
        self._plan(plan, motion)
        here: dict[int, MadeSegment] = {}
        for number in range(len(plan)):
            while number not in here:
                data = _read(self.folder / f"made-{number}")
                if data is not None:
                    here[number] = MadeSegment.from_bytes(data, plan.fps)
                    break
                free = 0 if not number else _claim(self.folder, len(plan))
                if free is None:
                    time.sleep(ASK_EVERY_S)
                    continue
                begun = time.process_time()
                here[free] = make(free, lambda done: None)
                self.made.append(time.process_time() - begun)
            begun = time.process_time()
            yield here.pop(number)
            self.joined.append(time.process_time() - begun)
        self.ended = time.process_time()


def help_in(folder: Path, portrait: NDArray[np.uint8], video: VideoFormat) -> dict[str, object]:
    """Make segments until none is left; seconds of this process before the first one, and for each."""
    animator = Animator.load("cpu")
    for _ in animator.render(animator.fit(portrait), MotionTrack.neutral(2, video.fps), size=video.size):
        pass  # as a worker that has made a video before
    _write(folder / f"ready-{os.getpid()}", b"")
    while not (folder / "asked").exists():
        time.sleep(ASK_EVERY_S)
    begun = time.process_time()
    face = animator.fit(portrait)
    start, made = time.process_time() - begun, []
    while not (folder / "planned-0").exists():
        time.sleep(ASK_EVERY_S)
    plan = _planned(folder, 0).plan
    makers: dict[str, SegmentMaker] = {}
    motion: list[MotionTrack] = []
    last = folder / f"planned-{len(plan) - 1}"
    while True:
        is_all_planned = last.exists()
        if (number := _claim(folder, len(plan))) is None:
            if is_all_planned:
                return {"start": start, "made": made}
            time.sleep(ASK_EVERY_S)
            continue
        begun = time.process_time()
        for one in range(len(motion), number + 1):
            motion.append(_planned(folder, one).motion)
        rendered = stretches(animator, face, concatenate_tracks(motion), video)(plan.frames(number))
        ahead: list[NDArray[np.uint8]] = []
        while (plan := _planned(folder, number).plan).strength is None:
            if (frame := next(rendered, None)) is None:
                time.sleep(ASK_EVERY_S)
            else:
                ahead.append(frame)
        maker = makers.setdefault(
            plan.label_place,
            SegmentMaker(portrait, Disclosure(place=plan.label_place), plan.fps, plan.cuts),
        )
        prepared = maker.prepared(number, motion[number], chain(ahead, rendered))
        segment = maker.begin(plan, KEY, number, prepared, lambda done: None).finish()
        _write(folder / f"made-{number}", segment.to_bytes())
        made.append(time.process_time() - begun)


def _planned(folder: Path, number: int) -> PlannedSegment:
    return PlannedSegment.from_bytes((folder / f"planned-{number}").read_bytes())


def _claim(folder: Path, count: int) -> int | None:
    """The first planned segment but the first that nobody has claimed; one process gets it."""
    for number in range(1, count):
        if not (folder / f"planned-{number}").exists():
            return None
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
