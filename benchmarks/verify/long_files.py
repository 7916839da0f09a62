"""Eight seconds of ours in ten minutes of something else: found, or are the unseen seconds named?

    python -m benchmarks.verify.long_files FOLDER FILLER [--pieces N] [--size 1280x720] [--seed 1]

FOLDER keeps renditions as `renditions` makes them; FILLER is any video without a mark, of which the first
minute (or all of it, over and over) is repeated to ten minutes at 25 frames a second (x264, a key frame every
250 frames at least). Into it goes, at a random place, a random eight seconds of a square rendition between
bars, filling the frame, or smaller with bars all around, or of a wide one as it is; half of the pieces begin
without a key frame of their own. Each file is verified with the records of all. Prints whether the video was
named, and whether it is when the eight seconds come by themselves, at which seconds, how far apart the places
were that were looked at, how many seconds were looked at coarsely, and processor seconds of the reader. The
last file is the filler alone. Libraries are held to one thread, as in a reader.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.verify.renditions import FPS, SECONDS, SECRET, YEAR, KeptRendition, renditions
from generation.animation.framing.video_format import SQUARE
from provenance.manifest import development_ca
from provenance.manifest.trust import TrustStore
from provenance.verify.reader.inspect import inspect, preload
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark.coding.payload import VERSION

MINUTES, PIECE_S, AROUND_S = 10, 8, 11
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# How a piece lies in the frame: the proportions of its rendition, and filters of FFmpeg.
SHAPES = {
    "bars at the sides": (SQUARE, "scale=-2:{height},pad={width}:{height}:(ow-iw)/2:0"),
    "fills the frame": (SQUARE, "scale={width}:-2,crop={width}:{height}"),
    "as it is": ("16:9", "scale={width}:{height}"),
    "bars all around": (SQUARE, "scale=-2:{smaller},pad={width}:{height}:(ow-iw)/2:(oh-ih)/2"),
}
_KEYS = ("-g", "250", "-bf", "2", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p")


def main() -> None:
    """Make the files one by one, verify them, print a row for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("filler", type=Path)
    parser.add_argument("--pieces", type=int, default=6)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        command = [sys.executable, "-m", "benchmarks.verify.long_files", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **ONE_THREAD})  # noqa: S606 - itself
    kept = {
        SQUARE: renditions(arguments.folder, 8),
        "16:9": renditions(arguments.folder / "wide", 4, "16:9", first=8),
    }
    known = [one for some in kept.values() for one in some]
    draw = random.Random(arguments.seed)
    preload()
    print(
        "| piece | own key frame | named | by itself | seconds | widest gap, s | coarse, s | reader, CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        trust = TrustStore(development_ca.create(work / "authority").root_pem)
        filler = _filler(work, arguments.filler, arguments.size)
        for number in range(arguments.pieces):
            shape = list(SHAPES)[number % len(SHAPES)]
            has_key = (number + number // len(SHAPES)) % 2 == 0
            aspect, filters = SHAPES[shape]
            video = draw.choice(kept[aspect])
            at = draw.uniform(AROUND_S, MINUTES * 60 - PIECE_S - AROUND_S)
            fitted = _fitted(filters, arguments.size)
            path = _with_piece(work, filler, video, at, has_key=has_key, fitted=fitted)
            verdict, spent = _verified(path, known, trust)
            named = verdict.record is not None and verdict.record.rendition_id == video.record.rendition_id
            found = [part for part in verdict.signals.mark.parts if part.state == "found"]
            where = ", ".join(f"{part.start_s:.0f}-{part.end_s:.0f}" for part in found)
            title = f"{at:.0f}-{at + PIECE_S:.0f} s, {shape}"
            alone, _ = _verified(_cut_out(work, path, at), known, trust)
            row = (
                title,
                has_key,
                named,
                alone.record is not None,
                where,
                f"{_gap(verdict):.0f}",
                f"{verdict.signals.mark.coarse_s:.0f}",
                f"{spent:.1f}",
            )
            print("|", " | ".join(map(str, row)), "|", flush=True)
        verdict, spent = _verified(filler, known, trust)
        coarse = f"{verdict.signals.mark.coarse_s:.0f}"
        print(f"| none | | {verdict.record is not None} | | | {_gap(verdict):.0f} | {coarse} | {spent:.1f} |")
        print(verdict.sentence.render())


def _verified(path: Path, kept: list[KeptRendition], trust: TrustStore) -> tuple[Verdict, float]:
    issued = [IssuedWatermark(one.record.watermark_id, YEAR, VERSION, one.content_prints) for one in kept]
    records = {one.record.watermark_id: one.record for one in kept}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    verdict = verify_file(
        path,
        trust=trust,
        watermarks=BundledWatermarks(SECRET, issued),
        find=lambda field, value: records.get(value) if field == "watermark_id" else None,
        read=inspect,
    )
    return verdict, resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def _gap(verdict: Verdict) -> float:
    return max((end_s - start_s for start_s, end_s in verdict.signals.mark.unseen), default=0.0)


def _fitted(filters: str, size: str) -> str:
    width, height = (int(side) for side in size.split("x"))
    return filters.format(width=width, height=height, smaller=height * 3 // 8 * 2)


def _filler(work: Path, source: Path, size: str) -> Path:
    width, height = size.split("x")
    fitted = f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},fps={FPS}"
    once, whole = work / "once.ts", work / "filler.mp4"
    _ffmpeg("-stream_loop", "-1", "-i", str(source), "-t", "60", "-an", "-vf", fitted, *_KEYS, str(once))
    _joined(work, [once] * MINUTES, whole)
    return whole


def _with_piece(
    work: Path, filler: Path, video: KeptRendition, at: float, *, has_key: bool, fitted: str
) -> Path:
    """The filler with a piece put into it; only what is around the piece is encoded anew."""
    begin = random.Random(at).uniform(0, SECONDS - PIECE_S)
    left, right, middle = work / "left.ts", work / "right.ts", work / "middle.ts"
    start, end = at - AROUND_S, at + PIECE_S + AROUND_S
    _ffmpeg("-i", str(filler), "-t", f"{start}", "-c", "copy", str(left))
    _ffmpeg("-ss", f"{end}", "-i", str(filler), "-c", "copy", str(right))
    tail = "setsar=1[b];[a][b][c]concat=n=3:a=0"
    graph = (
        f"[0:v]trim={start}:{at},setpts=PTS-STARTPTS[a];"
        f"[0:v]trim={at + PIECE_S}:{end},setpts=PTS-STARTPTS[c];"
        f"[1:v]trim={begin}:{begin + PIECE_S},setpts=PTS-STARTPTS,{fitted},{tail}"
    )
    scene = () if has_key else ("-sc_threshold", "0")
    inputs = ("-i", str(filler), "-i", str(video.path))
    _ffmpeg(*inputs, "-filter_complex", graph, "-an", *_KEYS, *scene, str(middle))
    path = work / "file.mp4"
    _joined(work, [left, middle, right], path)
    return path


def _cut_out(work: Path, path: Path, at: float) -> Path:
    """The piece by itself, as the file shows it."""
    alone = work / "alone.mp4"
    _ffmpeg("-ss", f"{at}", "-i", str(path), "-t", f"{PIECE_S}", "-c:v", "libx264", "-qp", "0", str(alone))
    return alone


def _joined(work: Path, parts: list[Path], target: Path) -> None:
    (work / "list.txt").write_text("".join(f"file '{part}'\n" for part in parts))
    _ffmpeg("-f", "concat", "-safe", "0", "-i", str(work / "list.txt"), "-c", "copy", str(target))


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


if __name__ == "__main__":
    main()
