"""Eight seconds of ours in ten minutes of something else: found, or are the unseen seconds named?

    python -m benchmarks.verify.long_files FOLDER FILLER [--pieces N] [--size 1280x720]

FOLDER keeps renditions as `renditions` makes them; FILLER is any video without a mark, of a few seconds or
more, which is repeated to ten minutes at 25 frames a second (x264, a key frame every 250 frames at least).
Into it goes, at a random place, a random eight seconds of a rendition, letterboxed or filling the frame;
half of the pieces begin without a key frame of their own. Each file is verified with the records of all.
Prints whether the video was named, and whether it is when the eight seconds come by themselves, at which
seconds, how far apart the places were that were looked at, and processor seconds of the reader. The last file
is the filler alone.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import tempfile
from pathlib import Path

from benchmarks.verify.renditions import FPS, SECONDS, SECRET, YEAR, KeptRendition, renditions
from provenance.manifest import development_ca
from provenance.manifest.trust import TrustStore
from provenance.verify.reader import watermark_search
from provenance.verify.reader.inspect import inspect, preload
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark.coding.payload import VERSION

MINUTES, PIECE_S, AROUND_S = 10, 8, 11
_KEYS = ("-g", "250", "-bf", "2", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p")


def main() -> None:
    """Make the files one by one, verify them, print a row for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("filler", type=Path)
    parser.add_argument("--pieces", type=int, default=6)
    parser.add_argument("--size", default="1280x720")
    arguments = parser.parse_args()
    kept = renditions(arguments.folder, 20)
    draw = random.Random(1)
    watermark_search.MOST_WALL_S = 600.0  # processor time counts here, also on a busy machine
    preload()
    print("| piece | key frame of its own | named | by itself | seconds | widest gap, s | reader, CPU s |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        trust = TrustStore(development_ca.create(work / "authority").root_pem)
        filler = _filler(work, arguments.filler, arguments.size)
        for number in range(arguments.pieces):
            video, at = draw.choice(kept), draw.uniform(AROUND_S, MINUTES * 60 - PIECE_S - AROUND_S)
            has_key, is_box = number % 2 == 0, number % 4 < 2
            path = _with_piece(work, filler, video, at, has_key=has_key, is_box=is_box, size=arguments.size)
            verdict, spent = _verified(path, kept, trust)
            named = verdict.record is not None and verdict.record.rendition_id == video.record.rendition_id
            found = [part for part in verdict.signals.mark.parts if part.state == "found"]
            where = ", ".join(f"{part.start_s:.0f}-{part.end_s:.0f}" for part in found)
            title = f"{at:.0f}-{at + PIECE_S:.0f} s, {'box' if is_box else 'fills the frame'}"
            alone, _ = _verified(_cut_out(work, path, at), kept, trust)
            row = (
                title,
                has_key,
                named,
                alone.record is not None,
                where,
                f"{_gap(verdict):.0f}",
                f"{spent:.1f}",
            )
            print("|", " | ".join(map(str, row)), "|", flush=True)
        verdict, spent = _verified(filler, kept, trust)
        print(f"| none | | {verdict.record is not None} | | | {_gap(verdict):.0f} | {spent:.1f} |")
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


def _filler(work: Path, source: Path, size: str) -> Path:
    width, height = size.split("x")
    fitted = f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},fps={FPS}"
    once, whole = work / "once.ts", work / "filler.mp4"
    _ffmpeg("-stream_loop", "-1", "-i", str(source), "-t", "60", "-an", "-vf", fitted, *_KEYS, str(once))
    _joined(work, [once] * MINUTES, whole)
    return whole


def _with_piece(
    work: Path, filler: Path, video: KeptRendition, at: float, *, has_key: bool, is_box: bool, size: str
) -> Path:
    """The filler with a piece put into it; only what is around the piece is encoded anew."""
    width, height = size.split("x")
    begin = random.Random(at).uniform(0, SECONDS - PIECE_S)
    shape = (
        f"scale=-2:{height},pad={width}:{height}:(ow-iw)/2:0"
        if is_box
        else f"scale={width}:-2,crop={width}:{height}"
    )
    left, right, middle = work / "left.ts", work / "right.ts", work / "middle.ts"
    start, end = at - AROUND_S, at + PIECE_S + AROUND_S
    _ffmpeg("-i", str(filler), "-t", f"{start}", "-c", "copy", str(left))
    _ffmpeg("-ss", f"{end}", "-i", str(filler), "-c", "copy", str(right))
    graph = (
        f"[0:v]trim={start}:{at},setpts=PTS-STARTPTS[a];"
        f"[0:v]trim={at + PIECE_S}:{end},setpts=PTS-STARTPTS[c];"
        f"[1:v]trim={begin}:{begin + PIECE_S},setpts=PTS-STARTPTS,{shape},setsar=1[b];[a][b][c]concat=n=3:a=0"
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
