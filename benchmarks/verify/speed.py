"""What verifying one ten-second video takes on one core: `python -m benchmarks.verify.speed [FPS]`.

A rendition as the service makes it (512x512, marked, signed), the same made without a mark, and its
credentials alone, each read in a reader that is loaded already; and the whole verdict on both, sound and
motion compared with the record's fingerprints. Prints median and slowest of ROUNDS on the clock, with a pause
before each, in which the reader makes its next process ready; the whole process family keeps to one core.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from generation.animation import Animator
from generation.pipeline.encode import encode_video
from generation.pipeline.mouth_box import mouth_box
from provenance.fingerprints.band_spectrogram import band_spectrogram
from provenance.fingerprints.motion import motion_fingerprint
from provenance.fingerprints.motion_cells import cells_of_marked
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound import fingerprint
from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import VERSION, format_watermark_id
from tests.provenance.claims import rendition_claim

SECONDS, SIZE, ROUNDS = 10, 512, 15
PAUSE_S = 0.2
SECRET = bytes(range(32))
YEAR = 2026
KEY = WatermarkKey(SECRET).for_year(YEAR)


def main() -> None:
    """Make the files, read them, print the table."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    fps = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    readers = Readers(1)
    with tempfile.TemporaryDirectory() as name:
        marked, plain, trust, record = files(Path(name), fps)
        watermarks = BundledWatermarks(SECRET, [IssuedWatermark(record.watermark_id, YEAR, VERSION, b"")])
        print("| read | median, s | slowest, s |\n|---|---|---|")
        for title, path, keys in (
            ("credentials alone", marked, None),
            ("credentials and mark", marked, (KEY.secret,)),
            ("the same without a mark: every search is made", plain, (KEY.secret,)),
        ):
            job = ReadJob(path, "video", "video/mp4", trust, keys)
            row(title, lambda job=job: readers.read(job))
        for title, path in (("whole verdict", marked), ("whole verdict without a mark", plain)):
            row(
                title,
                lambda path=path: verify_file(
                    path,
                    trust=trust,
                    watermarks=watermarks,
                    find=lambda field, value: record if getattr(record, field) == value else None,
                    read=readers.read,
                ),
            )
    readers.close()
    print(f"{SECONDS} s, {SIZE}x{SIZE}, {fps} frames/s; load average {os.getloadavg()[0]:.1f}")


def row(title: str, work: Callable[[], object]) -> None:
    """Print what some work takes."""
    times = []
    for _ in range(ROUNDS + 1):
        time.sleep(PAUSE_S)
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    print(f"| {title} | {statistics.median(times[1:]):.3f} | {max(times[1:]):.3f} |", flush=True)


def files(folder: Path, fps: int) -> tuple[Path, Path, TrustStore, RecordFacts]:
    """A marked and signed video, one that is neither, what trusts the signature, and the record."""
    authority = development_ca.create(folder / "ca")
    identity = SigningIdentity.from_pem(*authority.issue_leaf())
    trust = TrustStore(authority.root_pem)
    animator = Animator.load("cpu")
    speech, rate = read_speech(SPEECH)
    speech = speech[: SECONDS * rate] if len(speech) >= SECONDS * rate else speech.repeat(2)[: SECONDS * rate]
    track = animator.drive(speech, rate, seed=1, fps=fps)
    frames = list(animator.render(animator.fit(read_picture(CAST / "amara.jpg")), track, size=SIZE))
    embedder = Embedder(WatermarkPayload(7), KEY, 71)
    cells = []

    def marked(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        plane = embedder.mark(luma)
        cells.append(cells_of_marked(plane))
        return plane

    paths = []
    for name, mark in (("marked", marked), ("plain", lambda luma: luma)):
        paths.append(folder / f"{name}.mp4")
        encode_video(
            iter(frames), fps=fps, audio=speech, sample_rate=rate, destination=paths[-1], mark=mark,
            on_frame=lambda done: None,
        )  # fmt: skip
    claim = rendition_claim("rnd_" + "A" * 22, 7, duration_s=SECONDS)
    sign_file(paths[0], folder / "signed.mp4", claim, identity, trust)
    fingerprints = RecordFingerprints(
        fingerprint(band_spectrogram(speech, rate)), motion_fingerprint(cells, fps, mouth_box(frames[0]))
    )
    record = RecordFacts(
        rendition_id="rnd_" + "A" * 22,
        state="released",
        file_sha256="0" * 64,
        watermark_id=format_watermark_id(7),
        is_in_log=True,
        log_index=0,
        sealed_at=datetime.now(UTC),
        fingerprints=fingerprints.to_bytes(),
    )
    return folder / "signed.mp4", paths[1], trust, record


if __name__ == "__main__":
    main()
