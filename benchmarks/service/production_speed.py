"""How fast a video is made as a worker makes it: motion, rendering, mark, encoding, signature, checks.

    python -m benchmarks.service.production_speed [PORTRAIT] [SPEECH.wav]

Ten seconds at 512x512 and 40 frames a second. Stages overlap as they do in the service: frames are rendered
ahead while the one before is marked and encoded. Prints medians over rounds; the fit of the portrait counts.
Beside time on the clock stands the time of the processors, which a busy machine changes less, and the encoder
alone on the same frames in the same run, x264 with the settings of the service.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import django
import numpy as np
from av.video.frame import PictureType

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from generation.animation import Animator, MotionControls
from generation.animation.framing.video_format import VideoFormat
from generation.disclosure.choice import Disclosure
from generation.pipeline.encode import video_stream
from generation.pipeline.read_back import check_length, check_pictures, check_watermark
from generation.pipeline.render_stream import produce_video
from provenance.watermark import WatermarkPayload

SIZE, FPS, SECONDS, ROUNDS = 512, 40, 10, 3


def encode_alone(path: Path) -> tuple[float, float]:
    """Seconds on the clock and of the processors that the encoder takes for the frames of a file."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream = video_stream(container, SIZE, SIZE, Fraction(FPS))
        clock, cpu = time.perf_counter(), time.process_time()
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, FPS), PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        return time.perf_counter() - clock, time.process_time() - cpu


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    # Settings must be there before the services are imported.
    from provenance.keys.key_creation import create_missing_keys  # noqa: PLC0415
    from provenance.keys.service_keys import trust_store, watermark_key  # noqa: PLC0415
    from provenance.keys.signing_identity import signing_identity, timestamp_servers  # noqa: PLC0415
    from provenance.manifest.signing import sign_file  # noqa: PLC0415
    from tests.provenance.claims import rendition_claim  # noqa: PLC0415

    create_missing_keys()
    portrait = read_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else CAST / "amara.jpg")
    speech, rate = read_speech(Path(sys.argv[2]) if len(sys.argv) > 2 else SPEECH)
    audio = np.resize(speech, SECONDS * rate).astype(np.float32)
    animator, payload, key = Animator.load("cpu"), WatermarkPayload(7), watermark_key(2026)
    names = ("fit and motion", "render, mark, encode", "sign", "read back")
    stages: dict[str, list[float]] = {name: [] for name in names}
    cpu: list[float] = []
    alone: list[tuple[float, float]] = []

    def once() -> None:
        with tempfile.TemporaryDirectory() as folder:
            marked, sealed = Path(folder) / "marked.mp4", Path(folder) / "sealed.mp4"
            moments, begun = [time.perf_counter()], time.process_time()
            produced = produce_video(
                portrait=portrait, audio=audio, sample_rate=rate, controls=MotionControls(), seed=1,
                video=VideoFormat(size=SIZE, fps=FPS),
                disclosure=Disclosure(),
                payload=payload, key=key, destination=marked, animator=animator,
                on_stage=lambda stage: moments.append(time.perf_counter()), on_frame=lambda done, known: None,
            )  # fmt: skip
            moments = [moments[1], moments[2], time.perf_counter()]
            claim = rendition_claim("rnd_" + "A" * 22, 7, duration_s=SECONDS)
            sign_file(
                marked, sealed, claim, signing_identity(), trust_store(), timestamps=timestamp_servers()
            )
            moments.append(time.perf_counter())
            check_length(sealed, produced.video)
            check_pictures(sealed, produced.video)
            check_watermark(sealed, payload, key)
            moments.append(time.perf_counter())
            cpu.append(time.process_time() - begun)
            alone.append(encode_alone(marked))
            for name, begin, end in zip(names, moments, moments[1:], strict=False):
                stages[name].append(end - begin)

    once()
    for measured in (*stages.values(), cpu, alone):
        measured.clear()
    for _ in range(ROUNDS):
        once()
    print("| stage | seconds |\n|---|---|")
    medians = {name: statistics.median(times) for name, times in stages.items()}
    for name, seconds in medians.items():
        print(f"| {name} | {seconds:.2f} |")
    made = sum(medians[name] for name in names[:3])
    print(f"| motion to signature | {made:.2f} = {SECONDS * FPS / made:.0f} frames/s |")
    whole = sum(medians.values())
    print(f"| with the file read back | {whole:.2f} = {SECONDS * FPS / whole:.0f} frames/s |")
    encoder, encoder_cpu = (statistics.median(times) for times in zip(*alone, strict=True))
    print(f"| the encoder alone | {encoder:.2f} = {SECONDS * FPS / encoder:.0f} frames/s |")
    print(f"| the whole, in parts of the encoder's speed | {encoder / whole:.2f} |")
    used = statistics.median(cpu)
    print(f"| processors: the whole, the encoder alone | {used:.2f}, {encoder_cpu:.2f} |")
    print(f"| processors, milliseconds a frame | {used / (SECONDS * FPS) * 1000:.1f} |")


if __name__ == "__main__":
    main()
