"""Measures recognised phones and lip closures on the deformed mesh, on real speech outside the training data.

    python -m benchmarks.speech.lips [--cache FOLDER] [--transcripts FOLDER] [--half reporting|tuning|both]

Prints the lip rows of the speech table. Constants of the contact rules were chosen on the tuning half of the
prompts; figures are reported on the other half. See benchmarks/speech/corpus.py for the recordings and their
labels.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.lip_gap import Lips, presenter_lips
from benchmarks.speech.corpus import FOREIGN, Prompt, load_corpus
from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.speech.coarticulation import ACTION_INDEX, apply_contacts, mouth_actions
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, SpeechAnalysis, analyse_speech
from generation.animation.speech.streaming_recogniser import StreamingRecogniser
from generation.animation.speech.visemes import LIP_CLOSURES, LIP_TEETH, PHONE_INDEX, VISEME_OF_PHONE, VISEMES
from generation.animation.training.examples.time_warp import change_tempo, hold_vowels, vary_pitch
from generation.animation.training.examples.utterance import Utterance, to_16k

FPS = 40.0
TOLERANCE_S = 0.04  # of the labels
LONGEST_S = 0.3  # a phone that lasts longer runs into a pause
SEALED = 0.05  # of the opening of open vowels
OPEN_VOWELS = frozenset(("AA", "AE", "AO"))
CHUNK_S = 0.05


@dataclass
class Tally:
    """Counts and samples of one corpus."""

    frames: int = 0
    right: int = 0
    closures: list[bool] = field(default_factory=list)
    seals: list[bool] = field(default_factory=list)  # whether each belongs to a closure
    lip_teeth: list[bool] = field(default_factory=list)
    onsets_s: list[float] = field(default_factory=list)
    wide: list[float] = field(default_factory=list)
    shut: list[float] = field(default_factory=list)
    analysed_s: float = 0.0
    work_s: float = 0.0

    @property
    def accuracy(self) -> float:
        return self.right / max(self.frames, 1)

    @property
    def separation(self) -> float:
        """Cohen's d of the opening in open vowels against closures."""
        spread = np.sqrt((np.var(self.wide) + np.var(self.shut)) / 2)
        return float((np.mean(self.wide) - np.mean(self.shut)) / max(spread, 1e-9))


def analyse_prompt(prompt: Prompt, streaming: bool) -> tuple[SpeechAnalysis, float]:
    """The analysis of a prompt, and its processor time in seconds."""
    start = time.thread_time()
    if streaming:
        recogniser = StreamingRecogniser(prompt.sample_rate)
        size = round(CHUNK_S * prompt.sample_rate)
        parts = [recogniser.push(prompt.samples[i : i + size]) for i in range(0, len(prompt.samples), size)]
        analysis = SpeechAnalysis.concatenate([*parts, recogniser.flush()])
    else:
        analysis = analyse_speech(prompt.samples, prompt.sample_rate)
    return analysis, time.thread_time() - start


def lips_of(analysis: SpeechAnalysis) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frame times (T,) and the mouth's actions (T, 52) at FPS."""
    times = np.asarray((np.arange(int(len(analysis) / ANALYSIS_RATE * FPS)) + 0.5) / FPS, np.float64)
    actions = mouth_actions(analysis.mouth, times, FPS, 1.0)
    apply_contacts(actions, analysis.mouth, times, FPS)
    return times, actions


def measure(
    analyses: Sequence[tuple[Prompt, SpeechAnalysis]], lips: Lips, closures: frozenset[str] = LIP_CLOSURES
) -> Tally:
    """Tally over a corpus. Lips count as sealed below SEALED of the median opening of the corpus' own open
    vowels."""
    tally = Tally()
    drawn = []
    for prompt, analysis in analyses:
        _count_visemes(tally, prompt, analysis)
        times, actions = lips_of(analysis)
        gap = lips.gap(actions)
        drawn.append((prompt, times, actions, gap))
        for phone, start, end in prompt.segments:
            if phone in OPEN_VOWELS and 0.06 < end - start < LONGEST_S:
                tally.wide.append(float(gap[_near(times, start, end)].max(initial=0.0)))
    limit = SEALED * float(np.median(tally.wide))
    for prompt, times, actions, gap in drawn:
        _count_contacts(tally, prompt, times, actions, gap, limit, closures)
    return tally


def _count_visemes(tally: Tally, prompt: Prompt, analysis: SpeechAnalysis) -> None:
    labels = np.zeros(len(analysis), np.intp)
    for phone, start, end in prompt.segments:
        labels[max(0, round(start * ANALYSIS_RATE)) : round(end * ANALYSIS_RATE)] = PHONE_INDEX[phone]
    shares = np.stack(
        [analysis.posteriors[:, v == VISEME_OF_PHONE].sum(1) for v in range(len(VISEMES))], axis=1
    )
    speech = labels > 0
    tally.frames += int(speech.sum())
    tally.right += int((shares.argmax(1) == VISEME_OF_PHONE[labels])[speech].sum())


def _count_contacts(  # noqa: PLR0917
    tally: Tally,
    prompt: Prompt,
    times: NDArray[np.float64],
    actions: NDArray[np.float64],
    gap: NDArray[np.float64],
    limit: float,
    closures: frozenset[str],
) -> None:
    sealed = gap < limit
    runs = list(_runs(sealed, times))
    pauses = [(start, end) for phone, start, end in prompt.segments if phone == "SIL"]
    pauses += [(-9.0, prompt.segments[0][1]), (prompt.segments[-1][2], 1e9)]
    spoken = [(s, e) for phone, s, e in prompt.segments if phone in LIP_CLOSURES and e - s < LONGEST_S]
    measured = [(s, e) for phone, s, e in prompt.segments if phone in closures and e - s < LONGEST_S]
    for start, end in measured:
        within = sealed[_near(times, start - TOLERANCE_S, end + TOLERANCE_S)]
        tally.closures.append(bool(within.any()))
        tally.shut.append(float(gap[_near(times, start, end)].min(initial=1.0)))
    for first, last in runs:
        # In a pause lips rest on each other; a seal that reaches into one is neither right nor wrong.
        if any(first < end + 0.02 and last > start - 0.02 for start, end in pauses):
            continue
        own = [s for s, e in spoken if first < e + TOLERANCE_S and last > s - TOLERANCE_S]
        tally.seals.append(bool(own))
        if own:
            tally.onsets_s.append(first - min(own, key=lambda s: abs(s - first)))
    labiodental = (actions[:, ACTION_INDEX["mouthRollLower"]] > 0.35) & (
        actions[:, ACTION_INDEX["jawOpen"]] < 0.12
    )
    for phone, start, end in prompt.segments:
        if phone in LIP_TEETH:
            tally.lip_teeth.append(
                bool(labiodental[_near(times, start - TOLERANCE_S, end + TOLERANCE_S)].any())
            )


def _near(times: NDArray[np.float64], start: float, end: float) -> NDArray[np.bool_]:
    return (times >= start - 0.5 / FPS) & (times <= end + 0.5 / FPS)


def _runs(sealed: NDArray[np.bool_], times: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """Start and end in seconds of each stretch of sealed frames."""
    changes = np.diff(np.concatenate([[False], sealed, [False]]).astype(np.int8))
    for first, last in zip(np.flatnonzero(changes == 1), np.flatnonzero(changes == -1), strict=True):
        yield times[first] - 0.5 / FPS, times[last - 1] + 0.5 / FPS


def measure_corpus(
    prompts: Sequence[Prompt], lips: Lips, streaming: bool, closures: frozenset[str] = LIP_CLOSURES
) -> Tally:
    analyses = []
    work = 0.0
    for prompt in prompts:
        analysis, seconds = analyse_prompt(prompt, streaming)
        analyses.append((prompt, analysis))
        work += seconds
    tally = measure(analyses, lips, closures)
    tally.work_s, tally.analysed_s = work, sum(prompt.duration_s for prompt in prompts)
    return tally


def measure_lips(cache: Path, transcripts: Path, half: str = "reporting") -> list[tuple[str, str, str]]:
    """Rows of the table: metric, bar, measured."""
    lips = presenter_lips()

    def chosen(corpus: str) -> list[Prompt]:
        prompts = load_corpus(corpus, cache, transcripts)
        if corpus == "audiobook" or half == "both":
            return prompts
        return [prompt for prompt in prompts if prompt.for_tuning == (half == "tuning")]

    english = chosen("prompts") + chosen("audiobook")
    whole, stream = (measure_corpus(english, lips, streaming) for streaming in (False, True))
    onsets = np.array(whole.onsets_s) * 1000
    rows = [
        ("viseme accuracy on speech frames, offline", ">= .72", f"{whole.accuracy:.3f}"),
        ("viseme accuracy on speech frames, streaming", ">= .70", f"{stream.accuracy:.3f}"),
        ("p/b/m closed, offline: recall", ">= .95", _share(whole.closures)),
        ("p/b/m closed, offline: precision", ">= .85", _share(whole.seals)),
        ("p/b/m closed, streaming: recall", ">= .92", _share(stream.closures)),
        ("p/b/m closed, streaming: precision", ">= .80", _share(stream.seals)),
        (
            "f/v on the teeth, offline / streaming",
            ">= .88",
            f"{_share(whole.lip_teeth)} / {_share(stream.lip_teeth)}",
        ),
        ("closure onset, median error", "within 20 ms", f"{np.median(onsets):+.0f} ms"),
        ("closure onset, 90 % of errors", "<= 60 ms", f"{np.percentile(np.abs(onsets), 90):.0f} ms"),
        ("open vowels against closures, Cohen's d", ">= 2.5", f"{whole.separation:.1f}"),
    ]
    for language in FOREIGN:
        tally = measure_corpus(chosen(language), lips, streaming=False)
        rows.append((f"closure recall, {language}", ">= .90", _share(tally.closures)))
    fast, slow = (
        measure_corpus([change(prompt) for prompt in english], lips, streaming=False)
        for change in (rapped, sung)
    )
    rows += [
        ("p/b/m closed at 1.8 times the speed: recall", "kept", _share(fast.closures)),
        ("p/b/m closed between vowels held 3 times as long: recall", "kept", _share(slow.closures)),
        ("open vowels against closures when held, Cohen's d", ">= 2.5", f"{slow.separation:.1f}"),
    ]
    rows.append(
        (
            "real-time factor of speech analysis, offline / streaming",
            "part of <= .2 / <= .5",
            f"{whole.work_s / whole.analysed_s:.3f} / {stream.work_s / stream.analysed_s:.3f}",
        )
    )
    return rows


def rapped(prompt: Prompt) -> Prompt:
    """The prompt 1.8 times as fast."""
    return _changed(prompt, lambda utterance: change_tempo(utterance, 1.8))


def sung(prompt: Prompt) -> Prompt:
    """The prompt with vowels held up to three times as long, with vibrato."""
    generator = np.random.default_rng(0)
    return _changed(
        prompt, lambda utterance: vary_pitch(hold_vowels(utterance, 3.0, generator), 0.03, 5.5, 1.0)
    )


def _changed(prompt: Prompt, change: Callable[[Utterance], Utterance]) -> Prompt:
    made = change(Utterance(to_16k(prompt.samples, prompt.sample_rate), prompt.segments))
    return Prompt(prompt.name, made.samples, SAMPLE_RATE, made.segments)


def _share(hits: Sequence[bool]) -> str:
    return f"{np.mean(hits):.3f} of {len(hits)}" if hits else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("var/benchmarks/speech"))
    parser.add_argument("--transcripts", type=Path, default=Path("/usr/share/doc"))
    parser.add_argument("--half", choices=("reporting", "tuning", "both"), default="reporting")
    options = parser.parse_args()
    print("| metric | bar | measured |\n|---|---|---|")
    for row in measure_lips(options.cache, options.transcripts, options.half):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
