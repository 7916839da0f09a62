"""Containers that play something else than they seem to hold: what is said of them, beside what is played.

    python -m benchmarks.verify.containers [--keep FOLDER]

Each container of tests/provenance/verify/containers/hostile_containers.py is made from a marked clip and a
foreign one, played by the `ffmpeg` command and by Chromium, each with its own choice of tracks, and verified.
Wrong is a verdict that calls a file ours though one of them shows another picture, or that calls the sound
ours though one of them plays another."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import scipy.signal

from benchmarks.verify.browser_playback import BrowserPlayback
from generation.pipeline.audio import as_one_channel, read_audio
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verdict.kind import OURS
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import UnsupportedMedia, verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import VERSION
from tests.provenance import clips
from tests.provenance.verify.containers.hostile_containers import CONTAINERS, Materials

ROOT = Path(__file__).parents[2]
SECRET, YEAR, WATERMARK_ID = bytes(range(32)), 2026, 0x0123_4567_89AB
FRAMES, SIDE = 125, 64
ALIKE = 0.9  # correlation of a shown frame, or of the energy of sound, with the one that it is


class Bench:
    """The two clips, and whoever verifies with the record of one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        speeches = [self._speech(path) for path in sorted((ROOT / "samples/speech").glob("*.wav"))[:2]]
        embedder = Embedder(WatermarkPayload(WATERMARK_ID), WatermarkKey(SECRET).for_year(YEAR))
        foreign_frames = [255 - one.transpose(1, 0, 2)[::-1] for one in clips.moving_frames(FRAMES, seed=5)]
        ours = clips.write_clip(
            folder / "ours.mp4", clips.moving_frames(FRAMES, seed=1), mark=embedder.mark, speech=speeches[0]
        )
        foreign = clips.write_clip(folder / "foreign.mp4", foreign_frames, speech=speeches[1])
        large = clips.write_clip(
            folder / "large.mp4", [np.kron(one, np.ones((2, 2, 1), np.uint8)) for one in foreign_frames]
        )
        cover = io.BytesIO()
        with av.open(str(ours)) as source:
            next(source.decode(video=0)).to_image().save(cover, "JPEG", quality=95)
        self.materials = Materials(
            ours.read_bytes(), foreign.read_bytes(), large.read_bytes(), cover.getvalue()
        )
        self.frames = {"ours": shown(ours), "foreign": shown(foreign)}
        self.sounds = {"ours": heard(ours), "foreign": heard(foreign)}
        self.prints = clips.prints_of(ours)
        self.record = RecordFacts(
            rendition_id="rnd_" + "A" * 22,
            state="released",
            file_sha256="0" * 64,
            watermark_id=f"{WATERMARK_ID:012x}",
            is_in_log=True,
            log_index=0,
            sealed_at=datetime.now(UTC),
            fingerprints=RecordFingerprints(
                fingerprint(band_spectrogram(speeches[0], clips.SAMPLE_RATE))
            ).to_bytes(),
        )
        self.trust = TrustStore((ROOT / "tests/vectors/trust-anchors.pem").read_text())
        self.readers = Readers(1)

    def verdict(self, path: Path) -> Verdict:
        """What is said of a file."""
        return verify_file(
            path,
            trust=self.trust,
            watermarks=BundledWatermarks(
                SECRET, [IssuedWatermark(self.record.watermark_id, YEAR, VERSION, self.prints)]
            ),
            find=lambda field, value: self.record if getattr(self.record, field) == value else None,
            read=self.readers.read,
        )

    @staticmethod
    def _speech(path: Path) -> np.ndarray:
        audio, rate = read_audio(path)
        sound = scipy.signal.resample_poly(as_one_channel(audio), clips.SAMPLE_RATE, rate)
        return np.asarray(sound[: clips.SAMPLE_RATE * FRAMES // clips.FPS], np.float32)


def _ffmpeg(path: Path, *arguments: str) -> bytes:
    command = ["ffmpeg", "-v", "quiet", "-i", str(path), *arguments, "-"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).stdout


def shown(path: Path) -> np.ndarray:
    """(n, SIDE, SIDE) float32: the frames that FFmpeg shows by default."""
    raw = _ffmpeg(path, "-an", "-s", f"{SIDE}x{SIDE}", "-pix_fmt", "gray", "-f", "rawvideo")
    frames = np.frombuffer(raw, np.uint8)
    return frames[: len(frames) // SIDE**2 * SIDE**2].reshape(-1, SIDE, SIDE).astype(np.float32)


def heard(path: Path) -> np.ndarray:
    """(n,) float32: the energy of the sound that FFmpeg plays by default, every 20 ms."""
    samples = np.frombuffer(_ffmpeg(path, "-vn", "-ac", "1", "-ar", "16000", "-f", "f32le"), np.float32)
    return energy(samples)


def energy(samples: np.ndarray) -> np.ndarray:
    """(n,) float32: the energy of (m,) samples at 16 kHz, every 20 ms."""
    pieces = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    return np.log1p(1e3 * np.square(pieces).mean(1))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / scale if scale else 0.0


def picture_of(found: np.ndarray, known: dict[str, np.ndarray], every: int = 10) -> str:
    """Whose frames these are, turned and mirrored ones included; both if some are of each."""
    names = set()
    for frame in found[::every]:
        turned = [np.rot90(frame, turn) for turn in range(4)]
        variants = [*turned, *(one[:, ::-1] for one in turned)]
        scores = {
            name: max(_correlation(one, other) for one in variants for other in frames[::3])
            for name, frames in known.items()
        }
        best = max(scores, key=lambda name: scores[name])
        names.add(best if scores[best] > ALIKE else "other")
    return " and ".join(sorted(names)) or "nothing"


def sound_of(found: np.ndarray, known: dict[str, np.ndarray]) -> str:
    """Whose sound this is, or a part of whose."""
    if len(found) < 10 or not found.any():
        return "nothing"
    scores = {}
    for name, sound in known.items():
        long, short = (sound, found) if len(sound) >= len(found) else (found, sound)
        places = range(len(long) - len(short) + 1)
        scores[name] = max(_correlation(short, long[at : at + len(short)]) for at in places)
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > ALIKE else "other"


def main() -> int:
    """Print the table; ends with 1 if a verdict is wrong."""
    parser = argparse.ArgumentParser(
        description="What is said of hostile containers, beside what FFmpeg plays."
    )
    parser.add_argument("--keep", type=Path, help="write the containers into this folder")
    chosen = parser.parse_args()
    wrong = missed = 0
    print(
        "| container | FFmpeg shows | plays | Chromium shows | plays | verdict | sound | container findings |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with (
        tempfile.TemporaryDirectory() as temporary,
        BrowserPlayback(chosen.keep or Path(temporary)) as browser,
    ):
        bench = Bench(Path(temporary))
        for number, (name, make) in enumerate(CONTAINERS.items()):
            path = (chosen.keep or Path(temporary)) / f"{number:02}.bin"
            path.write_bytes(make(bench.materials))
            played = [picture_of(shown(path), bench.frames), sound_of(heard(path), bench.sounds)]
            frames, samples = browser.play(path.name, side=SIDE, rate=16_000)
            played.append(picture_of(frames, bench.frames, every=2))
            played.append(sound_of(energy(samples), bench.sounds))
            try:
                verdict = bench.verdict(path)
            except UnsupportedMedia:
                print("| " + " | ".join([name, *played, "unsupported", "", ""]) + " |")
                continue
            is_ours = verdict.kind in OURS
            said = verdict.signals.sound.state.value
            findings = [one.finding for one in verdict.reasons if one.signal == "container"]
            is_foreign = any("foreign" in one for one in played[::2])
            is_wrong = (is_ours and is_foreign and "some" not in _parts(verdict)) or (
                said == "same" and "foreign" in played[1::2]
            )
            wrong += is_wrong
            missed += not is_ours and played[0] == "ours" and not findings
            mark = " **wrong**" if is_wrong else ""
            cells = [name, *played, verdict.kind.value + mark, said, ", ".join(findings)]
            print("| " + " | ".join(cells) + " |", flush=True)
        bench.readers.close()
    print(f"\n{len(CONTAINERS)} containers: {wrong} wrong, {missed} of ours alone not found.")
    return 1 if wrong else 0


def _parts(verdict: Verdict) -> set[str]:
    return {reason.finding for reason in verdict.reasons if reason.signal == "watermark_parts"}


if __name__ == "__main__":
    sys.exit(main())
