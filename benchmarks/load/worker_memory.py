"""Does a worker's memory grow with its jobs? Makes many short videos in one process, as a worker does.

    python -m benchmarks.load.worker_memory [--jobs 50] [--seconds 1] [--size 256]

Each job fits another portrait, drives, renders, marks, encodes, signs, reads the file back and checks the
mark; what is not in it is Celery, the database and the log, which `make load` has. Prints the resident memory
after each tenth job, and its growth by job over the second half, with a 95 % interval of the slope.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from itertools import cycle, islice
from pathlib import Path

import django
import numpy as np

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from generation.animation import Animator, MotionControls
from generation.animation.framing.video_format import VideoFormat
from generation.disclosure.choice import Disclosure
from generation.pipeline.read_back import check_length, check_pictures, check_watermark
from generation.pipeline.render_stream import produce_video
from provenance.watermark import WatermarkPayload

PORTRAITS = ("amara", "kenji", "maya", "tomas")
NORMAL_95 = 1.96


def resident_mib() -> float:
    """This process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def slope(values: list[float]) -> tuple[float, float]:
    """Growth by job, by least squares, and half the width of its 95 % interval."""
    x, y = np.arange(len(values)) - (len(values) - 1) / 2, np.array(values)
    spread = float((x**2).sum())
    found = float((x * (y - y.mean())).sum()) / spread
    left = y - y.mean() - found * x
    error = float(np.sqrt((left**2).sum() / max(len(values) - 2, 1) / spread))
    return found, NORMAL_95 * error


def main() -> None:
    """Make the videos, one after the other."""
    arguments = argparse.ArgumentParser(description="Does a worker's memory grow?")
    arguments.add_argument("--jobs", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=1.0)
    arguments.add_argument("--size", type=int, default=256)
    given = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    measured = make(given.jobs, given.seconds, given.size)
    print(f"after the first job: {measured[0]:.0f} MiB")
    growth, beside = slope(measured[len(measured) // 2 :])
    print(f"growth over the second half: {growth:+.2f} MiB a job, 95 % within {beside:.2f}")


def make(jobs: int, seconds: float, size: int) -> list[float]:
    """The resident memory after each job."""
    # Settings must be there before the services are imported.
    from provenance.keys.key_creation import create_missing_keys  # noqa: PLC0415
    from provenance.keys.service_keys import trust_store, watermark_key  # noqa: PLC0415
    from provenance.keys.signing_identity import signing_identity, timestamp_servers  # noqa: PLC0415
    from provenance.manifest.signing import sign_file  # noqa: PLC0415
    from tests.provenance.claims import rendition_claim  # noqa: PLC0415

    create_missing_keys()
    speech, rate = read_speech(SPEECH)
    animator, key, measured = Animator.load("cpu"), watermark_key(2026), []
    for number, name in enumerate(islice(cycle(PORTRAITS), jobs)):
        begin = number * rate // 4
        audio = np.resize(speech[begin:], round(seconds * rate)).astype(np.float32)
        with tempfile.TemporaryDirectory() as folder:
            marked, sealed = Path(folder) / "marked.mp4", Path(folder) / "sealed.mp4"
            payload = WatermarkPayload(number + 1)
            produced = produce_video(
                portrait=read_picture(CAST / f"{name}.jpg"), audio=audio, sample_rate=rate,
                controls=MotionControls(), seed=number, video=VideoFormat(size=size, fps=25),
                disclosure=Disclosure(), payload=payload, key=key, destination=marked, animator=animator,
                on_stage=lambda stage: None, on_frame=lambda done, known: None,
            )  # fmt: skip
            claim = rendition_claim("rnd_" + "A" * 22, number + 1, duration_s=seconds)
            sign_file(
                marked, sealed, claim, signing_identity(), trust_store(), timestamps=timestamp_servers()
            )
            check_length(sealed, produced.video)
            check_pictures(sealed, produced.video)
            check_watermark(sealed, payload, key)
        measured.append(resident_mib())
        if number % 10 == 9:
            print(f"after {number + 1} jobs: {measured[-1]:.0f} MiB", flush=True)
    return measured


if __name__ == "__main__":
    main()
