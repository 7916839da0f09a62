"""How much sooner several workers make one long video than one worker does.

    python -m benchmarks.service.segments [--seconds 120] [--size 512] [--fps 40] [--workers 2]

Makes the video three times: by one process on one core; by one process that shares it with nobody, whose
parts are timed; and by `--workers` processes, each on a core of its own. Prints the time on the clock of the
first and the last, and what 2, 4 and 8 workers on cores of their own would take: the seconds of the processor
that each part took, played through as the service hands segments out. The files are compared byte by byte.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from benchmarks.service.segments.folder import KEY, FolderSharing
from generation.animation import Animator, MotionControls
from generation.animation.framing.video_format import VideoFormat
from generation.disclosure.choice import Disclosure
from generation.pipeline.render_stream import check_length, check_watermark, produce_video
from generation.pipeline.segments.plan import SPLIT_FROM_S
from provenance.watermark import WatermarkPayload

PAYLOAD = WatermarkPayload(7)
TO_PLAY = (1, 2, 4, 8)


@dataclass(frozen=True)
class Parts:
    """Seconds of a processor: before the plan, each segment, joining one, after the last; and what a helper
    takes before its first segment."""

    before: float
    segments: list[float]
    join: float
    after: float
    start: float

    @property
    def whole(self) -> float:
        """What one worker takes that shares with nobody."""
        return self.before + sum(self.segments) + self.join * len(self.segments) + self.after


@dataclass(frozen=True)
class Made:
    """One video made by this process: seconds on the clock, of the processor, and the file."""

    wall: float
    cpu: float
    file: bytes


def main() -> None:
    """Make the videos and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    for name, default in (("seconds", 120), ("size", 512), ("fps", 40), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    video = VideoFormat(size=arguments.size, fps=arguments.fps)
    animator = Animator.load("cpu")
    make(animator, video, 2.0, None)  # compiled and warm
    with tempfile.TemporaryDirectory() as folder:
        timed = FolderSharing(Path(folder))
        begun = time.process_time()
        shared_alone = make(animator, video, arguments.seconds, timed)
        before = timed.published_at - begun
        after = shared_alone.cpu - (timed.ended_at - begun)
        join = (timed.ended_at - timed.published_at - sum(timed.made)) / max(len(timed.made), 1)
    alone = make(animator, video, arguments.seconds, None)
    together, start, busy = make_together(animator, video, arguments, cores)
    parts = Parts(before, timed.made, join, after, start)
    same = alone.file == shared_alone.file == together.file
    print(
        f"{arguments.seconds} s at {arguments.size} px, {arguments.fps} frames/s, {len(timed.made)} segments"
    )
    print(f"files equal byte by byte: {'yes' if same else 'NO'}")
    print("\n| part | seconds of a processor |\n|---|---|")
    print(f"| fit, motion, strength | {before:.2f} |")
    print(f"| all segments | {sum(timed.made):.2f} |")
    print(f"| joining, sound | {join * len(timed.made):.2f} |")
    print(f"| report, read back | {after:.2f} |")
    print(f"| a helper before its first segment | {start:.2f} |")
    print("\n| workers | seconds, played through | times one |\n|---|---|---|")
    for workers in TO_PLAY:
        took = play(parts, workers)
        print(f"| {workers} | {took:.1f} | {alone.cpu / took:.2f} |")
    print("\n| on the clock | seconds | times one |\n|---|---|---|")
    print(f"| one worker, one core | {alone.wall:.1f} (processor {alone.cpu:.1f}) | 1 |")
    print(
        f"| {arguments.workers} workers, a core each | {together.wall:.1f} (processors {busy:.1f}) "
        f"| {alone.wall / together.wall:.2f} |"
    )


def make(animator: Animator, video: VideoFormat, seconds: float, sharing: FolderSharing | None) -> Made:
    """Make the video in this process, with those who help through the folder of `sharing`."""
    portrait = read_picture(CAST / "amara.jpg")
    speech, rate = read_speech(SPEECH)
    audio = np.resize(speech, round(seconds * rate)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.mp4"
        begun, cpu = time.perf_counter(), time.process_time()
        produced = produce_video(
            portrait=portrait, audio=audio, sample_rate=rate, controls=MotionControls(), seed=1, video=video,
            disclosure=Disclosure(), payload=PAYLOAD, key=KEY, destination=path, animator=animator,
            on_stage=lambda stage: None, on_frame=lambda done, known: None, sharing=sharing,
            split_from_s=min(SPLIT_FROM_S, seconds),
        )  # fmt: skip
        check_length(path, produced.video)
        check_watermark(path, PAYLOAD, KEY)
        return Made(time.perf_counter() - begun, time.process_time() - cpu, path.read_bytes())


def make_together(
    animator: Animator, video: VideoFormat, arguments: argparse.Namespace, cores: list[int]
) -> tuple[Made, float, float]:
    """The video of several processes, the seconds a helper takes before its first segment, and those of all
    processors."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.service.segments.folder", folder]
        command += [str(video.size), str(video.fps)]
        helpers = [
            subprocess.Popen([*command, str(cores[one % len(cores)])], stdout=subprocess.PIPE, text=True)
            for one in range(1, arguments.workers)
        ]
        while len(list(Path(folder).glob("ready-*"))) < len(helpers):  # loaded, as workers of a service are
            time.sleep(0.1)
        made = make(animator, video, arguments.seconds, FolderSharing(Path(folder)))
        told = [json.loads(helper.communicate()[0]) for helper in helpers]
    start = max((one["start"] for one in told), default=0.0)
    return made, start, made.cpu + sum(one["start"] + sum(one["made"]) for one in told)


def play(parts: Parts, workers: int) -> float:
    """When the video is made by so many workers, a core each: the attempt's worker joins what is ready in
    order, else it takes the next segment, else it waits; the others take the next segment."""
    if workers == 1:
        return parts.whole
    free = iter(range(len(parts.segments)))
    done: dict[int, float] = {}
    helpers = [parts.before + parts.start] * (workers - 1)
    heapq.heapify(helpers)

    def helped_until(moment: float) -> None:
        while helpers[0] <= moment and (number := next(free, None)) is not None:
            at = heapq.heappop(helpers)
            done[number] = at + parts.segments[number]
            heapq.heappush(helpers, done[number])

    now, joined = parts.before, 0
    while joined < len(parts.segments):
        helped_until(now)
        if done.get(joined, float("inf")) <= now:
            now += parts.join
            joined += 1
        elif (number := next(free, None)) is not None:
            now += parts.segments[number]
            done[number] = now
        else:
            now = max(done[joined], now)
    return now + parts.after


if __name__ == "__main__":
    main()
