"""Asks two networks which emotion they see in rendered frames of speech.

    mkdir JUDGES; cp benchmarks/speech/judges/package.json JUDGES; npm install --prefix JUDGES
    python -m benchmarks.speech.emotions_seen JUDGES [PORTRAIT ...] [--frames N] [--sheets FOLDER]

Prints, for intensity 1.0 and 0.5, the share of frames in which each network names the emotion that was asked
for, on each portrait (the bundled ones unless pictures are given), and how many of the eight are named in at
least 60 % of them. The networks know no contentment: a content face counts when it is named happy. They judge
only; nothing is trained or fitted on what they say. Their code and weights come from the packages of
`judges/package.json` (MIT) and need Node.js 20 or later.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, Image, read_picture, save_sheet
from benchmarks.speech.corpus import read_wave
from generation.animation import Animator, FittedPortrait, MotionControls, MotionTrack
from generation.animation.motion.controls import EMOTIONS
from generation.animation.motion.voice_features import speech_probability
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, analyse_speech

SPEECH = ("sample1_female_calm", "sample2_male_bright")
INTENSITIES = (1.0, 0.5)
SIZE, FPS = 384, 25
NAMED = 0.6  # share of frames from which an emotion counts as seen
_SCRIPT = Path(__file__).parent / "judges" / "judge.cjs"
_AS_NAMED = {"content": "happy"}  # what the networks call an emotion that they do not know
_SETTLED_S = 1.0  # after which an emotion has come

Verdicts = dict[str, dict[str, dict[str, float] | None]]


@dataclass(frozen=True)
class Shot:
    """One rendered frame: of whom, with which emotion and intensity, which frame of the speech."""

    portrait: str
    emotion: str
    intensity: float
    number: int

    @property
    def file(self) -> str:
        return f"{self.portrait}-{self.emotion}-{self.intensity:g}-{self.number:02d}.png"


def spoken_frames(samples: NDArray[np.float32], rate: int, count: int) -> NDArray[np.int64]:
    """The numbers of `count` frames at FPS, evenly chosen among those in which somebody speaks."""
    speech = speech_probability(analyse_speech(samples, rate))
    times = (np.arange(int(len(samples) / rate * FPS)) + 0.5) / FPS
    spoken = np.interp(times, (np.arange(len(speech)) + 0.5) / ANALYSIS_RATE, speech) > 0.5
    chosen = np.flatnonzero(spoken & (times > _SETTLED_S))
    return np.asarray(chosen[np.linspace(0, len(chosen) - 1, count).astype(int)], np.int64)


def take(track: MotionTrack, frames: NDArray[np.int64]) -> MotionTrack:
    """Some frames of a track, as a track."""
    return MotionTrack(track.fps, track.actions[frames], track.head_pose[frames], track.gaze[frames])


def shots(
    animator: Animator, fitted: dict[str, FittedPortrait], emotions: Sequence[str], count: int
) -> Iterator[tuple[Shot, Image]]:
    """Every portrait with every emotion and intensity, `count` frames of speech each."""
    each = -(-count // len(SPEECH))
    for take_number, name in enumerate(SPEECH):
        samples, rate = read_wave(CAST.parent / "speech" / f"{name}.wav")
        frames = spoken_frames(samples, rate, each)
        for intensity in INTENSITIES:
            for emotion in emotions:
                controls = MotionControls(emotion=emotion, emotion_intensity=intensity)
                track = animator.drive(samples, rate, controls=controls, seed=take_number, fps=FPS)
                for portrait, fit in fitted.items():
                    drawn = animator.render(fit, take(track, frames), size=SIZE)
                    for number, picture in enumerate(drawn):
                        yield Shot(portrait, emotion, intensity, take_number * each + number), picture


def judged(modules: Path, folder: Path) -> Verdicts:
    """What the networks say of the pictures in `folder`."""
    command = ["node", str(_SCRIPT), str(modules), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    verdicts: Verdicts = json.loads(done.stdout)
    return verdicts


def seen(verdict: dict[str, float] | None, emotion: str) -> bool:
    """Whether the most probable of a network's seven names is the emotion asked for."""
    return verdict is not None and max(verdict, key=verdict.__getitem__) == _AS_NAMED.get(emotion, emotion)


def print_tables(made: list[Shot], verdicts: Verdicts, emotions: Sequence[str]) -> None:
    """Print one table for each intensity and network, portraits in rows."""
    for intensity in INTENSITIES:
        for judge in next(iter(verdicts.values())):
            print(f"\nintensity {intensity:g}, {judge}\n\n| portrait | {' | '.join(emotions)} | named |")
            print(f"|---{'|---' * (len(emotions) + 1)}|")
            rows = []
            for portrait in dict.fromkeys(shot.portrait for shot in made):
                row = []
                for emotion in emotions:
                    votes = [
                        seen(verdicts[shot.file][judge], emotion)
                        for shot in made
                        if (shot.portrait, shot.emotion, shot.intensity) == (portrait, emotion, intensity)
                    ]
                    row.append(float(np.mean(votes)))
                rows.append(row)
                _print_row(portrait, row)
            _print_row("**all**", [float(value) for value in np.mean(rows, axis=0)])


def _print_row(name: str, shares: list[float]) -> None:
    named = sum(share >= NAMED for share in shares)
    print(f"| {name} | {' | '.join(f'{share:.2f}' for share in shares)} | {named} of {len(shares)} |")


def write_sheets(made: dict[Shot, Image], folder: Path) -> None:
    """A sheet for each portrait and intensity: emotions in rows, frames of speech in columns."""
    for portrait, intensity in dict.fromkeys((shot.portrait, shot.intensity) for shot in made):
        cells = [
            (shot.emotion, cv2.resize(picture, (192, 192), interpolation=cv2.INTER_AREA))
            for shot, picture in sorted(
                made.items(), key=lambda item: (EMOTIONS.index(item[0].emotion), item[0].number)
            )
            if (shot.portrait, shot.intensity) == (portrait, intensity)
        ]
        columns = 1 + max(shot.number for shot in made)
        save_sheet(folder / f"emotions-{portrait}-{intensity:g}.jpg", cells, columns)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("judges", type=Path)
    parser.add_argument("portraits", type=Path, nargs="*", default=sorted(CAST.glob("*.jpg")))
    parser.add_argument("--frames", type=int, default=10)
    parser.add_argument("--emotions", nargs="+", default=EMOTIONS, choices=EMOTIONS)
    parser.add_argument("--sheets", type=Path)
    options = parser.parse_args()
    animator = Animator.load("cpu")
    fitted = {path.stem: animator.fit(read_picture(path)) for path in options.portraits}
    made = dict(shots(animator, fitted, options.emotions, options.frames))
    with tempfile.TemporaryDirectory() as folder:
        for shot, picture in made.items():
            cv2.imwrite(str(Path(folder) / shot.file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        verdicts = judged(options.judges, Path(folder))
    print_tables(list(made), verdicts, options.emotions)
    if options.sheets:
        write_sheets(made, options.sheets)


if __name__ == "__main__":
    main()
