"""How often a program reads the visible label of a copy 360 pixels wide.

    python -m benchmarks.disclosure.label_legible [--unread FOLDER] [PORTRAIT ...]

Each portrait, the bundled cast where none is named, sways for a second under each label, 512 and 1080 pixels
wide; the frames go through chains like those of platforms and are scaled to 360 pixels. Of three frames of
each copy Tesseract
(`apt-get install tesseract-ocr` and its languages) is given the part with the label's words, without icon.
The label counts as read when its letters come out in order, whatever the case, accents and spaces; I, l and
1 are one letter, as in most sans-serif type. A language whose data are not installed is left out and named.
What was not read is written to FOLDER as it was given to Tesseract, to be looked at.
"""

from __future__ import annotations

import argparse
import math
import re
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import Attack, scaled, then, x264
from benchmarks.watermark.clips import CAST, SAMPLES, picture
from generation.disclosure.choice import TEXTS, Disclosure
from generation.disclosure.label import Label
from provenance.common.visible_label import PLACES, PlaceName
from tests.generation.pipeline.moving_portrait import sway

FRAMES = 25
WIDTH = 360
READ = (2, 12, 22)
ENLARGED = 3
_ICON_SHARE = 105  # percent of the label's height that its padding and icon take from the left
SIZES = (512, 1080)
DATA = {
    "en": "eng",
    "de": "deu",
    "fr": "fra",
    "es": "spa",
    "it": "ita",
    "ja": "jpn",
    "ko": "kor",
    "zh": "chi_sim",
}


def narrow(frames: np.ndarray) -> np.ndarray:
    """The clip WIDTH pixels wide."""
    height, width = frames.shape[1:3]
    made: np.ndarray = scaled(frames, WIDTH, round(height * WIDTH / width / 2) * 2)
    return made


CHAINS: dict[str, Attack] = {
    "CRF 23": then(narrow, 23),
    "CRF 28": lambda frames: then(narrow, 23)(x264(28)(frames)),
    "CRF 28 twice": lambda frames: then(narrow, 23)(x264(28)(x264(28)(frames))),
    "480 lines, CRF 30": lambda frames: then(narrow, 23)(then(lambda f: scaled(f, 480, 480), 30)(frames)),
}


def letters(text: str) -> str:
    """Letters alone, in small, without accents, look-alikes as one."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[l1|]", "i", re.sub(r"[^\w|]|_", "", kept))


def words_of(frame: np.ndarray, label: Label) -> np.ndarray:
    """The part of a frame with the label's words, enlarged, dark on light."""
    left, top, right, bottom = label.facts.box
    height, width = frame.shape[:2]
    words = left + _ICON_SHARE / 100 * (bottom - top) * height / width
    rows = slice(round(top * height) + 1, round(bottom * height) - 1)
    part = frame[rows, round(words * width) : round(right * width) - 2]
    large = cv2.resize(part, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    return 255 - np.asarray(cv2.cvtColor(large, cv2.COLOR_RGB2GRAY))


def read(words: np.ndarray, language: str) -> str:
    """What Tesseract reads in the picture of a label's words."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        cv2.imwrite(file.name, words)
        data = DATA[language] if language == "en" else f"{DATA[language]}+eng"
        command = ["tesseract", file.name, "-", "-l", data, "--psm", "7"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def at_least(hits: int, count: int) -> float:
    """The lower end of the interval of 95 % (Wilson 1927) of a share, in percent."""
    share, z = hits / count, 1.96
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return 100 * (middle - spread) / (1 + z * z / count)


@dataclass
class Reader:
    """Reads the labels of one language, and keeps count for each chain."""

    language: str
    unread: Path | None
    counts: dict[str, list[int]] = field(default_factory=dict)

    def look_at(self, path: Path, size: int, place: PlaceName) -> None:
        """A portrait's clip through all chains."""
        original = cv2.resize(picture(path), (size, size), interpolation=cv2.INTER_AREA)
        label = Label(Disclosure(language=self.language, place=place), size, size)
        clip = np.stack([label.drawn_on(frame) for frame in sway(np.asarray(original, np.uint8), FRAMES)])
        for name, chain in CHAINS.items():
            sent, count = chain(clip), self.counts.setdefault(name, [0, 0])
            for at in READ:
                words = words_of(sent[at], label)
                said = read(words, self.language)
                is_read = letters(TEXTS[self.language]) in letters(said)
                count[0] += is_read
                count[1] += 1
                if self.unread is not None and not is_read:
                    shown = f"{self.language} {name} {path.stem} {size} {place} {at} {letters(said)}"
                    cv2.imwrite(str(self.unread / f"{shown}.png".replace(" ", "-")), words)


def main() -> None:
    """Print a line for each language and chain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portraits", nargs="*", type=Path)
    parser.add_argument("--unread", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    named = chosen.portraits or [SAMPLES / "portraits" / f"{name}.jpg" for name in CAST]
    installed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
    print("| language | chain | frames | read |\n|---|---|---|---|")
    hits = count = 0
    for number, language in enumerate(TEXTS):
        if DATA[language] not in installed.stdout:
            print(f"| {language} | | 0 | no data |")
            continue
        reader = Reader(language, chosen.unread)
        for turn, (path, size) in enumerate(product(named, SIZES)):
            reader.look_at(path, size, PLACES[(number + turn) % len(PLACES)])
        for name, (read_, all_) in reader.counts.items():
            print(f"| {language} | {name} | {all_} | {read_} |", flush=True)
            hits, count = hits + read_, count + all_
    print(f"| all | | {count} | {hits}: {100 * hits / count:.2f} %, at least {at_least(hits, count):.2f} % |")


if __name__ == "__main__":
    main()
