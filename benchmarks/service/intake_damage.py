"""Measure what intake says of damaged sound files: the loss within 50 ms, or a refusal.

Run as `python -m benchmarks.service.intake_damage`. Ten containers, each cut off, with a hole, with zeros and
with flipped bytes. What is really lost is counted against the whole file: the sound that FFmpeg gives of it
and does not give of the damaged one, each played on over errors. Files whose damage takes no sound away (bits
that change samples without a checksum) count as right when nothing is reported.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import av

from benchmarks.service import intake_sounds
from benchmarks.service.intake_formats import read_sound
from generation.intake.inspect_audio import check_length
from generation.intake.limits import AUDIO_SAMPLE_RATE
from generation.intake.refusals import IntakeRefused

NAMES = (
    "pcm 16 bit.wav",
    "aiff.aif",
    "core audio.caf",
    "wave64.w64",
    "flac.flac",
    "opus.opus",
    "mp3.mp3",
    "voice memo.m4a",
    "browser aac.mp4",
    "browser.webm",
)
MOST_UNREPORTED_S = 0.05


def _flipped(data: bytes) -> bytes:
    changed = bytearray(data)
    for place in (0, 1, 7):
        changed[len(data) // 2 + place] ^= 0x55
    return bytes(changed)


def _without(data: bytes, length: int) -> bytes:
    return data[: len(data) // 2] + data[len(data) // 2 + length :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut at .62": lambda data: data[: int(len(data) * 0.62)],
    "cut at .97": lambda data: data[: int(len(data) * 0.97)],
    "hole of 400 bytes": lambda data: _without(data, 400),
    "400 zeros": lambda data: data[: len(data) // 2] + bytes(400) + data[len(data) // 2 + 400 :],
    "three bytes flipped": _flipped,
}


def played_s(path: Path) -> float:
    """Seconds of sound that FFmpeg gives of a file, playing on over errors."""
    total = 0.0
    with contextlib.suppress(av.FFmpegError), av.open(str(path)) as file:
        for packet in file.demux(audio=0):
            with contextlib.suppress(av.FFmpegError):
                total += sum(frame.samples / frame.sample_rate for frame in packet.decode())
    return total


def outcomes() -> Iterator[tuple[str, str, float]]:
    """Name, what intake said and the seconds that went unreported (0 for a refusal)."""
    shapes = {shape.name: shape for shape in intake_sounds.SHAPES}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound"
        for name in NAMES:
            data = shapes[name].make()
            path.write_bytes(data)
            whole_s = played_s(path)
            for damage, change in DAMAGES.items():
                path.write_bytes(change(data))
                try:
                    sound = read_sound(path, name)
                    check_length(sound.samples.shape[1] / AUDIO_SAMPLE_RATE, sound.gaps)
                except IntakeRefused as refused:
                    yield f"{name}, {damage}", refused.code, 0.0
                    continue
                lost_s = max(whole_s - played_s(path), 0.0)
                said = f"{sound.missing_s:.3f} s reported, {lost_s:.3f} s lost"
                yield f"{name}, {damage}", said, lost_s - sound.missing_s


def main() -> None:
    """Print what was said of each file, and the rate."""
    total = right = 0
    for name, said, unreported_s in outcomes():
        is_right = unreported_s <= MOST_UNREPORTED_S
        total, right = total + 1, right + is_right
        sys.stdout.write(f"{'right' if is_right else 'WRONG'}  {name}: {said}\n")
    sys.stdout.write(f"{right} of {total} damaged files reported within 50 ms or refused\n")


if __name__ == "__main__":
    main()
