"""What verifying one ten-second video takes on one core.

    python -m benchmarks.verify.speed [FPS] [--kept FOLDER] [--rounds N] [--files FILE ...]

A rendition as the service makes it (512x512, marked, signed), the same made without a mark, and its
credentials alone, each read in a reader that is loaded already; and the whole verdict on both, sound and
motion compared with the record's fingerprints; then on pictures that move within the frame, as a window or
a hand moves them (`benchmarks.watermark.moving`), without a mark and with it, and on any FILES. Prints
median and slowest of N rounds on the clock, with a pause before each, in which the reader makes its next
process ready; the whole process family keeps to one core. The last column is the least processor time of a
fresh process that reads the file, which a busy machine leaves about as it is. FOLDER keeps the videos for the
next run.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, read_picture
from benchmarks.rendering.render_speed import SPEECH, read_speech
from benchmarks.watermark.attacks.changes import scaled
from benchmarks.watermark.clips import of_video
from benchmarks.watermark.moving import handheld, ken_burns, pan_and_zoom
from generation.animation import Animator
from generation.pipeline.encode import encode_video
from generation.pipeline.mouth_box import mouth_box
from provenance.fingerprints.motion.cells import cells_of_marked
from provenance.fingerprints.motion.measuring import motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.media_type import HEAD_BYTES, sniff
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.reader.inspect import inspect, preload
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
LumaMark = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
KEY = WatermarkKey(SECRET).for_year(YEAR)
MOVES = {"Ken Burns": ken_burns, "pan and zoom": pan_and_zoom, "handheld": handheld}


class Files(NamedTuple):
    """`marked` and signed; `plain`, which is neither; `moving`, by how it moves; what trusts the signature;
    the record.
    """

    marked: Path
    plain: Path
    moving: dict[str, Path]
    trust: TrustStore
    record: RecordFacts


def main() -> None:
    """Make the files, read them, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fps", type=int, nargs="?", default=40)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--files", type=Path, nargs="*", default=[])
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        made = kept_files(chosen.kept or Path(name), chosen.fps)
        measure(made, chosen.files, chosen.rounds)
    print(f"{SECONDS} s, {SIZE}x{SIZE}, {chosen.fps} frames/s; load average {os.getloadavg()[0]:.1f}")


def measure(made: Files, others: Sequence[Path], rounds: int) -> None:
    """Print the table."""
    readers, record = Readers(1), made.record
    watermarks = BundledWatermarks(SECRET, [IssuedWatermark(record.watermark_id, YEAR, VERSION, b"")])
    cv2.setNumThreads(1)
    preload()

    def job(path: Path, *, with_keys: bool = True, with_sound: bool = False) -> ReadJob:
        media_type = sniff(path.read_bytes()[:HEAD_BYTES])
        assert media_type is not None
        keys = (KEY.secret,) if with_keys else None
        return ReadJob(path.resolve(), media_type.kind, media_type.name, made.trust, keys, with_sound)

    print("| read | median, s | slowest, s | processor, s |\n|---|---|---|---|")
    for title, one in (
        ("credentials alone", job(made.marked, with_keys=False)),
        ("credentials and mark", job(made.marked)),
        ("the same without a mark: every search is made", job(made.plain)),
    ):
        row(title, partial(readers.read, one), one, rounds)
    verdicts = {"whole verdict": made.marked, "whole verdict without a mark": made.plain}
    verdicts |= {f"the same, {name}": path for name, path in made.moving.items()}
    verdicts |= {path.name: path for path in others}
    for title, path in verdicts.items():

        def verdict(path: Path = path) -> object:
            return verify_file(
                path,
                trust=made.trust,
                watermarks=watermarks,
                find=lambda field, value: record if getattr(record, field) == value else None,
                read=readers.read,
            )

        row(title, verdict, job(path, with_sound=True), rounds)
    readers.close()


def row(title: str, work: Callable[[], object], job: ReadJob, rounds: int) -> None:
    """Print what some work takes, and what reading its file takes of the processor."""
    times, spent = [], []
    for _ in range(rounds + 1):
        time.sleep(PAUSE_S)
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
        spent.append(processor_s(job))
    print(
        f"| {title} | {statistics.median(times[1:]):.3f} | {max(times[1:]):.3f} | {min(spent):.3f} |",
        flush=True,
    )


def processor_s(job: ReadJob) -> float:
    """Processor seconds of a fresh process that reads a file, everything loaded before."""
    child = os.fork()
    if child == 0:
        try:
            inspect(job)
        finally:
            os._exit(1 if sys.exc_info()[0] else 0)  # never back into the parent's code
    _, status, used = os.wait4(child, 0)
    assert status == 0, status
    return used.ru_utime + used.ru_stime


def kept_files(folder: Path, fps: int) -> Files:
    """The videos in `folder`, made if they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / f"{fps}.pickle"
    if not known.exists():
        known.write_bytes(pickle.dumps(files(folder, fps)))
    made: Files = pickle.loads(known.read_bytes())  # noqa: S301 - our own
    return made


def files(folder: Path, fps: int) -> Files:
    """All videos at some frames a second, made into `folder`."""
    authority = development_ca.create(folder / f"ca-{fps}")
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

    def encoded(name: str, frames: Iterable[NDArray[np.uint8]], mark: LumaMark = lambda luma: luma) -> Path:
        path = folder / f"{name}-{fps}.mp4"
        encode_video(
            iter(frames), fps=fps, audio=speech, sample_rate=rate, destination=path, mark=mark,
            on_frame=lambda done: None,
        )  # fmt: skip
        return path

    claim = rendition_claim("rnd_" + "A" * 22, 7, duration_s=SECONDS)
    signed = folder / f"signed-{fps}.mp4"
    sign_file(encoded("marked", frames, marked), signed, claim, identity, trust)
    plain = encoded("plain", frames)
    moving = {}
    for kind, shown in (("unmarked", np.stack(frames)), ("marked", of_video(signed))):
        for number, (name, move) in enumerate(MOVES.items()):
            title, moved = f"{kind}, {name}", move(shown, np.random.default_rng(number))
            file = title.replace(",", "").replace(" ", "-").lower()
            moving[title] = encoded(file, scaled(moved, SIZE, SIZE))
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
    return Files(signed, plain, moving, trust, record)


if __name__ == "__main__":
    main()
