"""How often the pixel report calls a rendition bad: good renditions, and renditions broken on purpose.

    python -m benchmarks.service.pixel_report [FOLDER ...]

Renders the bundled portraits, and those in more folders, to recordings that nothing was trained on, as they
are, with emotions and with a lively head; then the same with a fault each: lips that stand still, skin
stretched, torn or with holes, another face, sound that is late or early. Prints for each how many were called
`quality_low`, for what, for whose portraits, and least/median/greatest of the measures.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import Image, portraits
from benchmarks.speech.recordings import Recording, held_out
from generation.animation import Animator, FittedPortrait, MotionControls, MotionTrack
from generation.animation.portrait.portrait_check import PortraitRejected
from generation.pipeline.pixel_report.report import PixelWatch

SIZE, FPS, SECONDS = 512, 25, 8.0
SHIFTS_S = {"sound late by .3 s": 0.3, "sound late by .5 s": 0.5, "sound early by .2 s": -0.2}
WAYS = (
    MotionControls(),
    MotionControls(style="lively", head_motion=1.5),
    MotionControls(emotion="happy", emotion_intensity=1.0),
    MotionControls(emotion="angry", emotion_intensity=1.0),
    MotionControls(emotion="surprised", emotion_intensity=1.0),
)
MEASURES = ("torn", "part_apart", "proportions_apart", "appearance_apart", "sound_after_picture_s")

Named = tuple[str, dict[str, Any]]  # whose portrait, and the report
Reports = dict[str, list[Named]]
Cast = dict[str, tuple[Image, FittedPortrait]]


def watched(
    animator: Animator,
    fitted: FittedPortrait,
    portrait: Image,
    ordered: MotionTrack,
    shown: MotionTrack | None = None,
) -> PixelWatch:
    """A watch before which the frames of `fitted` have passed, with another motion than ordered if given.

    Only those that are looked at are rendered; something that moves passes in place of the others.
    """
    watch, track = PixelWatch(portrait, ordered.fps, (0, len(ordered))), shown or ordered
    chosen = sorted(watch.looks_at(ordered).sample.frames)
    part = MotionTrack(track.fps, track.actions[chosen], track.head_pose[chosen], track.gaze[chosen])
    rendered = dict(zip(chosen, animator.render(fitted, part, SIZE), strict=True))
    noise = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)
    frames = (rendered.get(number, np.roll(noise, number, axis=1)) for number in range(len(track)))
    for _ in watch.watch(frames, ordered):
        pass
    return watch


def shifted(samples: NDArray[np.float32], shift: int) -> NDArray[np.float32]:
    """The samples moved later, or earlier for a negative shift, with silence where none are left."""
    silence = np.zeros(abs(shift), np.float32)
    if shift >= 0:
        return np.concatenate([silence, samples[: len(samples) - shift]])
    return np.concatenate([samples[-shift:], silence])


def still_lips(track: MotionTrack) -> MotionTrack:
    """The track with mouth and jaw at rest."""
    actions = track.actions.copy()
    actions[:, [name.startswith(("mouth", "jaw")) for name in MotionTrack.ACTIONS]] = 0.0
    return dataclasses.replace(track, actions=actions)


def stretched(fitted: FittedPortrait, generator: np.random.Generator) -> FittedPortrait:
    """A patch of the face is pulled aside by a sixth of its width."""
    surface = fitted.surface
    rest, middle = surface.rest.copy(), _somewhere(fitted, generator)
    near = np.exp(-np.square(rest[:, :2] - middle).sum(1) / 2 / (0.2 * surface.head_width) ** 2)
    rest[:, 0] += (near * surface.head_width / 4).astype(np.float32)
    return dataclasses.replace(fitted, surface=dataclasses.replace(surface, rest=rest))


def torn(fitted: FittedPortrait, generator: np.random.Generator) -> FittedPortrait:
    """One vertex in twenty is torn out of its place."""
    surface = fitted.surface
    rest, skin = surface.rest.copy(), np.unique(surface.skin)
    chosen = generator.choice(skin, len(skin) // 20, replace=False)
    rest[chosen, :2] += generator.normal(0, 0.1 * surface.head_width, (len(chosen), 2)).astype(np.float32)
    return dataclasses.replace(fitted, surface=dataclasses.replace(surface, rest=rest))


def holed(fitted: FittedPortrait, generator: np.random.Generator) -> FittedPortrait:
    """The background shows through a hole in the face, a tenth of it wide."""
    surface = fitted.surface
    middle, radius = _somewhere(fitted, generator), 0.07 * surface.head_width
    kept = {
        name: triangles[
            np.hypot(*(surface.rest[triangles].mean(1)[:, :2] - middle).T)
            > radius * (1 if name == "skin" else 2)
        ]
        for name, triangles in (("skin", surface.skin), ("relief", surface.relief))
    }
    return dataclasses.replace(fitted, surface=dataclasses.replace(surface, **kept))


def _somewhere(fitted: FittedPortrait, generator: np.random.Generator) -> NDArray[np.float32]:
    """A place on cheeks, nose, chin or forehead, in camera space."""
    surface = fitted.surface
    place = fitted.points[generator.choice([50, 280, 5, 151, 199, 205, 425]), :2]
    skin = np.unique(surface.skin)
    front = skin[np.argsort(np.square(surface.source[skin] - place).sum(1))[0]]
    return np.asarray(surface.rest[front, :2], np.float32)


def measure(animator: Animator, cast: Cast, recordings: list[tuple[int, Recording]]) -> Reports:
    """Reports of good and of broken renditions by their kind, each with the portrait's name."""
    fitted = {name: fit for name, (_, fit) in cast.items()}
    found: Reports = defaultdict(list)
    for row, recording in recordings:
        samples = recording.samples[: round(SECONDS * recording.sample_rate)]
        rate, controls = recording.sample_rate, WAYS[row % len(WAYS)]
        track = animator.drive(samples, rate, controls=controls, seed=row, fps=FPS)
        for place, (name, (picture, _)) in enumerate(cast.items()):
            watch = watched(animator, fitted[name], picture, track)
            good = "good" if controls == WAYS[0] else "good, with emotion or a lively head"
            found[good].append((name, watch.report(track, samples, rate).to_json()))
            for kind, shift in SHIFTS_S.items():
                moved = shifted(samples, round(shift * rate))
                found[kind].append((name, watch.report(track, moved, rate).to_json()))
            if (row + place) % 3 == 0:
                generator = np.random.default_rng(row * 100 + place)
                still = watched(animator, fitted[name], picture, track, still_lips(track))
                found["lips stand still"].append((name, still.report(track, samples, rate).to_json()))
                for kind, broken in _broken(fitted, name, generator).items():
                    report = watched(animator, broken, picture, track).report(track, samples, rate)
                    found[kind].append((name, report.to_json()))
    return found


def _broken(
    fitted: dict[str, FittedPortrait], name: str, generator: np.random.Generator
) -> dict[str, FittedPortrait]:
    own = fitted[name]
    return {
        "skin stretched": stretched(own, generator),
        "skin torn": torn(own, generator),
        "a hole in the face": holed(own, generator),
        "another face": fitted[str(generator.choice([other for other in fitted if other != name]))],
    }


def _row(reports: list[Named]) -> str:
    low = [(name, report) for name, report in reports if report["findings"]]
    reasons = Counter(finding for _, report in low for finding in report["findings"])
    whose = Counter(name for name, _ in low)
    return (
        f"{len(low)} of {len(reports)} | {', '.join(f'{name} {n}' for name, n in reasons.most_common())} "
        f"| {', '.join(f'{name} {n}' for name, n in whose.most_common())} "
    )


def _spread(reports: list[Named], measure_name: str) -> str:
    values = [report[measure_name] for _, report in reports if report[measure_name] is not None]
    return "/".join(f"{value:.3f}" for value in np.percentile(values, [0, 50, 100])) if values else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--first", type=int, default=0, help="the first of the held-out recordings")
    parser.add_argument("--recordings", type=int, default=10)
    parser.add_argument("--results", type=Path, help="a file of reports to which these are added")
    options = parser.parse_args()
    animator, cast = Animator.load("cpu"), Cast()
    for name, picture in portraits(options.folders):
        try:
            cast[name] = picture, animator.fit(picture)
        except PortraitRejected as refusal:
            print(f"{name}: {refusal}")
    chosen = held_out(0, options.first + options.recordings)[options.first :]
    found = measure(animator, cast, list(enumerate(chosen, options.first)))
    if options.results:
        if options.results.exists():
            for kind, reports in json.loads(options.results.read_text()).items():
                found[kind] = [*reports, *found[kind]]
        options.results.write_text(json.dumps(found))
    for kind, reports in found.items():
        print(f"| {kind} | {_row(reports)}|", *[f"{_spread(reports, name)} |" for name in MEASURES])


if __name__ == "__main__":
    main()
