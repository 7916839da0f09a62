"""Mutated files through the service's own readers.

    python -m benchmarks.verify.fuzz_readers ROWS [--cases N] [--seed SEED] [--seconds S]

ROWS is a file that keeps what each case ended with, so that a run that ends after S seconds is gone on
with by the next.

Starts from good files (MP4, JPEG, PNG, WAV) and breaks them: bits, bytes, lengths, missing, doubled and
exchanged pieces, ends. Each case goes through manifest and frames in a confined child. What the children end
with is counted; what would be a fault of the service (any error that is not foreseen) is printed with the
number of its case, and the exit status is 1.

Every picture carries our mark: where it survives, the search for it ends early, and the time goes to the
parsers, which see the file's bytes. Where it was broken, all of the search is made.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import os
import random
import resource
import struct
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import c2pa
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from provenance.manifest import development_ca
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure
from provenance.verify.evidence.media_type import sniff
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.reader import reader_pool
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from tests.provenance import clips
from tests.provenance.claims import rendition_claim

SECRET = bytes(range(32))
AT_A_TIME = 2
FAULT = "FAULT OF THE SERVICE"


def seeds(folder: Path) -> tuple[dict[str, bytes], TrustStore]:
    """Good files of each kind, by name, and the store that trusts them."""
    authority = development_ca.create(folder / "ca")
    chain, key = authority.issue_leaf()
    identity, trust = SigningIdentity.from_pem(chain, key), TrustStore(authority.root_pem)
    frames = list(clips.moving_frames(12, size=256))
    embedder = Embedder(WatermarkPayload(7), WatermarkKey(SECRET))
    video = clips.write_clip(folder / "marked.mp4", frames, mark=embedder.mark)
    sign_file(
        video, folder / "signed.mp4", rendition_claim("rnd_" + "F" * 22, 7, duration_s=0.5), identity, trust
    )
    picture, sound = Image.fromarray(first_frame(video)), io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes((8000 * np.sin(np.arange(3200) * 0.1)).astype("<i2").tobytes())
    found = {"mp4 unsigned": video.read_bytes(), "mp4 signed": (folder / "signed.mp4").read_bytes()}
    for name, mime in (("JPEG", "image/jpeg"), ("PNG", "image/png")):
        data = io.BytesIO()
        picture.save(data, name)
        found[f"{name.lower()} signed"] = signed(data.getvalue(), mime, chain, key, trust)
    found["wav signed"] = signed(sound.getvalue(), "audio/wav", chain, key, trust)
    return found, trust


def first_frame(video: Path) -> NDArray[np.uint8]:
    """The first picture of a clip, (H, W, 3) uint8 RGB."""
    with av.open(str(video)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)


def signed(data: bytes, mime: str, chain: str, key: str, trust: TrustStore) -> bytes:
    """A file with a small manifest of ours."""
    created = {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}
    definition = {
        "claim_version": 2,
        "claim_generator_info": [{"name": "fuzz", "version": "1"}],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [created]}}],
    }
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain.encode(), key.encode(), None))
    builder = c2pa.Builder(json.dumps(definition), context=c2pa.Context.from_dict(trust.settings()))
    out = io.BytesIO()
    builder.sign(signer, mime, io.BytesIO(data), out)
    return out.getvalue()


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with one to eight wounds, most of them in its first part, where the structure is."""
    wounded = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        rng.choice(WOUNDS)(wounded, rng)
    return bytes(wounded)


def place(data: bytearray, rng: random.Random) -> int:
    """An offset; two times in three within the first 16 kB."""
    return rng.randrange(max(1, min(len(data), 16_384) if rng.random() < 2 / 3 else len(data)))


def flip(data: bytearray, rng: random.Random) -> None:
    if data:
        data[place(data, rng)] ^= 1 << rng.randrange(8)


def overwrite(data: bytearray, rng: random.Random) -> None:
    at = place(data, rng)
    data[at : at + rng.randrange(1, 64)] = rng.randbytes(rng.randrange(1, 64))


def length(data: bytearray, rng: random.Random) -> None:
    """A length or count with a value that parsers trip over."""
    at = place(data, rng) & ~3
    value = rng.choice((0, 1, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data), rng.getrandbits(32)))
    data[at : at + 4] = struct.pack(rng.choice((">I", "<I")), value)


def cut(data: bytearray, rng: random.Random) -> None:
    at = place(data, rng)
    del data[at : at + rng.randrange(1, 2048)]


def double(data: bytearray, rng: random.Random) -> None:
    at, size = place(data, rng), rng.randrange(1, 2048)
    data[at:at] = data[at : at + size]


def exchange(data: bytearray, rng: random.Random) -> None:
    first, second, size = place(data, rng), place(data, rng), rng.randrange(1, 512)
    data[first : first + size], data[second : second + size] = (
        data[second : second + size],
        data[first : first + size],
    )


def end(data: bytearray, rng: random.Random) -> None:
    del data[place(data, rng) :]


WOUNDS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    flip, flip, overwrite, length, length, cut, double, exchange, end,
)  # fmt: skip


def main() -> int:
    """Run the cases that are left and print the table of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    chosen = parser.parse_args()
    until = time.monotonic() + chosen.seconds
    lines = chosen.rows.read_text().splitlines() if chosen.rows.exists() else []
    known = {int(number): (kind, found) for number, kind, found in map(json.loads, lines)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good, trust = seeds(folder)
        pool = reader_pool.Readers(AT_A_TIME)

        def run(number: int) -> tuple[int, str, str] | None:
            if time.monotonic() > until:
                return None
            rng = random.Random(f"{chosen.seed}/{number}")
            kind = rng.choice(sorted(good))
            path = folder / f"case-{number}"
            path.write_bytes(mutated(good[kind], rng))
            try:
                return number, kind, outcome(pool, path, kind, trust)
            except Exception as error:  # noqa: BLE001 - anything else is what this looks for
                return number, kind, f"{FAULT} {error!r}"
            finally:
                path.unlink()

        left = [number for number in range(chosen.cases) if number not in known]
        with ThreadPoolExecutor(AT_A_TIME) as crowd, chosen.rows.open("a") as file:
            for one in crowd.map(run, left):
                if one is not None:
                    known[one[0]] = one[1:]
                    file.write(json.dumps(one) + "\n")
        pool.close()
    return report(known)


def outcome(pool: reader_pool.Readers, path: Path, kind: str, trust: TrustStore) -> str:
    """What reading one file ended with."""
    found = sniff(path.read_bytes()[:64])
    if found is None:
        return "refused by its first bytes"
    job = ReadJob(path, found.kind, found.name, trust, (SECRET,))
    try:
        report = pool.read(job)
    except IsolatedFailure as failure:
        return f"reader: {failure.kind}"
    return f"manifest {report.manifest.state}"


def report(known: dict[int, tuple[str, str]]) -> int:
    """Print the table by kind of file; 1 if the service was at fault."""
    outcomes: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for kind, found in known.values():
        outcomes[kind]["FAULT" if found.startswith(FAULT) else found] += 1
    kinds = sorted(outcomes)
    print(f"{'':<32}" + "".join(f"{kind:>14}" for kind in kinds))
    for name in sorted({name for counts in outcomes.values() for name in counts}):
        print(f"{name:<32}" + "".join(f"{outcomes[kind][name]:>14}" for kind in kinds))
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(
        f"{len(known)} cases; load average {os.getloadavg()[0]:.1f}; largest reader of this run {largest} MB"
    )
    faults = [f"case {number} ({kind}): {found}" for number, (kind, found) in known.items() if FAULT in found]
    print("\n".join(faults) or "no fault of the service")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
