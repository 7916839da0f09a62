"""How much sooner several workers make one long video than one worker does.

    python -m benchmarks.service.segments [--seconds 120] [--size 512] [--fps 40] [--workers 2]

Makes the video three times: by one process on one core; by one process that shares it with nobody, whose
parts are timed; and by `--workers` processes, each on a core of its own (with 1 it is made twice, for the
seconds of a processor alone). Prints the time on the clock of the first and the last, and what 2, 4 and 8
workers on cores of their own would take: the seconds of the processor that each part took, played through as
the service hands segments out. The files are compared byte by byte.
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
from collections import deque
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from benchmarks.service.segments.folder import KEY, FolderSharing
from generation.animation import Animator, MotionControls
from generation.animation.framing.video_format import VideoFormat
from generation.disclosure.choice import Disclosure
from generation.pipeline.read_back import check_length, check_pictures, check_watermark
from generation.pipeline.render_stream import produce_video
from generation.pipeline.segments.plan import SEGMENT_S, SPLIT_FROM_S
from provenance.watermark import WatermarkPayload

PAYLOAD = WatermarkPayload(7)
TO_PLAY = (1, 2, 4, 8)


@dataclass(frozen=True)
class Parts:
    """Seconds of a processor: the motion of each segment; fit, first second and strength; each segment, and
    how long the rendering of one takes of that; behind each segment; after the last. `start` is what a
    helper takes before its first segment, from when it is asked."""

    planned: list[float]
    chosen: float
    segments: list[float]
    render: float
    joined: list[float]
    after: float
    start: float


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
        timed = FolderSharing(Path(folder), arguments.workers - 1)
        begun = time.process_time()
        shared_alone = make(animator, video, arguments.seconds, timed)
        after = shared_alone.cpu - (timed.ended - begun)
    fit, render = helper_seconds(animator, video)
    alone = make(animator, video, arguments.seconds, None)
    parts = Parts(timed.planned, timed.chosen, timed.made, render, timed.joined, after, fit)
    same = alone.file == shared_alone.file
    on_the_clock = [f"| one worker, one core | {alone.wall:.1f} (processor {alone.cpu:.1f}) | 1 |"]
    if arguments.workers > 1:
        together, busy = make_together(animator, video, arguments, cores)
        same = same and together.file == alone.file
        on_the_clock.append(
            f"| {arguments.workers} workers, a core each | {together.wall:.1f} (processors {busy:.1f}) "
            f"| {alone.wall / together.wall:.2f} |"
        )
    print(
        f"{arguments.seconds} s at {arguments.size} px, {arguments.fps} frames/s, {len(timed.made)} segments"
    )
    print(f"files equal byte by byte: {'yes' if same else 'NO'}")
    print("\n| part | seconds of a processor |\n|---|---|")
    print(f"| motion | {sum(parts.planned):.2f} |")
    print(f"| fit, first second, strength of the mark | {parts.chosen:.2f} |")
    print(f"| all segments | {sum(timed.made):.2f} |")
    print(f"| of it rendering | {render * len(timed.made):.2f} |")
    print(f"| joining, sound | {sum(timed.joined):.2f} |")
    print(f"| report, read back | {after:.2f} |")
    print(f"| a helper before its first segment (fit) | {fit:.2f} |")
    print("\n| workers | seconds, played through | times one |\n|---|---|---|")
    for workers in TO_PLAY:
        took = alone.cpu if workers == 1 else play(parts, workers)
        print(f"| {workers} | {took:.1f} | {alone.cpu / took:.2f} |")
    print("\n| on the clock | seconds | times one |\n|---|---|---|", *on_the_clock, sep="\n")


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
        check_watermark(path, PAYLOAD, KEY)
        check_length(path, produced.video)
        check_pictures(path, produced.video)
        return Made(time.perf_counter() - begun, time.process_time() - cpu, path.read_bytes())


def helper_seconds(animator: Animator, video: VideoFormat) -> tuple[float, float]:
    """Seconds of the processor for the fit, and for the rendering of one segment."""
    begun = time.process_time()
    fitted = animator.fit(read_picture(CAST / "amara.jpg"))
    fit = time.process_time() - begun
    speech, rate = read_speech(SPEECH)
    track = animator.drive(np.resize(speech, round(SEGMENT_S * rate)).astype(np.float32), rate, fps=video.fps)
    begun = time.process_time()
    for _ in animator.render_stretch(fitted, track, video=video, frames=range(len(track))):
        pass
    return fit, time.process_time() - begun


def make_together(
    animator: Animator, video: VideoFormat, arguments: argparse.Namespace, cores: list[int]
) -> tuple[Made, float]:
    """The video of several processes, and the seconds of all processors."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.service.segments.folder", folder]
        command += [str(video.size), str(video.fps)]
        helpers = [
            subprocess.Popen([*command, str(cores[one % len(cores)])], stdout=subprocess.PIPE, text=True)
            for one in range(1, arguments.workers)
        ]
        while len(list(Path(folder).glob("ready-*"))) < len(helpers):  # loaded, as workers of a service are
            time.sleep(0.1)
        made = make(animator, video, arguments.seconds, FolderSharing(Path(folder), len(helpers)))
        told = [json.loads(helper.communicate()[0]) for helper in helpers]
    return made, made.cpu + sum(one["start"] + sum(one["made"]) for one in told)


def play(parts: Parts, workers: int) -> float:
    """When the video is made by so many workers, two at least, a core each.

    The attempt's worker drives the motion of as many segments as there are workers, chooses the strength,
    drives the rest, makes the first segment, then joins what is ready in order, else it takes the next
    segment, else it waits. The others fit the face and take the next segment whose motion is there; until
    the strength is chosen they render, and mark no frame.
    """
    first = min(workers, len(parts.planned))
    there = list(accumulate(parts.planned[:first]))
    chosen_at = there[-1] + parts.chosen
    there += [chosen_at + spent for spent in accumulate(parts.planned[first:])]
    free = deque(range(1, len(parts.segments)))
    helpers = [parts.start] * (workers - 1)
    heapq.heapify(helpers)
    done: dict[int, float] = {}

    def helped_until(moment: float) -> None:
        while free and max(helpers[0], there[free[0]]) <= moment:
            begun = max(heapq.heappop(helpers), there[free[0]])
            number = free.popleft()
            spent = parts.segments[number]
            done[number] = max(begun + spent, chosen_at + spent - parts.render)
            heapq.heappush(helpers, done[number])

    now = max(there[-1], chosen_at)
    helped_until(now)
    now += parts.segments[0]
    done[0] = now
    joined = 0
    while joined < len(parts.segments):
        helped_until(now)
        if done.get(joined, float("inf")) <= now:
            now += parts.joined[joined]
            joined += 1
        elif free:
            number = free.popleft()
            now += parts.segments[number]
            done[number] = now
        else:
            now = max(done[joined], now)
    return now + parts.after


if __name__ == "__main__":
    main()
