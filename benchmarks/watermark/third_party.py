"""How often the marks of image generators are found, where they are and where they are not.

`python -m benchmarks.watermark.third_party [FOLDER ...]`: the bundled portraits, and the pictures in the
folders if any are named, are marked with the library `invisible-watermark` as the generators do, treated as
people treat pictures, and read. The same pictures without a mark, and drawn ones, are treated and read too.
The former reader (the library's method done again with NumPy, and one bar for words of all lengths) is asked
the same questions.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from imwatermark import WatermarkEncoder
from PIL import Image

from benchmarks.watermark.unmarked import contents
from provenance.watermark.third_party_marks import WORDS, blocks_of, detect_generator_watermark, deviates_of

Picture = np.ndarray  # (H, W, 3) uint8 RGB

PORTRAITS = Path(__file__).parents[2] / "samples" / "portraits"
SIZES = (512, 1024)  # of the shorter side
FORMER_BAR = 0.8
OTHER_TEXTS = 400


def main(folders: list[Path]) -> None:
    """Print the table and what was found where nothing is."""
    pictures = {
        f"{path.stem} {size}": sized(path, size)
        for folder in [PORTRAITS, *folders]
        for path in sorted(folder.iterdir())
        if path.suffix in {".jpg", ".png"}
        for size in SIZES
    }
    marked(pictures)
    unmarked(pictures)
    other_texts(pictures)


def marked(pictures: dict[str, Picture]) -> None:
    """Of each treatment, in how many pictures the right generator was found, by both readers."""
    found = {name: [0, 0] for name in TREATMENTS}
    wrong = [0, 0]
    spent, count = 0.0, 0
    for picture in pictures.values():
        for generator, word in WORDS.items():
            written = with_word(picture, word)
            for name, treat in TREATMENTS.items():
                treated = treat(written)
                begin = time.process_time()
                ours = detect_generator_watermark(treated)
                spent += time.process_time() - begin
                count += 1
                for reader, answer in enumerate((ours, former(treated))):
                    found[name][reader] += answer == generator
                    wrong[reader] += answer not in {None, generator}
    total = len(pictures) * len(WORDS)
    print(f"{total} marked pictures: {len(pictures)} pictures, {len(WORDS)} words\n")
    print("| treatment | found | by the former reader |\n|---|---|---|")
    for name, (ours, before) in found.items():
        print(f"| {name} | {ours / total:.0%} | {before / total:.0%} |")
    print(
        f"\nwrong generators named: {wrong[0]}, by the former reader {wrong[1]}; "
        f"{spent / count * 1000:.0f} ms a picture\n"
    )


def unmarked(pictures: dict[str, Picture]) -> None:
    """In how many pictures without a mark a generator was named, and how near the others came."""
    deviates, former_found, ours_found = [], 0, 0
    for picture in [*pictures.values(), *drawn()]:
        for treat in TREATMENTS.values():
            treated = treat(picture)
            ours_found += detect_generator_watermark(treated) is not None
            former_found += former(treated) is not None
            bits, start = blocks_of(treated)
            if len(bits):
                deviates.append(max(deviates_of(bits, start, word)[0] for word in WORDS.values()))
    median, high = np.percentile(deviates, [50, 99])
    print(
        f"{len(deviates)} pictures without a mark: "
        f"found in {ours_found}, by the former reader in {former_found}"
    )
    print(f"best deviate of six words: median {median:.1f}, 99 % {high:.1f}, greatest {max(deviates):.1f}")


def other_texts(pictures: dict[str, Picture]) -> None:
    """In how many pictures a generator was named that carry somebody else's text: letters, drawn by lot."""
    random = np.random.default_rng(5)
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789-./", np.uint8)
    small = [picture for name, picture in pictures.items() if name.endswith(f" {SIZES[0]}")]
    ours_found = former_found = 0
    for number in range(OTHER_TEXTS):
        text = random.choice(letters[:26] if number % 2 else letters, random.integers(3, 32))
        written = with_word(small[number % len(small)], np.unpackbits(text))
        ours_found += detect_generator_watermark(written) is not None
        former_found += former(written) is not None
    print(
        f"{OTHER_TEXTS} pictures with another text: "
        f"a generator named in {ours_found}, by the former reader in {former_found}"
    )


def drawn() -> Iterator[Picture]:
    """Noise, stripes, tiles, pages, charts and screens; and noise in colour, from fine to coarse."""
    for make in contents({}, []).values():
        yield make()[0]
    random = np.random.default_rng(11)
    for cell in (1, 2, 4, 8, 16, 32):
        for _ in range(20):
            coarse = random.integers(0, 256, (512 // cell, 512 // cell, 3), np.uint8)
            yield cv2.resize(coarse, (512, 512), interpolation=cv2.INTER_NEAREST)


def with_word(picture: Picture, word: np.ndarray) -> Picture:
    """The picture with a word, by the library's encoder."""
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", word.astype(int).tolist())
    return np.ascontiguousarray(encoder.encode(picture[..., ::-1].copy(), "dwtDct")[..., ::-1])


def former(picture: Picture) -> str | None:
    """What the former reader said: the method done again with NumPy, correlation of at least 0.8."""
    if min(picture.shape[:2]) < 256:
        return None
    chroma = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV)[..., 1].astype(np.float32)
    height, width = (side // 4 * 4 for side in chroma.shape)
    low = chroma[:height, :width].reshape(height // 2, 2, width // 2, 2).sum((1, 3)) / 2
    rows, columns = low.shape[0] // 4, low.shape[1] // 4
    cut = low[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4)
    values = np.abs(cut.transpose(0, 2, 1, 3).reshape(rows * columns, 16))[:, 1:]
    bits = values.max(axis=1) % 36.0 > 18.0
    for name, word in WORDS.items():
        place = np.arange(len(bits)) % len(word)
        shares = np.bincount(place, bits, len(word)) / np.bincount(place, minlength=len(word))
        if shares.std() > 0 and np.corrcoef(shares, word)[0, 1] >= FORMER_BAR:
            return name
    return None


def sized(path: Path, size: int) -> Picture:
    """The picture with `size` pixels on its shorter side."""
    with Image.open(path) as image:
        picture = np.asarray(image.convert("RGB"))
    scale = size / min(picture.shape[:2])
    sides = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return cv2.resize(picture, sides, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def saved(picture: Picture, image_format: str, **options: int) -> Picture:
    """The picture as it comes out of a file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, image_format, **options)
    return np.asarray(Image.open(file).convert("RGB"))


def scaled(picture: Picture, factor: float) -> Picture:
    """The picture `factor` times as large."""
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


TREATMENTS: dict[str, Callable[[Picture], Picture]] = {
    "PNG": lambda p: p,
    "JPEG 95, all colour (4:4:4)": lambda p: saved(p, "JPEG", quality=95, subsampling=0),
    "JPEG 90, all colour (4:4:4)": lambda p: saved(p, "JPEG", quality=90, subsampling=0),
    "JPEG 95, halved colour (4:2:0)": lambda p: saved(p, "JPEG", quality=95, subsampling=2),
    "JPEG 90, halved colour (4:2:0)": lambda p: saved(p, "JPEG", quality=90, subsampling=2),
    "WebP 90": lambda p: saved(p, "WEBP", quality=90),
    "3/4 as large": lambda p: scaled(p, 0.75),
    "half as large": lambda p: scaled(p, 0.5),
    "3/4 as large and back": lambda p: cv2.resize(
        scaled(p, 0.75), (p.shape[1], p.shape[0]), interpolation=cv2.INTER_CUBIC
    ),
}

if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
