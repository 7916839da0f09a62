"""Does the card draw what the CPU draws, and is it worth its place? One short run on a machine with CUDA.

    python -m benchmarks.gpu_check [--device cuda] [--frames 40] [--sizes 512,1080]

Compares frames of the torch back end on the device with those of the compiled one, measures both, says what
`LIKENESS_RENDER_DEVICE=auto` takes, times LivePortrait's networks with random weights, and asks PyAV for
NVENC. With `--device cpu` it checks torch's back end on the CPU. Takes two to three minutes on a card. Ends
with 1 where frames differ by more than they may.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from statistics import median

import av
import numpy as np
import torch

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from generation.animation import Animator, FittedPortrait, MotionTrack
from generation.animation.liveportrait.networks import Networks, Options
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.device_probe import LEAST_GAIN, frames_per_s
from generation.animation.rendering.renderer import Renderer
from generation.animation.rendering.threaded import frames_ahead, render_threads

MOST_LEVELS, LEAST_DB = 8, 55.0  # between the two back ends, as docs/renderer.md states them
BATCHES = (1, 4, 8)


def main() -> int:
    """Run every check and print one table; 1 where frames differ too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--sizes", default="512,1080")
    arguments = parser.parse_args()
    device = arguments.device
    if device == "cuda" and not torch.cuda.is_available():
        print("There is no CUDA device here: nothing was measured. --device cpu checks the torch back end.")
        return 0
    card = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "CPU"
    print(f"{card}, torch {torch.__version__}, {render_threads()} rendering threads beside it\n")
    print("| what | value |\n|---|---|")
    animator = Animator.load("cpu")
    fitted = animator.fit(read_picture(CAST / "amara.jpg"))
    speech, rate = read_speech(SPEECH)
    track = animator.drive(speech[: 2 * rate], rate, fps=40)
    rows = slice(0, arguments.frames)
    track = MotionTrack(40, track.actions[rows], track.head_pose[rows], track.gaze[rows])
    is_right = True
    for size in map(int, arguments.sizes.split(",")):
        levels, decibels = difference(fitted, size, track, device)
        is_right &= levels <= MOST_LEVELS and decibels >= LEAST_DB
        print(f"| {size}: greatest difference in levels, least PSNR | {levels}, {decibels:.1f} dB |")
        on_card, on_cores = whole(fitted, size, track, device), whole(fitted, size, track, "cpu")
        print(f"| {size}: frames/s on the device, on the cores | {on_card:.0f}, {on_cores:.0f} |")
        gain = frames_per_s(fitted, size, device) / frames_per_s(fitted, size, "cpu")
        chosen = "device" if gain >= LEAST_GAIN else "cores"
        print(f"| {size}: probe, times the cores (`auto` from {LEAST_GAIN}) | {gain:.2f}: the {chosen} |")
    if device == "cuda":
        for line in liveportrait(device):
            print(line)
    print(f"| NVENC by PyAV | {nvenc()} |")
    print(f"\nframes agree: {'yes' if is_right else 'NO'}")
    return 0 if is_right else 1


def difference(fitted: FittedPortrait, size: int, track: MotionTrack, device: str) -> tuple[int, float]:
    """The greatest difference of any value and the least PSNR of any frame between the two back ends."""
    levels, decibels = 0, 99.0
    pairs = zip(
        Renderer(fitted, size, backend_for(device if device != "cpu" else "cpu:0")).frames(track),
        Renderer(fitted, size).frames(track),
        strict=True,
    )
    for one, other in pairs:
        apart = np.abs(one.astype(np.int16) - other)
        levels = max(levels, int(apart.max()))
        error = float(np.square(apart.astype(np.float64)).mean())
        decibels = min(decibels, 99.0 if error == 0 else 10 * np.log10(255**2 / error))
    return levels, decibels


def whole(fitted: FittedPortrait, size: int, track: MotionTrack, device: str) -> float:
    """Frames a second of a worker's rendering."""
    threads = render_threads() if device == "cpu" else 1
    frames = frames_ahead(fitted, size, backend_for(device), [track], threads)
    next(frames)
    begun = time.perf_counter()
    count = sum(1 for _ in frames)
    return count / (time.perf_counter() - begun)


def liveportrait(device: str) -> Iterator[str]:
    """Milliseconds a frame of LivePortrait's networks with random weights, by batch and precision."""
    with torch.device("meta"):
        networks = Networks()
    made = torch.Generator().manual_seed(0)

    def value(like: torch.Tensor) -> torch.Tensor:
        return (0.05 * torch.randn(like.shape, generator=made)).abs().to(like.dtype)

    weights = {
        name: {key: value(like) for key, like in part.state_dict().items()}
        for name, part in networks.parts().items()
    }
    for half in (False, True):
        built = Networks.build(weights, device=device, options=Options(half=half))
        volume, motion = built.source(torch.rand(1, 3, 256, 256, device=device))
        for batch in BATCHES:
            times = []
            for _ in range(8):
                begun = time.perf_counter()
                built.frames(volume, motion.keypoints, motion.keypoints.expand(batch, -1, -1)).cpu()
                times.append((time.perf_counter() - begun) / batch * 1000)
            precision = "sixteen-bit" if half else "full"
            yield f"| LivePortrait, {precision}, batch {batch}: ms a frame | {median(times[3:]):.1f} |"


def nvenc() -> str:
    """Whether PyAV can open the card's encoder; the service encodes with x264 in any case."""
    try:
        context = av.CodecContext.create("h264_nvenc", "w")
        context.width, context.height, context.pix_fmt, context.framerate = 512, 512, "yuv420p", 25
        context.open()
    except (av.FFmpegError, ValueError) as error:
        return f"no ({type(error).__name__}): x264 encodes"
    return "yes; not used: a file's packets depend on the encoder, so one encoder makes all"


if __name__ == "__main__":
    sys.exit(main())
