"""Does the card draw what the CPU draws, and is it worth its place? One short run on a machine with CUDA.

    python -m benchmarks.gpu_check [--device cuda] [--frames 40] [--sizes 512,1080]

Compares frames that the torch back end draws in batches on the device with those of the compiled one,
measures both, says what `LIKENESS_RENDER_DEVICE=auto` takes, converts and marks the same frames there and
here, times LivePortrait's networks with random weights, and asks PyAV for NVENC. With `--device cpu` it
checks torch's back end on the CPU. Takes two to three minutes on a card. Ends with 1 where frames differ by
more than they may.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from statistics import median

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
from generation.pipeline.finishing.encoders import NVENC, X264, opened, usable
from generation.pipeline.finishing.on_device import DeviceFinisher
from generation.pipeline.pictures import luma_of, marked_by, to_yuv
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.carrier.masking import FULL_STRENGTH
from provenance.watermark.torch_embedder import TorchEmbedder

MOST_LEVELS, LEAST_DB = 8, 55.0  # between the two back ends, as docs/renderer.md states them
MOST_LUMA = 2  # levels, between marked planes: one of the conversion, and what the mark makes of it
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
        on_card, on_cores = (whole(fitted, size, track, name) for name in (torch_name(device), "cpu"))
        print(f"| {size}: frames/s on the device, on the cores | {on_card:.0f}, {on_cores:.0f} |")
        gain = frames_per_s(fitted, size, torch_name(device)) / frames_per_s(fitted, size, "cpu")
        chosen = "device" if gain >= LEAST_GAIN else "cores"
        print(f"| {size}: probe, times the cores (`auto` from {LEAST_GAIN}) | {gain:.2f}: the {chosen} |")
        apart, there, here = finishing(fitted, size, track, device)
        is_right &= apart <= MOST_LUMA
        print(
            f"| {size}: luma converted and marked: levels apart; ms a frame there, here | {apart}; ", end=""
        )
        print(f"{there:.2f}, {here:.2f} |")
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
        frames_ahead(fitted, size, backend_for(torch_name(device)), [track], 1),
        Renderer(fitted, size).frames(track),
        strict=True,
    )
    for one, other in pairs:
        apart = np.abs(one.astype(np.int16) - other)
        levels = max(levels, int(apart.max()))
        error = float(np.square(apart.astype(np.float64)).mean())
        decibels = min(decibels, 99.0 if error == 0 else 10 * np.log10(255**2 / error))
    return levels, decibels


def torch_name(device: str) -> str:
    """The device by a name that has torch draw on it: "cpu" is the compiled back end's."""
    return "cpu:0" if device == "cpu" else device


def finishing(fitted: FittedPortrait, size: int, track: MotionTrack, device: str) -> tuple[int, float, float]:
    """The greatest difference of a luma level that was converted and marked there and here, and milliseconds
    a frame of both, copies there and back included."""
    frames = list(Renderer(fitted, size).frames(track))
    payload, key = WatermarkPayload(1), WatermarkKey(b"a key of the benchmark, not in use")
    embedder = Embedder(payload, key)
    finishers = {
        "there": DeviceFinisher(TorchEmbedder(payload, key, FULL_STRENGTH, device), device, lambda _: None),
        "here": marked_by(embedder.mark),
    }
    planes, times = {}, {}
    for place, finish in finishers.items():
        batch = len(frames) // 2
        list(finish(frames[:batch]))
        begun = time.perf_counter()
        planes[place] = [luma_of(picture) for picture in finish(frames[batch:])]
        times[place] = (time.perf_counter() - begun) / (len(frames) - batch) * 1000
    apart = max(
        int(np.abs(a.astype(np.int16) - b).max())
        for a, b in zip(planes["there"], planes["here"], strict=True)
    )
    return apart, times["there"], times["here"]


def whole(fitted: FittedPortrait, size: int, track: MotionTrack, device: str) -> float:
    """Frames a second of a worker's rendering."""
    threads = render_threads() if device == "cpu" else 1
    frames = frames_ahead(fitted, size, backend_for(device), [track, track], threads)
    for _ in range(len(track)):  # the first round warms up
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
    """Whether the card's encoder can be had, and its frames a second beside those of x264."""
    pictures = [to_yuv(np.full((512, 512, 3), level, np.uint8)) for level in range(60)]
    found = usable(NVENC, 512, 512, Fraction(25))
    if found != NVENC:
        return f"no: {found} encodes"
    rates = []
    for name in (NVENC, X264):
        context = opened(name, 512, 512, Fraction(25))
        begun = time.perf_counter()
        for place, picture in enumerate(pictures):
            picture.pts = place
            context.encode(picture)
        context.encode(None)
        rates.append(len(pictures) / (time.perf_counter() - begun))
    return f"yes, {rates[0]:.0f} frames/s of a plain picture, x264 {rates[1]:.0f}"


if __name__ == "__main__":
    sys.exit(main())
