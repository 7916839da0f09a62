"""How the live check judges honest recordings and ten kinds of attack.

    python -m benchmarks.consent.live_check [--part honest|attacks|faces|register]
        [--honest 8] [--attacked 2] [--first 0] [--people FOLDER ...] [--keep FILE] [--seconds S]

Prints each recording's warnings and a line for each kind. Nobody real is in it: faces and voices are made
(`live_recordings`). Each honest recording is looked at through one camera, in turn; FOLDER has portraits of
more people who do not exist. With FILE what was found is kept there, and a run goes on where one before
ended, if need be after S seconds; begin a new file when the checks change. `faces` compares descriptors
alone: distances between pictures of one of the cast under other light, sharpness and turn, and between two
of them. `register` has honest recordings register a face, and compares it with the portraits of its person
and of the others.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.consent.cameras import Camera, cameras
from benchmarks.consent.live_recordings import (
    KEY,
    Recording,
    attacks,
    honest,
    pairs,
    write,
)
from benchmarks.rendering.portraits import both, portraits, posed
from generation.animation import Animator, MotionTrack
from generation.animation.face.face_descriptor import describe_face
from generation.animation.face.landmarks import detect_faces
from generation.live_check.judging import (
    MOST_DISTANCE,
    Sound,
    describe_portrait,
    judge,
    judge_file,
    listen,
    sound_of,
    watch_file,
)
from generation.live_check.report import LiveWarning, RecordingReport, RecordingRequest
from generation.live_check.watching import Watched
from provenance.verify.reader.watermark_search import search_watermark


class KeptWarnings:
    """Warnings by part and number of the recording, kept in a file that a later run goes on with."""

    def __init__(self, path: Path | None, seconds: float) -> None:
        self._path, self._until = path, time.monotonic() + seconds
        lines = path.read_text().splitlines() if path is not None and path.exists() else []
        self._found: dict[tuple[str, int], list[Mapping[str, Sequence[str]]]] = {
            (part, number): found for part, number, found in map(json.loads, lines)
        }

    @property
    def is_over(self) -> bool:
        """Whether the time of this run is over."""
        return time.monotonic() > self._until

    def has(self, part: str, number: int) -> bool:
        """Whether a recording was judged."""
        return (part, number) in self._found

    def keep(self, part: str, number: int, found: list[Mapping[str, Sequence[str]]]) -> None:
        """Remember what was found of a recording."""
        self._found[part, number] = found
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps((part, number, found)) + "\n")

    def of(self, part: str) -> Iterator[Mapping[str, Sequence[str]]]:
        """All that was found of a part."""
        return (one for (of, _), found in self._found.items() if of == part for one in found)


def judged(recording: Recording, folder: Path, camera: Camera, seen: set[str]) -> RecordingReport:
    """The report on a recording as the service would make it, in this process."""
    source, portrait = folder / f"recording{camera.suffix}", folder / "portrait.png"
    write(source, recording, camera)
    cv2.imwrite(str(portrait), cv2.cvtColor(recording.portrait, cv2.COLOR_RGB2BGR))
    asked = recording.phrase
    report = judge_file(RecordingRequest(source, portrait, asked.words, asked.language, asked.turn, ()))
    found = list(report.warnings)
    extraction = search_watermark(source, [KEY.secret]).extraction
    if extraction is not None and any(reading.payload is not None for reading in extraction.readings):
        found.append(LiveWarning.OWN_VIDEO)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if digest in seen:
        found.append(LiveWarning.SEEN_BEFORE)
    seen.add(digest)
    return RecordingReport(
        tuple(found),
        report.duration_s,
        report.distance,
        report.words_heard,
        report.turned,
        report.parallax,
        report.lips,
    )


def attacked(
    recording: Recording,
    folder: Path,
    heard: dict[tuple[int, tuple[str, ...]], Sound],
    watched: dict[int, Watched],
) -> RecordingReport:
    """The same for one of many attacks on a request: each sound is heard once for each phrase (`heard`), the
    same frames are watched once (`watched`), and our mark is looked for only in the recording that has it.
    """
    source = folder / "recording.mp4"
    write(source, recording, cameras()["clear"])
    phrase = recording.phrase
    key = id(recording.sound), phrase.words
    if key not in heard:
        heard[key] = listen(*sound_of(source), words=phrase.words, language=phrase.language)
    if id(recording.frames) not in watched:
        watched[id(recording.frames)] = watch_file(source)
    seen = watched[id(recording.frames)]
    report = judge(seen, heard[key], describe_portrait(recording.portrait), turn=phrase.turn)
    if not recording.is_marked:
        return report
    extraction = search_watermark(source, [KEY.secret]).extraction
    is_read = extraction is not None and any(reading.payload for reading in extraction.readings)
    return replace(report, warnings=(*report.warnings, *[LiveWarning.OWN_VIDEO] * is_read))


def told(what: str, report: RecordingReport) -> None:
    """One line."""
    distance = "-" if report.distance is None else f"{report.distance:.2f}"
    print(
        f"{what:34} distance {distance} turn {report.turned:4.1f} parallax {report.parallax:.3f} "
        f"lips {report.lips:5.2f} words {report.words_heard}  {' '.join(report.warnings) or '-'}",
        flush=True,
    )


def of_honest(numbers: Sequence[int], folder: Path, kept: KeptWarnings, people: Sequence[Path]) -> None:
    """Honest recordings, each through one of the cameras in turn."""
    lenses = list(cameras().items())
    left = [number for number in numbers if not kept.has("honest", number)]
    for number, recording in zip(left, honest(left, people), strict=False):
        if kept.is_over:
            break
        name, camera = lenses[number % len(lenses)]
        report = judged(recording, folder, camera, set())
        told(f"{number} {recording.name} {recording.phrase.language} {name}", report)
        kept.keep("honest", number, [{name: report.warnings}])
    flagged: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for name, warnings in (item for one in kept.of("honest") for item in one.items()):
        seen[name] += 1
        flagged.update([*warnings, *["any"] * bool(warnings)])
    print(f"honest: {flagged['any']} of {seen.total()} flagged {dict(flagged)}; cameras {dict(seen)}")


def of_attacks(numbers: Sequence[int], folder: Path, kept: KeptWarnings) -> None:
    """Each kind of attack on the requests of pairs of recordings, two of each."""
    left = [number for number in numbers if not kept.has("attacks", number)]
    for number in left:
        if kept.is_over:
            break
        pair, (other, _) = pairs((number, number + 1))  # the next is somebody else
        found = []
        for one, third in (pair, pair[::-1]):
            heard: dict[tuple[int, tuple[str, ...]], Sound] = {}
            watched: dict[int, Watched] = {}
            reports = {
                kind: attacked(recording, folder, heard, watched)
                for kind, recording in attacks(one, third, other).items()
            }
            own = attacked(one, folder, heard, watched)  # the file that came before
            reports["replayed"] = replace(own, warnings=(*own.warnings, LiveWarning.SEEN_BEFORE))
            for kind, report in reports.items():
                told(f"{one.name} {one.phrase.language}: {kind}", report)
            found.append({kind: report.warnings for kind, report in reports.items()})
        kept.keep("attacks", number, found)
    tried: dict[str, list[Sequence[str]]] = {}
    for one in kept.of("attacks"):
        for kind, warnings in one.items():
            tried.setdefault(kind, []).append(warnings)
    for kind, all_warnings in tried.items():
        counted = Counter(code for warnings in all_warnings for code in warnings)
        print(f"{kind}: {sum(map(bool, all_warnings))} of {len(all_warnings)} flagged {dict(counted)}")


def of_faces() -> None:
    """Distances between descriptors of one person, and of two."""
    animator = Animator.load(device="cpu")
    described: dict[str, list[np.ndarray]] = {}
    for name, picture in portraits():
        fitted = animator.fit(picture)
        views = []
        for yaw, pitch in itertools.product((-20, 0, 20), (-6, 6)):
            actions, pose, gaze = posed(both("mouthSmile", 0.5), (yaw, pitch))
            track = MotionTrack(fps=25, actions=actions[None], head_pose=pose[None], gaze=gaze[None])
            views += list(animator.render(fitted, track, size=256))
        changed = [view for frame in views for view in _changed(frame)]
        found = [(image, detect_faces(image)) for image in [picture, *changed]]
        described[name] = [describe_face(image, faces[0].points) for image, faces in found if faces]
    same = [np.linalg.norm(d - own[0]) for own in described.values() for d in own[1:]]
    other = [
        np.linalg.norm(d - described[a][0])
        for a, b in itertools.permutations(described, 2)
        for d in described[b]
    ]
    for what, values in (("one person", np.array(same)), ("two people", np.array(other))):
        print(
            f"{what}: n {len(values)}, least {values.min():.2f}, median {np.median(values):.2f}, "
            f"most {values.max():.2f}, over {MOST_DISTANCE}: {(values > MOST_DISTANCE).mean():.4f}, "
            f"over 0.45: {(values > 0.45).mean():.4f}"
        )


def of_register(count: int, first: int, folder: Path) -> None:
    """Distances between faces that were registered by honest recordings and the cast's portraits."""
    described = {name: describe_portrait(picture) for name, picture in portraits()}
    same, other = [], []
    for recording in honest(range(first, first + count)):
        for camera in ("clear", "dark", "soft"):
            lens = cameras()[camera]
            source, asked = folder / "recording.mp4", recording.phrase
            write(source, recording, lens)
            report = judge_file(RecordingRequest(source, None, asked.words, asked.language, asked.turn, ()))
            face = np.array(report.descriptor)
            distances = {name: float(np.linalg.norm(face - one)) for name, one in described.items()}
            same.append(distances.pop(recording.name))
            other += distances.values()
            print(
                f"{recording.name} {camera} own {same[-1]:.2f} others "
                + " ".join(f"{distance:.2f}" for distance in distances.values()),
                *report.warnings,
                flush=True,
            )
    for what, values in (("its person's portrait", np.array(same)), ("another's portrait", np.array(other))):
        print(
            f"{what}: n {len(values)}, least {values.min():.2f}, median {np.median(values):.2f}, "
            f"most {values.max():.2f}, over {MOST_DISTANCE}: {(values > MOST_DISTANCE).mean():.4f}"
        )


def _changed(frame: np.ndarray) -> list[np.ndarray]:
    """A frame under five other lights, sizes and sharpnesses."""
    noise = np.random.default_rng(0).normal(0, 10, frame.shape)
    ramp = np.linspace(0.35, 1.3, frame.shape[1])[None, :, None]
    small = cv2.resize(frame, (160, 160), interpolation=cv2.INTER_AREA)
    coded = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR)
    return [
        np.clip(values, 0, 255).astype(np.uint8)
        for values in (frame, frame * 0.4 + noise, frame * ramp, frame * [1.1, 0.95, 0.75], coded)
    ]


def main() -> None:
    """Measure one part or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("honest", "attacks", "faces", "register"))
    parser.add_argument("--honest", type=int, default=8)
    parser.add_argument("--attacked", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--people", type=Path, nargs="*", default=[])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = KeptWarnings(chosen.keep, chosen.seconds)
        if chosen.part in {None, "honest"}:
            numbers = range(chosen.first, chosen.first + chosen.honest)
            of_honest(numbers, Path(folder), kept, chosen.people)
        if chosen.part in {None, "attacks"}:
            of_attacks(range(chosen.first, chosen.first + chosen.attacked), Path(folder), kept)
        if chosen.part in {None, "register"}:
            of_register(chosen.honest, chosen.first, Path(folder))
    if chosen.part in {None, "faces"}:
        of_faces()


if __name__ == "__main__":
    main()
