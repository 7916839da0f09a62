"""How well edits of whole videos are named and placed, and how often an honest copy is called edited.

    python -m benchmarks.verify.video_edits FOLDER [--videos N] [--only edits|copies|pairs] [--first N]

FOLDER keeps the renditions that `renditions` makes once. Each is edited in ten ways by FFmpeg at a random
place, encoded with x264 at CRF 23 to 28 and AAC at 64 to 96 kbit/s, and verified with the records of all of
them. An edit counts as named if exactly its kind was found, and as placed if its place lies within half a
second. Then come copies as platforms make them, in which any finding counts as false, and pairs: the motion
of each video beside the records of the others, as if it carried their marks.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.verify.renditions import FPS, SECONDS, SECRET, YEAR, KeptRendition, renditions
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.evidence.signals import PictureState
from provenance.verify.picture_answer import compare_picture
from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verdict.timeline import FindingKind, findings_of
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks
from provenance.watermark import WatermarkKey

WITHIN_S = 0.5
_VIDEO = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Edited:
    """FFmpeg's arguments between inputs and output, the kind to be found and its place, None for all."""

    arguments: tuple[str, ...]
    kind: FindingKind
    place: tuple[float, float] | None
    inputs: tuple[Path, ...] = ()


def edits(video: KeptRendition, others: list[KeptRendition], draw: random.Random) -> dict[str, Edited]:
    """The ten edits of one video; `others` are other performances, the first of the same portrait."""
    at = round(draw.uniform(1.5, SECONDS - 4.0), 2)
    long = round(draw.uniform(0.6, 2.0), 2)
    end = round(at + long, 2)
    foreign, twin = draw.choice(others).path, others[0].path
    tempo = draw.choice((0.8, 0.85, 0.9, 1.1, 1.15, 1.25, 1.5))
    return {
        "swap": Edited(("-map", "0:v", "-map", "1:a"), FindingKind.SWAPPED, None, (foreign,)),
        "re-dub": Edited(
            (
                "-filter_complex",
                (
                    f"[0:a]asplit[p][q];[p]atrim=0:{at},asetpts=PTS-STARTPTS[x];"
                    f"[1:a]atrim=1:{1 + long},asetpts=PTS-STARTPTS[y];"
                    f"[q]atrim={end},asetpts=PTS-STARTPTS[z];[x][y][z]concat=n=3:v=0:a=1[a]"
                ),
                *("-map", "0:v", "-map", "[a]"),
            ),
            FindingKind.REDUBBED,
            (at, end),
            (foreign,),
        ),
        "cut": Edited(_joined([("0", 0, at), ("0", end, SECONDS)]), FindingKind.CUT, (at, at)),
        "insert": Edited(
            _joined([("0", 0, at), ("1", 2, 2 + long), ("0", at, SECONDS)]),
            FindingKind.INSERTED,
            (at, end),
            (foreign,),
        ),
        "reorder": Edited(
            _joined([("0", 0, at), ("0", end, end + 2), ("0", at, end), ("0", end + 2, SECONDS)])
            if end + 2 < SECONDS - 1 and long >= 1.2
            else _joined([("0", 5, SECONDS), ("0", 0, 5)]),
            FindingKind.REORDERED,
            None,
        ),
        "reverse": Edited(("-vf", "reverse", "-af", "areverse"), FindingKind.REVERSED, None),
        "speed": Edited(
            ("-vf", f"setpts=PTS/{tempo},fps={FPS}", "-af", f"atempo={tempo}"), FindingKind.SPEED, None
        ),
        "mute": Edited(("-af", f"volume=0:enable='between(t,{at},{end})'"), FindingKind.MUTED, (at, end)),
        "mouth": Edited(_mouth(video, at, end), FindingKind.MOUTH_REPLACED, (at, end), (twin,)),
        "second track": Edited(
            (
                "-map",
                "0:v",
                "-map",
                "0:a",
                "-map",
                "1:a",
                *draw.choice(((), ("-disposition:a:0", "0", "-disposition:a:1", "default"))),
            ),
            FindingKind.SECOND_TRACK,
            None,
            (foreign,),
        ),
    }


def _joined(pieces: list[tuple[str, float, float]]) -> tuple[str, ...]:
    """Pieces of picture and sound one after the other: the input, from, to."""
    graph, ends = [], []
    for number, (source, start, end) in enumerate(pieces):
        graph.append(f"[{source}:v]trim={start}:{end},setpts=PTS-STARTPTS[v{number}]")
        graph.append(f"[{source}:a]atrim={start}:{end},asetpts=PTS-STARTPTS[a{number}]")
        ends.append(f"[v{number}][a{number}]")
    graph.append(f"{''.join(ends)}concat=n={len(pieces)}:v=1:a=1[v][a]")
    return ("-filter_complex", ";".join(graph), "-map", "[v]", "-map", "[a]")


def _mouth(video: KeptRendition, at: float, end: float) -> tuple[str, ...]:
    """The lower face of another performance of the same portrait in place of ours, with soft edges."""
    x, y, width, height = 166, 256, 142, 104
    soft = "geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*min(1,min(min(X,W-1-X),min(Y,H-1-Y))/12)'"
    return (
        "-filter_complex",
        (
            f"[1:v]crop={width}:{height}:{x}:{y},format=yuva420p,{soft}[m];"
            f"[0:v][m]overlay={x}:{y}:enable='between(t,{at},{end})'[v]"
        ),
        *("-map", "[v]", "-map", "0:a"),
    )


def chains(draw: random.Random) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Honest copies: FFmpeg's arguments, one step after the other."""

    def audio(*options: str) -> tuple[str, ...]:
        return ("-c:a", *options)

    crf = str(draw.randint(28, 35))
    return {
        "CRF 28, AAC 64k": ((*_VIDEO, "-crf", "28", *audio("aac", "-b:a", "64k")),),
        "CRF 35, AAC 32k": ((*_VIDEO, "-crf", "35", *audio("aac", "-b:a", "32k")),),
        "360p CRF 30, AAC 48k 22 kHz": (
            ("-vf", "scale=360:360", *_VIDEO, "-crf", "30", *audio("aac", "-b:a", "48k", "-ar", "22050")),
        ),
        "Opus 24k, VP9": (
            (
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-crf",
                "38",
                "-b:v",
                "0",
                *audio("libopus", "-b:a", "24k"),
            ),
        ),
        "AAC 24k 16 kHz": (
            (*_VIDEO, "-crf", "30", *audio("aac", "-b:a", "24k", "-ar", "16000", "-ac", "1")),
        ),
        "30 frames/s": (("-vf", "fps=30", *_VIDEO, "-crf", crf, *audio("aac", "-b:a", "64k")),),
        "15 frames/s": (("-vf", "fps=15", *_VIDEO, "-crf", "30", *audio("aac", "-b:a", "64k")),),
        "720 px, then 360 px": (
            ("-vf", "scale=720:720", *_VIDEO, "-crf", "30", *audio("aac", "-b:a", "64k")),
            ("-vf", "scale=360:360", *_VIDEO, "-crf", crf, *audio("libmp3lame", "-b:a", "64k")),
        ),
        "brighter, sharper, -6 dB": (
            (
                "-vf",
                "eq=brightness=0.06:contrast=1.15,unsharp",
                "-af",
                "volume=-6dB",
                *_VIDEO,
                "-crf",
                "28",
                *audio("aac", "-b:a", "64k"),
            ),
        ),
    }


def _ffmpeg(inputs: list[Path], arguments: tuple[str, ...], output: Path) -> Path:
    sources = [part for path in inputs for part in ("-i", str(path))]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-threads", "1", *sources, *arguments, str(output)], check=True
    )
    return output


def checker(videos: list[KeptRendition], readers: Readers) -> Callable[[Path], Verdict]:
    """Verifies with the records of all videos, as the service does."""
    watermarks = BundledWatermarks(
        SECRET, [(YEAR, one.record.watermark_id, one.content_prints) for one in videos]
    )

    def check(path: Path) -> Verdict:
        return verify_file(
            path,
            trust=TrustStore(""),
            watermarks=watermarks,
            find=lambda field, value: next(
                (one.record for one in videos if getattr(one.record, field) == value), None
            ),
            read=readers.read,
        )

    return check


def pairs(videos: list[KeptRendition], readers: Readers) -> None:
    """How often the motion of one video is told from that of another, by whether the portrait is the same."""
    secret = WatermarkKey(SECRET).for_year(YEAR).secret
    answers: dict[str, list[bool]] = {"the same portrait": [], "another portrait": []}
    for found in videos:
        report = readers.read(ReadJob(found.path, "video", "video/mp4", TrustStore(""), (secret,)))
        motion = report.watermark.motion if report.watermark else None
        for other in videos:
            if other is found or motion is None:
                continue
            carried = replace(motion, watermark_id=int(other.record.watermark_id, 16))
            is_told = compare_picture(carried, other.record).state is PictureState.OTHER
            kind = "the same portrait" if other.portrait == found.portrait else "another portrait"
            answers[kind].append(is_told)
    print("| performances of | told from each other |\n|---|---|")
    for kind, rows in answers.items():
        print(f"| {kind} | {sum(rows)} of {len(rows)} |")


def main() -> None:
    """Make the files, verify them, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", choices=("edits", "copies", "pairs"))
    chosen = parser.parse_args()
    videos = renditions(chosen.folder, max(20, chosen.first + chosen.videos))
    readers = Readers(1)
    if chosen.only in {None, "pairs"}:
        pairs(videos, readers)
    check = checker(videos, readers)
    named: dict[str, list[bool]] = {}
    placed: dict[str, list[bool]] = {}
    alarms: dict[str, list[bool]] = {}
    compared: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory() as name:
        for number in range(chosen.first, chosen.first + chosen.videos):
            video, draw = videos[number], random.Random(number)
            twins = [one for one in videos if one.portrait == video.portrait and one is not video]
            others = twins[:1] + [one for one in videos if one.portrait != video.portrait]
            for kind, edit in edits(video, others, draw).items() if chosen.only in {None, "edits"} else ():
                output = Path(name) / "edited.mp4"
                encoder = (*_VIDEO, "-crf", str(draw.randint(23, 28)), "-c:a", "aac", "-b:a", "80k")
                _ffmpeg([video.path, *edit.inputs], (*edit.arguments, *encoder), output)
                verdict = check(output)
                found = findings_of(verdict.signals)
                is_named = [one.kind for one in found] == [edit.kind]
                is_placed = is_named and (
                    edit.place is None
                    or max(abs(found[0].start_s - edit.place[0]), abs(found[0].end_s - edit.place[1]))
                    <= WITHIN_S
                )
                named.setdefault(kind, []).append(is_named)
                placed.setdefault(kind, []).append(is_placed)
                if not is_placed:
                    print(f"    {number} {kind} {edit.place}: {_told(verdict)}", flush=True)
            for kind, steps in chains(draw).items() if chosen.only in {None, "copies"} else ():
                source = video.path
                for place, step in enumerate(steps):
                    suffix = "webm" if "libvpx-vp9" in step else "mp4"
                    source = _ffmpeg([source], step, Path(name) / f"copy{place}.{suffix}")
                verdict = check(source)
                is_false = bool(findings_of(verdict.signals))
                alarms.setdefault(kind, []).append(is_false)
                compared.setdefault(kind, []).append(verdict.signals.picture.state != "not_compared")
                if is_false or not compared[kind][-1]:
                    print(f"    {number} {kind}: {_told(verdict)}", flush=True)
    readers.close()
    if named:
        print("| edit | exactly its kind | and its place |\n|---|---|---|")
        for kind, rows in named.items():
            print(f"| {kind} | {sum(rows)} of {len(rows)} | {sum(placed[kind])} |")
        both = [sum(sum(row) for row in table.values()) for table in (named, placed)]
        print(f"| all | {both[0]} of {sum(map(len, named.values()))} | {both[1]} |")
    if alarms:
        print("| honest copy | called edited | picture compared |\n|---|---|---|")
        for kind, rows in alarms.items():
            print(f"| {kind} | {sum(rows)} of {len(rows)} | {sum(compared[kind])} |")


def _told(verdict: Verdict) -> str:
    picture, sound = verdict.signals.picture, verdict.signals.sound
    found = [
        f"{one.kind}{'' if len(one.tracks) == 2 else '/' + one.tracks[0]} {one.start_s:.2f}-{one.end_s:.2f}"
        for one in findings_of(verdict.signals)
    ]
    return f"{verdict.kind.value} picture {picture.state}, sound {sound.state}: {found}"


if __name__ == "__main__":
    main()
