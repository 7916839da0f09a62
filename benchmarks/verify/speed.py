"""What verifying one ten-second video takes on one core: `python -m benchmarks.verify.speed [FPS]`.

A rendition as the service makes it (512x512, marked, signed), the same made without a mark, and its
credentials alone, each read in a reader that is loaded already. Prints median and slowest of ROUNDS on the
clock; the whole process family keeps to one core.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from generation.animation import Animator
from generation.pipeline.encode import encode_video
from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.reader.reader_pool import Readers
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from tests.provenance.claims import rendition_claim

SECONDS, SIZE, ROUNDS = 10, 512, 15
SECRET = bytes(range(32))


def main() -> None:
    """Make the files, read them, print the table."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    fps = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    readers = Readers(1)
    with tempfile.TemporaryDirectory() as name:
        marked, plain, trust = files(Path(name), fps)
        print("| read | median, s | slowest, s |\n|---|---|---|")
        for title, path, keys in (
            ("credentials alone", marked, None),
            ("credentials and mark", marked, (SECRET,)),
            ("the same without a mark: every search is made", plain, (SECRET,)),
        ):
            job = ReadJob(path, "video", "video/mp4", trust, keys)
            times = []
            for _ in range(ROUNDS + 1):
                begin = time.perf_counter()
                readers.read(job)
                times.append(time.perf_counter() - begin)
            print(f"| {title} | {statistics.median(times[1:]):.3f} | {max(times[1:]):.3f} |")
    readers.close()
    print(f"{SECONDS} s, {SIZE}x{SIZE}, {fps} frames/s; load average {os.getloadavg()[0]:.1f}")


def files(folder: Path, fps: int) -> tuple[Path, Path, TrustStore]:
    """A marked and signed video, one that is neither, and what trusts the signature."""
    authority = development_ca.create(folder / "ca")
    identity = SigningIdentity.from_pem(*authority.issue_leaf())
    trust = TrustStore(authority.root_pem)
    animator = Animator.load("cpu")
    speech, rate = read_speech(SPEECH)
    speech = speech[: SECONDS * rate] if len(speech) >= SECONDS * rate else speech.repeat(2)[: SECONDS * rate]
    track = animator.drive(speech, rate, seed=1, fps=fps)
    frames = list(animator.render(animator.fit(read_picture(CAST / "amara.jpg")), track, size=SIZE))
    embedder = Embedder(WatermarkPayload(7), WatermarkKey(SECRET), 71)
    paths = []
    for name, mark in (("marked", embedder.mark), ("plain", lambda luma: luma)):
        paths.append(folder / f"{name}.mp4")
        encode_video(
            iter(frames), fps=fps, audio=speech, sample_rate=rate, destination=paths[-1], mark=mark,
            on_frame=lambda done: None,
        )  # fmt: skip
    claim = rendition_claim("rnd_" + "A" * 22, 7, duration_s=SECONDS)
    sign_file(paths[0], folder / "signed.mp4", claim, identity, trust)
    return folder / "signed.mp4", paths[1], trust


if __name__ == "__main__":
    main()
