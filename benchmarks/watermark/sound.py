"""Experiment: what a watermark in the audio could carry. No part of the product (docs/watermark.md, "Sound").

    python -m benchmarks.watermark.sound

Speech is marked by raising and lowering small pieces of its spectrum (a tenth of an octave wide, 64 ms
long) by a fraction of a decibel, under keyed signs that repeat every 2.56 s. A reader compares each piece
with those before and after it. Printed are the score z of the right codeword, in standard deviations of
chance, after codecs and changes of speed, the offset and the speed being searched for; and how well the mark
is hidden.

z has to reach NEEDED for 16 coded bits with false alarms below 1e-6: of 2^16 codewords at every offset and
speed that the search tells apart, none may reach it by chance.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import scipy.ndimage
import scipy.signal
import scipy.special

from generation.pipeline.audio import read_audio

Sound = np.ndarray  # (N,) float32 at RATE

SPEECH = Path(__file__).parents[2] / "samples" / "speech"
RATE = 24_000
WINDOW, HOP = 768, 192  # 32 ms and 8 ms
BLOCK = 8  # hops to a piece
PERIOD = 40  # pieces after which the signs repeat
BANDS, LOWEST_HZ, HIGHEST_HZ = 34, 500.0, 6000.0
LEVELS_DB = (0.5, 0.75, 1.0, 1.5)
SPEEDS = np.arange(-0.036, 0.0361, 0.003)
CLEAR = 2.0  # a piece counts for no more than this many standard deviations

# Two kinds of speed change, and offsets of half a piece, are independent enough to count as tests.
TESTS = 2**16 * 2 * len(SPEEDS) * 2 * PERIOD
NEEDED = math.sqrt(2) * float(scipy.special.erfcinv(2 * 1e-6 / TESTS))

_EDGES = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
_BIN_HZ = np.fft.rfftfreq(WINDOW, 1 / RATE)


def signs(key: int) -> np.ndarray:
    """(PERIOD, BANDS) keyed signs; two pieces that follow each other are opposite, so that both tell."""
    half = np.random.default_rng(key).integers(0, 2, (PERIOD // 2, BANDS)) * 2 - 1
    return np.stack([half, -half], axis=1).reshape(PERIOD, BANDS)


def marked(sound: Sound, key: int, level_db: float) -> Sound:
    """The sound with the pieces' levels changed by `level_db` up or down."""
    spectrum = _spectrum(sound)
    piece = np.arange(spectrum.shape[1]) // BLOCK % PERIOD
    band = np.searchsorted(_EDGES, _BIN_HZ, side="right") - 1
    is_used = (band >= 0) & (band < BANDS)
    gains = np.zeros(spectrum.shape)
    gains[is_used] = signs(key)[piece].T[band[is_used]]
    gains = scipy.ndimage.uniform_filter1d(gains, 3, axis=1)  # no clicks where pieces meet
    _, sound_out = scipy.signal.istft(
        spectrum * 10 ** (level_db * gains / 20), RATE, nperseg=WINDOW, noverlap=WINDOW - HOP
    )
    return np.asarray(sound_out[: len(sound)], np.float32)


def score(sound: Sound, key: int) -> float:
    """The best score over offsets, speeds, and whether the pitch changed with the speed."""
    power = np.abs(_spectrum(sound)) ** 2 + 1e-9
    best = 0.0
    for speed in SPEEDS:
        for pitch in {0.0, float(speed)}:
            band = np.searchsorted(_EDGES * (1 + pitch), _BIN_HZ, side="right") - 1
            rows = np.log(np.stack([power[band == number].mean(0) for number in range(BANDS)]))
            times = np.arange(0, rows.shape[1] - 1, 1 / (1 + speed))  # the original's, in hops
            best = max(best, _at_best_offset(rows[:, np.rint(times).astype(int)], signs(key)))
    return best


def _at_best_offset(rows: np.ndarray, keyed: np.ndarray) -> float:
    best = 0.0
    for phase in range(0, BLOCK, 2):
        count = (rows.shape[1] - phase) // BLOCK
        pieces = rows[:, phase : phase + count * BLOCK].reshape(BANDS, count, BLOCK)[..., 1:-1].mean(-1)
        rest = pieces[:, 1:-1] - (pieces[:, :-2] + pieces[:, 2:]) / 2
        rest -= np.median(rest, axis=0)  # what all bands do together is speech
        rest = np.clip(rest / (np.median(np.abs(rest)) * 1.48 + 1e-6), -CLEAR, CLEAR)
        spread = math.sqrt((rest**2).sum()) + 1e-9
        for offset in range(PERIOD):
            signs_here = keyed[(np.arange(count - 2) + 1 + offset) % PERIOD].T
            best = max(best, float((rest * signs_here).sum()) / spread)
    return best


def _spectrum(sound: Sound) -> np.ndarray:
    return np.asarray(scipy.signal.stft(sound, RATE, nperseg=WINDOW, noverlap=WINDOW - HOP)[2])


def through_codec(sound: Sound, codec: str, bit_rate: int, container: str) -> Sound:
    """Encoded and decoded, back at RATE."""
    memory = io.BytesIO()
    rate = 48_000 if codec == "libopus" else RATE
    with av.open(memory, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, bit_rate=bit_rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="flt", layout="mono")
        frame.sample_rate = RATE
        size = stream.frame_size or 960
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            piece.pts = None
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    memory.seek(0)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(memory) as file:
        pieces = [p.to_ndarray()[0] for f in file.decode(audio=0) for p in resampler.resample(f)]
    return np.concatenate(pieces)


def faster(sound: Sound, share: float) -> Sound:
    """Played faster, with the pitch, as a changed sample rate does it."""
    places = np.arange(0, len(sound) - 1, 1 + share)
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def stretched(sound: Sound, share: float) -> Sound:
    """Faster at the same pitch: a phase vocoder."""
    spectrum = _spectrum(sound)
    times = np.arange(0, spectrum.shape[1] - 1, 1 + share)
    low = times.astype(int)
    part = times - low
    size = (1 - part) * np.abs(spectrum[:, low]) + part * np.abs(spectrum[:, low + 1])
    step = np.angle(spectrum[:, low + 1] * spectrum[:, low].conj())
    phase = np.cumsum(np.concatenate([np.angle(spectrum[:, :1]), step[:, :-1]], axis=1), axis=1)
    _, out = scipy.signal.istft(size * np.exp(1j * phase), RATE, nperseg=WINDOW, noverlap=WINDOW - HOP)
    return np.asarray(out, np.float32)


CHANGES: dict[str, Callable[[Sound], Sound]] = {
    "none": lambda s: s,
    "AAC 64k": lambda s: through_codec(s, "aac", 64_000, "adts"),
    "MP3 64k": lambda s: through_codec(s, "libmp3lame", 64_000, "mp3"),
    "Opus 24k": lambda s: through_codec(s, "libopus", 24_000, "ogg"),
    "1 % faster, AAC 64k": lambda s: through_codec(faster(s, 0.01), "aac", 64_000, "adts"),
    "3 % faster, AAC 64k": lambda s: through_codec(faster(s, 0.03), "aac", 64_000, "adts"),
    "2 % faster, same pitch": lambda s: stretched(s, 0.02),
    "room noise at 25 dB": lambda s: s + _noise(s, 25),
}


def _noise(sound: Sound, below_db: float) -> Sound:
    grain = np.random.default_rng(0).normal(0, 1, len(sound))
    return np.asarray(grain * np.sqrt((sound**2).mean()) * 10 ** (-below_db / 20), np.float32)


def segmental_snr(before: Sound, after: Sound) -> float:
    """dB, the mean over 20 ms frames that hold speech (Hansen and Pellom 1998), clipped to -10..35."""
    count = len(before) // 480
    frames, errors = (s[: count * 480].reshape(count, 480) for s in (before, after - before))
    energy, error = (frames**2).sum(1), (errors**2).sum(1)
    is_speech = energy > energy.mean() / 100
    return float(np.clip(10 * np.log10((energy + 1e-12) / (error + 1e-12)), -10, 35)[is_speech].mean())


def over_the_mask(before: Sound, after: Sound) -> tuple[float, float]:
    """Noise-to-mask ratio: its mean in dB, and the share of bands and frames in which noise is over the mask.

    Thresholds after Johnston 1988: Bark bands, spread by 25 and 10 dB a Bark, less 5.5 dB for noise and
    14.5 dB + the band's number for tones, in the proportion of the frame's spectral flatness.
    """
    host, error = np.abs(_spectrum(before)) ** 2, np.abs(_spectrum(after - before)) ** 2
    bark = 13 * np.arctan(0.00076 * _BIN_HZ) + 3.5 * np.arctan((_BIN_HZ / 7500) ** 2)
    number = bark.astype(int)
    bands = range(1, int(number.max()))
    energy, noise = (np.stack([x[number == b].sum(0) for b in bands]) for x in (host, error))
    away = np.arange(len(energy))[:, None] - np.arange(len(energy))
    spread = 10 ** (np.where(away > 0, -10 * away, 25 * away) / 10)
    flatness = np.exp(np.log(host + 1e-12).mean(0)) / (host.mean(0) + 1e-12)
    tone = np.clip(10 * np.log10(flatness + 1e-9) / -60, 0, 1)
    offset = tone * (14.5 + np.arange(len(energy))[:, None]) + (1 - tone) * 5.5
    mask = (spread @ energy) / spread.sum(1)[:, None] * 10 ** (-offset / 10)
    is_speech = energy.sum(0) > energy.sum(0).mean() / 100
    ratio = 10 * np.log10((noise + 1e-12) / (mask + 1e-12))[:, is_speech]
    return float(ratio.mean()), float((ratio > 0).mean())


def main() -> None:
    sounds = []
    for path in sorted(SPEECH.glob("*.wav")):
        sound, rate = read_audio(path)
        assert rate == RATE
        sounds.append(sound if sound.ndim == 1 else sound.mean(1))
    print(f"{len(sounds)} recordings of {', '.join(f'{len(s) / RATE:.1f}' for s in sounds)} s.")
    print(f"A codeword of 16 bits needs z = {NEEDED:.1f}.\n")
    rows: dict[str, list[str]] = {name: [] for name in CHANGES}
    quality = []
    for level in LEVELS_DB:
        after = [marked(sound, key, level) for key, sound in enumerate(sounds)]
        pairs = list(zip(sounds, after, strict=True))
        masks = [over_the_mask(*pair) for pair in pairs]
        ratio, over = np.mean(masks, axis=0)
        snr = np.mean([segmental_snr(*pair) for pair in pairs])
        quality.append(
            f"{level} dB: segmental SNR {snr:.1f} dB, noise to mask {ratio:.1f} dB, over it in {over:.1%}"
        )
        for name, change in CHANGES.items():
            scores = [score(change(sound), key) for key, sound in enumerate(after)]
            rows[name].append(f"{min(scores):.1f} / {np.median(scores):.1f}")
    unmarked = [score(sound, key) for sound in sounds for key in range(100, 104)]
    print("| change | " + " | ".join(f"{level} dB" for level in LEVELS_DB) + " |")
    print("|---" * (len(LEVELS_DB) + 1) + "|")
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(f"\nz, least / median. Without a mark: {np.mean(unmarked):.1f}, at most {max(unmarked):.1f}.")
    print("\n".join(quality))


if __name__ == "__main__":
    main()
