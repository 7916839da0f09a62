"""How well edits of a video's sound are named, and how often an honest copy is called edited.

    python -m benchmarks.verify.sound_edits ROWS [--recordings N] [--seconds S] [--only GROUP]

Recordings are the samples and sentences by espeak-ng voices. Each is edited in every way at a random place
and encoded with AAC at 48 kbit/s, as a platform would. Printed are, for each edit, how often exactly its kind
was named and its place lies within half a second, and how often hardly faster or slower copies are called
anything else; for honest copies, how often anything was named; how many
seconds of re-dubbed recordings are told rightly, ours and not ours; and how many pairs of different
recordings are called ours in part. ROWS is a file that keeps what was found of each recording, so that a run
that ends after S seconds is gone on with by the next.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np
import scipy.signal

from generation.animation.training.examples.sentences import make_sentence
from generation.pipeline.audio import as_one_channel, read_audio
from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.sound.edits import sound_edits
from provenance.fingerprints.sound.fingerprint import SoundFingerprint
from provenance.fingerprints.sound.index import SoundIndex
from provenance.fingerprints.sound.match import compare
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import BandSpectrogram, band_spectrogram
from provenance.verify.sound_answer import LEAST_OF_OURS_S

RATE = 48_000
SAMPLES = Path(__file__).parents[2] / "samples" / "speech"
VOICES = ("en-us", "en-gb", "en-us-nyc", "en-gb-scotland", "en-029", "en-gb-x-rp")
WITHIN_S = 0.5
STEP_S = 0.01
DUBS = 5  # of each recording
TEMPOS = (0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.015, 1.02, 1.03, 1.04, 1.05)
TOLD_TEMPO = 0.025  # in natural log, from which it has to be told
DOUBTFUL = 0.95  # of a re-dubbed recording's seconds, below which it is printed

Sound = np.ndarray  # (N,) float32 at RATE
Kinds = frozenset[EditKind]


@dataclass(frozen=True)
class Row:
    """`count` of `of` files, pairs or seconds, of one recording in one way."""

    number: int
    group: str
    kind: str
    count: float
    of: float
    told: str = ""


def recordings(count: int) -> list[Sound]:
    """Speech of about ten seconds each."""
    found = [
        _resampled(as_one_channel(audio), rate)
        for audio, rate in map(read_audio, sorted(SAMPLES.glob("*.wav")))
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count - len(found)):
            path = Path(folder) / f"{number}.wav"
            words = random.Random(number)
            text = " ".join(make_sentence(words) for _ in range(4))
            speed, pitch = 130 + 15 * (number % 5), 30 + 10 * (number % 5)
            voice = f"{VOICES[number % len(VOICES)]}+{'f' if number % 2 else 'm'}{1 + number % 4}"
            subprocess.run(
                ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(path), text],
                check=True,
            )
            data = path.read_bytes()
            rate = int.from_bytes(data[24:28], "little")
            found.append(_resampled(np.frombuffer(data[44:], "<i2").astype(np.float32) / 32768, rate))
    return found[:count]


def _resampled(sound: Sound, rate: int) -> Sound:
    shared = np.gcd(RATE, rate)
    return np.asarray(scipy.signal.resample_poly(sound, RATE // shared, rate // shared), np.float32)


def encoded(sound: Sound, codec: str, kilobits: int, container: str, rate: int = RATE) -> Sound:
    """The sound after a codec."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.bit_rate = kilobits * 1000
        stream.layout = "mono"
        resampler = av.AudioResampler(
            stream.format, "mono", rate, frame_size=stream.codec_context.frame_size or 0
        )
        frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
        frame.rate, frame.pts = RATE, 0
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as source:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        pieces = [
            piece.to_ndarray()[0] for one in source.decode(audio=0) for piece in resampler.resample(one)
        ]
    return np.concatenate(pieces).astype(np.float32)


def filtered(sound: Sound, name: str, argument: str) -> Sound:
    """The sound after one of FFmpeg's filters."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="mono")
    step, sink = graph.add(name, argument), graph.add("abuffersink")
    source.link_to(step)
    step.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
    frame.rate, frame.pts = RATE, 0
    graph.push(frame)
    graph.push(None)
    pieces = []
    while True:
        try:
            pieces.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            break
    return np.concatenate(pieces).astype(np.float32)


def music(length: int, seed: int) -> Sound:
    """Chords and a beat."""
    generator = np.random.default_rng(seed)
    time = np.arange(length) / RATE
    sound = np.zeros(length)
    for start in np.arange(0, length / RATE, 0.5):
        rows = (time >= start) & (time < start + 0.5)
        for step in generator.choice(12, 3, replace=False):
            pitch = 220 * 2 ** (step / 12)
            sound[rows] += sum(np.sin(2 * np.pi * pitch * k * time[rows]) / k for k in (1, 2, 3, 4))
        sound[rows] += generator.normal(0, 2, rows.sum()) * np.exp(-40 * (time[rows] - start))
    return np.asarray(sound / sound.std(), np.float32)


def honest(sound: Sound, seed: int) -> dict[str, Sound]:
    """Copies that nobody edited."""
    room = np.zeros(round(0.12 * RATE), np.float32)
    room[0] = 1
    room[[round(0.03 * RATE), round(0.07 * RATE), -1]] = 0.4, 0.3, 0.2
    aac = encoded(sound, "aac", 64, "mp4")
    return {
        "AAC 64k": aac,
        "AAC 32k": encoded(sound, "aac", 32, "mp4"),
        "AAC 24k, 22 kHz": encoded(sound, "aac", 24, "mp4", 22_050),
        "MP3 64k": encoded(sound, "libmp3lame", 64, "mp3"),
        "Opus 24k": encoded(sound, "libopus", 24, "ogg"),
        "Opus 12k": encoded(sound, "libopus", 12, "ogg"),
        "-6 dB, AAC 64k": 0.5 * aac,
        "+6 dB": np.clip(2 * sound, -1, 1),
        "music at -10 dB": sound + 10 ** (-10 / 20) * sound.std() * music(len(sound), seed),
        "AAC 48k, then AAC 32k": encoded(encoded(sound, "aac", 48, "mp4"), "aac", 32, "mp4"),
        "room": np.convolve(sound, room)[: len(sound)],
    }


def edits(
    sound: Sound, other: Sound, generator: np.random.Generator
) -> dict[str, tuple[Sound, Kinds, float | None]]:
    """Edited sounds, the kinds that should be named, and where (seconds of the edited sound)."""
    seconds = len(sound) / RATE
    at = float(generator.uniform(2.0, seconds - 4.0))
    long = float(generator.uniform(0.8, 2.0))
    first, last = round(at * RATE), round((at + long) * RATE)
    foreign = other[RATE : RATE + last - first]
    muted = sound.copy()
    muted[first:last] = 0
    replaced = sound.copy()
    replaced[first : first + len(foreign)] = foreign
    kind = EditKind
    return {
        "swapped": (other, frozenset({kind.REPLACED}), None),
        "re-dubbed": (replaced, frozenset({kind.REPLACED}), at),
        "cut": (np.delete(sound, slice(first, last)), frozenset({kind.CUT}), at),
        "inserted": (np.insert(sound, first, foreign), frozenset({kind.INSERTED}), at),
        "muted": (muted, frozenset({kind.MUTED}), at),
        "silent": (0 * sound, frozenset({kind.MUTED}), None),
        "reordered": (np.concatenate([sound[first:], sound[:first]]), frozenset({kind.REORDERED}), None),
        "reversed": (sound[::-1], frozenset({kind.REVERSED}), None),
        "tempo 1.25": (filtered(sound, "atempo", "1.25"), frozenset({kind.SPEED}), None),
        "tempo .85": (filtered(sound, "atempo", "0.85"), frozenset({kind.SPEED}), None),
        "speed 1.1": (scipy.signal.resample(sound, round(len(sound) / 1.1)), frozenset({kind.SPEED}), None),
    }


def named(record: SoundFingerprint, sound: Sound) -> list[Edit]:
    """The edits that are named in a sound."""
    spectrogram = band_spectrogram(sound.astype(np.float32), RATE)
    return sound_edits(record, spectrogram, compare(record, spectrogram))


def redubbed(sound: Sound, other: Sound, generator: np.random.Generator) -> tuple[Sound, list[bool]]:
    """A sound with other speech in the place of a random piece of half a second to half of it, and for each
    hundredth of a second whether it is that.
    """
    seconds = len(sound) / RATE
    long = float(generator.uniform(0.5, seconds / 2))
    first = round(float(generator.uniform(0.0, seconds - long)) * RATE)
    begin = round(float(generator.uniform(0.0, max(0.0, len(other) / RATE - long))) * RATE)
    piece = other[begin : begin + round(long * RATE)]
    dubbed = sound.copy()
    dubbed[first : first + len(piece)] = piece
    moments = np.arange(0, seconds, STEP_S) * RATE
    return dubbed, list((first <= moments) & (moments < first + len(piece)))


def _of_copies(number: int, sounds: list[Sound], records: list[SoundFingerprint]) -> Iterator[Row]:
    for name, copy in honest(sounds[number], number).items():
        found = named(records[number], copy)
        yield Row(number, "copies", name, float(bool(found)), 1.0, str(_told(found)) if found else "")


def _of_edits(number: int, sounds: list[Sound], records: list[SoundFingerprint]) -> Iterator[Row]:
    generator, other = np.random.default_rng(number), sounds[(number + 1) % len(sounds)]
    for name, (edited, kinds, at) in edits(sounds[number], other, generator).items():
        found = named(records[number], encoded(np.asarray(edited, np.float32), "aac", 48, "mp4"))
        is_right = frozenset(edit.kind for edit in found) == kinds and (
            at is None or min(abs(edit.start_s - at) for edit in found) <= WITHIN_S
        )
        yield Row(number, "edits", name, float(is_right), 1.0, "" if is_right else f"{at}: {_told(found)}")


def _of_tempos(number: int, sounds: list[Sound], records: list[SoundFingerprint]) -> Iterator[Row]:
    """Hardly faster or slower, at the same pitch: told as that or, within two per cent, as nothing."""
    for tempo in TEMPOS:
        changed = filtered(sounds[number], "atempo", str(tempo))
        found = named(records[number], encoded(changed, "aac", 48, "mp4"))
        kinds = {edit.kind for edit in found}
        is_right = kinds <= {EditKind.SPEED} and (bool(kinds) or abs(np.log(tempo)) < TOLD_TEMPO)
        told = "" if is_right else str(_told(found))
        yield Row(number, "tempos", f"{tempo}", float(is_right), 1.0, told)


def _of_dubs(number: int, sounds: list[Sound], records: list[SoundFingerprint]) -> Iterator[Row]:
    generator = np.random.default_rng(1000 + number)
    for take in range(DUBS):
        other = sounds[(number + 1 + take) % len(sounds)]
        dubbed, truth = redubbed(sounds[number], other, generator)
        found = named(records[number], encoded(dubbed, "aac", 48, "mp4"))
        moments = np.arange(len(truth)) * STEP_S
        told = np.zeros(len(truth), np.bool_)
        for one in found:
            if one.kind in {EditKind.REPLACED, EditKind.INSERTED, EditKind.MUTED}:
                told |= (one.start_s <= moments) & (moments < one.end_s)
        right = float((told == np.array(truth)).sum() * STEP_S)
        where = f"{truth.index(True) * STEP_S:.2f}, {sum(truth) * STEP_S:.2f} s: {_told(found)}"
        yield Row(number, "dubs", f"take {take}", right, len(truth) * STEP_S, where)


def _of_pairs(number: int, sounds: list[Sound], records: list[SoundFingerprint]) -> Iterator[Row]:
    spectrogram = band_spectrogram(sounds[number], RATE)
    others = [record for place, record in enumerate(records) if place != number]
    ours = sum(bool(compare(record, spectrogram).stretches) for record in others)
    yield Row(number, "pairs", "called ours in part", float(ours), float(len(others)))


def _of_look_ups(number: int, sounds: list[Sound], records: list[SoundFingerprint]) -> Iterator[Row]:
    """Copies looked up among all recordings, and among all but their own."""
    for is_known in (True, False):
        index = SoundIndex()
        known = [place for place in range(len(records)) if is_known or place != number]
        for place in known:
            index.add(records[place])
        for name, copy in honest(sounds[number], number).items():
            spectrogram = band_spectrogram(copy.astype(np.float32), RATE)
            candidates = (known[one] for one in index.candidates(spectrogram))
            found = next((one for one in candidates if _is_in(records[one], spectrogram)), None)
            if is_known:
                yield Row(number, "look-ups", name, float(found == number), 1.0)
            else:
                yield Row(number, "look-ups", "a stranger's, called ours", float(found is not None), 1.0)


def _is_in(record: SoundFingerprint, found: BandSpectrogram) -> bool:
    stretches = compare(record, found).stretches
    return sum(one.end_s - one.start_s for one in stretches if one.change.tempo == 1.0) >= LEAST_OF_OURS_S


_GROUPS = {
    "copies": _of_copies,
    "edits": _of_edits,
    "tempos": _of_tempos,
    "dubs": _of_dubs,
    "pairs": _of_pairs,
    "look-ups": _of_look_ups,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--recordings", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--only", choices=_GROUPS)
    chosen = parser.parse_args()
    until = time.monotonic() + chosen.seconds
    lines = chosen.rows.read_text().splitlines() if chosen.rows.exists() else []
    rows = [Row(**json.loads(line)) for line in lines]
    done = {(one.number, one.group) for one in rows}
    sounds = recordings(chosen.recordings)
    records = [fingerprint(band_spectrogram(sound, RATE)) for sound in sounds]
    for number in range(chosen.recordings):
        for group in [chosen.only] if chosen.only else _GROUPS:
            if (number, group) in done or time.monotonic() > until:
                continue
            found = list(_GROUPS[group](number, sounds, records))
            rows += found
            with chosen.rows.open("a") as file:
                file.writelines(json.dumps(asdict(one)) + "\n" for one in found)
    for group in _GROUPS:
        _table(group, [one for one in rows if one.group == group])


def _told(found: list[Edit]) -> list[str]:
    return [
        f"{one.kind} {one.start_s:.2f}-{one.end_s:.2f} of {one.record_start_s:.2f}-{one.record_end_s:.2f}"
        for one in found
    ]


def _table(group: str, rows: list[Row]) -> None:
    for one in rows:
        if one.told and (group != "dubs" or one.count < DOUBTFUL * one.of):
            print(f"    {one.number} {one.kind}: {one.told}")
    print(f"| {group} | | of |\n|---|---|---|")
    for kind in [*dict.fromkeys(one.kind for one in rows), "all"]:
        of_kind = [one for one in rows if kind in {one.kind, "all"}]
        print(f"| {kind} | {sum(one.count for one in of_kind):.6g} | {sum(one.of for one in of_kind):.6g} |")


if __name__ == "__main__":
    main()
