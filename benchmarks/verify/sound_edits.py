"""How well edits of a video's sound are named, and how often an honest copy is called edited.

    python -m benchmarks.verify.sound_edits [--recordings N]

Recordings are the samples and sentences by espeak-ng voices. Each is edited in every way at a random place
and encoded with AAC at 48 kbit/s, as a platform would. Printed are, for each edit, how often exactly its kind
was named and its place lies within half a second; for honest copies, how often anything was named; and the
greatest agreement among pairs of different recordings.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
import scipy.signal

from generation.animation.training.examples.sentences import make_sentence
from generation.pipeline.audio import as_one_channel, read_audio
from provenance.fingerprints.band_spectrogram import band_spectrogram
from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.sound import fingerprint
from provenance.fingerprints.sound_edits import sound_edits
from provenance.fingerprints.sound_fingerprint import SoundFingerprint
from provenance.fingerprints.sound_match import compare

RATE = 48_000
SAMPLES = Path(__file__).parents[2] / "samples" / "speech"
VOICES = ("en-us", "en-gb", "en-us-nyc", "en-gb-scotland", "en-029", "en-gb-x-rp")
WITHIN_S = 0.5

Sound = np.ndarray  # (N,) float32 at RATE
Kinds = frozenset[EditKind]


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=24)
    count = parser.parse_args().recordings
    sounds = recordings(count)
    records = [fingerprint(band_spectrogram(sound, RATE)) for sound in sounds]
    right: dict[str, list[bool]] = {}
    alarms: dict[str, list[bool]] = {}
    for number, (sound, record) in enumerate(zip(sounds, records, strict=True)):
        generator = np.random.default_rng(number)
        for name, copy in honest(sound, number).items():
            found = named(record, copy)
            alarms.setdefault(name, []).append(bool(found))
            if found:
                print(f"    recording {number}, {name}: {_told(found)}")
        other = sounds[(number + 1) % count]
        for name, (edited, kinds, at) in edits(sound, other, generator).items():
            found = named(record, encoded(np.asarray(edited, np.float32), "aac", 48, "mp4"))
            is_right = frozenset(edit.kind for edit in found) == kinds and (
                at is None or min(abs(edit.start_s - at) for edit in found) <= WITHIN_S
            )
            right.setdefault(name, []).append(is_right)
            if not is_right:
                print(f"    recording {number}, {name} at {at}: {_told(found)}")
    print(f"{count} recordings")
    _table("edit", "named rightly", right)
    _table("honest copy", "called edited", alarms)
    pairs = [
        compare(record, band_spectrogram(sound, RATE)).stretches
        for i, record in enumerate(records)
        for j, sound in enumerate(sounds)
        if i != j
    ]
    called_ours = sum(map(bool, pairs))
    print(f"pairs of other recordings: {len(pairs)}, of which called ours in part: {called_ours}")


def _told(found: list[Edit]) -> list[str]:
    return [
        f"{one.kind} {one.start_s:.2f}-{one.end_s:.2f} of {one.record_start_s:.2f}-{one.record_end_s:.2f}"
        for one in found
    ]


def _table(head: str, column: str, rows: dict[str, list[bool]]) -> None:
    print(f"| {head} | {column} |\n|---|---|")
    for name, answers in rows.items():
        print(f"| {name} | {sum(answers)} of {len(answers)} |")
    every = [answer for answers in rows.values() for answer in answers]
    print(f"| all | {sum(every)} of {len(every)} ({np.mean(every):.3f}) |")


if __name__ == "__main__":
    main()
