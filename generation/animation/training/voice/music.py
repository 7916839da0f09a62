"""Music without a voice, played by fluidsynth with a General MIDI sound font, to learn what no voice is.

Debian: fluidsynth, fluid-soundfont-gm (MIT). Used for training only; nothing of it is shipped.
"""

from __future__ import annotations

import struct
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.audio_input import SAMPLE_RATE

SOUND_FONT: Final = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
_TICKS: Final = 480
_SUNG: Final = frozenset((52, 53, 54, 85, 91))  # programs that imitate voices
_SCALES: Final = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))


def play(seconds: float, generator: np.random.Generator) -> NDArray[np.float32]:
    """A random piece for one to four instruments and maybe drums: (N,) float32 at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "score.mid", Path(folder) / "sound.wav"
        score.write_bytes(_score(seconds, generator))
        subprocess.run(
            [
                "fluidsynth",
                "-ni",
                "-q",
                "-r",
                str(SAMPLE_RATE),
                "-F",
                str(sound),
                str(SOUND_FONT),
                str(score),
            ],
            check=True,
            capture_output=True,
        )
        with wave.open(str(sound)) as file:
            data = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            channels = file.getnchannels()
    mono = data.reshape(-1, channels).mean(1) / 32768
    return np.asarray(mono[: int(seconds * SAMPLE_RATE)], np.float32)


def _score(seconds: float, generator: np.random.Generator) -> bytes:
    """A Standard MIDI file of format 0."""
    tempo = float(generator.uniform(60, 170))
    beats = int(seconds * tempo / 60) + 1
    root, scale = int(generator.integers(40, 64)), _SCALES[int(generator.integers(len(_SCALES)))]
    events: list[tuple[int, bytes]] = [(0, b"\xff\x51\x03" + struct.pack(">I", int(6e7 / tempo))[1:])]
    programs = [program for program in range(120) if program not in _SUNG]
    for channel in range(int(generator.integers(1, 5))):
        events.append((0, bytes((0xC0 | channel, int(generator.choice(programs))))))
        rhythm = float(generator.choice((0.25, 0.5, 1.0, 2.0, 4.0)))
        octave, step = 12 * int(generator.integers(0, 3)), int(generator.integers(0, 7))
        at = 0.0
        while at < beats:
            step += int(generator.integers(-3, 4))
            note = root + octave + 12 * (step // len(scale)) + scale[step % len(scale)]
            for pitch in {note, note + int(generator.choice((0, 4, 7)))}:
                events += _note(channel, pitch, at, rhythm * float(generator.uniform(0.4, 1.2)), generator)
            at += rhythm if generator.random() < 0.75 else 2 * rhythm
    if generator.random() < 0.6:
        for half in range(2 * beats):
            drum = int(generator.choice((35, 38, 42, 46, 39)))
            events += _note(9, drum, half / 2, 0.1, generator)
    events.sort(key=lambda event: event[0])
    body, now = b"", 0
    for at_tick, data in events:
        body += _variable(at_tick - now) + data
        now = at_tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS) + b"MTrk" + struct.pack(">I", len(body)) + body


def _note(
    channel: int, pitch: int, beat: float, length: float, generator: np.random.Generator
) -> list[tuple[int, bytes]]:
    pitch, loud = min(max(pitch, 24), 100), int(generator.integers(50, 120))
    start, end = int(beat * _TICKS), int((beat + length) * _TICKS)
    return [(start, bytes((0x90 | channel, pitch, loud))), (end, bytes((0x80 | channel, pitch, 0)))]


def _variable(number: int) -> bytes:
    """A number in MIDI's variable-length form."""
    out = bytes((number & 0x7F,))
    while number := number >> 7:
        out = bytes((number & 0x7F | 0x80,)) + out
    return out
