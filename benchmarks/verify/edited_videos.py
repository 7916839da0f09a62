"""Ten ways to edit a video of ours, and copies that nobody edited, as FFmpeg's arguments."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify.renditions import FPS, SECONDS, KeptRendition
from provenance.fingerprints.motion.fingerprint import MouthBox
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.verify.verdict.timeline import FindingKind

VIDEO = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
_LOWER_FACE = 1.7  # of the mouth's box, to either side of its middle


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
    motion = RecordFingerprints.from_bytes(video.record.fingerprints).motion
    assert motion is not None
    assert motion.mouth is not None
    x, y, width, height = _lower_face(motion.mouth, *motion.size)
    soft = "geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*min(1,min(min(X,W-1-X),min(Y,H-1-Y))/12)'"
    return (
        "-filter_complex",
        (
            f"[1:v]crop={width}:{height}:{x}:{y},format=yuva420p,{soft}[m];"
            f"[0:v][m]overlay={x}:{y}:enable='between(t,{at},{end})'[v]"
        ),
        *("-map", "[v]", "-map", "0:a"),
    )


def _lower_face(mouth: MouthBox, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height in even pixels of a box about the mouth, within the picture."""
    sides = []
    for low, high, length in ((mouth.left, mouth.right, width), (mouth.top, mouth.bottom, height)):
        middle, reach = (low + high) / 2, _LOWER_FACE * (high - low) / 2
        first, last = max(0.0, middle - reach) * length, min(1.0, middle + reach) * length
        sides.append((2 * round(first / 2), 2 * round((last - first) / 2)))
    (x, across), (y, down) = sides
    return x, y, across, down


def chains(draw: random.Random) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Honest copies: FFmpeg's arguments, one step after the other."""

    def audio(*options: str) -> tuple[str, ...]:
        return ("-c:a", *options)

    crf = str(draw.randint(28, 35))
    return {
        "CRF 28, AAC 64k": ((*VIDEO, "-crf", "28", *audio("aac", "-b:a", "64k")),),
        "CRF 35, AAC 32k": ((*VIDEO, "-crf", "35", *audio("aac", "-b:a", "32k")),),
        "360p CRF 30, AAC 48k 22 kHz": (
            ("-vf", _shorter(360), *VIDEO, "-crf", "30", *audio("aac", "-b:a", "48k", "-ar", "22050")),
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
        "AAC 24k 16 kHz": ((*VIDEO, "-crf", "30", *audio("aac", "-b:a", "24k", "-ar", "16000", "-ac", "1")),),
        "30 frames/s": (("-vf", "fps=30", *VIDEO, "-crf", crf, *audio("aac", "-b:a", "64k")),),
        "15 frames/s": (("-vf", "fps=15", *VIDEO, "-crf", "30", *audio("aac", "-b:a", "64k")),),
        "720 px, then 360 px": (
            ("-vf", _shorter(720), *VIDEO, "-crf", "30", *audio("aac", "-b:a", "64k")),
            ("-vf", _shorter(360), *VIDEO, "-crf", crf, *audio("libmp3lame", "-b:a", "64k")),
        ),
        "brighter, sharper, -6 dB": (
            (
                "-vf",
                "eq=brightness=0.06:contrast=1.15,unsharp",
                "-af",
                "volume=-6dB",
                *VIDEO,
                "-crf",
                "28",
                *audio("aac", "-b:a", "64k"),
            ),
        ),
    }


def _shorter(side: int) -> str:
    """Scales the shorter side to as many pixels."""
    return f"scale='if(gt(iw,ih),-2,{side})':'if(gt(iw,ih),{side},-2)'"
