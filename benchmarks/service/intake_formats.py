"""Measure intake: accepted and right, over sound and picture files in the shapes that people send.

Run as `python -m benchmarks.service.intake_formats`. Sound is right when it lies within a millisecond of the
original (or of what FFmpeg plays, where a container does not state its encoder's delay), is as loud within
1.5 dB and nothing is reported missing. A picture is right when it has the right size up to trimmed borders
and the mean of each colour within one level. Reading happens in this process: what the sandbox adds is the
subject of `intake_time`.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.service import intake_pictures, intake_sounds
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS
from generation.intake.formats.sniff import sniff
from generation.intake.picture.decoding import decode_picture
from generation.intake.refusals import IntakeRefused
from generation.intake.sound.channels import one_channel, without_offset
from generation.intake.sound.decoding import DecodedSound, decode_sound

MOST_LAG_MS, MOST_DB, MOST_LEVELS, MOST_TRIMMED_PX = 1.0, 1.5, 1.0, 6


def read_sound(path: Path, name: str) -> DecodedSound:
    """What intake makes of the file at `path` that is called `name`. Raises IntakeRefused."""
    found = sniff(path, AUDIO_FORMATS, name=name, content_type="")
    return decode_sound(path, found.format.name)


def sound_fault(shape: intake_sounds.SoundShape, folder: Path) -> str:
    """What is wrong with intake's reading of a shape; empty for nothing."""
    path = folder / "sound"
    path.write_bytes(shape.make())
    try:
        decoded = read_sound(path, shape.name)
    except IntakeRefused as refused:
        return refused.code
    sound = one_channel(without_offset(decoded.samples), decoded.names).astype(np.float64) / 2**15
    original = intake_sounds.speech().astype(np.float64)
    lag = lag_ms(sound, original)
    if abs(lag) > MOST_LAG_MS and abs(lag_ms(sound, as_ffmpeg_plays(path))) > MOST_LAG_MS:
        return f"lag {lag:.1f} ms"
    level_db = 10 * np.log10(np.square(sound).mean() / np.square(original).mean())
    if abs(level_db) > MOST_DB:
        return f"level {level_db:.1f} dB"
    return f"{decoded.missing_s:.3f} s reported missing" if decoded.gaps else ""


def as_ffmpeg_plays(path: Path) -> NDArray[np.float64]:
    """The sound as FFmpeg plays it when it is left alone, its loudest channel, at 48 kHz."""
    pieces = []
    with (
        contextlib.suppress(av.FFmpegError),
        av.open(str(path)) as file,
    ):  # it stops at garbage behind the sound
        resampler = av.AudioResampler(format="fltp", rate=48_000)
        for frame in file.decode(audio=0):
            frame.pts = None
            pieces += [piece.to_ndarray() for piece in resampler.resample(frame)]
    sound = np.concatenate(pieces, axis=1).astype(np.float64)
    return np.asarray(sound[int(np.square(sound).mean(axis=1).argmax())])


def lag_ms(sound: NDArray[np.float64], original: NDArray[np.float64]) -> float:
    """By how much `sound` comes later than `original`, both at 48 kHz; whichever way round the wave is."""
    size = 1 << (len(sound) + len(original)).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(original, size).conj()
    at = int(np.abs(np.fft.irfft(product, size)).argmax())
    return (at if at < size // 2 else at - size) / 48


def picture_fault(shape: intake_pictures.PictureShape, folder: Path) -> str:
    """What is wrong with intake's reading of a picture; empty for nothing."""
    path = folder / "picture"
    path.write_bytes(shape.make())
    try:
        found = sniff(path, PORTRAIT_FORMATS, name=shape.name, content_type="")
        image = decode_picture(path, found.format.name).image
    except IntakeRefused as refused:
        return refused.code
    original = intake_pictures.portrait(*shape.size).copy()
    original.thumbnail((2048, 2048))
    if any(abs(a - b) > MOST_TRIMMED_PX for a, b in zip(image.size, original.size, strict=True)):
        return f"size {image.size}"
    means = [np.asarray(one, np.float64).mean((0, 1)) for one in (image, original)]
    difference = float(np.abs(means[0] - means[1]).max())
    return f"{difference:.2f} levels off" if difference > MOST_LEVELS else ""


def faults() -> Iterator[tuple[str, str, str]]:
    """Kind, name and fault of every shape."""
    with tempfile.TemporaryDirectory() as name:
        for sound in intake_sounds.SHAPES:
            yield "sound", sound.name, sound_fault(sound, Path(name))
        for picture in intake_pictures.SHAPES:
            yield "picture", picture.name, picture_fault(picture, Path(name))


def main() -> None:
    """Print every fault and both rates."""
    counts = {"sound": [0, 0], "picture": [0, 0]}
    for kind, name, fault in faults():
        counts[kind][0] += 1
        counts[kind][1] += not fault
        if fault:
            sys.stdout.write(f"{kind} {name}: {fault}\n")
    for kind, (total, right) in counts.items():
        sys.stdout.write(f"{kind}: {right} of {total} accepted and right ({100 * right / total:.0f} %)\n")


if __name__ == "__main__":
    main()
