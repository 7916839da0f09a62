"""How well edits of whole videos are named and placed, and how often an honest copy is called edited.

    python -m benchmarks.verify.video_edits FOLDER [--aspect 16:9] [--videos N] [--only edits|copies|pairs]
        [--seconds S] [--again KIND...]

FOLDER keeps the renditions that `renditions` makes once, and in `rows.jsonl` what was found, so that a run
that ends after S seconds is gone on with by the next. Each video is edited in ten ways by FFmpeg at a random
place, encoded with x264 at CRF 23 to 28 and AAC at 80 kbit/s, and verified with the records of all of
them. An edit counts as named if exactly its kind was found, and as placed if its place lies within half a
second; of a re-dub, seconds of the sound track are counted, too. Then come copies as platforms make them, in
which any finding counts as false, and pairs: the motion of each video beside the records of the others, as if
it carried their marks.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.verify.edited_videos import VIDEO, Edited, chains, edits
from benchmarks.verify.renditions import SECRET, YEAR, KeptRendition, renditions
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.evidence.signals import PictureState
from provenance.verify.picture_answer import compare_picture
from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verdict.timeline import FindingKind, findings_of
from provenance.verify.verdict.track_parts import track_parts
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark import WatermarkKey
from provenance.watermark.coding.payload import VERSION

WITHIN_S = 0.5
STEP_S = 0.01
LEAST = 8  # renditions, so that each has another of the same portrait


@dataclass(frozen=True)
class Row:
    """What was found in one file. `right_s` of `sound_s`: seconds of a re-dubbed sound that are told."""

    number: int
    group: str
    kind: str
    is_named: bool
    is_placed: bool
    is_compared: bool
    told: str
    right_s: float = 0.0
    sound_s: float = 0.0


def _ffmpeg(inputs: list[Path], arguments: tuple[str, ...], output: Path) -> Path:
    sources = [part for path in inputs for part in ("-i", str(path))]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-threads", "1", *sources, *arguments, str(output)], check=True
    )
    return output


def checker(videos: list[KeptRendition], readers: Readers) -> Callable[[Path], Verdict]:
    """Verifies with the records of all videos, as the service does."""
    watermarks = BundledWatermarks(
        SECRET,
        [IssuedWatermark(one.record.watermark_id, YEAR, VERSION, one.content_prints) for one in videos],
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


def _edited(
    number: int, videos: list[KeptRendition], skip: set[tuple[int, str, str]], work: Path
) -> Iterator[tuple[str, Edited, Path]]:
    """The files edited from one video, but those to skip."""
    video, draw = videos[number], random.Random(number)
    twins = [one for one in videos if one.portrait == video.portrait and one is not video]
    others = twins[:1] + [one for one in videos if one.portrait != video.portrait]
    for kind, edit in edits(video, others, draw).items():
        encoder = (*VIDEO, "-crf", str(draw.randint(23, 28)), "-c:a", "aac", "-b:a", "80k")
        if (number, "edit", kind) not in skip:
            path = work / "edited.mp4"
            yield kind, edit, _ffmpeg([video.path, *edit.inputs], (*edit.arguments, *encoder), path)


def _copies(
    number: int, video: KeptRendition, skip: set[tuple[int, str, str]], work: Path
) -> Iterator[tuple[str, Path]]:
    for kind, steps in chains(random.Random(number)).items():
        if (number, "copy", kind) in skip:
            continue
        source = video.path
        for place, step in enumerate(steps):
            suffix = "webm" if "libvpx-vp9" in step else "mp4"
            source = _ffmpeg([source], step, work / f"copy{place}.{suffix}")
        yield kind, source


def _row(number: int, kind: str, edit: Edited, verdict: Verdict) -> Row:
    found = findings_of(verdict.signals)
    is_named = [one.kind for one in found] == [edit.kind]
    is_placed = is_named and (
        edit.place is None
        or max(abs(found[0].start_s - edit.place[0]), abs(found[0].end_s - edit.place[1])) <= WITHIN_S
    )
    right_s = sound_s = 0.0
    if edit.kind is FindingKind.REDUBBED and edit.place is not None:
        parts = track_parts("sound", verdict.signals, found)
        sound_s = verdict.signals.sound.duration_s
        moments = np.arange(0, sound_s, STEP_S)
        told = sum(
            ((one.start_s <= moments) & (moments < one.end_s)) * (one.state == "other") for one in parts
        )
        truth = (edit.place[0] <= moments) & (moments < edit.place[1])
        right_s = float((np.asarray(told, bool) == truth).sum() * STEP_S)
    is_compared = verdict.signals.picture.state is not PictureState.NOT_COMPARED
    return Row(number, "edit", kind, is_named, is_placed, is_compared, _told(verdict), right_s, sound_s)


def _rows(
    videos: list[KeptRendition], first: int, last: int, only: str | None, done: set[tuple[int, str, str]]
) -> Iterator[Row]:
    readers = Readers(1)
    check = checker(videos, readers)
    with tempfile.TemporaryDirectory() as name:
        for number in range(first, last):
            for kind, edit, path in _edited(number, videos, done, Path(name)) if only != "copies" else ():
                yield _row(number, kind, edit, check(path))
            for kind, path in _copies(number, videos[number], done, Path(name)) if only != "edits" else ():
                verdict = check(path)
                is_false = bool(findings_of(verdict.signals))
                is_compared = verdict.signals.picture.state is not PictureState.NOT_COMPARED
                yield Row(number, "copy", kind, not is_false, not is_false, is_compared, _told(verdict))
    readers.close()


def main() -> None:
    """Make the files, verify them, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--aspect", default="1:1")
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", choices=("edits", "copies", "pairs"))
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--again", nargs="*", default=[], help="kinds that are made and verified anew")
    chosen = parser.parse_args()
    until = time.monotonic() + chosen.seconds
    last = chosen.first + chosen.videos
    videos = renditions(chosen.folder, max(LEAST, last), chosen.aspect)
    if chosen.only == "pairs":
        pairs(videos, Readers(1))
        return
    table = chosen.folder / "rows.jsonl"
    lines = table.read_text().splitlines() if table.exists() else []
    read = [Row(**json.loads(line)) for line in lines]
    rows = list(
        {(one.number, one.group, one.kind): one for one in read if one.kind not in chosen.again}.values()
    )
    if chosen.again:
        table.write_text("".join(json.dumps(asdict(one)) + "\n" for one in rows))
    done = {(one.number, one.group, one.kind) for one in rows}
    with table.open("a") as file:
        for row in _rows(videos, chosen.first, last, chosen.only, done):
            rows.append(row)
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()
            if time.monotonic() > until:
                break
    _print(rows)


def _print(rows: list[Row]) -> None:
    for group, title in (
        ("edit", "| edit | exactly its kind | and its place |"),
        ("copy", "| honest copy | called edited | picture compared |"),
    ):
        of_group = [one for one in rows if one.group == group]
        for one in of_group:
            if not one.is_placed:
                print(f"    {one.number} {one.kind}: {one.told}")
        print(f"{title}\n|---|---|---|")
        for kind in [*dict.fromkeys(one.kind for one in of_group), "all"]:
            of_kind = [one for one in of_group if kind in {one.kind, "all"}]
            first = sum(one.is_named if group == "edit" else not one.is_named for one in of_kind)
            second = sum(one.is_placed if group == "edit" else one.is_compared for one in of_kind)
            print(f"| {kind} | {first} of {len(of_kind)} | {second} |")
    told = [one for one in rows if one.sound_s]
    if told:
        right_s, sound_s = sum(one.right_s for one in told), sum(one.sound_s for one in told)
        print(f"re-dubbed sounds: {right_s:.1f} of {sound_s:.1f} seconds told ({right_s / sound_s:.3f})")


def _told(verdict: Verdict) -> str:
    picture, sound = verdict.signals.picture, verdict.signals.sound
    found = [
        f"{one.kind}{'' if len(one.tracks) == 2 else '/' + one.tracks[0]} {one.start_s:.2f}-{one.end_s:.2f}"
        for one in findings_of(verdict.signals)
    ]
    return f"{verdict.kind.value} picture {picture.state}, sound {sound.state}: {found}"


if __name__ == "__main__":
    main()
