"""Draws contact sheets of rendered performances and plots of their motion over time, for visual inspection.

    python -m benchmarks.speech.sheets FOLDER [--speech NAME ...] [--portraits NAME ...] [--emotions NAME ...]
        [--held-out CACHE [--prompts N]]

Into FOLDER go, for each speech sample, one plot with each emotion, and one sheet with each emotion on each
portrait, eight frames a second: 3 x 8 x 4 sheets unless fewer names are given. `--held-out` plots recordings
outside training and tuning data instead, with the phone labels of `corpus`, kept in CACHE.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, read_picture, save_sheet
from benchmarks.speech.corpus import Prompt, load_corpus, read_wave
from generation.animation import Animator, FittedPortrait, MotionControls, MotionTrack
from generation.animation.motion.controls import EMOTIONS
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, analyse_speech
from generation.animation.speech.visemes import PHONES
from generation.animation.training.examples.utterance import Segment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FPS, SIZE, COLUMNS = 40, 256, 10
EVERY = 5  # frames
SPEECH = CAST.parent / "speech"
SAMPLES = tuple(path.stem for path in sorted(SPEECH.glob("*.wav")))
FACES = tuple(path.stem for path in sorted(CAST.glob("*.jpg")))[:4]
_SHORTEST_PHONE_S = 0.03  # that is written into a plot


@dataclass(frozen=True)
class Performance:
    """One performance: a speech sample with an emotion. Every portrait gives the same."""

    speech: str
    emotion: str

    @property
    def seed(self) -> int:
        """The same whichever performances are chosen."""
        return SAMPLES.index(self.speech)

    @property
    def name(self) -> str:
        return f"{self.speech}-{self.emotion}"


def performances(speech: Iterable[str] = SAMPLES, emotions: Iterable[str] = EMOTIONS) -> list[Performance]:
    """Every speech sample with every emotion."""
    return [Performance(*pair) for pair in itertools.product(speech, emotions)]


def held_out(prompts: Iterable[Prompt], count: int) -> list[Prompt]:
    """The `count` longest prompts of the reporting half, longest first."""
    unseen = [prompt for prompt in prompts if not prompt.for_tuning]
    return sorted(unseen, key=lambda prompt: (-prompt.duration_s, prompt.name))[:count]


def plot(
    samples: NDArray[np.float32], rate: int, phones: Iterable[Segment], track: MotionTrack, path: Path
) -> None:
    """Write a picture of the waveform with its phones, jaw opening, the lips' gap and shape, brows, lids,
    gaze and head angles over time."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes longer to load than all else

    jaw, close = _curve(track, "jawOpen"), _curve(track, "mouthClose")
    head = dict(zip(("yaw", "pitch", "roll"), track.head_pose.T, strict=False))
    rows = {
        "jaw and lips": {"jaw opening": jaw, "lip gap": jaw - close},
        "lips' shape": _curves(track, "mouthSmileLeft", "mouthFrownLeft", "mouthPucker", "mouthFunnel"),
        "brows, cheeks": _curves(
            track, "browInnerUp", "browOuterUpLeft", "browDownLeft", "cheekSquintLeft", "noseSneerLeft"
        ),
        "lids": _curves(track, "eyeBlinkLeft", "eyeWideLeft", "eyeSquintLeft"),
        "gaze, degrees": {"yaw": track.gaze[:, 0], "pitch": track.gaze[:, 1]},
        "head, degrees": head,
    }
    figure = Figure(figsize=(max(12, 2 * track.duration_s), 15))
    axes = figure.subplots(1 + len(rows), 1, sharex=True)
    _draw_voice(axes[0], samples, rate, phones)
    time = (np.arange(len(track)) + 0.5) / track.fps
    for axis, (label, curves) in zip(axes[1:], rows.items(), strict=True):
        for name, values in curves.items():
            axis.plot(time, values, label=name)
        axis.set_ylabel(label)
        axis.legend(loc="upper right", fontsize=8)
    axes[-1].set_xlabel("seconds")
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.set_xlim(0, track.duration_s)
    figure.suptitle(path.stem)
    figure.tight_layout()
    figure.savefig(path, dpi=70)


def _draw_voice(axis: Axes, samples: NDArray[np.float32], rate: int, phones: Iterable[Segment]) -> None:
    axis.plot(np.arange(len(samples)) / rate, samples, lw=0.4)
    top = float(np.abs(samples).max(initial=0.01))
    axis.set_ylim(-1.1 * top, 1.8 * top)
    spoken = [p for p in phones if p[0] != "SIL" and p[2] - p[1] >= _SHORTEST_PHONE_S]
    for number, (phone, start, end) in enumerate(spoken):
        second = number % 2  # neighbours on two lines and in two shades, so that short ones can be told apart
        axis.axvspan(start, end, alpha=0.06 + 0.10 * second, lw=0)
        axis.text((start + end) / 2, (1.2 + 0.3 * second) * top, phone, fontsize=7, ha="center")
    axis.set_ylabel("voice, phones")


def _curve(track: MotionTrack, name: str) -> NDArray[np.float32]:
    return track.actions[:, track.ACTIONS.index(name)]


def _curves(track: MotionTrack, *names: str) -> dict[str, NDArray[np.float32]]:
    return {name: _curve(track, name) for name in names}


def recognised_phones(samples: NDArray[np.float32], rate: int) -> list[Segment]:
    """The most probable phone of every frame, as segments."""
    likeliest = analyse_speech(samples, rate).posteriors.argmax(1)
    edges = [*np.flatnonzero(np.diff(likeliest, prepend=-1)), len(likeliest)]
    return [
        (PHONES[likeliest[start]], start / ANALYSIS_RATE, end / ANALYSIS_RATE)
        for start, end in itertools.pairwise(edges)
    ]


def write_performance(
    animator: Animator, performance: Performance, fitted: dict[str, FittedPortrait], folder: Path
) -> None:
    """Write the plot of one performance, and its sheet on every portrait of `fitted`, by name."""
    samples, rate = read_wave(SPEECH / f"{performance.speech}.wav")
    controls = MotionControls(emotion=performance.emotion)
    track = animator.drive(samples, rate, controls=controls, seed=performance.seed, fps=FPS)
    plot(samples, rate, recognised_phones(samples, rate), track, folder / f"{performance.name}-plot.png")
    shown = MotionTrack(FPS / EVERY, track.actions[::EVERY], track.head_pose[::EVERY], track.gaze[::EVERY])
    for name, portrait in fitted.items():
        frames = animator.render(portrait, shown, size=SIZE)
        cells = [(f"{i * EVERY / FPS:.2f}", frame) for i, frame in enumerate(frames)]
        save_sheet(folder / f"{performance.name}-{name}.jpg", cells, COLUMNS)


def write_prompt(animator: Animator, prompt: Prompt, seed: int, folder: Path) -> None:
    """Write the plot of a held-out recording, with its phone labels."""
    track = animator.drive(prompt.samples, prompt.sample_rate, seed=seed, fps=FPS)
    path = folder / f"{prompt.name.replace('/', '-')}-plot.png"
    plot(prompt.samples, prompt.sample_rate, prompt.segments, track, path)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--speech", nargs="+", default=SAMPLES, choices=SAMPLES)
    parser.add_argument("--portraits", nargs="+", default=FACES, choices=FACES)
    parser.add_argument("--emotions", nargs="+", default=EMOTIONS, choices=EMOTIONS)
    parser.add_argument("--held-out", type=Path, metavar="CACHE")
    parser.add_argument("--prompts", type=int, default=8, help="how many held-out recordings")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    animator = Animator.load("cpu")
    if options.held_out:
        chosen = held_out(load_corpus("prompts", options.held_out), options.prompts)
        for seed, prompt in enumerate(chosen):
            write_prompt(animator, prompt, seed, options.folder)
            print(prompt.name)
        return
    fitted = {name: animator.fit(read_picture(CAST / f"{name}.jpg")) for name in options.portraits}
    for performance in performances(options.speech, options.emotions):
        write_performance(animator, performance, fitted, options.folder)
        print(performance.name)


if __name__ == "__main__":
    main()
