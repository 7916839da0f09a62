"""The timeline of a verdict as the page draws it: two tracks, what was done to them, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypedDict, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provenance.pages.verdict_labels import FINDINGS
from provenance.verify.verdict.verdict_json import (
    FindingJson,
    FrameJson,
    PointJson,
    RegionJson,
    TimelineJson,
    TrackPartJson,
    VerdictJson,
)

_TRACKS: dict[str, Promise] = {"picture": _("Picture"), "sound": _("Sound")}
_TONES = {"ours": "ok", "changed": "warn", "other": "bad", "unknown": "unknown"}
_TURNED = {"turned", "distorted"}
_WIDTH = 1000
_LEAST_WIDTH = 6
_NEARLY = 0.95
_AROUND = {"embedded"}  # findings about what lies outside of their region
_FRAME = f"M0,0H{_WIDTH}V{_WIDTH}H0Z"


class DrawnPart(TypedDict):
    x: int
    width: int
    tone: str


class DrawnTrack(TypedDict):
    name: Promise
    parts: list[DrawnPart]


class DrawnFinding(TypedDict):
    """`path`: of the area that is marked in the frame, in thousandths of it, filled by the even-odd rule;
    empty for what has no place there. `tone`: whether what is in the area is ours.
    """

    label: Promise
    sentence: str
    start_s: float
    path: str
    tone: str


class DrawnTimeline(TypedDict):
    """`cuts`: where pieces are missing. `regions`: the findings that have a place in the frame."""

    tracks: list[DrawnTrack]
    cuts: list[int]
    findings: list[DrawnFinding]
    regions: list[DrawnFinding]
    duration_s: float


class DrawnRegion(TypedDict):
    """A polygon in thousandths of the frame. `video`: which of our videos it is; empty where none is
    named.
    """

    points: str
    video: str
    start_s: float


def drawn_regions(answer: VerdictJson) -> list[DrawnRegion]:
    """Where marked pictures lie at the beginning of what shows them; none where one fills the frame, or where
    players turn it. Verdicts of earlier versions have none.
    """
    watermark = cast("Mapping[str, object]", answer["watermark"])
    if not watermark.get("frame") or any(one["finding"] in _TURNED for one in answer["reasons"]):
        return []
    regions, frame = answer["watermark"]["regions"], answer["watermark"]["frame"]
    assert frame is not None  # noqa: S101
    first: dict[str | None, RegionJson] = {}
    for region in regions:
        first.setdefault(region["rendition_id"], region)
    return [
        {
            "points": " ".join(
                f"{round(_WIDTH * at['x'] / frame['width'])},{round(_WIDTH * at['y'] / frame['height'])}"
                for at in region["polygon"]
            ),
            "video": region["rendition_id"] or "",
            "start_s": region["start_s"],
        }
        for region in first.values()
        if not _fills(region, frame)
    ]


def _fills(region: RegionJson, frame: FrameJson) -> bool:
    """Whether a picture reaches to all edges of the frame, or nearly so."""
    x, y = ([point[axis] for point in region["polygon"]] for axis in ("x", "y"))
    return max(x) - min(x) > _NEARLY * frame["width"] and max(y) - min(y) > _NEARLY * frame["height"]


def drawn_timeline(answer: VerdictJson, spoken: Callable[[str], str]) -> DrawnTimeline | None:
    """What the page draws, or None where the picture was not compared or nothing is known of the time.

    `spoken` gives a sentence in the reader's language. Verdicts of earlier versions have no timeline.
    """
    stored: Mapping[str, object] = answer
    if "timeline" not in stored:
        return None
    timeline: TimelineJson = answer["timeline"]
    duration_s, found = timeline["duration_s"], timeline["findings"]
    tracks: list[tuple[str, list[TrackPartJson]]] = [
        ("picture", timeline["picture"]),
        ("sound", timeline["sound"]),
    ]
    if not duration_s or not timeline["picture"]:
        return None
    findings = list(_findings(found, spoken))
    is_turned = any(one["finding"] in _TURNED for one in answer["reasons"])  # from how it was looked at
    return {
        "tracks": [
            {"name": _TRACKS[name], "parts": [_part(part, duration_s) for part in parts]}
            for name, parts in tracks
            if parts
        ],
        "cuts": [
            round(_WIDTH * one["start_s"] / duration_s)
            for one in timeline["findings"]
            if one["kind"] == "cut"
        ],
        "findings": findings,
        "regions": [] if is_turned else [one for one in findings if one["path"]],
        "duration_s": duration_s,
    }


def _part(part: TrackPartJson, duration_s: float) -> DrawnPart:
    start = round(_WIDTH * part["start_s"] / duration_s)
    end = round(_WIDTH * part["end_s"] / duration_s)
    return {"x": start, "width": max(_LEAST_WIDTH, end - start - 2), "tone": _TONES[part["state"]]}


def _findings(findings: list[FindingJson], spoken: Callable[[str], str]) -> Iterator[DrawnFinding]:
    for one in findings:
        region = one["region"] or []
        yield {
            "label": FINDINGS[one["kind"]],
            "sentence": spoken(one["sentence"]),
            "start_s": one["start_s"],
            "path": _path(one["kind"], region),
            # Of a picture that was cropped the frame shows what is left, and that is ours.
            "tone": "ok" if one["kind"] == "cropped" else "bad",
        }


def _path(kind: str, region: list[PointJson]) -> str:
    """The area that a finding is about: the region, or what lies around it if that was added."""
    if not region:
        return ""
    ours = "L".join(f"{round(_WIDTH * place['x'])},{round(_WIDTH * place['y'])}" for place in region)
    return f"{_FRAME if kind in _AROUND else ''}M{ours}Z"
