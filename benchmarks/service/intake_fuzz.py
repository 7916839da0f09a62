"""Break sound and picture files at random and read them: each is read or refused, and nothing else happens.

Run as `python -m benchmarks.service.intake_fuzz --seconds 120 --seed 0`. Reading happens in this process, so
that a crash of native code ends the command; in the service it happens in a sandbox.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.service import intake_pictures, intake_sounds
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS
from generation.intake.formats.sniff import sniff
from generation.intake.picture.decoding import decode_picture
from generation.intake.refusals import IntakeRefused
from generation.intake.sound.channels import one_channel
from generation.intake.sound.decoding import decode_sound

LARGEST_SIDE = 600


def broken(data: bytes, random: np.random.Generator) -> bytes:
    """The file with bits flipped, lengths overwritten, a part gone or doubled; its head more often."""
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 6))):
        end = len(changed) if random.random() < 0.5 else min(len(changed), 600)
        at, length = int(random.integers(0, max(end, 1))), int(random.integers(1, 60))
        kind = random.integers(0, 5)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << int(random.integers(0, 8))
        elif kind == 1:
            changed[at : at + 4] = random.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
        elif kind == 2:
            del changed[at : at + length]
        elif kind == 3:
            changed[at:at] = changed[at : at + length]
        else:
            changed[at : at + length] = random.bytes(length)
    return bytes(changed)


def read(path: Path, *, is_sound: bool) -> str:
    """What became of the file: its format, or the code of a refusal."""
    try:
        found = sniff(path, AUDIO_FORMATS if is_sound else PORTRAIT_FORMATS, name="", content_type="").format
        if is_sound:
            sound = decode_sound(path, found.name)
            one_channel(sound.samples, sound.names)
        else:
            decode_picture(path, found.name)
    except IntakeRefused as refused:
        return refused.code
    return "read"


def main() -> None:
    """Print counts, and every file that raised something else."""
    arguments = argparse.ArgumentParser(description="Broken files for intake's readers.")
    arguments.add_argument("--seconds", type=float, default=120.0)
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    files = [(shape.name, shape.make(), True) for shape in intake_sounds.SHAPES]
    files += [
        (shape.name, shape.make(), False)
        for shape in intake_pictures.SHAPES
        if max(shape.size) <= LARGEST_SIDE
    ]
    outcome: Counter[str] = Counter()
    until = time.monotonic() + chosen.seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        for number in itertools.count():
            if time.monotonic() > until:
                break
            name, data, is_sound = files[number % len(files)]
            path.write_bytes(broken(data, np.random.default_rng([chosen.seed, number])))
            try:
                outcome[read(path, is_sound=is_sound)] += 1
            except MemoryError:
                outcome["out of memory, which the sandbox refuses"] += 1
            except Exception as error:  # noqa: BLE001 - faults are what is counted
                outcome["FAULT"] += 1
                sys.stdout.write(f"number {number}, {name}: {error!r}\n")
    for what, count in outcome.most_common():
        sys.stdout.write(f"{count} {what}\n")


if __name__ == "__main__":
    main()
